/* A run that fails, as a run of its own. */
#include "failing.h"
#include "binding/base/state.h"
#include "printing.h"
#include "remarks.h"

int show_failing(options *o, const char *plan, const char *path)
{
    char why[200];
    outcome r;
    size_t count = 0;
    dw_faults_parse(plan, o->faults, DW_FAULTS_MOST, &count, why, sizeof why);
    o->fault_count = count;
    o->leaks_fail = !o->no_leaks;
    o->explores = false;
    o->exploring = NULL;
    o->swarmed = NULL;
    o->differed = NULL;
    o->resume = NULL;
    o->plots = NULL;
    o->ladder = true;
    o->packets = true;
    run_script(path, o, false, &r);
    fflush(stdout);
    int code = r.code;
    free_outcome(&r);
    replay_with(o, "--faults", plan);
    print_replay(stderr, "run", NULL, o, path);
    return code;
}

/* Of what was noted of the last run the rest may be otherwise in others. */
static void print_unused_stacks(const outcome *r)
{
    for (const char *at = r->notes; at && *at; at += strcspn(at, "\n"), at += *at == '\n')
        if (strncmp(at, "--stack ", 8) == 0)
            fprintf(stderr, "note: %.*s\n", (int)strcspn(at, "\n"), at);
}

void print_unasked(const options *o, const outcome *r)
{
    const script_result result = {.path = o->rest[0], .unasked = r->unasked ? r->unasked : ""};
    remarks m = {.o = o};
    remarks_script(&m, &result, true);
    remarks_print_unasked(&m, stderr, "note: ");
    print_unused_stacks(r);
    remarks_free(&m);
}
