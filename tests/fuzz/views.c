/* Everything that can be made of a trace (see views.h). */
#include "views.h"
#include "command/draw.h"
#include "command/failure.h"
#include "drill/drill.h"
#include "trace/trace.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the command would do; the stats under test call it for nothing but their own options. */
int usage_error(const char *command, const char *format, ...)
{
    (void)command;
    (void)format;
    abort();
}

int which_trace(const char *command, int given, const char *example)
{
    return usage_error(command, "%d: %s", given, example);
}

int failure(const char *command, int status, const char *why)
{
    return usage_error(command, "%d %s", status, why);
}

void *needed(void *block)
{
    if (!block) abort();
    return block;
}

int parse_options(int argc, char **argv, int first, const char *command, options *o)
{
    (void)argc, (void)argv, (void)first, (void)o;
    return usage_error(command, "not here");
}

int load_trace(const char *command, const options *o, const char *path, dw_trace **out)
{
    (void)o, (void)path, (void)out;
    return usage_error(command, "not here");
}

static void drawings(const dw_trace *trace)
{
    for (int style = 0; style <= DW_LADDER_MSCGEN; style++) {
        const dw_picture picture = {.numbers = (enum dw_ladder_numbers)(style % 4),
                                    .stage = (enum dw_stage)(style / 2 % 4),
                                    .from_packet = style == DW_LADDER_RFC ? 2 : 0,
                                    .language = style & 1 ? "zh" : NULL,
                                    .calls = DW_YES};
        dw_ladder_config c = {.style = (enum dw_ladder_style)style,
                              .color = style == DW_LADDER_ASCII,
                              .picture = &picture};
        dw_free(dw_ladder(trace, &c));
    }
    for (int numbers = 0; numbers <= DW_NUMBERS_LETTERS; numbers++) {
        const dw_picture picture = {.numbers = (enum dw_ladder_numbers)numbers,
                                    .stage = (enum dw_stage)numbers,
                                    .calls = numbers & 1 ? DW_YES : DW_NO,
                                    .conn = (uint32_t)numbers};
        dw_free(dw_svg(trace, &(dw_svg_config){.picture = &picture,
                                               .animated = numbers & 1,
                                               .width = 420 * (unsigned)numbers}));
        dw_free(dw_tikz(trace, &(dw_svg_config){.picture = &picture}));
    }
    dw_free(dw_html(trace, &(dw_html_config){.title = "fuzz"}));
}

static void texts(dw_trace *trace)
{
    char line[800];
    dw_free(dw_trace_text(trace));
    for (size_t i = 0; i < dw_trace_count(trace); i++) {
        const dw_trace_event *e = dw_trace_at(trace, i);
        dw_trace_explain(trace, e, line, sizeof line);
        dw_trace_event_text(trace, e, line, 40);
        if (e->conn) (void)dw_trace_conn(trace, e->conn)->u.conn.flow.local_port;
    }
    show_stats(trace, &(options){.json = false});
    show_stats(trace, &(options){.json = true});
}

static void questions(const dw_trace *trace)
{
    char *report = NULL;
    dw_trace *other;
    dw_match any;
    dw_match_any(&any);
    for (uint32_t conn = 1; conn <= 2; conn++) {
        dw_expect_states(trace, conn, "CLOSED -> SYN-SENT -> ESTABLISHED", &report);
        dw_free(report);
        report = NULL;
        dw_expect_stays(trace, conn, "TIME-WAIT", DW_SECOND, 0, DW_TIME_NEVER, &report);
        dw_free(report);
        report = NULL;
        dw_expect_reaches(trace, conn, "CLOSED", DW_SECOND, DW_TIME_NEVER, &report);
        dw_free(report);
        report = NULL;
    }
    dw_expect_packets(trace, &any, 3, &report);
    dw_free(report);
    report = NULL;
    if (dw_trace_begin(&other) != DW_OK) return;
    dw_trace_diff(trace, other, 100, &report);
    dw_free(report);
    dw_trace_free(other);
}

/* A script of either end's part, which must be one that can be read. */
static void scripts(const dw_trace *trace)
{
    for (uint32_t node = 0; node < 2 && node < dw_trace_nodes(trace); node++) {
        char why[300], *text = NULL;
        size_t len = 0;
        FILE *f = open_memstream(&text, &len);
        DW_ASSERT(f);
        dw_drill_export(trace, NULL, dw_trace_node_name(trace, node), 0, "fuzz", f, why,
                        sizeof why);
        fclose(f);
        free(text);
    }
}

static void files(const dw_trace *trace)
{
    char why[300], path[64], before[DW_DIGEST_TEXT], after[DW_DIGEST_TEXT];
    dw_trace *again;
    snprintf(path, sizeof path, "fuzz-%ld.jsonl", (long)getpid());
    DW_ASSERT(dw_trace_capture(trace, "/dev/null", NULL, why, sizeof why) == DW_OK);
    DW_ASSERT(dw_trace_save(trace, path, why, sizeof why) == DW_OK);
    int status = dw_trace_load(path, &again, why, sizeof why);
    remove(path);
    if (status != DW_OK) fprintf(stderr, "%s\n", why);
    DW_ASSERT(status == DW_OK);
    dw_trace_digest(trace, before);
    dw_trace_digest(again, after);
    dw_trace_free(again);
    DW_ASSERT(strcmp(before, after) == 0);
}

void view_everything(dw_trace *trace)
{
    static bool quiet;
    if (!quiet) quiet = freopen("/dev/null", "w", stdout) != NULL;
    drawings(trace);
    texts(trace);
    questions(trace);
    scripts(trace);
    files(trace);
}
