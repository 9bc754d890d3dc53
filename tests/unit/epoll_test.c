/* lua/drill/system/epoll.c: epoll(7), epoll_ctl(2). */
#include "systems.h"

enum { ADD = 1, DELETE = 2, MODIFY = 3, IN = 1, OUT = 4, RDHUP = 0x2000 };

/* A connection whose server's end is watched by an epoll descriptor of its own. */
typedef struct watched {
    systems s;
    int client, server, epoll;
} watched;

static void watch(watched *w, uint32_t events)
{
    systems_new(&w->s, DW_SYS_LINUX);
    connected(&w->s, &w->client, &w->server);
    w->epoll = (int)dw_sys_epoll_create(w->s.server);
    assert_true(w->epoll >= 0);
    assert_int_equal(dw_sys_epoll_ctl(w->s.server, w->epoll, ADD, w->server, events, 42), 0);
}

/* The events that epoll_wait tells; 0: none. */
static uint32_t told(watched *w)
{
    uint32_t events = 0;
    uint64_t data = 0;
    int64_t count = dw_sys_epoll_wait(w->s.server, w->epoll, &events, &data);
    assert_in_range(count, 0, 1);
    if (count == 1) assert_int_equal(data, 42);
    return count == 1 ? events : 0;
}

static void arrives(watched *w)
{
    send_octets(w->s.client, w->client, 10);
    pass(&w->s, 60);
}

/* Level-triggered: as poll, as long as there is something to read. */
static void epoll_level_data_is_told_until_read(void **state)
{
    watched w;
    char octets[10];
    (void)state;
    watch(&w, IN);
    assert_int_equal(told(&w), 0);
    arrives(&w);
    assert_int_equal(told(&w), IN);
    assert_int_equal(told(&w), IN);
    assert_int_equal(dw_sys_recv(w.s.server, w.server, octets, 10, 0), 10);
    assert_int_equal(told(&w), 0);
    systems_free(&w.s);
}

/* Edge-triggered: "delivers events only when changes occur", which more data is (question 6 aside:
 * "events will be generated upon receipt of multiple chunks of data"). */
static void epoll_edge_data_is_told_once_per_chunk(void **state)
{
    watched w;
    (void)state;
    watch(&w, IN | DW_EPOLLET);
    arrives(&w);
    assert_int_equal(told(&w), IN);
    assert_int_equal(told(&w), 0);
    arrives(&w);
    assert_int_equal(told(&w), IN);
    assert_int_equal(told(&w), 0);
    systems_free(&w.s);
}

/* The program's own shutdown wakes who waits (inet_shutdown of net/ipv4/af_inet.c, "Wake up anyone
 * sleeping in poll"): a bit that is new is told, though no segment came. */
static void epoll_edge_new_bit_of_own_shutdown_is_told(void **state)
{
    watched w;
    (void)state;
    watch(&w, IN | OUT | RDHUP | DW_EPOLLET);
    assert_int_equal(told(&w), OUT);
    assert_int_equal(told(&w), 0);
    assert_int_equal(dw_sys_shutdown(w.s.server, w.server, 0), 0);
    assert_int_equal(told(&w), IN | OUT | RDHUP);
    assert_int_equal(told(&w), 0);
    systems_free(&w.s);
}

/* EPOLLONESHOT: "disabled internally" after one event, until EPOLL_CTL_MOD arms it anew. */
static void epoll_oneshot_is_told_once_until_modified(void **state)
{
    watched w;
    (void)state;
    watch(&w, IN | (uint32_t)DW_EPOLLONESHOT);
    arrives(&w);
    assert_int_equal(told(&w), IN);
    arrives(&w);
    assert_int_equal(told(&w), 0);
    assert_int_equal(dw_sys_epoll_ctl(w.s.server, w.epoll, MODIFY, w.server, IN, 42), 0);
    assert_int_equal(told(&w), IN);
    systems_free(&w.s);
}

/* EPOLLHUP: "it is not necessary to set it in events". */
static void epoll_reset_is_told_unasked(void **state)
{
    watched w;
    const int32_t linger[2] = {1, 0};
    (void)state;
    watch(&w, 0);
    dw_sys_setsockopt(w.s.client, w.client, DW_SOL_SOCKET, DW_SO_LINGER, linger, sizeof linger);
    assert_int_equal(dw_sys_close(w.s.client, w.client), 0);
    pass(&w.s, 10);
    assert_int_equal(told(&w), 8 | 0x10); /* EPOLLERR, EPOLLHUP */
    systems_free(&w.s);
}

/* The errors of epoll_ctl(2), and question 6 of epoll(7): a closed descriptor is forgotten. */
static void epoll_ctl_refuses_what_cannot_be(void **state)
{
    watched w;
    (void)state;
    watch(&w, IN);
    dw_sys *sys = w.s.server;
    assert_int_equal(dw_sys_epoll_ctl(sys, w.epoll, ADD, w.server, IN, 1), -17); /* EEXIST */
    assert_int_equal(dw_sys_epoll_ctl(sys, w.epoll, ADD, w.epoll, IN, 1), -22);  /* EINVAL */
    assert_int_equal(dw_sys_epoll_ctl(sys, w.server, ADD, w.epoll, IN, 1), -22); /* EINVAL */
    assert_int_equal(dw_sys_epoll_ctl(sys, w.epoll, ADD, 77, IN, 1), -9);        /* EBADF */
    assert_int_equal(dw_sys_epoll_ctl(sys, w.epoll, 4, w.server, IN, 1), -22);   /* EINVAL */
    assert_int_equal(dw_sys_epoll_ctl(sys, w.epoll, DELETE, w.server, 0, 0), 0);
    assert_int_equal(dw_sys_epoll_ctl(sys, w.epoll, MODIFY, w.server, IN, 1), -2); /* ENOENT */
    assert_int_equal(dw_sys_epoll_ctl(sys, w.epoll, ADD, w.server, IN, 42), 0);
    arrives(&w);
    assert_int_equal(dw_sys_close(sys, w.server), 0);
    assert_int_equal(told(&w), 0);
    systems_free(&w.s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(epoll_level_data_is_told_until_read),
        cmocka_unit_test(epoll_edge_data_is_told_once_per_chunk),
        cmocka_unit_test(epoll_edge_new_bit_of_own_shutdown_is_told),
        cmocka_unit_test(epoll_oneshot_is_told_once_until_modified),
        cmocka_unit_test(epoll_reset_is_told_unasked),
        cmocka_unit_test(epoll_ctl_refuses_what_cannot_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
