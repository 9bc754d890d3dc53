/* core/trace/capture.c, pcapng.c, pcap.c: a capture as draft-ietf-opsawg-pcapng has it,
 * little-endian, and as pcap's own draft has it. */
#include "net.h"

#include <stdio.h>
#include <unistd.h>

/* malloc, which fails for blocks of that many octets; 0: it does not. */
static size_t refused;
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
    return size > 0 && size == refused ? NULL : __real_malloc(size);
}

typedef struct capture {
    uint8_t bytes[65536];
    size_t len;
} capture;

static uint32_t le32(const uint8_t *b)
{
    return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static void write_and_read(const dw_trace *trace, const dw_capture_config *config, capture *c)
{
    char path[] = "/tmp/capture-XXXXXX", why[300];
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(dw_trace_capture(trace, path, config, why, sizeof why), DW_OK);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    c->len = fread(c->bytes, 1, sizeof c->bytes, f);
    fclose(f);
    unlink(path);
    assert_in_range(c->len, 1, sizeof c->bytes - 1);
}

/* The nth block of that type, from 1; NULL: there is none.  Each has its length at both ends. */
static const uint8_t *block(const capture *c, uint32_t type, int nth)
{
    const uint8_t *found = NULL;
    for (size_t at = 0; at < c->len;) {
        const uint8_t *b = c->bytes + at;
        uint32_t len = le32(b + 4);
        assert_in_range(len, 12, c->len - at);
        assert_int_equal(len % 4, 0);
        assert_int_equal(le32(b + len - 4), len);
        if (le32(b) == type && --nth == 0) found = b;
        at += len;
    }
    return found;
}

/* The option of that code among those that begin at an offset in a block; NULL: it has none. */
static const uint8_t *option(const uint8_t *b, size_t at, uint16_t code)
{
    while (at + 8 <= le32(b + 4)) {
        uint16_t here = (uint16_t)(b[at] | b[at + 1] << 8),
                 len = (uint16_t)(b[at + 2] | b[at + 3] << 8);
        if (here == code) return b + at + 4;
        if (here == 0) return NULL;
        at += 4 + (len + 3u) / 4 * 4;
    }
    return NULL;
}

enum { SECTION = 0x0a0d0d0a, INTERFACE = 1, PACKET = 6 }; /* 4.1, 4.2, 4.3 */

static void pcapng_of_an_exchange_has_its_packets(void **state)
{
    static const char syn[] = "#1 active-open";
    /* To the second host, from the first, on the first link; IPv4. */
    static const uint8_t frame[] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0};
    capture *c = calloc(1, sizeof *c);
    net n;
    (void)state;
    assert_non_null(c);
    net_exchange(&n);
    write_and_read(dw_sim_trace(n.sim), NULL, c);
    const uint8_t *b = block(c, SECTION, 1);
    assert_non_null(b);
    assert_int_equal(le32(b + 8), 0x1a2b3c4d);
    assert_int_equal(le32(b + 12), 1); /* version 1.0 */
    b = block(c, INTERFACE, 1);
    assert_non_null(b);
    assert_int_equal(le32(b + 8), 1);    /* LINKTYPE_ETHERNET */
    const uint8_t *o = option(b, 16, 9); /* if_tsresol */
    assert_non_null(o);
    assert_int_equal(o[0], 9); /* 10^-9 s */
    b = block(c, PACKET, 1);
    assert_non_null(b);
    uint32_t len = le32(b + 20);
    assert_int_equal(le32(b + 24), len);
    assert_memory_equal(b + 28, frame, sizeof frame);
    assert_int_equal(b[42], 0x45);
    assert_int_equal(b[44] << 8 | b[45], len - 14); /* IPv4's own length */
    o = option(b, 28 + (len + 3) / 4 * 4, 1);       /* opt_comment */
    assert_non_null(o);
    assert_memory_equal(o, syn, sizeof syn - 1);
    dw_sim_free(n.sim);
    free(c);
}

/* Times are 64 bits of nanoseconds, the upper half first. */
static void pcapng_times_have_their_upper_half(void **state)
{
    capture *c = calloc(1, sizeof *c);
    net n;
    const dw_capture_config begun = {.point = DW_CAPTURE_AT_SENDERS};
    const dw_capture_config epoch = {.point = DW_CAPTURE_AT_SENDERS, .start_given = true};
    (void)state;
    assert_non_null(c);
    net_new(&n, &(dw_sim_config){.seed = 1, .trace = true}, NULL);
    assert_int_equal(dw_sim_run(n.sim, 10 * DW_SECOND), DW_OK);
    net_connect(&n, net_hello);
    assert_int_equal(dw_sim_run(n.sim, 11 * DW_SECOND), DW_OK);
    write_and_read(dw_sim_trace(n.sim), &begun, c);
    const uint8_t *b = block(c, PACKET, 1);
    assert_non_null(b);
    assert_true(((uint64_t)le32(b + 12) << 32 | le32(b + 16)) ==
                946684800 * DW_SECOND + 10 * DW_SECOND);
    write_and_read(dw_sim_trace(n.sim), &epoch, c);
    b = block(c, PACKET, 1);
    assert_non_null(b);
    assert_true(((uint64_t)le32(b + 12) << 32 | le32(b + 16)) == 10 * DW_SECOND);
    dw_sim_free(n.sim);
    free(c);
}

/* Without a link header: one interface, and the IP header first. */
static void pcapng_raw_has_one_interface(void **state)
{
    capture *c = calloc(1, sizeof *c);
    net n;
    (void)state;
    assert_non_null(c);
    net_exchange(&n);
    const dw_capture_config raw = {.link_type = DW_LINK_RAW};
    write_and_read(dw_sim_trace(n.sim), &raw, c);
    const uint8_t *b = block(c, INTERFACE, 1);
    assert_non_null(b);
    assert_int_equal(le32(b + 8), 101); /* LINKTYPE_RAW */
    assert_null(block(c, INTERFACE, 2));
    b = block(c, PACKET, 2);
    assert_non_null(b);
    assert_int_equal(le32(b + 8), 0);
    assert_int_equal(b[28], 0x45);
    dw_sim_free(n.sim);
    free(c);
}

/* draft-ietf-opsawg-pcap: 24 octets, then 16 before each frame. */
static void pcap_of_an_exchange_has_its_packets(void **state)
{
    capture *c = calloc(1, sizeof *c);
    net n;
    size_t frames = 0;
    (void)state;
    assert_non_null(c);
    net_exchange(&n);
    const dw_capture_config pcap = {.format = DW_CAPTURE_PCAP, .point = DW_CAPTURE_AT_SENDERS};
    write_and_read(dw_sim_trace(n.sim), &pcap, c);
    assert_true(le32(c->bytes) == 0xa1b23c4d); /* nanoseconds */
    assert_int_equal(le32(c->bytes + 4), 2 | 4 << 16);
    assert_int_equal(le32(c->bytes + 16), 262144);
    assert_int_equal(le32(c->bytes + 20), 1);
    for (size_t at = 24; at < c->len; frames++) {
        const uint8_t *b = c->bytes + at;
        assert_int_equal(le32(b), 946684800);
        assert_true(le32(b + 4) < 1000000000);
        assert_int_equal(le32(b + 8), le32(b + 12));
        assert_int_equal(b[28] << 8 | b[29], 0x0800);
        at += 16 + le32(b + 8);
        assert_true(at <= c->len);
    }
    dw_packet_view *views;
    size_t count;
    assert_int_equal(dw_trace_packets(dw_sim_trace(n.sim), NULL, &views, &count), DW_OK);
    assert_int_equal(frames, count);
    dw_free(views);
    dw_sim_free(n.sim);
    free(c);
}

/* A capture is whole or not there: without memory for one packet there is none. */
static void pcapng_without_memory_for_a_packet_is_none(void **state)
{
    enum { HELLO = 14 + 20 + 20 + 5 }; /* with data: Ethernet, IPv4, TCP, "hello" */
    char path[] = "/tmp/no-capture-XXXXXX", why[300];
    net n;
    (void)state;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    unlink(path);
    net_exchange(&n);
    refused = HELLO;
    int status = dw_trace_capture(dw_sim_trace(n.sim), path, NULL, why, sizeof why);
    refused = 0;
    assert_int_equal(status, DW_E_NOMEM);
    assert_int_equal(access(path, F_OK), -1);
    dw_sim_free(n.sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pcapng_of_an_exchange_has_its_packets),
        cmocka_unit_test(pcapng_without_memory_for_a_packet_is_none),
        cmocka_unit_test(pcapng_raw_has_one_interface),
        cmocka_unit_test(pcap_of_an_exchange_has_its_packets),
        cmocka_unit_test(pcapng_times_have_their_upper_half),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
