/* A keyed hash whose values others compute likewise. */
#include "drywire/plugin.h"

/* SipHash-2-4 (Aumasson and Bernstein 2012) of whole 64-bit words. */

static uint64_t rotate(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

static void sip_rounds(uint64_t v[4], int rounds)
{
    while (rounds-- > 0) {
        v[0] += v[1];
        v[1] = rotate(v[1], 13) ^ v[0];
        v[0] = rotate(v[0], 32);
        v[2] += v[3];
        v[3] = rotate(v[3], 16) ^ v[2];
        v[0] += v[3];
        v[3] = rotate(v[3], 21) ^ v[0];
        v[2] += v[1];
        v[1] = rotate(v[1], 17) ^ v[2];
        v[2] = rotate(v[2], 32);
    }
}

static uint64_t sip_hash(const uint64_t key[2], const uint64_t *words, int count)
{
    uint64_t v[4] = {key[0] ^ 0x736f6d6570736575u, key[1] ^ 0x646f72616e646f6du,
                     key[0] ^ 0x6c7967656e657261u, key[1] ^ 0x7465646279746573u};
    for (int i = 0; i < count; i++) {
        v[3] ^= words[i];
        sip_rounds(v, 2);
        v[0] ^= words[i];
    }
    uint64_t last = (uint64_t)count * 8 << 56;
    v[3] ^= last;
    sip_rounds(v, 2);
    v[0] ^= last;
    v[2] ^= 0xff;
    sip_rounds(v, 4);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* Eight octets of memory as a number, the least first. */
static uint64_t little_endian(const uint8_t *b)
{
    uint64_t v = 0;
    for (int i = 8; i-- > 0;)
        v = v << 8 | b[i];
    return v;
}

void dw_siphash_addresses(const uint64_t key[2], const dw_addr *a, const dw_addr *b,
                          uint8_t hash[8])
{
    const int words = a->family == 6 ? 4 : 1;
    uint8_t addresses[32];
    for (int i = 0; i < words; i++) {
        dw_put32(addresses + 4 * i, a->word[i]);
        dw_put32(addresses + 4 * (words + i), b->word[i]);
    }
    uint64_t input[4];
    for (int i = 0; i < words; i++)
        input[i] = little_endian(addresses + 8 * i);
    uint64_t h = sip_hash(key, input, words);
    for (int i = 0; i < 8; i++)
        hash[i] = (uint8_t)(h >> 8 * i);
}
