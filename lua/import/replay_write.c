/* The script: hosts and link, what the path did, a program for each end, and a comparison of the
 * states with those of the capture. */
#include "replay.h"

#include <inttypes.h>
#include <string.h>

/* So many sends in a row are rows of a table; more octets than MUCH go in pieces. */
enum { MANY_SENDS = 8, MUCH = 1 << 20, MOST_SEGMENTS = 1000 };

static const char *flag(bool value)
{
    return value ? "true" : "false";
}

static uint32_t usual_window(const settings *set)
{
    return strcmp(set->profile, "rfc9293") == 0 ? 4 : 10;
}

/* Buffers: those of the profile, unless it has fixed ones, or the reader let its window close. */
static void put_buffers(replay *r, const side *s, const side *peer)
{
    enum { DEFAULT_BUFFER = 65535, SCALED = 65535 };
    const settings *set = &s->set;
    bool fixed = strcmp(set->profile, "rfc9293") == 0;
    uint32_t send = peer->set.max_window, buffer = s->buffer ? s->buffer : set->max_window;
    if (buffer > 0 && (fixed || s->closes_window) && buffer != DEFAULT_BUFFER)
        fprintf(r->f, ", receive_buffer = %" PRIu32, buffer);
    if (fixed && send > DEFAULT_BUFFER) fprintf(r->f, ", send_buffer = %" PRIu32, send);
    if (fixed && set->scale >= 0 && set->max_window <= SCALED)
        fputs(", window_scale_always = true", r->f);
}

/* Acknowledgments that wait for as long as the capture shows; Linux's and FreeBSD's adapt. */
static void put_ack_delay(replay *r, const settings *set)
{
    const dw_time usual = 200 * DW_MILLISECOND, most = 500 * DW_MILLISECOND; /* MUST-40 */
    if (strcmp(set->profile, "rfc9293") != 0 || set->acks == 0 || set->ack_delay >= most) return;
    bool at_once = set->ack_delay <= DW_MILLISECOND;
    if (set->ack_delay > usual * 9 / 10 && set->ack_delay < usual * 11 / 10) return;
    fputs(", delayed_ack = ", r->f);
    replay_put_time(r, at_once ? 0 : set->ack_delay);
}

/* The timeouts that the capture shows, where the profile's differ by more than a tenth. */
static void put_timeouts(replay *r, const settings *set)
{
    const dw_time usual = DW_SECOND;
    if (strcmp(set->profile, "rfc9293") != 0) return;
    if (set->rto_initial &&
        (set->rto_initial < usual * 9 / 10 || set->rto_initial > usual * 11 / 10)) {
        fputs(", rto_initial = ", r->f);
        replay_put_time(r, set->rto_initial);
    }
    dw_time estimate = 6 * r->delay > usual ? 6 * r->delay : usual; /* RFC 6298 2.2: three RTTs */
    if (set->rto_min && (set->rto_min < usual * 9 / 10 || set->rto_min > estimate * 11 / 10)) {
        fputs(", rto_min = ", r->f);
        replay_put_time(r, set->rto_min);
    }
}

/* The profile first, then what the SYN and the rest of the capture have otherwise. */
static void put_host(replay *r, int e)
{
    const side *s = &r->ends[e];
    const settings *set = &s->set;
    const char *name = dw_trace_node_name(r->trace, (uint32_t)e);
    fprintf(r->f, "local %s = sim:host(", import_end_name(e));
    replay_put(r, DW_IN_LUA, name);
    fputs(", {", r->f);
    if (s->rebooted)
        fprintf(r->f, " isn = { %" PRIu32 ", %" PRIu32 " },", s->isn, s->second_isn);
    else if (s->numbered && s->takes_part)
        fprintf(r->f, " isn = %" PRIu32 ",", s->isn);
    fprintf(r->f, " tcp = { profile = \"%s\"", set->profile);
    if (set->mss) fprintf(r->f, ", mss = %u", set->mss);
    fprintf(r->f, ", window_scale = %s, sack = %s, timestamps = %s", flag(set->scale >= 0),
            flag(set->sack), flag(set->timestamps));
    if (set->ecn) fprintf(r->f, ", ecn = \"%s\"", r->ends[e].began ? "ask" : "answer");
    bool small = strcmp(set->profile, "linux") == 0 ? set->ignores_small : set->ignores_data;
    if (small) fputs(", nagle = false", r->f);
    uint32_t initial = set->initial_window < MOST_SEGMENTS ? set->initial_window : MOST_SEGMENTS;
    if (initial > usual_window(set)) fprintf(r->f, ", initial_window = %" PRIu32, initial);
    put_timeouts(r, set);
    put_ack_delay(r, set);
    put_buffers(r, s, &r->ends[!e]);
    fputs(" } })\n", r->f);
}

static void put_link(replay *r)
{
    enum { USUAL_MTU = 1500 };
    fputs("local link = sim:link(client, server, { delay = ", r->f);
    replay_put_time(r, r->delay);
    if (r->mtu != USUAL_MTU) fprintf(r->f, ", mtu = %" PRIu32, r->mtu);
    fputs(" })\n\n", r->f);
}

static const char take_text[] = "-- Reads so many octets.\n"
                                "local function take(conn, octets)\n"
                                "  while octets > 0 do\n"
                                "    local data = conn:recv(math.min(octets, 65536))\n"
                                "    if not data then return end\n"
                                "    octets = octets - #data\n"
                                "  end\n"
                                "end\n\n",
                  wait_text[] = "-- Until so many seconds after the beginning.\n"
                                "local function wait(host, seconds)\n"
                                "  local ns = math.floor(seconds * 1e9 + 0.5) - sim:now_ns()\n"
                                "  if ns > 0 then host:sleep((\"%dns\"):format(ns)) end\n"
                                "end\n\n",
                  send_text[] = "-- Sends so many octets, in pieces.\n"
                                "local function send(conn, octets)\n"
                                "  local piece = (\"x\"):rep(65536)\n"
                                "  while octets > #piece do\n"
                                "    if not conn:send(piece, { push = false }) then return end\n"
                                "    octets = octets - #piece\n"
                                "  end\n"
                                "  conn:send(piece:sub(1, octets))\n"
                                "end\n\n";

static void put_helpers(replay *r)
{
    bool much = false;
    for (int e = 0; e < 2; e++)
        for (size_t i = 0; i < r->ends[e].count; i++)
            much |= r->ends[e].steps[i].octets > MUCH;
    fputs(take_text, r->f);
    fputs(wait_text, r->f);
    if (much) fputs(send_text, r->f);
}

/* One program. */
typedef struct writer {
    replay *r;
    int e;
    const side *s;
    int64_t taken;
    bool ended;    /* has read the end */
    dw_time since; /* it got here no earlier, without a wait */
} writer;

static void put_wait(writer *w, dw_time at)
{
    replay *r = w->r;
    fprintf(r->f, "  wait(%s, ", import_end_name(w->e));
    replay_put_seconds(r, at + r->lead);
    fputs(")\n", r->f);
}

static void put_take(writer *w, int64_t received)
{
    if (received > w->taken) {
        fprintf(w->r->f, "  take(conn, %" PRId64 ")\n", received - w->taken);
        w->taken = received;
    }
}

/* What is waited for: octets, the end of the peer's, a time.  A program that answers at once needs
 * no time. */
static void put_conditions(writer *w, const step *t)
{
    dw_time at_once = w->r->delay / 20 < DW_MILLISECOND ? w->r->delay / 20 : DW_MILLISECOND;
    bool reads = t->received > w->taken, ends = t->peer_done && !w->ended;
    put_take(w, t->received);
    if (ends) fputs("  conn:recv_all() -- until the other end closes\n", w->r->f);
    w->ended |= ends;
    if ((reads || ends) && t->heard > w->since) w->since = t->heard;
    if (t->at - w->since > at_once) put_wait(w, t->at);
    if (t->at > w->since) w->since = t->at;
}

static void put_send(replay *r, int64_t octets)
{
    if (octets > MUCH)
        fprintf(r->f, "  send(conn, %" PRId64 ")\n", octets);
    else
        fprintf(r->f, "  conn:send((\"x\"):rep(%" PRId64 "))\n", octets);
}

static void put_crash(writer *w)
{
    replay *r = w->r;
    const char *name = import_end_name(w->e);
    fprintf(r->f, "  %s:crash()\n", name);
    if (w->e == CLIENT)
        fprintf(r->f,
                "  client:spawn(function()\n"
                "    client:connect(server, %u, { local_port = %u })\n"
                "  end)\n",
                r->port, r->client_port);
}

/* close() is the end of reading, too; who reads on only ends sending. */
static bool closes(const writer *w, const step *t)
{
    return w->s->received == t->received && (t->peer_done || !w->s->peer_done);
}

static void put_step(writer *w, const step *t)
{
    replay *r = w->r;
    if (t->kind == STEP_READ) {
        put_wait(w, t->at);
        put_take(w, t->received);
        w->since = t->at;
        return;
    }
    if (t->kind == STEP_HOLD) {
        put_take(w, t->received);
        fputs("  -- Reads nothing for a while, so that its window closes.\n", r->f);
        return;
    }
    put_conditions(w, t);
    switch (t->kind) {
    case STEP_SEND: put_send(r, t->octets); break;
    case STEP_FIN: fprintf(r->f, "  conn:%s()\n", closes(w, t) ? "close" : "shutdown"); break;
    case STEP_RST: fputs("  conn:reset()\n", r->f); break;
    case STEP_CRASH: put_crash(w); break;
    case STEP_HOLD:
    case STEP_READ: break;
    }
}

/* How many sends follow each other that need nothing but octets and a time. */
static size_t sends_in_row(const writer *w, size_t from)
{
    const side *s = w->s;
    size_t n = 0;
    while (from + n < s->count && s->steps[from + n].kind == STEP_SEND &&
           (!s->steps[from + n].peer_done || w->ended) && s->steps[from + n].octets <= MUCH)
        n++;
    return n;
}

/* How many sends from here on are of as many octets, at one interval, and wait for nothing. */
static size_t alike_in_row(const side *s, size_t from, size_t count, dw_time *interval)
{
    enum { WORTH_IT = 4 };
    const step *t = &s->steps[from];
    size_t n = 1;
    *interval = count > 1 ? t[1].at - t[0].at : 0;
    while (n < count && t[n].octets == t[0].octets && t[n].received <= t[0].received &&
           t[n].at - t[n - 1].at == *interval)
        n++;
    return n >= WORTH_IT ? n : 1;
}

/* Sends as rows, a row for those that are alike. */
static void put_rows(writer *w, size_t from, size_t count)
{
    replay *r = w->r;
    fputs(
        "  -- When, how many octets are read before, and sent then; how often, and how far apart.\n"
        "  for _, row in ipairs {\n",
        r->f);
    for (size_t i = from; i < from + count;) {
        const step *t = &w->s->steps[i];
        dw_time interval;
        size_t alike = alike_in_row(w->s, i, from + count - i, &interval);
        int64_t reads = t->received > w->taken ? t->received - w->taken : 0;
        fputs("    { ", r->f);
        replay_put_seconds(r, t->at + r->lead);
        fprintf(r->f, ", %" PRId64 ", %" PRId64, reads, t->octets);
        if (alike > 1) {
            fprintf(r->f, ", %zu, ", alike);
            replay_put_seconds(r, interval);
        }
        fputs(" },\n", r->f);
        i += alike;
        w->taken += reads;
        w->since = w->s->steps[i - 1].at;
    }
    fprintf(r->f,
            "  } do\n    take(conn, row[2])\n    for i = 0, (row[4] or 1) - 1 do\n"
            "      wait(%s, row[1] + i * (row[5] or 0))\n"
            "      conn:send((\"x\"):rep(row[3]))\n    end\n  end\n",
            import_end_name(w->e));
}

static void put_settings(writer *w)
{
    enum { USUAL_TTL = 64 };
    replay *r = w->r;
    const settings *set = &w->s->set;
    if (set->ttl && set->ttl != USUAL_TTL) fprintf(r->f, "  conn:set { ttl = %u }\n", set->ttl);
    if (!set->keepalive_idle) return;
    fputs("  conn:set { keepalive = true, keepalive_idle = ", r->f);
    replay_put_time(r, set->keepalive_idle);
    if (set->keepalive_interval) {
        fputs(", keepalive_interval = ", r->f);
        replay_put_time(r, set->keepalive_interval);
    }
    fputs(" }\n", r->f);
}

/* Everything from the connection on. */
static void put_steps(replay *r, int e)
{
    writer w = {.r = r, .e = e, .s = &r->ends[e], .since = -r->lead};
    const step *last = NULL;
    put_settings(&w);
    for (size_t i = 0; i < w.s->count;) {
        size_t row = sends_in_row(&w, i);
        last = &w.s->steps[i];
        if (row >= MANY_SENDS) {
            put_rows(&w, i, row);
            i += row;
            continue;
        }
        put_step(&w, last);
        i++;
        if (last->kind == STEP_RST || last->kind == STEP_CRASH) return;
    }
    if (last && last->kind == STEP_FIN && closes(&w, last)) return;
    fputs("  take(conn, math.huge)\n", r->f);
    if (w.s->fin_sent) fputs("  conn:close()\n", r->f);
}

static void put_connect(replay *r, int e)
{
    const char *name = import_end_name(e), *peer = import_end_name(!e);
    uint16_t port = e == CLIENT ? r->port : r->client_port;
    uint16_t own = e == CLIENT ? r->client_port : r->port;
    fprintf(r->f, "%s:spawn(function()\n", name);
    if (r->ends[e].began && r->ends[e].syn_at > 0) {
        writer w = {.r = r, .e = e};
        put_wait(&w, r->ends[e].syn_at);
    }
    fprintf(r->f,
            "  local conn = %s:connect(%s, %u, { local_port = %u })\n"
            "  if not conn then return end\n",
            name, peer, port, own);
    put_steps(r, e);
    fputs("end)\n\n", r->f);
}

static void put_programs(replay *r)
{
    const side *client = &r->ends[CLIENT], *server = &r->ends[SERVER];
    bool both = client->began && server->began;
    if (both) {
        put_connect(r, SERVER);
    } else if (server->takes_part) {
        fprintf(r->f, "server:serve(%u, function(conn)\n", r->port);
        put_steps(r, SERVER);
        fputs("end)\n\n", r->f);
    }
    put_connect(r, CLIENT);
}

static void put_run(replay *r)
{
    const dw_time afterwards = 10 * 60 * DW_SECOND; /* for TIME-WAIT, and timers */
    dw_time length = r->over + r->lead;
    bool whole = r->whole && !r->ends[CLIENT].rebooted && !r->ends[SERVER].rebooted;
    if (whole) length = (length / DW_SECOND + 1) * DW_SECOND + afterwards;
    fputs("sim:run ", r->f);
    replay_put_time(r, length);
    fputs(whole ? "\n" : " -- the capture ends before the connection does\n", r->f);
}

/* TIME-WAIT ends after the capture, and what was before it is not in it. */
static void put_comparison(replay *r)
{
    fputs("\n-- Says where the states are not those of the capture.\n"
          "local function compare(host, expected)\n"
          "  local conn = host:conn()\n"
          "  local states = conn and table.concat(conn:states(), \" \") or \"no connection\"\n"
          "  if states:find(expected, 1, true) then return end\n"
          "  print((\"%s: %s; in the capture: %s\"):format(host:name(), states, expected))\n"
          "end\n",
          r->f);
    for (int e = 0; e < 2; e++) {
        const side *s = &r->ends[e];
        if (!s->states || !*s->states || s->rebooted) continue;
        fprintf(r->f, "compare(%s, \"%s\")\n", import_end_name(e), s->states);
    }
}

void replay_write_script(replay *r)
{
    const dw_time usual_limit = 3000 * DW_SECOND;
    dw_time length = r->over + r->lead;
    replay_write_notes(r);
    fputs("local dw = require \"drywire\"\nlocal sim = dw.sim", r->f);
    if (length > usual_limit) {
        fputs(" { limit = ", r->f);
        replay_put_time(r, (length / DW_SECOND + 3600) * DW_SECOND);
        fputs(" }\n", r->f);
    } else {
        fputs("()\n", r->f);
    }
    put_host(r, CLIENT);
    put_host(r, SERVER);
    put_link(r);
    replay_write_rules(r);
    put_helpers(r);
    put_programs(r);
    put_run(r);
    put_comparison(r);
}
