/* lua/drill/run/call_data.c: calls that send and receive, and what of their results is compared. */
#include "drill.h"

#define STAMPED                                                                                    \
    DRILL_CONNECTION                                                                               \
    "+0 setsockopt(4, SOL_SOCKET, SO_TIMESTAMPING, [SOF_TIMESTAMPING_TX_SOFTWARE | "               \
    "SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID], 4) = 0\n"                               \
    "+0 write(4, ..., 10) = 10\n"                                                                  \
    "+0 > P. 1:11(10) ack 1\n"
#define NOTICE(stamp)                                                                              \
    "+0 recvmsg(4, {msg_name(...)=..., msg_iov(1)=[{...,0}], msg_flags=MSG_ERRQUEUE|MSG_TRUNC, "   \
    "msg_control=[{cmsg_level=SOL_SOCKET, cmsg_type=SCM_TIMESTAMPING, cmsg_data=" stamp "}, "      \
    "{cmsg_level=CMSG_LEVEL_IP, cmsg_type=CMSG_TYPE_RECVERR, "                                     \
    "cmsg_data={ee_errno=ENOMSG, ee_origin=SO_EE_ORIGIN_TIMESTAMPING, ee_type=0, ee_code=0, "      \
    "ee_info=SCM_TSTAMP_SND, ee_data=9}}]}, MSG_ERRQUEUE) = 0\n"

/* timestamping.rst, 1.3.4: struct scm_timestamping; here of what left at 0.1 s. */
static void call_data_timestamps_are_compared(void **state)
{
    (void)state;
    drill_passes(STAMPED NOTICE("{scm_sec=0,scm_nsec=100000000}"));
    drill_passes(STAMPED NOTICE("{scm_sec=...,scm_nsec=...}"));
    drill_ends(DW_DRILL_FAILED, "recvmsg: the time stamp in ns is 100000000; expected 200000000",
               STAMPED NOTICE("{scm_sec=0,scm_nsec=200000000}"));
}

static void call_data_timestamps_that_cannot_be_are_wrong(void **state)
{
    (void)state;
    drill_ends(DW_DRILL_WRONG, "a time stamp of -1 s and 0 ns",
               STAMPED NOTICE("{scm_sec=-1,scm_nsec=0}"));
    drill_ends(DW_DRILL_WRONG, "a time stamp of 0 s and -1 ns",
               STAMPED NOTICE("{scm_sec=0,scm_nsec=-1}"));
    drill_ends(DW_DRILL_WRONG, "a time stamp of 9223372037 s and 0 ns",
               STAMPED NOTICE("{scm_sec=9223372037,scm_nsec=0}"));
}

/* A vector with a length that cannot be is not sent in part. */
static void call_data_wrong_vector_sends_nothing(void **state)
{
    static const char script[] =
        DRILL_CONNECTION "+0 writev(4, [{..., 100}, {..., -1}], 2) = 100\n";
    dw_drill_result *r = calloc(1, sizeof *r);
    (void)state;
    assert_non_null(r);
    dw_drill_text("t.pkt", script, strlen(script), &(dw_drill_config){0}, r);
    assert_string_equal(r->why, "writev: a length of -1 octets");
    assert_int_equal(r->verdict, DW_DRILL_WRONG);
    assert_int_equal(r->packets, 3); /* of the handshake */
    dw_drill_result_free(r);
    free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(call_data_timestamps_are_compared),
        cmocka_unit_test(call_data_wrong_vector_sends_nothing),
        cmocka_unit_test(call_data_timestamps_that_cannot_be_are_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
