/* A trace of one connection as a script in which two drywire hosts do the same: they send as much
 * after having received as much, wait as long, close in the same order, and lose what was lost. */
#include "import.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { CLIENT, SERVER };

/* What a program does. */
enum step_kind { SEND, FIN, RST };

typedef struct step {
    enum step_kind kind;
    dw_time at;
    uint64_t octets;   /* SEND */
    uint64_t received; /* by this end, before */
    dw_time heard;     /* when the last of that came */
    bool peer_done;    /* the peer's FIN has come */
} step;

typedef struct side {
    uint32_t node;
    step *steps;
    size_t count, capacity;
    uint32_t next; /* the sequence number of what has not been sent yet */
    uint32_t first, rcv_next, peer_fin;
    bool known, rcv_known, fin, rst, fin_seen, peer_done;
    uint64_t received;
    dw_time established, heard; /* -1; when data last came */
    dw_dissection syn;
    uint8_t options[40];
    bool no_memory; /* a step is missing */
} side;

typedef struct replay {
    const dw_trace *trace;
    dw_packet_view *packets;
    size_t count;
    side ends[2];
    uint16_t port, client_port;
    dw_time delay;
    uint32_t largest; /* packet */
    FILE *f;
} replay;

static step *add_step(side *s, enum step_kind kind, dw_time at)
{
    if (s->count == s->capacity) {
        size_t capacity = s->capacity ? s->capacity * 2 : 32;
        step *grown = realloc(s->steps, capacity * sizeof *grown);
        s->no_memory |= !grown;
        if (!grown) return NULL;
        s->steps = grown;
        s->capacity = capacity;
    }
    step *t = &s->steps[s->count++];
    *t = (step){.kind = kind,
                .at = at,
                .received = s->received,
                .heard = s->heard,
                .peer_done = s->peer_done};
    return t;
}

/* Everything before a sequence number has come, and perhaps the FIN. */
static void has_all_before(side *s, uint32_t next, dw_time at)
{
    bool done = s->fin_seen && dw_seq_before(s->peer_fin, next);
    uint32_t data = done ? s->peer_fin : next;
    if (dw_seq_before(s->rcv_next, data)) {
        s->received += data - s->rcv_next;
        s->rcv_next = data;
        s->heard = at;
    }
    if (done && !s->peer_done) s->heard = at;
    s->peer_done |= done;
}

/* Octets that follow the last ones at once belong to the same call. */
static void sends(side *s, const dw_packet_view *v)
{
    const dw_dissection *d = &v->d;
    uint32_t end = d->seq + d->len, from = d->seq + !!(d->flags & FLAG_SYN);
    if (!s->known) s->next = s->first = from;
    s->known = true;
    if (d->flags & FLAG_ACK && s->rcv_known) has_all_before(s, d->ack, s->heard);
    if (d->flags & FLAG_SYN) {
        s->syn = *d;
        if (d->options_len <= sizeof s->options) memcpy(s->options, d->options, d->options_len);
        return;
    }
    if (d->len > 0 && dw_seq_before(s->next, end)) {
        step *last = s->count ? &s->steps[s->count - 1] : NULL;
        bool same = last && last->kind == SEND && last->received == s->received;
        if (!same) last = add_step(s, SEND, v->sent_at);
        if (last) last->octets += end - s->next;
        s->next = end;
    }
    if (d->flags & FLAG_FIN && !s->fin) {
        add_step(s, FIN, v->sent_at);
        s->fin = true;
    }
    if (d->flags & FLAG_RST && !s->rst) {
        add_step(s, RST, v->sent_at);
        s->rst = true;
    }
}

static void receives(side *s, const dw_packet_view *v)
{
    const dw_dissection *d = &v->d;
    uint32_t from = d->seq + !!(d->flags & FLAG_SYN), end = from + d->len;
    if (!s->rcv_known) s->rcv_next = from;
    s->rcv_known = true;
    if (s->established < 0 && (d->flags & FLAG_ACK)) s->established = v->arrived_at;
    if (d->flags & FLAG_FIN) {
        s->fin_seen = true;
        s->peer_fin = end;
    }
    if (!dw_seq_before(s->rcv_next, from))
        has_all_before(s, end + !!(d->flags & FLAG_FIN), v->arrived_at);
}

static const dw_packet_view *view_of(const replay *r, uint64_t number)
{
    return number >= 1 && number <= r->count && r->packets[number - 1].number == number
               ? &r->packets[number - 1]
               : NULL;
}

static void follow(replay *r)
{
    for (size_t i = 0; i < dw_trace_count(r->trace); i++) {
        const dw_trace_event *e = dw_trace_at(r->trace, i);
        const dw_packet_view *v = e->packet ? view_of(r, e->packet) : NULL;
        if (!v || e->node > SERVER) continue;
        uint32_t len = e->u.packet.head_len + e->u.packet.payload_len;
        if (len > r->largest) r->largest = len;
        if (e->type == DW_TRACE_SENT) sends(&r->ends[e->node], v);
        if (e->type == DW_TRACE_DELIVERED) receives(&r->ends[e->node], v);
    }
}

/* Writing. */

static void write_escaped(replay *r, enum dw_syntax syntax, const char *text)
{
    dw_escape_file(r->f, syntax, text, strlen(text));
}

static void write_time(replay *r, dw_time t)
{
    if (t % DW_SECOND == 0)
        fprintf(r->f, "\"%" PRId64 "s\"", t / DW_SECOND);
    else if (t % DW_MILLISECOND == 0)
        fprintf(r->f, "\"%" PRId64 "ms\"", t / DW_MILLISECOND);
    else
        fprintf(r->f, "\"%" PRId64 "us\"", (t + DW_MICROSECOND / 2) / DW_MICROSECOND);
}

/* The options of the SYN that this end sent. */
static void write_options(replay *r, const side *s)
{
    uint16_t mss = 0;
    bool scale = false, sack = false, timestamps = false;
    for (uint32_t i = 0; i < s->syn.options_len;) {
        uint8_t kind = s->options[i];
        bool has_len = kind > 1 && i + 1 < s->syn.options_len;
        uint32_t len = kind <= 1;
        if (has_len) len = s->options[i + 1];
        if (kind == 0 || len == 0 || i + len > s->syn.options_len) break;
        if (kind == 2 && len == 4) mss = dw_get16(s->options + i + 2);
        scale |= kind == 3;
        sack |= kind == 4;
        timestamps |= kind == 8;
        i += len;
    }
    fprintf(r->f, "{ isn = { %" PRIu32 " }, tcp = { ", s->first - 1);
    if (mss) fprintf(r->f, "mss = %u, ", mss);
    static const char *const words[] = {"false", "true"};
    fprintf(r->f, "window_scale = %s, sack = %s, timestamps = %s } }", words[scale], words[sack],
            words[timestamps]);
}

static void write_host(replay *r, const char *variable, int which)
{
    const char *name = dw_trace_node_name(r->trace, (uint32_t)which);
    fprintf(r->f, "local %s = sim:host(", variable);
    write_escaped(r, DW_IN_LUA, name);
    fprintf(r->f, ", ");
    write_options(r, &r->ends[which]);
    fprintf(r->f, ")\n");
}

/* What a rule says of a packet's flags; "": nothing, its data tells it from others. */
static const char *flags_of(const dw_packet_view *v)
{
    if (v->d.flags & FLAG_SYN) return "flags = \"SYN\", ";
    if (v->d.flags & FLAG_FIN) return "flags = \"FIN\", ";
    if (v->d.flags & FLAG_RST) return "flags = \"RST\", ";
    return v->d.len == 0 ? "flags = \"=ACK\", " : "";
}

/* By direction, kind and sequence number, and which of those that are alike. */
static void write_drops(replay *r)
{
    bool first = true;
    for (size_t i = 0; i < r->count; i++) {
        const dw_packet_view *v = &r->packets[i];
        int nth = 1;
        if (v->lost_at < 0) continue;
        bool data = v->d.len > 0;
        uint32_t mask = FLAG_SYN | FLAG_FIN | FLAG_RST;
        for (size_t k = 0; k < i; k++) {
            const dw_packet_view *o = &r->packets[k];
            nth += o->sender == v->sender && o->d.seq == v->d.seq && (o->d.len > 0) == data &&
                   (o->d.flags & mask) == (v->d.flags & mask);
        }
        if (first) fprintf(r->f, "-- What was lost.\n");
        first = false;
        const char *from = v->sender == CLIENT ? "client" : "server";
        fprintf(r->f,
                "link:drop { from = %s, %shas_data = %s, seq = %" PRIu32
                ", nth = %d } -- packet %" PRIu64 "\n",
                from, flags_of(v), data ? "true" : "false", v->d.seq, nth, v->number);
    }
    if (!first) fprintf(r->f, "\n");
}

/* What is waited for, how long after it, and then what. */
static void write_step(replay *r, const side *s, const step *t, const step *last, const char *host)
{
    uint64_t taken = last ? last->received : 0;
    bool ended = last && last->peer_done, ends = t->peer_done && !ended;
    dw_time since = s->established > 0 ? s->established : 0;
    if (last) since = last->at;
    if (t->received > taken) fprintf(r->f, "  take(conn, %" PRIu64 ")\n", t->received - taken);
    if (ends) fprintf(r->f, "  conn:recv_all() -- until the other end closes\n");
    if ((t->received > taken || ends) && t->heard > since) since = t->heard;
    if (t->at - since >= DW_MILLISECOND) {
        fprintf(r->f, "  %s:sleep(", host);
        write_time(r, t->at - since);
        fprintf(r->f, ")\n");
    }
    if (t->kind == SEND)
        fprintf(r->f, "  conn:send((\"x\"):rep(%" PRIu64 "))\n", t->octets);
    else if (t->kind == RST)
        fprintf(r->f, "  conn:reset()\n");
    else
        fprintf(r->f, "  conn:%s()\n", s->received > t->received ? "shutdown" : "close");
}

static void write_steps(replay *r, const side *s, const char *host)
{
    const step *last = NULL;
    for (size_t i = 0; i < s->count && !(last && last->kind == RST); i++) {
        write_step(r, s, &s->steps[i], last, host);
        last = &s->steps[i];
    }
    if (last && (last->kind == RST || (last->kind == FIN && s->received == last->received))) return;
    fprintf(r->f, "  conn:recv_all()\n");
    if (s->fin) fprintf(r->f, "  conn:close()\n");
}

/* The whole script: hosts and link, what is lost, and a program for each end.  A connection that
 * the capture shows whole ends by itself, any other is given an hour. */
static void write_program(replay *r, const char *source)
{
    const side *client = &r->ends[CLIENT], *server = &r->ends[SERVER];
    fprintf(r->f, "-- What ");
    write_escaped(r, DW_IN_LINE, source);
    fprintf(r->f, " shows, done again by two drywire hosts.\n");
    fprintf(r->f, "local dw = require \"drywire\"\nlocal sim = dw.sim { msl = \"2min\" }\n");
    write_host(r, "client", CLIENT);
    write_host(r, "server", SERVER);
    fprintf(r->f, "local link = sim:link(client, server, { delay = ");
    write_time(r, r->delay);
    if (r->largest > 1500) fprintf(r->f, ", mtu = %u", (unsigned)r->largest);
    fprintf(r->f, " })\n\n");
    write_drops(r);
    fprintf(r->f, "local function take(conn, octets)\n"
                  "  while octets > 0 do\n"
                  "    local data = conn:recv(octets)\n"
                  "    if not data then return end\n"
                  "    octets = octets - #data\n"
                  "  end\n"
                  "end\n\n");
    fprintf(r->f, "server:serve(%u, function(conn)\n", r->port);
    write_steps(r, server, "server");
    fprintf(r->f,
            "end)\n\nclient:spawn(function()\n"
            "  local conn = assert(client:connect(server, %u, { local_port = %u }))\n",
            r->port, r->client_port);
    write_steps(r, client, "client");
    fprintf(r->f, "end)\n\n");
    bool whole = (client->fin && server->fin) || client->rst || server->rst;
    if (whole)
        fprintf(r->f, "sim:run()\n");
    else
        fprintf(r->f, "sim:run \"1h\" -- the capture ends before the connection does\n");
}

int replay_write(const dw_trace *trace, const char *source, FILE *f)
{
    replay r = {.trace = trace, .f = f};
    int status = dw_trace_packets(trace, NULL, &r.packets, &r.count);
    if (status != DW_OK) return status;
    const dw_trace_event *conn = dw_trace_conn(trace, 1);
    const char *slash = strrchr(source, '/');
    r.client_port = conn->u.conn.flow.local_port;
    r.port = conn->u.conn.flow.remote_port;
    for (size_t i = 0; i < dw_trace_count(trace); i++)
        if (dw_trace_at(trace, i)->type == DW_TRACE_LINK)
            r.delay = dw_trace_at(trace, i)->u.link.delay[0];
    for (int i = 0; i < 2; i++)
        r.ends[i].established = r.ends[i].heard = -1;
    follow(&r);
    write_program(&r, slash ? slash + 1 : source);
    for (int i = 0; i < 2; i++)
        free(r.ends[i].steps);
    dw_free(r.packets);
    if (r.ends[0].no_memory || r.ends[1].no_memory) return DW_E_NOMEM;
    return ferror(f) ? DW_E_IO : DW_OK;
}
