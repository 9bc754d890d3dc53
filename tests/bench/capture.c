/* Writes a large capture, of which drywire import --list and a ladder are timed:
 *
 *     capture PACKETS CONNECTIONS >FILE
 *
 * Connections run side by side, each a handshake and then segments of 100 octets in turn. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put16(uint8_t *at, uint32_t v)
{
    at[0] = (uint8_t)(v >> 8);
    at[1] = (uint8_t)v;
}

static void put32(uint8_t *at, uint32_t v)
{
    put16(at, v >> 16);
    put16(at + 2, v & 0xffff);
}

/* Segment number n of a connection: SYN, SYN,ACK, ACK, then data from the client and its ACK. */
static uint32_t segment(uint8_t *b, uint32_t conn, uint32_t n)
{
    enum { SYN = 2, ACK = 16, LEN = 100 };
    uint32_t client = n != 1 && (n < 3 || n % 2), data = n >= 3 && client ? LEN : 0;
    uint32_t sent = n > 3 ? (n - 2) / 2 : 0, port = 1024 + conn % 60000;
    memset(b, 0, 54);
    put16(b + 12, 0x0800);
    uint8_t *ip = b + 14, *tcp = b + 34;
    ip[0] = 0x45;
    put16(ip + 2, 40 + data);
    put16(ip + 4, n);
    ip[8] = 64;
    ip[9] = 6;
    put32(ip + (client ? 12 : 16), 0x0a000001 + conn / 60000);
    put32(ip + (client ? 16 : 12), 0xc0000201);
    put16(tcp + (client ? 0 : 2), port);
    put16(tcp + (client ? 2 : 0), 80);
    uint32_t next = 101 + (client && n >= 3 ? (n - 3) / 2 : sent) * LEN;
    put32(tcp + (client ? 4 : 8), n == 0 ? 100 : next);
    put32(tcp + (client ? 8 : 4), n < 2 ? 500 : 501);
    if (n == 0) put32(tcp + 8, 0);
    tcp[12] = 0x50;
    static const uint8_t flags[] = {SYN, SYN | ACK, ACK};
    tcp[13] = flags[n < 2 ? n : 2];
    put16(tcp + 14, 65535);
    return 54 + data;
}

int main(int argc, char **argv)
{
    if (argc != 3) return 2;
    uint32_t packets = (uint32_t)strtoul(argv[1], NULL, 10);
    uint32_t conns = (uint32_t)strtoul(argv[2], NULL, 10);
    uint32_t head[6] = {0xa1b2c3d4, 4 << 16 | 2, 0, 0, 262144, 1};
    static uint8_t frame[300];
    fwrite(head, sizeof head, 1, stdout);
    for (uint32_t i = 0; i < packets; i++) {
        uint32_t len = segment(frame, i % conns, i / conns);
        uint32_t record[4] = {1700000000 + i / 1000000, i % 1000000, len, len};
        fwrite(record, sizeof record, 1, stdout);
        fwrite(frame, len, 1, stdout);
    }
    return ferror(stdout) || fclose(stdout) != 0;
}
