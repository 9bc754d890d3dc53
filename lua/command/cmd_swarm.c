/* drywire swarm: a script with many seeds, each of which draws faults and parameters. */
#include "binding/base/state.h"
#include "command.h"
#include "failing.h"
#include "failure.h"
#include "printing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The script's text, which is made smaller: for free; NULL after a message. */
static char *read_source(const char *path, size_t *len)
{
    char block[4096];
    size_t n;
    char *text = NULL;
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    if (!in) {
        usage_error("swarm", "cannot open %s: %s", path, strerror(errno));
        return NULL;
    }
    FILE *out = needed(open_memstream(&text, len));
    while ((n = fread(block, 1, sizeof block, in)) > 0)
        fwrite(block, 1, n, out);
    int error = ferror(in) ? errno : 0;
    if (in != stdin) fclose(in);
    if (!close_text(out)) {
        no_memory("swarm");
    } else if (error) {
        usage_error("swarm", "cannot read %s: %s", path, strerror(error));
    } else {
        return text;
    }
    free(text);
    return NULL;
}

static bool is_over(void *arg)
{
    return clock_ns() >= *(const dw_time *)arg;
}

static int check_options(options *o)
{
    if (o->plots && !o->why) return usage_error("swarm", "--plots: what is to be drawn? Add --why");
    if (o->seed_given && o->seed_ranges > 0)
        return usage_error("swarm", "--seed and --seeds: give one of them");
    if (o->seed_ranges > 0) return EXIT_PASS;
    o->seeds[0].low = o->seed_given ? o->seed : 1;
    o->seeds[0].high = o->seed_given ? o->seed : 1000;
    o->seed_ranges = 1;
    return EXIT_PASS;
}

/* The run that is left becomes the one of the options: each parameter that was drawn is set. */
static bool set_drawn(options *o, const dwl_swarmed *s, char *sets)
{
    static char seed[24];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)s->seed);
    replay_with(o, "--seed", seed);
    o->seed_given = true;
    o->seed = s->seed;
    for (char *set = strtok(sets, "\n"); set; set = strtok(NULL, "\n")) {
        if (o->set_count == MAX_SETS) return false;
        o->sets[o->set_count++] = set;
        replay_also(o, "--set", set);
    }
    return true;
}

static int write_small(const options *o, const dwl_swarmed *s)
{
    char why[400];
    if (!s->small ||
        dw_file_write(o->failing, s->small, strlen(s->small), why, sizeof why) == DW_OK)
        return EXIT_PASS;
    return usage_error("swarm", "%s", why);
}

static int show(options *o, const dwl_swarmed *s, const char *path)
{
    int code = EXIT_FAILED;
    char *sets = needed(strdup(s->sets ? s->sets : ""));
    if (set_drawn(o, s, sets)) code = show_failing(o, s->plan ? s->plan : "", path);
    free(sets);
    if (o->failing && write_small(o, s) != EXIT_PASS) code = EXIT_USAGE;
    return code == EXIT_PASS ? EXIT_FAILED : code;
}

static void free_swarmed(dwl_swarmed *s)
{
    free(s->report);
    free(s->plan);
    free(s->sets);
    free(s->small);
}

/* The statement; what fails, drawn in a run of its own. */
static int swarm(options *o)
{
    outcome r;
    dwl_swarmed found = {0};
    dw_time end = o->time_budget ? clock_ns() + o->time_budget : 0;
    if (end) {
        found.is_over = is_over;
        found.arg = &end;
    }
    o->swarmed = &found;
    run_silently(o->rest[0], o, false, &r);
    int code = r.code;
    print_unasked(o, &r);
    if (found.report) fputs(found.report, stdout);
    if (found.failed)
        code = show(o, &found, o->rest[0]);
    else if (problem_of(&r))
        print_lines(stderr, "", problem_of(&r));
    else if (code == EXIT_PASS && !found.report)
        code = usage_error("swarm", "the script ended by os.exit, so nothing was tried");
    free_outcome(&r);
    free_swarmed(&found);
    return code;
}

int cmd_swarm(int argc, char **argv)
{
    options o;
    int code = parse_options(argc, argv, 0, "swarm", &o);
    if (code == EXIT_PASS) code = check_options(&o);
    if (code != EXIT_PASS) return code;
    code = check_one_script(&o, "swarm", "one script at a time");
    if (code != EXIT_PASS) return code;
    char *text = read_source(o.rest[0], &o.source_len);
    if (!text) return EXIT_USAGE;
    o.source = text;
    code = swarm(&o);
    free(text);
    return code;
}
