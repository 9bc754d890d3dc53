/* The matrix: every state meets every kind of segment at every place of both windows.
 *
 *   11 states x 9 kinds x { no data, data } x 5 places of SEQ x 4 of ACK x { passive, active } x
 *   { RFC 5961, RFC 793 } rules
 *
 * tcp_oracle.c says what must come of it.  The program prints a grid of the outcome: a dot for a
 * cell of which all variants are right, else how many are wrong. */
#include "fake_host.h"
#include "tcp/tcp_state.h"
#include "tcp/tcp_timer.h"
#include "tcp/tcp_user.h"
#include "tcp_oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { ISS = 1000, IRS = 5000, WINDOW = 1000, OUTSTANDING = 10, DATA = 10 };

enum kind { SYN, SYN_ACK, ACK, FIN, FIN_ACK, RST, RST_ACK, SYN_FIN, NONE, KINDS };
static const char *const kind_names[KINDS] = {"SYN", "SYN,ACK", "ACK",     "FIN", "FIN,ACK",
                                              "RST", "RST,ACK", "SYN,FIN", "none"};
static const uint8_t kind_flags[KINDS] = {DW_TCP_SYN,
                                          DW_TCP_SYN | DW_TCP_ACK,
                                          DW_TCP_ACK,
                                          DW_TCP_FIN,
                                          DW_TCP_FIN | DW_TCP_ACK,
                                          DW_TCP_RST,
                                          DW_TCP_RST | DW_TCP_ACK,
                                          DW_TCP_SYN | DW_TCP_FIN,
                                          0};
enum seq_place { LEFT_OF, LEFT_EDGE, MIDDLE, RIGHT_EDGE, RIGHT_OF, SEQ_PLACES };
static const char *const seq_names[] = {"left of the window", "at the left edge", "in the middle",
                                        "at the right edge", "right of the window"};
enum ack_place { BELOW_UNA, AT_UNA, AT_NXT, ABOVE_NXT, ACK_PLACES };
static const char *const ack_names[] = {"below SND.UNA", "SND.UNA", "SND.NXT", "above SND.NXT"};

typedef struct cell {
    enum rule_set rules;
    enum dw_tcp_state state;
    bool passive;
    enum kind kind;
    bool data;
    enum seq_place seq;
    enum ack_place ack;
} cell;

/* Reaching the states, by segments and calls alone. */

static dw_socket *user;

static void open_active(void)
{
    dw_flow flow = {.remote = there, .remote_port = PEER_PORT, .local_port = MY_PORT};
    assert_int_equal(dw_tcp_sockets.connect(fake.tcp, &flow, &user), DW_OK);
}

static void open_passive(void)
{
    dw_flow flow = {.local_port = MY_PORT};
    assert_int_equal(dw_tcp_sockets.listen(fake.tcp, &flow, 5, &user), DW_OK);
}

static void half_open(bool passive)
{
    if (passive)
        open_passive();
    else
        open_active();
    rx(.flags = DW_TCP_SYN, .seq = IRS);
}

static void establish(bool passive)
{
    if (passive) {
        half_open(true);
        rx(.flags = DW_TCP_ACK, .seq = IRS + 1, .ack = ISS + 1);
        dw_socket *listener = user;
        assert_int_equal(dw_tcp_sockets.accept(listener, &user), DW_OK);
    } else {
        open_active();
        rx(.flags = DW_TCP_SYN | DW_TCP_ACK, .seq = IRS, .ack = ISS + 1);
    }
}

static void send_some(void)
{
    dw_slice slice = {.buf = dw_buf_new("0123456789", OUTSTANDING), .len = OUTSTANDING};
    assert_int_equal(dw_tcp_sockets.send(user, &slice, 1), OUTSTANDING);
}

static void peer_fin(uint32_t ack)
{
    rx(.flags = DW_TCP_FIN | DW_TCP_ACK, .seq = IRS + 1, .ack = ack);
}

/* Where they can be, segments are outstanding, so that SND.UNA and SND.NXT differ. */
static void reach(const cell *c)
{
    enum { SENT = ISS + 1 + OUTSTANDING, CLOSED_TOO = SENT + 1 };
    switch (c->state) {
    case DW_TCP_CLOSED: return;
    case DW_TCP_LISTEN: open_passive(); return;
    case DW_TCP_SYN_SENT: open_active(); return;
    case DW_TCP_SYN_RECEIVED: half_open(c->passive); return;
    case DW_TCP_ESTABLISHED:
    case DW_TCP_FIN_WAIT_1:
    case DW_TCP_FIN_WAIT_2:
    case DW_TCP_CLOSE_WAIT:
    case DW_TCP_CLOSING:
    case DW_TCP_LAST_ACK:
    case DW_TCP_TIME_WAIT: break;
    case DW_TCP_STATES: fail();
    }
    establish(c->passive);
    send_some();
    switch (c->state) {
    case DW_TCP_FIN_WAIT_1: dw_tcp_sockets.shutdown(user); return;
    case DW_TCP_FIN_WAIT_2:
        dw_tcp_sockets.shutdown(user);
        rx(.flags = DW_TCP_ACK, .seq = IRS + 1, .ack = SENT);
        rx(.flags = DW_TCP_ACK, .seq = IRS + 1, .ack = CLOSED_TOO);
        return;
    case DW_TCP_CLOSE_WAIT: peer_fin(ISS + 1); return;
    case DW_TCP_CLOSING:
        dw_tcp_sockets.shutdown(user);
        rx(.flags = DW_TCP_ACK, .seq = IRS + 1, .ack = SENT);
        peer_fin(SENT);
        return;
    case DW_TCP_LAST_ACK:
        peer_fin(ISS + 1);
        dw_tcp_sockets.shutdown(user);
        return;
    case DW_TCP_TIME_WAIT:
        dw_tcp_sockets.shutdown(user);
        rx(.flags = DW_TCP_ACK, .seq = IRS + 1, .ack = SENT);
        rx(.flags = DW_TCP_ACK, .seq = IRS + 1, .ack = CLOSED_TOO);
        peer_fin(CLOSED_TOO);
        return;
    default: return;
    }
}

/* The numbers of a state, as the RFC's variables must then stand. */

static uint32_t rcv_nxt_in(enum dw_tcp_state s)
{
    bool fin = s == DW_TCP_CLOSE_WAIT || s == DW_TCP_CLOSING || s == DW_TCP_LAST_ACK ||
               s == DW_TCP_TIME_WAIT;
    return IRS + 1 + fin;
}

static uint32_t snd_nxt_in(enum dw_tcp_state s)
{
    bool synchronized = s >= DW_TCP_ESTABLISHED;
    bool fin = s == DW_TCP_FIN_WAIT_1 || s == DW_TCP_FIN_WAIT_2 || s == DW_TCP_CLOSING ||
               s == DW_TCP_LAST_ACK || s == DW_TCP_TIME_WAIT;
    /* With Nagle's algorithm a FIN goes with data or after it, but always at once. */
    return ISS + 1 + (synchronized ? OUTSTANDING : 0) + fin;
}

static uint32_t snd_una_in(enum dw_tcp_state s)
{
    if (s == DW_TCP_FIN_WAIT_2 || s == DW_TCP_TIME_WAIT) return snd_nxt_in(s);
    if (s == DW_TCP_CLOSING) return snd_nxt_in(s) - 1;
    return s >= DW_TCP_ESTABLISHED ? ISS + 1 : ISS;
}

static uint32_t seq_at(const cell *c)
{
    uint32_t nxt = rcv_nxt_in(c->state), edge = IRS + 1 + WINDOW;
    switch (c->seq) {
    case LEFT_OF: return nxt - 1;
    case LEFT_EDGE: return nxt;
    case MIDDLE: return nxt + WINDOW / 2;
    case RIGHT_EDGE: return edge - 1;
    case RIGHT_OF: return edge;
    case SEQ_PLACES: break;
    }
    return 0;
}

static uint32_t ack_at(const cell *c)
{
    switch (c->ack) {
    case BELOW_UNA: return snd_una_in(c->state) - 1;
    case AT_UNA: return snd_una_in(c->state);
    case AT_NXT: return snd_nxt_in(c->state);
    case ABOVE_NXT: return snd_nxt_in(c->state) + 1;
    case ACK_PLACES: break;
    }
    return 0;
}

/* What the segment is to the connection.  Returns the octets of data that are in order, too. */
static uint32_t properties_of(const cell *c, uint32_t *fresh)
{
    uint8_t flags = kind_flags[c->kind];
    uint32_t p = 0, len = (c->data ? DATA : 0) + !!(flags & DW_TCP_SYN) + !!(flags & DW_TCP_FIN);
    uint32_t seq = seq_at(c), ack = ack_at(c);
    bool in = c->seq == LEFT_EDGE || c->seq == MIDDLE || c->seq == RIGHT_EDGE;
    if (flags & DW_TCP_SYN) p |= P_SYN;
    if (flags & DW_TCP_ACK) p |= P_ACK;
    if (flags & DW_TCP_RST) p |= P_RST;
    if (flags & DW_TCP_FIN) p |= P_FIN;
    if (c->data) p |= P_DATA;
    if (c->passive) p |= P_PASSIVE;
    if (in) p |= P_SEQ_IN;
    if (in || (c->seq == LEFT_OF && len >= 2)) p |= P_ACCEPTABLE;
    if (c->seq == LEFT_EDGE) p |= P_EXACT;
    if (c->seq == LEFT_EDGE || (c->seq == LEFT_OF && len >= 2)) p |= P_IN_ORDER;
    if (c->seq != RIGHT_EDGE || !c->data) p |= P_FIN_IN;
    if (seq == IRS && c->state == DW_TCP_SYN_RECEIVED) p |= P_IS_IRS;
    if (c->seq == MIDDLE || c->seq == RIGHT_EDGE || c->seq == RIGHT_OF) p |= P_NEWER;
    if (flags & DW_TCP_ACK) {
        if (ack > snd_una_in(c->state) && ack <= snd_nxt_in(c->state)) p |= P_ACK_NEW;
        if (ack == snd_nxt_in(c->state)) p |= P_ACK_ALL;
        if (ack > snd_nxt_in(c->state)) p |= P_ACK_FUTURE;
    }
    *fresh = c->data ? DATA : 0;
    /* The SYN takes the number in front of the data. */
    bool old_octet = c->seq == LEFT_OF && !(flags & DW_TCP_SYN);
    if (old_octet && c->data) (*fresh)--;
    return p;
}

/* Running a cell. */

/* Without a TCB it is CLOSED, unless nothing but a listener is there or it went back to LISTEN. */
static enum dw_tcp_state state_now(const cell *c)
{
    dw_tcb *t = the_tcb();
    if (t) return t->state;
    bool may_listen = c->state == DW_TCP_LISTEN || c->state == DW_TCP_SYN_RECEIVED;
    return may_listen && fake.tcp->listeners ? DW_TCP_LISTEN : DW_TCP_CLOSED;
}

static bool complain(const cell *c, const verdict *v, const char *what, uint32_t got)
{
    static int shown;
    if (shown++ < 20)
        printf("%s %s, %s, %s, SEQ %s, ACK %s, %s rules: %s is %u\n  (the RFC: %s)\n",
               dw_tcp_state_names[c->state], c->passive ? "passive" : "active", kind_names[c->kind],
               c->data ? "data" : "no data", seq_names[c->seq], ack_names[c->ack],
               c->rules == RULES_793 ? "RFC 793" : "RFC 5961", what, got, v->because);
    return false;
}

static bool sent_is(uint32_t flags, uint32_t seq, uint32_t ack)
{
    const dw_dissection *d = &fake.sent[fake.read_count++];
    return (d->flags & ~(uint32_t)DW_TCP_PSH) == flags && d->seq == seq &&
           (!(flags & DW_TCP_ACK) || d->ack == ack);
}

static bool reply_right(const cell *c, const verdict *v, uint32_t rcv_nxt)
{
    uint8_t flags = kind_flags[c->kind];
    uint32_t len = (c->data ? DATA : 0) + !!(flags & DW_TCP_SYN) + !!(flags & DW_TCP_FIN);
    int count = fake.sent_count - fake.read_count;
    uint32_t snd_nxt = snd_nxt_in(c->state);
    dw_tcb *t = the_tcb();
    switch (v->reply) {
    case NOTHING: return count == 0;
    case SENDS_ACK: return count == 1 && sent_is(DW_TCP_ACK, snd_nxt, rcv_nxt);
    case SENDS_SYN_ACK: /* a new incarnation has an ISS of its own */
        if (count != 1) return false;
        if (c->state == DW_TCP_TIME_WAIT)
            return sent_is(DW_TCP_SYN | DW_TCP_ACK, fake.sent[fake.read_count].seq, seq_at(c) + 1);
        return sent_is(DW_TCP_SYN | DW_TCP_ACK, ISS, seq_at(c) + 1);
    case SENDS_RST: return count == 1 && sent_is(DW_TCP_RST, ack_at(c), 0);
    case SENDS_RST_ACK: return count == 1 && sent_is(DW_TCP_RST | DW_TCP_ACK, 0, seq_at(c) + len);
    case MAY_WAIT:
        if (count == 1) return sent_is(DW_TCP_ACK, snd_nxt, rcv_nxt);
        return count == 0 && t && dw_tcp_timer_runs(t, DW_TCP_TIMER_DELAYED_ACK);
    }
    return false;
}

static bool judge(const cell *c, const verdict *v)
{
    if (state_now(c) != v->next) return complain(c, v, "the state", state_now(c));
    uint32_t before = rcv_nxt_in(c->state), rcv_nxt = before + v->advance;
    if (c->state == DW_TCP_SYN_SENT) rcv_nxt = seq_at(c) + 1 + v->advance;
    dw_tcb *t = the_tcb();
    bool lives = t && t->state >= DW_TCP_ESTABLISHED;
    if (lives && t->rcv_nxt != rcv_nxt) return complain(c, v, "RCV.NXT", t->rcv_nxt);
    if (!reply_right(c, v, rcv_nxt))
        return complain(c, v, "the number of segments sent",
                        (uint32_t)(fake.sent_count - fake.read_count));
    if (fake.violated) return complain(c, v, fake.violated->name, 1);
    return true;
}

static bool run(const cell *c)
{
    void *none = NULL;
    char why[100];
    fake_setup(&none);
    dw_tcp_plugin.protocol->option(fake.tcp, "profile",
                                   c->rules == RULES_793 ? "rfc793" : "rfc9293", why, sizeof why);
    fake.tcp->profile.receive_buffer = WINDOW;
    fake.tcp->profile.nagle = false;
    reach(c);
    if (state_now(c) != c->state)
        fail_msg("the fixture for %s is in %s", dw_tcp_state_names[c->state],
                 dw_tcp_state_names[state_now(c)]);
    forget_sent();
    uint32_t fresh, properties = properties_of(c, &fresh);
    verdict v = oracle(c->rules, c->state, properties, fresh);
    uint8_t flags = kind_flags[c->kind];
    rx(.flags = flags, .seq = seq_at(c), .ack = flags & DW_TCP_ACK ? ack_at(c) : 0,
       .len = c->data ? DATA : 0);
    bool right = judge(c, &v);
    fake_teardown(&none);
    return right;
}

/* All variants of one square of the grid. */
static int square(cell c, int *count)
{
    int wrong = 0;
    for (int seq = 0; seq < SEQ_PLACES; seq++)
        for (int ack = 0; ack < ACK_PLACES; ack++) {
            c.seq = (enum seq_place)seq;
            c.ack = (enum ack_place)ack;
            wrong += !run(&c);
            ++*count;
        }
    return wrong;
}

static void print_square(int wrong)
{
    bool color = isatty(STDOUT_FILENO);
    if (wrong == 0)
        printf("%s    .%s", color ? "\033[32m" : "", color ? "\033[0m" : "");
    else
        printf("%s%5d%s", color ? "\033[31m" : "", wrong, color ? "\033[0m" : "");
}

static int print_row(enum rule_set rules, enum dw_tcp_state state, bool passive, int *count)
{
    int wrong = 0;
    printf("%-13s%-8s", dw_tcp_state_names[state], passive ? "passive" : "active");
    for (int kind = 0; kind < KINDS; kind++)
        for (int data = 0; data < 2; data++) {
            int bad = square((cell){.rules = rules,
                                    .state = state,
                                    .passive = passive,
                                    .kind = (enum kind)kind,
                                    .data = data},
                             count);
            print_square(bad);
            wrong += bad;
        }
    printf("\n");
    return wrong;
}

static int print_grid(enum rule_set rules, int *count)
{
    int wrong = 0;
    printf("\nRules of %s; each kind without and with data, a dot for 20 right cells\n%21s",
           rules == RULES_793 ? "RFC 793" : "RFC 9293 with RFC 5961", "");
    for (int kind = 0; kind < KINDS; kind++)
        printf("%10s", kind_names[kind]);
    printf("\n");
    for (int state = 0; state < DW_TCP_STATES; state++)
        for (int passive = 1; passive >= 0; passive--) {
            /* CLOSED is the same either way; LISTEN is passive, SYN-SENT active by nature. */
            if (passive && (state == DW_TCP_CLOSED || state == DW_TCP_SYN_SENT)) continue;
            if (!passive && state == DW_TCP_LISTEN) continue;
            wrong += print_row(rules, (enum dw_tcp_state)state, passive, count);
        }
    return wrong;
}

static void tcp_every_state_every_segment_every_place(void **state)
{
    (void)state;
    int count = 0, wrong = 0;
    clock_t began = clock();
    for (int rules = 0; rules < RULE_SETS; rules++)
        wrong += print_grid((enum rule_set)rules, &count);
    double seconds = (double)(clock() - began) / CLOCKS_PER_SEC;
    printf("\n%d cells, %d wrong, in %.2f s\n", count, wrong, seconds);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tcp_every_state_every_segment_every_place)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
