/* What a script left behind: notes, outputs, and what tests want to know (see outcome.h). */
#include "terms.h"
#include "outcome.h"
#include "printing.h"
#include "binding/cases.h"
#include "binding/kinds.h"
#include "binding/lua_conn.h"
#include "binding/lua_sim.h"
#include "draw.h"
#include "drill/drill.h"
#include "failure.h"
#include "signals.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the files of dw.plot begin with: the directory and the script's name. */
void plots_prefix(const char *script, const char *dir, char *out, size_t size)
{
    const char *slash = strrchr(script, '/'), *name = slash ? slash + 1 : script;
    const char *dot = strrchr(name, '.');
    snprintf(out, size, "%s/%.*s", dir, dot ? (int)(dot - name) : (int)strlen(name), name);
}

typedef struct note_list {
    char *text;
    size_t len;
    bool failed;
} note_list;

static void add_note(const char *text, void *arg)
{
    note_list *notes = arg;
    size_t n = strlen(text);
    char *grown = realloc(notes->text, notes->len + n + 2);
    notes->failed |= !grown;
    if (!grown) return;
    memcpy(grown + notes->len, text, n);
    notes->len += n;
    grown[notes->len++] = '\n';
    grown[notes->len] = 0;
    notes->text = grown;
}

static void note_open_connections(dwl_sim *s, note_list *notes)
{
    for (dwl_conn *c = s->conns; c; c = c->next) {
        char name[200], line[300];
        if (c->listener || !c->socket) continue;
        const char *state = dw_socket_state(c->socket);
        if (strcmp(state, "CLOSED") == 0) continue;
        dwl_conn_name(c, name, sizeof name);
        snprintf(line, sizeof line, "%s was never closed (%s)", name, state);
        add_note(line, notes);
    }
}

/* One that another link or simulation has lost is no news. */
static void note_drops(const dwl_state *s, note_list *notes)
{
    uint32_t missed = s->drop_asked & ~s->drop_hit;
    for (uint32_t i = 0; i < s->drop_count; i++) {
        char line[80];
        if (!(missed & 1u << i)) continue;
        snprintf(line, sizeof line, "--drop: no packet had the number %" PRIu64, s->drop[i]);
        add_note(line, notes);
    }
}

static bool was_sent(const dwl_state *s, uint64_t packet)
{
    for (const dwl_sim *sim = s->sims; sim; sim = sim->next) {
        const dw_sim *one = sim->sim ? sim->sim : sim->retired;
        if (one && dw_sim_packets(one) >= packet) return true;
    }
    return false;
}

static void note_faults(const dwl_state *s, note_list *notes)
{
    uint64_t struck = s->faults_struck;
    for (const dwl_sim *sim = s->sims; sim; sim = sim->next)
        struck |= dwl_struck_faults(s, sim->sim);
    for (size_t i = 0; i < s->fault_count; i++) {
        char line[80 + DW_FAULT_TEXT], fault[DW_FAULT_TEXT];
        if (struck >> i & 1) continue;
        dw_faults_format(&s->faults[i], 1, fault, sizeof fault);
        if (s->faults[i].host)
            snprintf(line, sizeof line, "--faults: the host had no moment where %s strikes", fault);
        else
            snprintf(line, sizeof line, "--faults: %s %" PRIu64,
                     was_sent(s, s->faults[i].number) ? "its receiver never got packet"
                                                      : "no packet had the number",
                     s->faults[i].number);
        add_note(line, notes);
    }
}

static bool has_names(const dwl_state *s)
{
    const dwl_sim *sim = s->sims;
    while (sim && !sim->name[0])
        sim = sim->next;
    return sim != NULL;
}

/* What runs of dw.explore and dw.sweep have made is closed, and is not the last of anything. */
static uint32_t own_sims(const dwl_state *s)
{
    return s->sims_made - s->sims_aside;
}

/* Of several simulations the last one is shown: of those with names all are drawn, but a file and
 * an explanation are of one. */
static void note_others(const dwl_state *s, const options *o, note_list *notes)
{
    bool drawn = o->svg || o->tikz || o->html || o->moving || o->ladder;
    bool saved = o->pcap || o->jsonl, told = o->bytefield || o->explain || tells_packets(o);
    char line[200];
    uint32_t sims = own_sims(s);
    if (sims < 2) return;
    if ((drawn || told) && !has_names(s)) {
        snprintf(line, sizeof line,
                 "shown is the last of %" PRIu32
                 " simulations; name them (dw.sim { name = \"...\" }) to draw all",
                 sims);
        add_note(line, notes);
    } else if (told) {
        snprintf(line, sizeof line, "explained is the last of %" PRIu32 " simulations", sims);
        add_note(line, notes);
    }
    if (!saved) return;
    snprintf(line, sizeof line,
             "saved is the last of %" PRIu32
             " simulations; sim.trace:save and sim.trace:pcap, in the script, write any",
             sims);
    add_note(line, notes);
}

/* Parameters of the command line under names that the script never asked for. */
static void collect_unasked(const dwl_state *s, outcome *r)
{
    enum { MAX_ASKED = sizeof s->params_known / sizeof s->params_known[0] };
    const char *names[MAX_ASKED + 1] = {0};
    note_list lines = {0};
    for (size_t i = 0; i < s->params_known_count; i++)
        names[i] = s->params_known[i].name;
    for (size_t i = 0; i < s->param_count; i++) {
        char line[200], name[100];
        if (s->params_asked & (uint64_t)1 << i) continue;
        snprintf(name, sizeof name, "%.*s", (int)strcspn(s->params[i], "="), s->params[i]);
        const char *near = dw_nearest(name, names);
        snprintf(line, sizeof line, "%zu %s", i, near ? near : "");
        add_note(line, &lines);
    }
    r->unasked = lines.text;
    r->out_of_memory |= lines.failed;
}

void unasked_text(const char *set, bool many, const char *near, char *out, size_t size)
{
    int n = (int)strcspn(set, "=");
    int used = snprintf(
        out, size, "--set %.*s: %s \"%.*s\"", n, set,
        many ? "no script asks for a parameter" : "the script asks for no parameter", n, set);
    if (*near && used > 0 && (size_t)used < size)
        snprintf(out + used, size - (size_t)used, "; did you mean \"%s\"?", near);
}

/* Hosts of --stack that the script has not made. */
static void note_stacks(const dwl_state *s, note_list *notes)
{
    for (size_t i = 0; i < s->stack_count; i++) {
        char line[400];
        if (s->stacks_used & (uint32_t)1 << i) continue;
        snprintf(line, sizeof line, "--stack %s: the script makes no host \"%.*s\"", s->stacks[i],
                 (int)strcspn(s->stacks[i], "="), s->stacks[i]);
        add_note(line, notes);
    }
}

/* Of many scripts each has its own, so who runs those looks at all. */
static void note_unasked(const dwl_state *s, const outcome *r, note_list *notes)
{
    for (const char *at = r->unasked; at && *at; at += strcspn(at, "\n") + 1) {
        char line[400], near[100], *end;
        size_t i = strtoul(at, &end, 10);
        snprintf(near, sizeof near, "%.*s", (int)strcspn(end + 1, "\n"), end + 1);
        unasked_text(s->params[i], false, near, line, sizeof line);
        add_note(line, notes);
    }
}

/* One output that could not be written is no reason not to write the next. */
static void note_output(int status, const char *why, outcome *r)
{
    if (status == DW_OK) return;
    if (r->code == EXIT_PASS) r->code = EXIT_USAGE;
    if (status == DW_E_NOMEM) r->code = EXIT_LIMIT;
    usage_error(NULL, "%s", why);
}

static void write_outputs(dw_sim *sim, const char *title, const options *o, outcome *r)
{
    char why[600];
    const dw_trace *trace = dw_sim_trace(sim);
    if (o->exported)
        note_output(
            dw_drill_export(trace, sim, o->host, o->nth, title, o->exported, why, sizeof why), why,
            r);
    if (o->pcap) note_output(write_capture(trace, o, why, sizeof why), why, r);
    if (o->jsonl) note_output(save_trace(trace, o->jsonl, why, sizeof why), why, r);
}

static bool has_plots(const char *script, const options *o)
{
    char prefix[PATH_MAX], path[PATH_MAX + 8];
    if (!o->plots) return false;
    plots_prefix(script, o->plots, prefix, sizeof prefix);
    snprintf(path, sizeof path, "%s.svg", prefix);
    return access(path, R_OK) == 0;
}

static bool draw_ladder(const dwl_sim *sim, const options *o, FILE *f, outcome *r)
{
    dw_picture picture;
    const dw_trace *trace = dw_sim_trace(dwl_shown(sim));
    int code = picture_options(NULL, o, trace, &picture);
    if (code != EXIT_PASS && r->code == EXIT_PASS) r->code = code;
    if (code != EXIT_PASS) return false;
    if (sim->name[0] && !o->title) picture.title = sim->name;
    if (!o->numbers) picture.numbers = (enum dw_ladder_numbers)sim->numbers;
    bool drawn = print_ladder(o, trace, &picture, f);
    r->out_of_memory |= !drawn;
    return drawn;
}

/* What is asked for as text of a simulation; false: there was something wrong. */
static bool print_text(const dwl_sim *sim, bool ladder, bool last, const options *o, FILE *f,
                       outcome *r)
{
    dw_trace *trace = dw_sim_trace(dwl_shown(sim));
    int code = EXIT_PASS;
    if (last && o->bytefield) code = print_bytefield(NULL, o, trace, f);
    if (code == EXIT_PASS && ladder && !draw_ladder(sim, o, f, r)) return false;
    if (code == EXIT_PASS && last && (o->explain || tells_packets(o)))
        code = explain(NULL, o, trace, f);
    if (code != EXIT_PASS && r->code == EXIT_PASS) r->code = code;
    return code == EXIT_PASS;
}

/* Of the script's last simulation; where it named several, the ladder of each of those. */
static void print_texts(const dwl_state *s, const options *o, outcome *r)
{
    int number = 0;
    bool ladder = o->ladder && (o->ladder_max == 0 || r->packets <= o->ladder_max);
    for (const dwl_sim *sim = s->sims; sim; sim = sim->next) {
        char why[600];
        text_output text;
        bool last = sim == s->last_sim;
        if (!dwl_shown(sim) || !dw_sim_trace(dwl_shown(sim))) continue;
        if (!last && !(ladder && sim->name[0])) continue;
        text_begin(o, &text);
        if (text.f == stdout && ladder && number > 0) putchar('\n');
        if (!print_text(sim, ladder, last, o, text.f, r)) {
            text_drop(&text);
            return;
        }
        note_output(text_end(o, &text, ++number, why, sizeof why), why, r);
    }
}

/* --svg, --tikz and --html of one simulation, the numberth; false: one of them could not be
 * written. */
static bool draw_picture(const options *o, const dw_trace *trace, const char *about,
                         const dwl_sim *sim, int number, bool beginning, outcome *r)
{
    char title[400], path[PATH_MAX], why[600];
    const char *name = sim->name;
    enum { BEGINNING = 60 };
    int html = DW_OK, svg = DW_OK, tikz = DW_OK;
    int n;
    if (o->title)
        n = snprintf(title, sizeof title, "%s", o->title);
    else if (about && *name)
        n = snprintf(title, sizeof title, "%s: %s", about, name);
    else
        n = snprintf(title, sizeof title, "%s", about ? about : name);
    dw_picture picture;
    int code = picture_options(NULL, o, trace, &picture);
    if (code != EXIT_PASS && r->code == EXIT_PASS) r->code = code;
    if (code != EXIT_PASS) return false;
    picture.title = *title ? title : NULL;
    if (!o->numbers) picture.numbers = (enum dw_ladder_numbers)sim->numbers;
    if (o->html) {
        numbered_path(o->html, number, path, sizeof path);
        html = write_html(o, path, trace, &picture, why, sizeof why);
        note_output(html, why, r);
    }
    if (beginning && n > 0 && (size_t)n < sizeof title)
        snprintf(title + n, sizeof title - (size_t)n, " (the beginning)");
    if (beginning) picture.to_packet = BEGINNING;
    if (o->tikz) {
        numbered_path(o->tikz, number, path, sizeof path);
        tikz = write_tikz(o, path, trace, &picture, why, sizeof why);
        note_output(tikz, why, r);
    }
    if (o->moving) {
        options moving = *o;
        moving.animate = true;
        numbered_path(o->moving, number, path, sizeof path);
        note_output(write_svg(&moving, path, trace, &picture, why, sizeof why), why, r);
    }
    if (o->svg) {
        numbered_path(o->svg, number, path, sizeof path);
        svg = write_svg(o, path, trace, &picture, why, sizeof why);
        note_output(svg, why, r);
    }
    return html == DW_OK && svg == DW_OK && tikz == DW_OK;
}

/* The script's last simulation; or, where it named several, each of those. */
static void draw_pictures(const dwl_state *s, const char *script, const options *o, outcome *r)
{
    const char *about = *s->headline ? s->headline : NULL;
    int number = 0;
    for (const dwl_sim *sim = s->sims; sim; sim = sim->next) {
        dw_sim *shown = dwl_shown(sim);
        const dw_trace *trace = shown ? dw_sim_trace(shown) : NULL;
        if (!trace || (!sim->name[0] && sim != s->last_sim)) continue;
        if (o->terms) list_terms(trace, o->terms);
        bool long_one = o->ladder_max && dw_sim_packets(shown) > o->ladder_max;
        if (long_one && has_plots(script, o)) continue; /* they say more */
        if (!draw_picture(o, trace, about, sim, ++number, long_one, r)) return;
    }
}

/* As a block of Markdown. */
static void draw_mermaid(const dw_trace *trace, const options *o, outcome *r)
{
    const dw_picture picture = {.to_packet = o->mermaid_max};
    dw_ladder_config c = {.style = DW_LADDER_MERMAID, .picture = &picture};
    char *text = dw_ladder(trace, &c);
    r->out_of_memory |= !text;
    if (text && dw_trace_conns(trace) > 0) fprintf(o->mermaid, "```mermaid\n%s```\n\n", text);
    dw_free(text);
}

/* --filter and --exclude that leave no case of dw.test, as drywire test says it of many scripts; a
 * script that is named itself is taken whole. */
static void check_cases(const dwl_state *s, const char *path, const options *o, outcome *r)
{
    bool whole = o->filter && !s->filter && s->cases_met == 0;
    if (r->code != EXIT_PASS || s->cases_taken > 0 || whole) return;
    const char *name = o->filter ? "--filter" : "--exclude";
    if (!o->filter && o->exclude_count == 0) return;
    if (s->cases_met == 0)
        r->code = usage_error(NULL, "%s: %s has no case of dw.test", name, path);
    else if (o->filter)
        r->code = usage_error(NULL, "--filter: no case of %s matches \"%s\"%s", path, o->filter,
                              o->exclude_count ? ", but for what --exclude leaves out" : "");
    else
        r->code = usage_error(NULL, "--exclude: it leaves no case of %s", path);
}

/* Of the last simulation. */
static bool wants_trace(const options *o)
{
    bool files = o->svg || o->tikz || o->html || o->pcap || o->jsonl;
    return files || o->bytefield || o->explain || tells_packets(o) || (o->ladder && !o->if_any);
}

/* Without Lua, whose state may be out of order. */
static void collect(const dwl_state *s, const char *path, const options *o, outcome *r,
                    bool testing)
{
    note_list notes = {0};
    r->expectations = s->expectations;
    r->sweeps = s->sweeps;
    for (dwl_sim *sim = s->sims; sim; sim = sim->next) {
        dwl_note_unused_rules(sim, add_note, &notes);
        note_open_connections(sim, &notes);
    }
    note_drops(s, &notes);
    note_faults(s, &notes);
    if (!testing) note_others(s, o, &notes);
    if (s->notes) {
        for (size_t n = strlen(s->notes); n > 0 && s->notes[n - 1] == '\n'; n--)
            s->notes[n - 1] = 0;
        add_note(s->notes, &notes);
    }
    collect_unasked(s, r);
    if (!testing) note_unasked(s, r, &notes);
    if (!testing) note_stacks(s, &notes);
    r->notes = notes.text;
    r->out_of_memory |= notes.failed;
    r->mix = s->closed_mix;
    for (dwl_sim *sim = s->sims; sim; sim = sim->next)
        r->mix += dwl_digest_mix(sim);
    dwl_sim *last = s->last_sim;
    dw_sim *shown = last ? dwl_shown(last) : NULL;
    dw_trace *trace = shown ? dw_sim_trace(shown) : NULL;
    bool kept = trace && dw_trace_keeps(trace);
    if (!testing) check_cases(s, path, o, r);
    if (!kept && !testing && r->code == EXIT_PASS && wants_trace(o)) {
        usage_error(NULL,
                    "there is nothing to show or write: %s made no simulation that keeps a trace",
                    path);
        r->code = EXIT_USAGE;
    }
    if (!shown) return;
    r->sims = own_sims(s);
    r->seconds = (double)dw_sim_now(shown) / 1e9;
    r->packets = dw_sim_packets(shown);
    if (!trace) return;
    dw_trace_digest(trace, r->hash);
    r->events = dw_trace_count(trace);
    if (testing && r->problem) r->exchange = dwl_last_exchange(trace, s->ascii);
    if (testing || !kept) return;
    write_outputs(shown, path, o, r);
    if (o->svg || o->tikz || o->html) draw_pictures(s, path, o, r);
    if (o->mermaid) draw_mermaid(trace, o, r);
    signals_before_printing();
    fflush(stdout);
    if (o->ladder || o->bytefield || o->explain || tells_packets(o)) print_texts(s, o, r);
    signals_after_printing();
}

/* Those before the last one that have a name, the first first: without one, whether a simulation is
 * still there is a matter of when it is collected. */
static void collect_earlier(dwl_state *s, outcome *r)
{
    enum { MOST = 20 };
    const dwl_sim *list[MOST];
    note_list lines = {0};
    size_t count = 0;
    for (dwl_sim *sim = s->sims; sim && count < MOST; sim = sim->next)
        if (sim != s->last_sim && sim->name[0] && dwl_shown(sim)) list[count++] = sim;
    while (count-- > 0) {
        char line[300], hash[DW_DIGEST_TEXT];
        dw_sim *sim = dwl_shown(list[count]);
        dw_trace_digest(dw_sim_trace(sim), hash);
        snprintf(line, sizeof line, "%s: %" PRIu64 " packet%s, %.6f s simulated, trace %s",
                 list[count]->name, dw_sim_packets(sim), dw_sim_packets(sim) == 1 ? "" : "s",
                 (double)dw_sim_now(sim) / 1e9, hash);
        add_note(line, &lines);
    }
    r->out_of_memory |= lines.failed;
    r->earlier = lines.text;
    r->sims = own_sims(s);
}

char *kept_text(outcome *r, const char *text)
{
    char *copy = strdup(text);
    r->out_of_memory |= !copy;
    return copy;
}

/* The state changes of all simulations that are still there, each pair once. */
static void collect_arrows(const dwl_state *s, outcome *r)
{
    char text[4000] = "";
    size_t used = 0;
    for (const dwl_sim *sim = s->sims; sim; sim = sim->next) {
        const dw_trace *trace = sim->sim ? dw_sim_trace(sim->sim) : NULL;
        for (size_t i = 0; trace && i < dw_trace_count(trace); i++) {
            const dw_trace_event *e = dw_trace_at(trace, i);
            char arrow[48];
            if (e->type != DW_TRACE_STATE) continue;
            snprintf(arrow, sizeof arrow, "%s>%s ", e->u.state.from, e->u.state.to);
            if (strstr(text, arrow) || used + sizeof arrow >= sizeof text) continue;
            used += (size_t)snprintf(text + used, sizeof text - used, "%s", arrow);
        }
    }
    r->arrows = kept_text(r, text);
}

/* Why a case has no result.  Which cases would have come is not known. */
static char *unfinished(outcome *r)
{
    static const char rest[] = "os.exit ended the script in this case: none after it was begun";
    const char *why = r->problem ? r->problem : "os.exit(0) ended it";
    if (!r->exited && !r->problem)
        return kept_text(r, "it did not end: the coroutine that ran it was left where it waits");
    if (!r->exited) return kept_text(r, why);
    size_t size = strlen(why) + sizeof rest + 1;
    char *text = malloc(size);
    r->out_of_memory |= !text;
    if (text) snprintf(text, size, "%s\n%s", why, rest);
    return text;
}

/* What ended a case that did not pass. */
static int code_of_case(const dwl_case *c, const outcome *r)
{
    if (!c->problem) return r->problem ? r->code : EXIT_FAILED;
    switch (c->meaning) {
    case DW_E_MISMATCH: return EXIT_FAILED;
    case DW_E_LIMIT: return EXIT_LIMIT;
    case DW_E_ABI: return EXIT_PLUGIN;
    default: return EXIT_USAGE;
    }
}

/* Cases of dw.test, and what dw.covers was told.  The script ends as the worst of its cases. */
static void collect_cases(dwl_state *s, outcome *r)
{
    int worst = EXIT_PASS;
    r->made = s->sims_made > 0 || s->case_count > 0 || s->expectations > 0 || s->covers;
    r->asserts = s->asserts > 0;
    r->checks = dwl_checks(s) > 0;
    r->covers = s->covers;
    s->covers = NULL;
    r->cases = calloc(s->case_count ? s->case_count : 1, sizeof *r->cases);
    r->out_of_memory |= !r->cases;
    for (size_t i = 0; r->cases && i < s->case_count; i++) {
        dwl_case *from = &s->cases[i];
        test_case *c = &r->cases[r->case_count++];
        *c = (test_case){.name = from->name,
                         .problem = from->problem,
                         .exchange = from->ladder,
                         .code = from->passed ? EXIT_PASS : code_of_case(from, r),
                         .checks = from->checks > 0,
                         .seconds = (double)from->took_ns / 1e9};
        *from = (dwl_case){.passed = from->passed};
        if (from->passed) continue;
        if (!c->problem) c->problem = unfinished(r);
        if (c->code > worst) worst = c->code;
    }
    if (r->code == EXIT_PASS) r->code = worst;
}

static void keep_explored(const dwl_state *s, outcome *r)
{
    if (!s->explored.any) return;
    r->explored = malloc(sizeof *r->explored);
    if (r->explored)
        *r->explored = s->explored;
    else
        r->out_of_memory = true;
}

void collect_outcome(dwl_state *s, const char *path, const options *o, outcome *r, bool testing)
{
    collect(s, path, o, r, testing);
    if (!testing) collect_earlier(s, r);
    keep_explored(s, r);
    if (testing) collect_arrows(s, r);
    if (testing) collect_cases(s, r);
}

const char *problem_of(const outcome *r)
{
    if (r->problem || r->code != EXIT_LIMIT) return r->problem;
    return "drywire: out of memory";
}

void free_outcome(outcome *r)
{
    free(r->problem);
    free(r->notes);
    free(r->earlier);
    free(r->unasked);
    for (size_t i = 0; i < r->case_count; i++) {
        free(r->cases[i].name);
        free(r->cases[i].problem);
        dw_free(r->cases[i].exchange);
    }
    free(r->cases);
    dw_free(r->exchange);
    free(r->covers);
    free(r->arrows);
    free(r->explored);
}
