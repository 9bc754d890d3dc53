/* Random numbers (see rng.h). */
#include "rng.h"

#include "drywire/drywire.h"

uint64_t dw_hash_mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

uint64_t dw_hash_text(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (uint8_t)*text) * 0x100000001b3u;
    return dw_hash_mix(hash);
}

void dw_rng_seed(struct dw_rng *rng, uint64_t seed, const char *object, const char *purpose)
{
    uint64_t x = dw_hash_text(dw_hash_text(dw_hash_mix(seed), object), purpose);
    for (int i = 0; i < 4; i++)
        rng->s[i] = x = dw_hash_mix(x);
}

static inline uint64_t rotl(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

uint64_t dw_rng_next(dw_rng *rng)
{
    uint64_t *s = rng->s;
    uint64_t result = rotl(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

/* Lemire's multiplication method with rejection, so that every value is equally likely. */
uint64_t dw_rng_below(dw_rng *rng, uint64_t bound)
{
    if (bound == 0) return 0;
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)dw_rng_next(rng) * bound;
    if ((uint64_t)product < bound) {
        uint64_t threshold = (0 - bound) % bound;
        while ((uint64_t)product < threshold)
            product = (wide)dw_rng_next(rng) * bound;
    }
    return (uint64_t)(product >> 64);
}

bool dw_rng_chance(dw_rng *rng, dw_ratio probability)
{
    if (probability == 0) return false;
    return dw_rng_below(rng, DW_RATIO_ONE) < probability;
}
