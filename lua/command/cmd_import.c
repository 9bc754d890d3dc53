/* drywire import: a real capture's TCP connection as a ladder, picture, page, trace or script. */
#include "printing.h"
#include "command.h"
#include "draw.h"
#include "failure.h"
#include "import/import.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void end_text(const capture *c, const captured_conn *k, int side, char *out, size_t size)
{
    char addr[DW_ADDR_TEXT];
    const char *name = capture_name(c, &k->addr[side]);
    if (!name) name = dw_addr_format(&k->addr[side], addr, sizeof addr);
    snprintf(out, size, "%s:%u", name, k->port[side]);
}

/* Names are the capture's: whatever stands there. */
static void print_end(const char *front, const char *end)
{
    enum { COLUMNS = 24 };
    fputs(front, stdout);
    print_escaped(stdout, DW_IN_LINE, end);
    int blanks = COLUMNS - (int)strlen(end);
    if (blanks > 0) printf("%*s", blanks, "");
}

/* --list: a line a connection. */
static int list_conns(const capture *c)
{
    char from[160], to[160];
    dw_time start = c->first;
    printf("%5s  %-24s %-24s %8s %12s %12s  %s\n", "conn", "client", "server", "packets", "sent",
           "received", "from .. to, s");
    for (size_t i = 0; i < c->conn_count; i++) {
        const captured_conn *k = &c->conns[i];
        end_text(c, k, 0, from, sizeof from);
        end_text(c, k, 1, to, sizeof to);
        printf("%5zu", i + 1);
        print_end("  ", from);
        print_end(" ", to);
        printf(" %8" PRIu64 " %12" PRIu64 " %12" PRIu64 "  %.3f .. %.3f%s\n", k->packets,
               k->octets[0], k->octets[1], (double)(k->first - start) / 1e9,
               (double)(k->last - start) / 1e9, k->syn ? "" : "  (its beginning is missing)");
    }
    return EXIT_PASS;
}

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

/* Into each file that was asked for, until one cannot be written; on the screen where that was
 * asked for, or nothing else. */
static int write_all(const options *o, const dw_trace *trace, const script *s)
{
    char why[600];
    const char *slash = strrchr(s->source, '/'), *name = slash ? slash + 1 : s->source;
    int code = EXIT_PASS, status = DW_OK;
    if (o->svg) status = write_svg(o, o->svg, trace, 0, name, why, sizeof why);
    if (status == DW_OK && o->html) status = write_html(o->html, trace, name, why, sizeof why);
    if (status == DW_OK && o->jsonl) status = dw_trace_save(trace, o->jsonl, why, sizeof why);
    if (status != DW_OK) code = failure("import", status, why);
    if (code == EXIT_PASS && o->lua) code = write_script(o->lua, trace, s);
    bool draw = o->ladder || (!o->svg && !o->html && !o->jsonl && !o->lua);
    if (!draw || code != EXIT_PASS) return code;
    dw_ladder_config c;
    ladder_config(o, &c);
    char *text = dw_ladder(trace, &c);
    if (!text) return no_memory("import");
    fputs(text, stdout);
    dw_free(text);
    return code;
}

static int import_one(const options *o, capture *c, const char *path)
{
    dw_trace *trace;
    char *notes;
    uint32_t conn = o->nth ? o->nth : 1;
    if (conn > c->conn_count)
        return usage_error("import", "--conn: the capture has %zu connections (see --list)",
                           c->conn_count);
    if (!o->nth && c->conn_count > 1 && !o->quiet)
        fprintf(stderr,
                "note: the first of %zu connections; --conn N for another, --list for all\n",
                c->conn_count);
    char why[600];
    int status = capture_load(c, conn, why, sizeof why);
    if (status != DW_OK) return failure("import", status, why);
    if (import_trace(c, conn, &trace, &notes) != DW_OK) return no_memory("import");
    if (!o->quiet) print_lines(stderr, "note: ", notes);
    int code = use_plugins("import", o, trace);
    script s = {.c = c, .conn = conn, .source = path, .notes = notes, .quiet = o->quiet};
    if (code == EXIT_PASS) code = write_all(o, trace, &s);
    free(notes);
    dw_trace_free(trace);
    return code;
}

int cmd_import(int argc, char **argv)
{
    options o;
    capture c = {0};
    char why[600];
    int code = parse_options(argc, argv, 0, "import", &o);
    if (code != EXIT_PASS) return code;
    if (o.rest_count < 1 || o.rest_count > 2)
        return usage_error(
            "import",
            "which capture? drywire import FILE.pcapng, or two captures of one connection");
    const char *path = o.rest[0];
    int status =
        capture_open((const char *const *)o.rest, (size_t)o.rest_count, &c, why, sizeof why);
    if (status != DW_OK)
        code = failure("import", status, why);
    else
        code = o.list ? list_conns(&c) : import_one(&o, &c, path);
    /* What there was has been written. */
    if (code == EXIT_PASS && *c.damage) code = usage_error("import", "%s", c.damage);
    capture_free(&c);
    return code;
}
