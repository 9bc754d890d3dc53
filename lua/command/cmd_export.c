/* drywire export: one host's part of an experiment in the notation of another tool. */
#include "printing.h"
#include "command.h"
#include "draw.h"
#include "drill/drill.h"
#include "failure.h"
#include "run.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int of_trace(const char *path, const options *o)
{
    char why[600];
    dw_trace *trace;
    int code = load_trace("export", o, path, &trace);
    if (code != EXIT_PASS) return code;
    int status = dw_drill_export(trace, NULL, o->host, o->nth, path, o->exported, why, sizeof why);
    dw_trace_free(trace);
    return status == DW_OK ? EXIT_PASS : failure("export", status, why);
}

/* The script's own output goes nowhere. */
static int of_script(const char *path, const options *o)
{
    outcome r;
    run_silently(path, o, false, &r);
    print_lines(stderr, "", problem_of(&r));
    int code = r.code;
    if (code == EXIT_PASS && !r.hash[0])
        code = usage_error("export", "%s made no simulation", path);
    free_outcome(&r);
    return code;
}

static int write_whole(const char *text, size_t len, const options *o)
{
    char why[600];
    if (!o->export_file) {
        fwrite(text, 1, len, stdout); /* main looks whether it arrived */
        return EXIT_PASS;
    }
    int status = dw_file_write(o->export_file, text, len, why, sizeof why);
    return status == DW_OK ? EXIT_PASS : failure("export", status, why);
}

int cmd_export(int argc, char **argv)
{
    options o;
    char *text = NULL;
    size_t len = 0;
    int code = parse_options(argc, argv, 0, "export", &o);
    if (code != EXIT_PASS) return code;
    if (!o.packetdrill) return usage_error("export", "as what? --packetdrill is all there is");
    if (!o.host) return usage_error("export", "whose part? write --host NAME");
    if (o.rest_count != 1)
        return usage_error("export", "which script? drywire export --packetdrill --host NAME FILE");
    o.exported = open_memstream(&text, &len);
    if (!o.exported) return no_memory("export");
    code = ends_in(o.rest[0], ".jsonl") ? of_trace(o.rest[0], &o) : of_script(o.rest[0], &o);
    if (!close_text(o.exported) && code == EXIT_PASS) code = no_memory("export");
    if (len > 0 && code != EXIT_LIMIT) {
        int written = write_whole(text, len, &o);
        if (code == EXIT_PASS) code = written;
    }
    free(text);
    return code;
}
