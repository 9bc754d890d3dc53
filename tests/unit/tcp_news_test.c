/* proto/tcp/tcp_news.c: what an acknowledgment is. */
#include "fake_host.h"
#include "tcp/tcp_news.h"
#include "tcp/tcp_user.h"

/* RFC 5681 section 2: a duplicate needs "(a) the receiver of the ACK has outstanding data", and (d)
 * the number that is SND.UNA. */
static void news_duplicate_needs_outstanding_data(void **state)
{
    dw_socket *user;
    dw_flow flow = {.remote = there, .remote_port = PEER_PORT, .local_port = MY_PORT};
    dw_slice data = {.buf = dw_buf_new(NULL, 100), .len = 100};
    (void)state;
    fake.tcp->profile.recovery = DW_TCP_RECOVERY_SACK;
    assert_int_equal(dw_tcp_sockets.connect(fake.tcp, &flow, &user), DW_OK);
    rx(.flags = DW_TCP_SYN | DW_TCP_ACK, .seq = 5000, .ack = 1001);
    dw_tcb *t = the_tcb();
    const dw_seg ack = {.flags = DW_TCP_ACK, .seq = 5001, .ack = 1001};
    const dw_tcp_news nothing = {.what = 0};
    assert_int_equal(dw_tcp_news_duplicates(t, &ack, &nothing), 0);
    memset(data.buf->bytes, 'y', data.len);
    assert_int_equal(dw_tcp_sockets.send(user, &data, 1), data.len);
    assert_int_equal(dw_tcp_news_duplicates(t, &ack, &nothing), 1);
    const dw_tcp_news more = {.what = DW_NEWS_WINDOW};
    assert_int_equal(dw_tcp_news_duplicates(t, &ack, &more), 0);
    const dw_seg old = {.flags = DW_TCP_ACK, .seq = 5001, .ack = 1000};
    assert_int_equal(dw_tcp_news_duplicates(t, &old, &nothing), 0);
    assert_int_equal(dw_tcp_news_duplicates(t, NULL, &nothing), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(news_duplicate_needs_outstanding_data, fake_setup,
                                        fake_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
