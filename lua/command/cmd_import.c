/* drywire import: a real capture's TCP connection as a ladder, picture, page, trace or script. */
#include "command.h"
#include "draw.h"
#include "failure.h"
#include "import_list.h"
#include "import/import.h"
#include "printing.h"
#include "progress.h"

#include <stdlib.h>
#include <string.h>

/* What --lua asks for. */
typedef struct script {
    const capture *c;
    uint32_t conn;
    const char *source, *notes;
    bool quiet;
} script;

/* Beyond LONG_SCRIPT octets a script is for machines, not for reading. */
static int write_script(const char *path, const dw_trace *trace, const script *s)
{
    enum { LONG_SCRIPT = 1 << 20 };
    char *text = NULL, why[600];
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    int status = f ? replay_write(trace, s->c, s->conn, s->source, s->notes, f) : DW_E_NOMEM;
    if (f && !close_text(f)) status = DW_E_NOMEM;
    if (status != DW_OK)
        snprintf(why, sizeof why, "out of memory");
    else if (strcmp(path, "-") == 0)
        fwrite(text, 1, len, stdout);
    else
        status = dw_file_write(path, text, len, why, sizeof why);
    free(text);
    if (status == DW_OK && len > LONG_SCRIPT && !s->quiet)
        fprintf(stderr,
                "note: the script has %zu KiB: so much was lost, or so often something sent\n",
                len / 1024);
    return status == DW_OK ? EXIT_PASS : failure("import", status, why);
}

/* In text, where that is asked for, or nothing else. */
static bool draws_text(const options *o)
{
    bool other =
        o->svg || o->tikz || o->html || o->jsonl || o->lua || o->explain || tells_packets(o);
    return o->ladder || !other;
}

/* Into each file that was asked for, until one cannot be written. */
static int write_files(const options *o, const dw_trace *trace, const dw_picture *picture,
                       const script *s)
{
    char why[600];
    int status = DW_OK;
    if (o->svg) status = write_svg(o, o->svg, trace, picture, why, sizeof why);
    if (status == DW_OK && o->tikz)
        status = write_tikz(o, o->tikz, trace, picture, why, sizeof why);
    if (status == DW_OK && o->html)
        status = write_html(o, o->html, trace, picture, why, sizeof why);
    if (status == DW_OK && o->jsonl) status = save_trace(trace, o->jsonl, why, sizeof why);
    if (status != DW_OK) return failure("import", status, why);
    return o->lua ? write_script(o->lua, trace, s) : EXIT_PASS;
}

/* The files, and into f what is text. */
static int write_all(const options *o, dw_trace *trace, const script *s, FILE *f)
{
    const char *slash = strrchr(s->source, '/'), *file = slash ? slash + 1 : s->source;
    dw_picture picture;
    options all = *o;
    all.nth = 0; /* it has chosen the capture's connection */
    int code = picture_options("import", &all, trace, &picture);
    if (code != EXIT_PASS) return code;
    picture.title = o->title ? o->title : file;
    code = write_files(o, trace, &picture, s);
    if (code == EXIT_PASS && tells_packets(o)) code = explain("import", o, trace, f);
    if (!draws_text(o) || code != EXIT_PASS) return code;
    picture.title = o->title;
    return print_ladder(o, trace, &picture, f) ? code : no_memory("import");
}

static int end_text(const options *o, text_output *text, int code)
{
    char why[600];
    if (code != EXIT_PASS) {
        text_drop(text);
        return code;
    }
    int status = text_end(o, text, 1, why, sizeof why);
    return status == DW_OK ? code : failure("import", status, why);
}

/* One connection, loaded and weighed; notes go to stderr before what was asked for goes anywhere.
 */
static int import_one(const options *o, capture *c, const char *path)
{
    dw_trace *trace;
    char *notes;
    uint32_t conn = o->nth ? o->nth : 1;
    if (conn > c->conn_count)
        return usage_error("import", "--conn: the capture has %zu connection%s (see --list)",
                           c->conn_count, c->conn_count == 1 ? "" : "s");
    if (!o->nth && c->conn_count > 1 && !o->quiet)
        fprintf(stderr,
                "note: the first of %zu connections; --conn N for another, --list for all\n",
                c->conn_count);
    char why[600];
    int status = capture_load(c, conn, why, sizeof why);
    progress_clear();
    if (status != DW_OK) return failure("import", status, why);
    text_output text;
    text_begin(o, &text);
    if (import_trace(c, conn, &trace, &notes, o->explain ? text.f : NULL) != DW_OK)
        return end_text(o, &text, no_memory("import"));
    if (!o->quiet) print_lines(stderr, "note: ", notes);
    int code = use_plugins("import", o, trace);
    script s = {.c = c, .conn = conn, .source = path, .notes = notes, .quiet = o->quiet};
    if (code == EXIT_PASS) code = write_all(o, trace, &s, text.f);
    free(notes);
    dw_trace_free(trace);
    return end_text(o, &text, code);
}

static void show_progress(uint64_t done, uint64_t whole)
{
    enum { MIB = 1 << 20 };
    progress_count((size_t)(done / MIB), (size_t)(whole / MIB), "MiB read");
}

static int check_usage(const options *o)
{
    if (o->rest_count < 1)
        return usage_error("import", "which capture? drywire import FILE.pcapng");
    if (o->rest_count > 2)
        return usage_error("import", "%d captures: it takes one, or two of the same connections",
                           o->rest_count);
    if (o->explained && o->again)
        return usage_error("import", "--packet is of one packet, --repeats of those that went "
                                     "again: write one");
    return tells_packets(o) ? check_explanation("import", o) : EXIT_PASS;
}

int cmd_import(int argc, char **argv)
{
    options o;
    capture c = {0};
    char why[1000];
    int code = parse_options(argc, argv, 0, "import", &o);
    if (code == EXIT_PASS) code = check_usage(&o);
    if (code != EXIT_PASS) return code;
    if (progress_begin(&o)) c.progress = show_progress;
    int status =
        capture_open((const char *const *)o.rest, (size_t)o.rest_count, &c, why, sizeof why);
    progress_clear();
    if (status != DW_OK)
        code = failure("import", status, why);
    else
        code = o.list ? list_conns(&o, &c) : import_one(&o, &c, o.rest[0]);
    /* What there was has been written. */
    if (code == EXIT_PASS && *c.damage) code = usage_error("import", "%s", c.damage);
    capture_free(&c);
    return code;
}
