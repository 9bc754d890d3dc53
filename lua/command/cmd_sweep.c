/* drywire sweep: a script's sweeps, their tables, what is written of them and compared. */
#include "printing.h"
#include "binding/base/state.h"
#include "command.h"
#include "failure.h"
#include "run.h"

#include <stdio.h>
#include <unistd.h>

static int check_files(const options *o)
{
    if (o->exact && !o->against)
        return usage_error("sweep", "--exact: compared with what? Add --against FILE");
    if (!o->against) return EXIT_PASS;
    if (access(o->against, R_OK) != 0)
        return usage_error("sweep", "--against: there is no file %s", o->against);
    return check_inputs(o, "sweep", &o->against, 1);
}

int cmd_sweep(int argc, char **argv)
{
    options o;
    int code = parse_options(argc, argv, 0, "sweep", &o);
    if (code != EXIT_PASS) return code;
    code = check_one_script(&o, "sweep",
                            "one script at a time; arguments for the script come after --");
    if (code != EXIT_PASS) return code;
    code = check_files(&o);
    if (code != EXIT_PASS) return code;
    const dwl_sweep_files files = {o.csv, o.jsonl, o.against, o.exact, o.quiet};
    outcome r;
    o.sweep = &files;
    o.jsonl = NULL; /* of other commands it is a trace */
    run_script(o.rest[0], &o, false, &r);
    fflush(stdout);
    print_lines(stderr, "note: ", r.notes);
    code = r.code;
    if (problem_of(&r)) print_lines(stderr, "", problem_of(&r));
    if (problem_of(&r)) print_replay(stderr, "sweep", NULL, &o, o.rest[0]);
    if (code == EXIT_PASS && r.sweeps == 0)
        code = usage_error("sweep", "%s has no dw.sweep", o.rest[0]);
    free_outcome(&r);
    return code;
}
