/* What the path did, as rules of the link: what it lost, copied and held up, and what others put on
 * it. */
#include "replay.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* More rules than these are rows of a table, which one rule looks up. */
enum { MOST_RULES = 16, MOST_NTH = 16, MANY_PASSAGES = 60 };

/* A rule tells segments by direction, flags, whether they have data, and sequence number; those
 * without anything of their own by what they acknowledge, too. */
static uint32_t flags_told(const passage *p)
{
    return p->v->d.flags & (FLAG_SYN | FLAG_FIN | FLAG_RST);
}

static bool is_bare(const passage *p)
{
    return p->v->d.len == 0 && flags_told(p) == 0;
}

/* <0, 0 or >0; 0: a rule cannot tell them apart. */
static int compare(const passage *p, const passage *q)
{
    if (p->from != q->from) return p->from - q->from;
    if (p->v->d.seq != q->v->d.seq) return p->v->d.seq < q->v->d.seq ? -1 : 1;
    if (flags_told(p) != flags_told(q)) return flags_told(p) < flags_told(q) ? -1 : 1;
    int data = p->v->d.len > 0, other_data = q->v->d.len > 0;
    if (data != other_data) return data - other_data;
    if (!is_bare(p) || p->v->d.ack == q->v->d.ack) return 0;
    return p->v->d.ack < q->v->d.ack ? -1 : 1;
}

static int by_kind(const void *a, const void *b)
{
    const passage *p = *(passage *const *)a, *q = *(passage *const *)b;
    int order = compare(p, q);
    if (order) return order;
    return (p > q) - (p < q);
}

/* In a long transfer segments may begin elsewhere than in the capture: the one that was lost is
 * that with its first octet. */
static bool by_octet(const replay *r, const passage *p)
{
    return r->count > MANY_PASSAGES && p->v->d.len > 0 && flags_told(p) == 0 && !p->offloaded;
}

/* The network's copies, and what others sent, pass no rule here. */
static passage **sorted(replay *r, size_t *count)
{
    passage **all = calloc(r->count + 1, sizeof *all);
    r->no_memory |= !all;
    *count = 0;
    for (size_t i = 0; all && i < r->count; i++)
        if (r->passages[i].kind != PASSAGE_COPY && r->passages[i].kind != PASSAGE_FOREIGN)
            all[(*count)++] = &r->passages[i];
    if (all) qsort(all, *count, sizeof(passage *), by_kind);
    return all;
}

void replay_number(replay *r)
{
    size_t count;
    passage **all = sorted(r, &count);
    for (size_t i = 0; i < count; i++)
        all[i]->nth = i > 0 && compare(all[i - 1], all[i]) == 0 ? all[i - 1]->nth + 1 : 1;
    free(all);
}

static bool came(const passage *p)
{
    return p->v->arrived_at >= 0;
}

/* Octets of unknown fate are lost here, as their receiver would answer them: the capture has no
 * answer.  What asks for none arrives; so does everything to an end of which the capture has no
 * packets, but the acknowledgments of those. */
static bool is_lost(const replay *r, const passage *p)
{
    const side *to = &r->ends[!p->from];
    bool unseen = to->takes_part && to->packets == 0;
    return p->v->lost_at >= 0 || (p->v->unknown_at >= 0 && passage_has_octets(p) && !unseen);
}

dw_time replay_silence(const replay *r, int from)
{
    const passage *first = NULL;
    dw_time before = -1;
    size_t packets = 0;
    bool unseen = r->ends[!from].takes_part && r->ends[!from].packets == 0;
    bool octets = false;
    for (size_t i = r->count; i-- > 0;) {
        const passage *p = &r->passages[i];
        if (p->from != from || p->kind == PASSAGE_FOREIGN) continue;
        if (came(p)) {
            before = p->v->sent_at;
            break;
        }
        first = p;
        octets |= passage_has_octets(p);
        packets++;
    }
    bool all = first && before < 0 && first->v->unknown_at >= 0;
    if (!octets || unseen || (packets < 2 && !all)) return DW_TIME_NEVER;
    /* What is sent again has its time from the sender's clock: a little earlier is as good. */
    dw_time early = first->v->sent_at - DW_MILLISECOND;
    if (before < 0) return early > 0 ? early : 0;
    return early > before ? early : before + 1;
}

/* from = ..., what tells it from others. */
static void put_match(replay *r, const passage *p)
{
    uint32_t flags = flags_told(p);
    fprintf(r->f, "from = %s, ", import_end_name(p->from));
    if (by_octet(r, p)) {
        fprintf(r->f, "when = covers(%" PRIu32 "), ", p->v->d.seq);
        return;
    }
    if (flags & FLAG_SYN)
        fputs("flags = \"SYN\", ", r->f);
    else if (flags & FLAG_RST)
        fputs("flags = \"RST\", ", r->f);
    else if (flags & FLAG_FIN)
        fputs("flags = \"FIN\", ", r->f);
    bool data = p->v->d.len > 0;
    if (p->offloaded)
        fprintf(r->f, "has_data = true, seq = { %" PRIu32 ", %" PRIu32 " }, ", p->v->d.seq,
                (uint32_t)(p->v->d.seq + p->v->d.len - 1));
    else
        fprintf(r->f, "has_data = %s, seq = %" PRIu32 ", ", data ? "true" : "false", p->v->d.seq);
    if (is_bare(p))
        fprintf(r->f, "when = function(p) return p.ack == %" PRIu32 " end, ", p->v->d.ack);
}

/* A rule for those of one kind that were lost: the first ones, or these. */
static void put_drop(replay *r, passage *const *alike, size_t count)
{
    size_t lost = 0;
    fputs("link:drop { ", r->f);
    put_match(r, alike[0]);
    for (size_t i = 0; i < count; i++)
        lost += is_lost(r, alike[i]);
    bool first_ones = true;
    for (size_t i = 0; i < lost; i++)
        first_ones &= is_lost(r, alike[i]);
    if (alike[0]->offloaded && r->eff_mss[alike[0]->from] > 0) {
        uint64_t mss = (uint64_t)r->eff_mss[alike[0]->from];
        fprintf(r->f, "count = %" PRIu64, (alike[0]->v->d.len + mss - 1) / mss * lost);
    } else if (first_ones && lost > 1) {
        fprintf(r->f, "count = %zu", lost);
    } else {
        const char *separator = lost > 1 ? "nth = { " : "nth = ";
        size_t put = 0;
        for (size_t i = 0; i < count && put < MOST_NTH; i++) {
            if (!is_lost(r, alike[i])) continue;
            fprintf(r->f, "%s%" PRIu32, separator, alike[i]->nth);
            separator = ", ";
            put++;
        }
        if (lost > 1) fputs(" }", r->f);
    }
    fputs(" } --", r->f);
    for (size_t i = 0, put = 0; i < count && put < MOST_NTH; i++)
        if (is_lost(r, alike[i]))
            fprintf(r->f, "%s#%" PRIu64, put++ ? ", " : " ", alike[i]->v->number);
    fputc('\n', r->f);
}

/* Rows: whose, what, its sequence number, of a bare one what it acknowledges; which of those alike.
 */
static void put_row(replay *r, const passage *p)
{
    uint32_t flags = flags_told(p);
    const char *kind = p->v->d.len > 0 ? "data" : "ack";
    if (flags & FLAG_FIN) kind = "FIN";
    if (flags & FLAG_RST) kind = "RST";
    if (flags & FLAG_SYN) kind = "SYN";
    fprintf(r->f, "  { \"%s %s\", %" PRIu32 ", %" PRIu32, import_end_name(p->from), kind,
            p->v->d.seq, p->nth);
    if (is_bare(p)) fprintf(r->f, ", %" PRIu32, p->v->d.ack);
    fprintf(r->f, " }, -- #%" PRIu64 "\n", p->v->number);
}

/* Data is told by its first octet, which may be anywhere in a segment here; so rows are found by
 * the kibibyte that it is in. */
static const char lookup[] =
    "} do\n"
    "  local key = row[1] .. row[2] // 1024\n"
    "  lost[key] = lost[key] or {}\n"
    "  table.insert(lost[key], row)\n"
    "end\n"
    "local function is_lost(p)\n"
    "  local kind = p:has \"SYN\" and \"SYN\" or p:has \"RST\" and \"RST\" or p:has \"FIN\" and "
    "\"FIN\"\n"
    "    or p.len > 0 and \"data\" or \"ack\"\n"
    "  local name = (p.sport == PORT and \"client \" or \"server \") .. kind\n"
    "  local last, hit = kind == \"data\" and p.seq + p.len - 1 or p.seq, false\n"
    "  for i = p.seq // 1024, last // 1024 do\n"
    "    for _, row in ipairs(lost[name .. i] or {}) do\n"
    "      if row[2] >= p.seq and row[2] <= last and (kind ~= \"ack\" or row[4] == p.ack) then\n"
    "        row.seen = (row.seen or 0) + 1\n"
    "        hit = hit or row.seen == row[3]\n"
    "      end\n"
    "    end\n"
    "  end\n"
    "  return hit\n"
    "end\n"
    "link:drop { when = is_lost }\n\n";

static void put_table(replay *r, passage *const *lost, size_t count)
{
    fputs("-- What was lost: whose, what, its sequence number, which of those alike, what it "
          "acknowledges.\n"
          "local lost = {}\nfor _, row in ipairs {\n",
          r->f);
    for (size_t i = 0; i < count; i++)
        put_row(r, lost[i]);
    for (const char *c = lookup; *c;) {
        /* Of the text above, the client's port. */
        if (strncmp(c, "PORT", 4) == 0) {
            fprintf(r->f, "%u", r->client_port);
            c += 4;
        } else {
            fputc(*c++, r->f);
        }
    }
}

/* What a silent stretch at the end loses needs no rule of its own. */
static bool needs_rule(const replay *r, const passage *p, const dw_time silence[2])
{
    return is_lost(r, p) && p->v->sent_at < silence[p->from];
}

/* A rule for each kind of segment of which some were lost, or a table where that were many; and one
 * for each end that was not heard any more. */
static void write_drops(replay *r, passage **all, size_t count)
{
    dw_time silence[2] = {replay_silence(r, CLIENT), replay_silence(r, SERVER)};
    size_t lost = 0, rules = 0;
    for (size_t i = 0; i < count; i++) {
        if (!needs_rule(r, all[i], silence)) continue;
        rules +=
            lost == 0 || !needs_rule(r, all[i - 1], silence) || compare(all[i - 1], all[i]) != 0;
        all[i]->ruled = true;
        lost++;
    }
    if (rules > MOST_RULES) {
        size_t kept = 0;
        for (size_t i = 0; i < count; i++)
            if (all[i]->ruled) all[kept++] = all[i];
        put_table(r, all, kept);
    } else if (rules > 0) {
        fputs("-- What was lost.\n", r->f);
        for (size_t i = 0, next; i < count; i = next) {
            bool any = false;
            for (next = i; next < count && compare(all[i], all[next]) == 0; next++)
                any |= all[next]->ruled;
            if (any) put_drop(r, all + i, next - i);
        }
        fputc('\n', r->f);
    }
    for (int e = 0; e < 2; e++) {
        if (silence[e] == DW_TIME_NEVER) continue;
        fprintf(r->f, "-- From here on nothing shows that the %s hears the %s.\n",
                import_end_name(!e), import_end_name(e));
        fprintf(r->f, "link:drop { from = %s, after = ", import_end_name(e));
        replay_put_time(r, silence[e] + r->lead);
        fputs(" }\n\n", r->f);
    }
}

/* What came out of order, and what took longer than usual where the order of events depends on
 * it: a SYN, FIN or RST that crossed one of the other end's. */
static bool crosses(const replay *r, const passage *p)
{
    dw_time usual = p->v->sent_at + r->delay;
    uint32_t control = FLAG_SYN | FLAG_FIN | FLAG_RST;
    if (!(p->v->d.flags & control) || p->v->arrived_at <= usual) return false;
    for (size_t i = 0; i < r->count; i++) {
        const passage *q = &r->passages[i];
        if (q->from != p->from && q->v->d.flags & control && q->v->sent_at >= usual &&
            q->v->sent_at < p->v->arrived_at)
            return true;
    }
    return false;
}

static void write_delays(replay *r)
{
    bool any = false;
    for (size_t i = 0; i < r->count; i++) {
        const passage *p = &r->passages[i];
        if (!came(p) || p->kind == PASSAGE_FOREIGN || p->kind == PASSAGE_COPY) continue;
        dw_time by = p->v->arrived_at - p->v->sent_at - r->delay;
        if (by <= 0 || (p->kind != PASSAGE_OVERTAKEN && !crosses(r, p))) continue;
        if (!any) fputs("-- What took longer than usual.\n", r->f);
        any = true;
        fputs("link:delay { ", r->f);
        put_match(r, p);
        fprintf(r->f, "nth = %" PRIu32 ", by = ", p->nth);
        replay_put_time(r, by);
        fprintf(r->f, " } -- #%" PRIu64 "\n", p->v->number);
    }
    if (any) fputc('\n', r->f);
}

/* The segment that a copy is of: the last one like it. */
static const passage *original_of(const replay *r, const passage *copy)
{
    for (const passage *p = copy; p-- > r->passages;)
        if (p->kind != PASSAGE_COPY && p->kind != PASSAGE_FOREIGN && compare(p, copy) == 0)
            return p;
    return NULL;
}

static void write_copies(replay *r)
{
    bool any = false;
    for (size_t i = 0; i < r->count; i++) {
        const passage *p = &r->passages[i], *o;
        if (p->kind != PASSAGE_COPY || !came(p)) continue;
        o = original_of(r, p);
        if (!o || !came(o)) continue;
        if (!any) fputs("-- What the network delivered twice.\n", r->f);
        any = true;
        fputs("link:duplicate { ", r->f);
        put_match(r, o);
        fprintf(r->f, "nth = %" PRIu32, o->nth);
        if (p->v->arrived_at > o->v->arrived_at) {
            fputs(", by = ", r->f);
            replay_put_time(r, p->v->arrived_at - o->v->arrived_at);
        }
        fprintf(r->f, " } -- #%" PRIu64 " and #%" PRIu64 "\n", o->v->number, p->v->number);
    }
    if (any) fputc('\n', r->f);
}

static void put_flags(replay *r, uint32_t flags)
{
    static const char *const names[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG"};
    const char *separator = "";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!(flags & 1u << i)) continue;
        fprintf(r->f, "%s%s", separator, names[i]);
        separator = ",";
    }
}

/* Segments that are none of this connection's.  A host that began anew sends its own here. */
static void write_foreign(replay *r)
{
    bool any = false;
    for (size_t i = 0; i < r->count; i++) {
        const passage *p = &r->passages[i];
        const dw_dissection *d = &p->v->d;
        bool own = r->ends[0].rebooted || r->ends[1].rebooted;
        bool reset = d->flags & FLAG_RST; /* that nobody heeded is no sign that it was lost */
        if (p->kind != PASSAGE_FOREIGN || own || (p->v->lost_at >= 0 && !reset)) continue;
        if (!any) fputs("-- What others put on the path, in the name of these two.\n", r->f);
        any = true;
        fprintf(r->f, "link:inject { from = %s, to = %s, port = %u, to_port = %u, flags = \"",
                import_end_name(p->from), import_end_name(!p->from), d->sport, d->dport);
        put_flags(r, d->flags);
        fprintf(r->f, "\", seq = %" PRIu32 ", ack = %" PRIu32 ", window = %" PRIu32, d->seq, d->ack,
                d->window);
        if (d->len > 0) fprintf(r->f, ", data = (\"x\"):rep(%" PRIu32 ")", d->len);
        fputs(", at = ", r->f);
        replay_put_time(r, p->v->sent_at + r->lead);
        fprintf(r->f, " } -- #%" PRIu64 "\n", p->v->number);
    }
    if (any) fputc('\n', r->f);
}

/* ICMP errors: the trace has a note at their time that begins with the frame's number. */
static void put_error(replay *r, const captured *c, dw_time at)
{
    static const char *const kinds[] = {
        [DW_NET_UNREACHABLE_NET] = "net-unreachable",
        [DW_NET_UNREACHABLE_HOST] = "host-unreachable",
        [DW_NET_UNREACHABLE_PROTOCOL] = "protocol-unreachable",
        [DW_NET_UNREACHABLE_PORT] = "port-unreachable",
        [DW_NET_TOO_BIG] = "fragmentation-needed",
        [DW_NET_SOURCE_ROUTE_FAILED] = "source-route-failed",
        [DW_NET_PROHIBITED] = "prohibited",
        [DW_NET_TIME_EXCEEDED] = "time-exceeded",
        [DW_NET_PARAMETER_PROBLEM] = "parameter-problem",
        [DW_NET_SOURCE_QUENCH] = "source-quench",
    };
    char from[DW_ADDR_TEXT];
    int to = c->quoted.local_port == r->client_port ? CLIENT : SERVER;
    dw_time earliest = 0;
    for (size_t i = 0; i < r->count; i++)
        if (r->passages[i].from == to && r->passages[i].v->d.seq == c->quoted_seq &&
            r->passages[i].v->sent_at <= at)
            earliest = r->passages[i].v->sent_at;
    dw_time leaves = at - r->delay > earliest ? at - r->delay : earliest;
    dw_addr_format(&c->d.src, from, sizeof from);
    fprintf(r->f,
            "link:inject { protocol = \"icmp\", flags = \"%s\", from = %s, to = %s, about = %s, "
            "port = %u, to_port = %u, seq = %" PRIu32,
            kinds[c->error.kind], import_end_name(!to), import_end_name(to), import_end_name(!to),
            c->quoted.local_port, c->quoted.remote_port, c->quoted_seq);
    if (c->d.src.family == 4) fprintf(r->f, ", src = \"%s\"", from);
    if (c->error.mtu) fprintf(r->f, ", mtu = %" PRIu32, c->error.mtu);
    fputs(", at = ", r->f);
    replay_put_time(r, leaves + r->lead);
    fprintf(r->f, " } -- #%" PRIu64 "\n", c->frame);
}

static void write_errors(replay *r)
{
    bool any = false;
    for (size_t i = 0; i < dw_trace_count(r->trace); i++) {
        const dw_trace_event *e = dw_trace_at(r->trace, i);
        char *end = NULL;
        if (e->type != DW_TRACE_NOTE || e->u.note.text[0] != '#') continue;
        uint64_t frame = strtoull(e->u.note.text + 1, &end, 10);
        if (strncmp(end, " ICMP error", strlen(" ICMP error")) != 0) continue;
        for (size_t k = 0; k < r->c->count; k++) {
            const captured *c = &r->c->packets[k];
            if (!c->icmp || c->frame != frame || c->conn != r->conn) continue;
            if (!any) fputs("-- ICMP errors.\n", r->f);
            any = true;
            put_error(r, c, e->at);
            break;
        }
    }
    if (any) fputc('\n', r->f);
}

static void write_covers(replay *r)
{
    bool used = false;
    for (size_t i = 0; i < r->count; i++) {
        const passage *p = &r->passages[i];
        bool ruled = is_lost(r, p) || p->kind == PASSAGE_OVERTAKEN || p->kind == PASSAGE_COPY;
        used |= ruled && by_octet(r, p);
    }
    if (used)
        fputs("-- Whether an octet is in a segment.\n"
              "local function covers(seq)\n"
              "  return function(p) return seq - p.seq & 0xffffffff < p.len end\n"
              "end\n\n",
              r->f);
}

void replay_write_rules(replay *r)
{
    size_t count;
    passage **all = sorted(r, &count);
    if (!all) return;
    write_covers(r);
    write_delays(r);
    write_copies(r);
    write_drops(r, all, count);
    free(all);
    write_foreign(r);
    write_errors(r);
}
