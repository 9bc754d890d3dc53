/* What came, compared with what was expected. */
#include "drill_numbers.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Comparing.  Each returns false with the difference in why. */

typedef struct comparison {
    const dw_drill_packet *k;
    const dw_drill_seen *s;
    dw_drill_flow *f;
    const dw_drill_strictness *how;
    char *why;
    size_t why_size;
} comparison;

static bool same(const comparison *c, const char *what, uint64_t expected, uint64_t came)
{
    if (expected == came) return true;
    snprintf(c->why, c->why_size, "%s: expected %" PRIu64 ", not %" PRIu64, what, expected, came);
    return false;
}

static bool same_ip(const comparison *c)
{
    static const char *const ecn[] = {"noecn", "ect1", "ect0", "ce"};
    uint8_t came = c->s->tos & 3;
    if (c->k->tos_check == DW_DRILL_TOS_ECN && c->k->tos != came) {
        snprintf(c->why, c->why_size, "ECN: expected %s, not %s", ecn[c->k->tos], ecn[came]);
        return false;
    }
    if (c->k->tos_check == DW_DRILL_TOS_ECT01 && came != 1 && came != 2) {
        snprintf(c->why, c->why_size, "ECN: expected ect0 or ect1, not %s", ecn[came]);
        return false;
    }
    if (c->k->tos_check == DW_DRILL_TOS_WHOLE && !same(c, "type of service", c->k->tos, c->s->tos))
        return false;
    if (c->k->ttl >= 0 && !same(c, "time to live", (uint64_t)c->k->ttl, c->s->ttl)) return false;
    bool label = c->k->flow_label > 0;
    return !label || same(c, "flow label present", 1, c->s->flow_label != 0);
}

static bool same_flags(const comparison *c)
{
    uint16_t expected = dw_drill_wire_flags(c->k);
    uint16_t differ = expected ^ c->s->flags;
    if (c->how->ignore & DW_IGNORE_PUSH) differ &= (uint16_t)~DW_DRILL_PSH;
    if (differ == 0) return true;
    char a[16], b[16];
    dw_text x = {a, sizeof a}, y = {b, sizeof b};
    dw_text_flags(&x, expected);
    dw_text_flags(&y, c->s->flags);
    snprintf(c->why, c->why_size, "flags: expected %s, not %s", a, b);
    return false;
}

/* A SYN shows the host's ISN, which the script calls by a number of its own. */
static void learn_isn(const comparison *c)
{
    if (!(c->s->flags & DW_DRILL_SYN) || c->k->seq_absolute) return;
    if (c->f->isn_known && !c->k->seq_any) return;
    c->f->isn_known = true;
    c->f->isn_live = c->s->seq;
    c->f->isn_script = c->k->seq;
}

static bool same_numbers(const comparison *c)
{
    const dw_drill_packet *k = c->k;
    const dw_drill_seen *s = c->s;
    bool syn = s->flags & DW_DRILL_SYN;
    uint32_t seq = k->seq_absolute ? s->seq : dw_flow_local_script(c->f, syn, s->seq);
    uint32_t ack = dw_flow_remote_script(c->f, syn, s->ack);
    if (!k->seq_any && !same(c, "sequence number", k->seq, seq)) return false;
    bool acks = (k->flags & DW_DRILL_ACK) != 0;
    if (acks && !same(c, "acknowledgment number", k->ack, ack)) return false;
    if (!same(c, "octets of data", k->payload, s->payload_len)) return false;
    bool window = k->window >= 0 && !(c->how->ignore & DW_IGNORE_WINDOW);
    if (window && !same(c, "window", (uint64_t)k->window, s->window)) return false;
    return same(c, "urgent pointer", k->urgent, s->urgent);
}

/* Timestamps are the host's clock: the first one fixes what the script's begin at. */
static bool same_timestamp(const comparison *c, const uint8_t *expected, const uint8_t *came)
{
    uint32_t script = dw_get32(expected + 2), live = dw_get32(came + 2);
    dw_drill_flow *f = c->f;
    if (f->timestamp_count > 0 && c->how->timestamp_tick > 0) {
        int64_t off = (int32_t)(live - f->timestamps[0].live + f->timestamps[0].script - script);
        if ((off < 0 ? -off : off) * c->how->timestamp_tick > c->how->tolerance)
            return same(c, "timestamp", script,
                        live - f->timestamps[0].live + f->timestamps[0].script);
    }
    uint32_t at =
        f->timestamp_count < DW_DRILL_TIMESTAMPS ? f->timestamp_count++ : DW_DRILL_TIMESTAMPS - 1;
    f->timestamps[at].script = script;
    f->timestamps[at].live = live;
    return true;
}

/* The options that came, with SACK blocks in the script's numbers. */
static void map_outbound(const comparison *c, uint8_t out[40])
{
    memcpy(out, c->s->options, sizeof c->s->options);
    uint8_t *sack = dw_drill_find_option(out, c->s->options_len, 5);
    for (int i = 2; sack && i + 4 <= sack[1]; i += 4)
        dw_put32(sack + i, dw_flow_remote_script(c->f, false, dw_get32(sack + i)));
}

static bool options_differ(const comparison *c, const uint8_t *came)
{
    char a[200], b[200];
    dw_text x = {a, sizeof a}, y = {b, sizeof b};
    a[0] = b[0] = 0;
    dw_text_options(&x, c->k->options, c->k->options_len);
    dw_text_options(&y, came, c->s->options_len);
    const char *expected = a[0] ? a + 1 : "none";
    const char *got = b[0] ? b + 1 : "none";
    snprintf(c->why, c->why_size, "options: expected %s, not %s", expected, got);
    return false;
}

/* Which options are left out of the comparison, and of which the value is.  Time stamps stay: what
 * the script echoes is learnt from them. */
static bool left_out(uint8_t kind, unsigned ignore)
{
    enum { NOP = 1, SACK = 5 };
    if (ignore & DW_IGNORE_SACK && (kind <= NOP || kind == SACK)) return true;
    return ignore & DW_IGNORE_OPTIONS && kind != DW_OPT_TIMESTAMP;
}

static bool any_value(uint8_t kind, unsigned ignore)
{
    enum { MSS = 2, WSCALE = 3 };
    return (kind == MSS && ignore & DW_IGNORE_MSS) || (kind == WSCALE && ignore & DW_IGNORE_WSCALE);
}

/* The octets of the option at i: one that is cut short, or has no length, takes what is left. */
static uint32_t option_len(const uint8_t *o, uint32_t i, uint32_t len)
{
    uint32_t n = 1;
    if (o[i] > DW_OPT_NOP && i + 1 < len) n = o[i + 1];
    return n == 0 || i + n > len ? len - i : n;
}

/* Options without what is not looked at; returns the new length. */
static uint32_t leave_out(uint8_t *o, uint32_t len, unsigned ignore)
{
    uint32_t kept = 0;
    for (uint32_t i = 0, n; i < len; i += n) {
        n = option_len(o, i, len);
        if (left_out(o[i], ignore)) continue;
        memmove(o + kept, o + i, n);
        if (n > 2 && any_value(o[kept], ignore)) memset(o + kept + 2, 0, n - 2);
        kept += n;
    }
    return kept;
}

/* Octet by octet, but for time stamps, whose values are the host's clock.  Where options are left
 * out (DW_IGNORE_OPTIONS), time stamps are compared only if both sides have them. */
static bool same_options(const comparison *c)
{
    uint8_t a[40], b[40], came[40];
    map_outbound(c, came);
    memcpy(a, c->k->options, sizeof a);
    memcpy(b, came, sizeof b);
    if (c->k->options_any) return true;
    uint32_t len = leave_out(a, c->k->options_len, c->how->ignore);
    bool same_len = len == leave_out(b, c->s->options_len, c->how->ignore);
    if (!same_len) return c->how->ignore & DW_IGNORE_OPTIONS || options_differ(c, came);
    for (uint32_t i = 0; i < len;) {
        uint32_t n = option_len(a, i, len);
        bool timestamp = a[i] == DW_OPT_TIMESTAMP && n == 10;
        if (timestamp && (b[i] != a[i] || b[i + 1] != a[i + 1])) return options_differ(c, came);
        if (timestamp && !same_timestamp(c, a + i, b + i)) return false;
        if (!timestamp && memcmp(a + i, b + i, n) != 0) return options_differ(c, came);
        i += n;
    }
    return true;
}

static bool zeros(const comparison *c)
{
    for (uint32_t i = 0; i < c->s->payload_len; i++)
        if (c->s->payload && c->s->payload[i] != 0)
            return same(c, "octet of data", 0, c->s->payload[i]);
    return true;
}

static bool same_tcp(const comparison *c)
{
    const dw_drill_packet *k = c->k;
    const dw_drill_seen *s = c->s;
    if (k->udp_encapsulated != s->udp_encapsulated)
        return same(c, "in UDP", k->udp_encapsulated, s->udp_encapsulated);
    if (k->udp_encapsulated && (!same(c, "UDP source port", k->udp_sport, s->udp_sport) ||
                                !same(c, "UDP destination port", k->udp_dport, s->udp_dport)))
        return false;
    if (!same_flags(c)) return false;
    learn_isn(c);
    return same_numbers(c) && same_options(c) && zeros(c);
}

/* known: in the order of the bits of enum dw_drill_field. */
bool dw_drill_fields(const char *names, unsigned *out, char *why, size_t why_size)
{
    static const char *const known[] = {"window", "mss",  "wscale", "options",
                                        "push",   "sack", "time",   NULL};
    *out = 0;
    for (const char *at = names; *at; at += *at == ',') {
        char name[24];
        int bit = 0;
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at, ","), at);
        while (known[bit] && strcmp(known[bit], name) != 0)
            bit++;
        if (!known[bit]) {
            const char *near = dw_nearest(name, known);
            if (near)
                snprintf(why, why_size, "no field is called \"%s\"; did you mean \"%s\"?", name,
                         near);
            else
                snprintf(why, why_size, "no field is called \"%s\"", name);
            for (int i = 0; !near && known[i]; i++) {
                size_t used = strlen(why);
                if (used < why_size)
                    snprintf(why + used, why_size - used, "%s%s", i ? ", " : "; there are ",
                             known[i]);
            }
            return false;
        }
        *out |= 1u << bit;
        at += strcspn(at, ",");
    }
    return true;
}

static enum dw_drill_protocol protocol_of(const dw_drill_seen *s)
{
    if (s->transport == DW_PROTO_TCP) return DW_DRILL_TCP;
    return s->transport == DW_PROTO_UDP ? DW_DRILL_UDP : DW_DRILL_ICMP;
}

bool dw_drill_matches(const dw_drill_packet *k, const dw_drill_seen *s, dw_drill_flow *f,
                      const dw_drill_strictness *how, char *why, size_t why_size)
{
    static const char *const names[] = {"TCP", "UDP", "ICMP"};
    comparison c = {k, s, f, how, why, why_size};
    enum dw_drill_protocol came = protocol_of(s);
    DW_ASSERT(why_size > 0);
    DW_ASSERT(k->outbound);
    why[0] = 0;
    if (came != k->protocol) {
        snprintf(why, why_size, "expected %s, not %s", names[k->protocol], names[came]);
        return false;
    }
    if (!same_ip(&c)) return false;
    if (came == DW_DRILL_TCP) return same_tcp(&c);
    if (came == DW_DRILL_UDP)
        return same(&c, "octets of data", k->payload, s->payload_len) && zeros(&c);
    const dw_icmp_name *name = dw_drill_icmp(s->dst.family, k->icmp_type, k->icmp_code);
    return same(&c, "ICMP type", name ? name->type : 256, s->icmp_type) &&
           (!k->icmp_code || same(&c, "ICMP code", name->code, s->icmp_code));
}
