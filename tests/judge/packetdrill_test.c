/* lua/judge/packetdrill.c, loaded and called as packetdrill does it. */
#define _GNU_SOURCE
#include "judge/packetdrill.h"

#include "drywire/drywire.h"
#include "test.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIN = 1, SYN = 2, ACK = 16, HOST_PORT = 8080, WIRE_PORT = 40000, PEER_ISN = 1000 };
/* Bytes, and microseconds. */
enum { IP_HEADER = 20, TCP_HEADER = 20, ONE_MS = 1000 };

static struct packetdrill_interface so;

typedef struct segment {
    uint32_t seq, ack;
    int flags, data;
    long long usecs;
} segment;

static void init(const char *flags)
{
    void *object = dlopen(JUDGE, RTLD_NOW | RTLD_LOCAL);
    if (!object) fail_msg("%s", dlerror());
    void (*fill)(const char *, struct packetdrill_interface *);
    *(void **)&fill = dlsym(object, "packetdrill_interface_init");
    assert_true(fill != NULL);
    fill(flags, &so);
}

static int new_host(void **state)
{
    (void)state;
    init("profile=linux");
    return 0;
}

static int end_host(void **state)
{
    (void)state;
    so.free(so.userdata);
    return 0;
}

static void arrives(int flags, uint32_t seq, uint32_t ack, const char *data)
{
    static const uint8_t to[] = {192, 168, 0, 1}, from[] = {192, 0, 2, 1};
    uint8_t b[200] = {0x45}, *tcp = b + IP_HEADER, pseudo[12] = {0};
    size_t len = strlen(data), segment_len = TCP_HEADER + len;
    dw_put16(b + 2, (uint16_t)(IP_HEADER + segment_len));
    b[8] = 255;
    b[9] = pseudo[9] = 6;
    memcpy(b + 12, from, 4);
    memcpy(b + 16, to, 4);
    memcpy(pseudo, b + 12, 8);
    dw_put16(pseudo + 10, (uint16_t)segment_len);
    dw_put16(b + 10, (uint16_t)~dw_checksum_fold(dw_checksum_add(0, b, IP_HEADER, false)));
    dw_put16(tcp, WIRE_PORT);
    dw_put16(tcp + 2, HOST_PORT);
    dw_put32(tcp + 4, seq);
    dw_put32(tcp + 8, ack);
    tcp[12] = TCP_HEADER / 4 << 4;
    tcp[13] = (uint8_t)flags;
    dw_put16(tcp + 14, 30000);
    memcpy(tcp + TCP_HEADER, data, len);
    uint64_t sum = dw_checksum_add(0, pseudo, sizeof pseudo, false);
    dw_put16(tcp + 16, (uint16_t)~dw_checksum_fold(dw_checksum_add(sum, tcp, segment_len, false)));
    assert_int_equal(so.netdev_send(so.userdata, b, IP_HEADER + segment_len), 0);
}

static segment leaves(void)
{
    uint8_t b[2000], *tcp = b + IP_HEADER;
    size_t len = sizeof b;
    segment s = {0};
    assert_int_equal(so.netdev_receive(so.userdata, b, &len, &s.usecs), 0);
    s.seq = dw_get32(tcp + 4);
    s.ack = dw_get32(tcp + 8);
    s.flags = tcp[13];
    s.data = (int)len - IP_HEADER - (tcp[12] >> 4) * 4;
    return s;
}

static long long clock_usecs(void)
{
    struct timeval tv;
    so.gettimeofday(so.userdata, &tv, NULL);
    return tv.tv_sec * 1000000LL + tv.tv_usec;
}

static struct sockaddr_in address(const char *text, int port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    inet_pton(AF_INET, text, &a.sin_addr);
    return a;
}

static int listener(void)
{
    const struct sockaddr_in a = address("192.168.0.1", HOST_PORT);
    int fd = so.socket(so.userdata, AF_INET, SOCK_STREAM, IPPROTO_TCP);
    assert_true(fd > 2);
    assert_int_equal(so.bind(so.userdata, fd, (const struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(so.listen(so.userdata, fd, 1), 0);
    return fd;
}

/* The handshake; the host's ISN. */
static uint32_t shake_hands(void)
{
    arrives(SYN, PEER_ISN, 0, "");
    segment s = leaves();
    assert_int_equal(s.flags, SYN | ACK);
    assert_int_equal(s.ack, PEER_ISN + 1);
    arrives(ACK, PEER_ISN + 1, s.seq + 1, "");
    return s.seq;
}

static void a_connection_from_the_handshake_to_its_end(void **state)
{
    (void)state;
    int fd = listener();
    uint32_t isn = shake_hands();
    struct sockaddr_in peer;
    socklen_t len = sizeof peer;
    int conn = so.accept(so.userdata, fd, (struct sockaddr *)&peer, &len);
    assert_true(conn > fd);
    assert_int_equal(ntohs(peer.sin_port), WIRE_PORT);

    assert_int_equal(so.write(so.userdata, conn, "hello", 5), 5);
    segment s = leaves();
    assert_int_equal(s.seq, isn + 1);
    assert_int_equal(s.data, 5);

    char text[8] = "";
    arrives(ACK, PEER_ISN + 1, isn + 6, "abc");
    assert_int_equal(so.read(so.userdata, conn, text, sizeof text), 3);
    assert_string_equal(text, "abc");

    assert_int_equal(so.close(so.userdata, conn), 0);
    s = leaves();
    while (!(s.flags & FIN)) /* the ACK of "abc" may come first */
        s = leaves();
    assert_int_equal(s.seq, isn + 6);
    assert_int_equal(so.read(so.userdata, conn, text, sizeof text), -1);
    assert_int_equal(errno, EBADF);
}

static void *read_three(void *arg)
{
    static char text[8];
    errno = 0;
    *(long *)arg = so.read(so.userdata, (int)*(long *)arg, text, sizeof text);
    clock_usecs(); /* packetdrill writes down when the call ended */
    return NULL;
}

static void a_call_blocks_until_a_packet_comes(void **state)
{
    (void)state;
    int fd = listener();
    uint32_t isn = shake_hands();
    long result = so.accept(so.userdata, fd, NULL, NULL);
    pthread_t thread;
    long long before = clock_usecs();
    assert_int_equal(pthread_create(&thread, NULL, read_three, &result), 0);
    usleep(20 * ONE_MS); /* of real time: let it begin */
    so.usleep(so.userdata, 100 * ONE_MS);
    arrives(ACK, PEER_ISN + 1, isn + 1, "abc");
    pthread_join(thread, NULL);
    assert_int_equal(result, 3);
    assert_in_range(clock_usecs() - before, 100 * ONE_MS, 101 * ONE_MS);
}

static void time_is_virtual(void **state)
{
    (void)state;
    listener();
    arrives(SYN, PEER_ISN, 0, "");
    segment first = leaves(), second = leaves();
    assert_int_equal(second.seq, first.seq);
    assert_int_equal(second.usecs - first.usecs, 1000 * ONE_MS); /* RFC 6298, 2.1 */
    long long before = clock_usecs();
    for (int i = 0; i < 60; i++) /* usleep takes less than a second, by POSIX */
        so.usleep(so.userdata, 999 * ONE_MS);
    assert_in_range(clock_usecs() - before, 59000LL * ONE_MS, 60000LL * ONE_MS);
}

static void commands_reach_drywire_by_the_stand_ins(void **state)
{
    (void)state;
    assert_int_equal(system("sysctl -q -w net.ipv4.tcp_syn_retries=1"), 0);
    const struct sockaddr_in a = address("192.0.2.1", WIRE_PORT);
    int fd = so.socket(so.userdata, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, IPPROTO_TCP);
    assert_int_equal(so.connect(so.userdata, fd, (const struct sockaddr *)&a, sizeof a), -1);
    assert_int_equal(errno, EINPROGRESS);
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    long long before = clock_usecs();
    assert_int_equal(so.poll(so.userdata, &p, 1, -1), 1);
    /* As long as one repeat with its timeout doubled would take (Linux counts time, not repeats).
     */
    assert_in_range(clock_usecs() - before, 3000LL * ONE_MS, 3001LL * ONE_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_connection_from_the_handshake_to_its_end, new_host,
                                        end_host),
        cmocka_unit_test_setup_teardown(a_call_blocks_until_a_packet_comes, new_host, end_host),
        cmocka_unit_test_setup_teardown(time_is_virtual, new_host, end_host),
        cmocka_unit_test_setup_teardown(commands_reach_drywire_by_the_stand_ins, new_host,
                                        end_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
