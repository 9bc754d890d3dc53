/* packetdrill scripts in virtual time, and what becomes of them. */
#ifndef DW_TEST_DRILL_H
#define DW_TEST_DRILL_H

#include "drill/drill.h"

#include "test.h"

#include <stdlib.h>
#include <string.h>

/* A connection of a server's: 4, in ESTABLISHED. */
#define DRILL_LISTENER                                                                             \
    "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"                                                \
    "+0 bind(3, ..., ...) = 0\n"                                                                   \
    "+0 listen(3, 1) = 0\n"
#define DRILL_CONNECTION                                                                           \
    DRILL_LISTENER                                                                                 \
    "+0 < S 0:0(0) win 32000 <mss 1000>\n"                                                         \
    "+0 > S. 0:0(0) ack 1 <mss 1460>\n"                                                            \
    "+.1 < . 1:1(0) ack 1 win 32000\n"                                                             \
    "+0 accept(3, ..., ...) = 4\n"

/* The script ends so, and its reason, "" of one that passes, is why. */
static inline void drill_ends_with(const dw_drill_config *config, enum dw_drill_verdict verdict,
                                   const char *why, const char *text)
{
    dw_drill_result *r = calloc(1, sizeof *r);
    assert_non_null(r);
    dw_drill_text("t.pkt", text, strlen(text), config, r);
    assert_string_equal(r->why, why);
    assert_int_equal(r->verdict, verdict);
    dw_drill_result_free(r);
    free(r);
}

static inline void drill_ends(enum dw_drill_verdict verdict, const char *why, const char *text)
{
    drill_ends_with(&(dw_drill_config){0}, verdict, why, text);
}

static inline void drill_passes(const char *text)
{
    drill_ends(DW_DRILL_PASSED, "", text);
}

#endif
