/* drywire run: one script, its verdict, its outputs. */
#include "printing.h"
#include "binding/base/ending.h"
#include "command.h"
#include "draw.h"
#include "failure.h"
#include "places.h"
#include "run.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *verdict(int code)
{
    if (code > EXIT_SIGNAL) return "INTERRUPTED";
    switch ((enum dwl_exit)code) {
    case EXIT_PASS: return "pass";
    case EXIT_FAILED: return "FAILED";
    case EXIT_LIMIT: return "LIMIT";
    case EXIT_SIGNAL:
    case EXIT_INTERRUPTED:
    case EXIT_USAGE:
    case EXIT_PLUGIN:
    case EXIT_NONDETERMINISM: break;
    }
    return "ERROR";
}

static void print_summary(const outcome *r, bool color)
{
    const char *begin = "", *end = "";
    if (color) {
        begin = r->code == EXIT_PASS ? "\x1b[32m" : "\x1b[31m"; /* green, red */
        end = "\x1b[0m";
    }
    print_lines(stdout, "", r->earlier);
    printf("%s%s%s  %zu packet%s, %.6f s simulated, ", begin, verdict(r->code), end, r->packets,
           r->packets == 1 ? "" : "s", r->seconds);
    printf(r->hash[0] ? "trace %s" : "not traced", r->hash);
    if (r->sims > 1) printf(" (the last of %" PRIu32 " simulations)", r->sims);
    putchar('\n');
}

/* What the script printed comes before what is said of it, also where both go into one file. */
int cmd_run(int argc, char **argv)
{
    options o;
    int code = parse_options(argc, argv, 0, "run", &o);
    if (code != EXIT_PASS) return code;
    code = check_one_script(
        &o, "run",
        "one script at a time (drywire test takes many); arguments for the script come after --");
    if (code != EXIT_PASS) return code;
    if (o.explain + !!o.explained + o.again > 1)
        return usage_error("run",
                           "--explain is of every event, --packet of one packet, --repeats of "
                           "those that went again: write one");
    if (o.explain || tells_packets(&o)) code = check_explanation("run", &o);
    if (code != EXIT_PASS) return code;
    outcome r;
    run_script(o.rest[0], &o, false, &r);
    fflush(stdout);
    bool unread = r.code == EXIT_SIGNAL + SIGPIPE; /* head(1) had enough, which is no news */
    if (!unread) print_lines(stderr, "note: ", r.notes);
    if (problem_of(&r) && !unread) {
        char *problem = with_directories(o.rest[0], problem_of(&r));
        print_lines(stderr, "", problem);
        free(problem);
        print_replay(stderr, "run", NULL, &o, o.rest[0]);
    }
    if (!o.quiet && r.sims > 0) print_summary(&r, use_color(&o, STDOUT_FILENO));
    code = r.code;
    free_outcome(&r);
    return code;
}
