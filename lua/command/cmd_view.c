/* drywire ladder, trace, explain and diff: views of saved traces. */
#include "printing.h"
#include "command.h"
#include "draw.h"
#include "failure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int draw_files(const options *o, const dw_trace *trace, const dw_picture *picture)
{
    char why[600];
    int status = DW_OK;
    if (o->svg) status = write_svg(o, o->svg, trace, picture, why, sizeof why);
    if (status == DW_OK && o->tikz)
        status = write_tikz(o, o->tikz, trace, picture, why, sizeof why);
    if (status == DW_OK && o->html)
        status = write_html(o, o->html, trace, picture, why, sizeof why);
    return status == DW_OK ? EXIT_PASS : failure("ladder", status, why);
}

/* Where neither a file nor a header is asked for, or it is, too. */
static int print_texts(const options *o, const dw_trace *trace, const dw_picture *picture)
{
    char why[600];
    text_output text;
    int code = EXIT_PASS;
    bool others = o->svg || o->tikz || o->html || o->bytefield;
    text_begin(o, &text);
    if ((o->ladder || !others) && !print_ladder(o, trace, picture, text.f))
        code = no_memory("ladder");
    if (o->bytefield && code == EXIT_PASS) code = print_bytefield("ladder", o, trace, text.f);
    if (code != EXIT_PASS) {
        text_drop(&text);
        return code;
    }
    int status = text_end(o, &text, 1, why, sizeof why);
    return status == DW_OK ? EXIT_PASS : failure("ladder", status, why);
}

int cmd_ladder(int argc, char **argv)
{
    options o;
    dw_trace *trace;
    dw_picture picture;
    int code = parse_options(argc, argv, 0, "ladder", &o);
    if (code != EXIT_PASS) return code;
    if (o.rest_count != 1) return which_trace("ladder", o.rest_count, "drywire ladder FILE.jsonl");
    code = load_trace("ladder", &o, o.rest[0], &trace);
    if (code != EXIT_PASS) return code;
    code = picture_options("ladder", &o, trace, &picture);
    if (code == EXIT_PASS) code = draw_files(&o, trace, &picture);
    bool text = o.ladder || o.bytefield || !(o.svg || o.tikz || o.html);
    if (code == EXIT_PASS && text) code = print_texts(&o, trace, &picture);
    dw_trace_free(trace);
    return code;
}

int cmd_trace(int argc, char **argv)
{
    enum { INDENT = 16 }; /* behind the time */
    options o;
    dw_trace *trace;
    int code = parse_options(argc, argv, 0, "trace", &o);
    if (code != EXIT_PASS) return code;
    if (o.rest_count != 1) return which_trace("trace", o.rest_count, "drywire trace FILE.jsonl");
    code = load_trace("trace", &o, o.rest[0], &trace);
    if (code != EXIT_PASS) return code;
    char line[512], digest[DW_DIGEST_TEXT];
    for (size_t i = 0; i < dw_trace_count(trace); i++) {
        const dw_trace_event *e = dw_trace_at(trace, i);
        if (o.all || !dw_trace_is_minor(e))
            print_wrapped(dw_trace_event_text(trace, e, line, sizeof line), INDENT);
    }
    dw_trace_digest(trace, digest);
    if (!o.quiet) printf("trace %s\n", digest);
    dw_trace_free(trace);
    return EXIT_PASS;
}

int cmd_explain(int argc, char **argv)
{
    options o;
    dw_trace *trace;
    int code = parse_options(argc, argv, 0, "explain", &o);
    if (code != EXIT_PASS) return code;
    if (o.rest_count != 1)
        return which_trace("explain", o.rest_count, "drywire explain FILE.jsonl");
    if (!!o.explained + !!o.event + o.again > 1)
        return usage_error("explain", "--packet, --event and --repeats: write one of them");
    code = check_explanation("explain", &o);
    if (code != EXIT_PASS) return code;
    code = load_trace("explain", &o, o.rest[0], &trace);
    if (code != EXIT_PASS) return code;
    code = explain("explain", &o, trace, stdout);
    dw_trace_free(trace);
    return code;
}

static void print_difference(const options *o, const char *report)
{
    for (int i = 0; i < 2; i++) {
        printf("%c is ", "AB"[i]);
        print_escaped(stdout, DW_IN_LINE, o->rest[i]);
        putchar('\n');
    }
    if (report) fputs(report, stdout);
}

/* As diff(1): 0 says equal, 1 different, more that it could not be told. */
int cmd_diff(int argc, char **argv)
{
    options o;
    dw_trace *a, *b;
    dw_ladder_config c;
    char *report = NULL;
    int code = parse_options(argc, argv, 0, "diff", &o);
    if (code != EXIT_PASS) return code;
    if (o.rest_count != 2)
        return usage_error("diff", "which two traces? drywire diff A.jsonl B.jsonl");
    code = load_trace("diff", &o, o.rest[0], &a);
    if (code != EXIT_PASS) return code;
    code = load_trace("diff", &o, o.rest[1], &b);
    if (code != EXIT_PASS) {
        dw_trace_free(a);
        return code;
    }
    ladder_config(&o, &c);
    int status = dw_trace_diff_as(a, b, &c, &report);
    if (status == DW_E_NOMEM) {
        code = no_memory("diff");
    } else if (status == DW_OK) {
        if (!o.quiet) puts("the traces are equal");
    } else {
        if (!o.quiet) print_difference(&o, report);
        code = EXIT_FAILED;
    }
    dw_free(report);
    dw_trace_free(a);
    dw_trace_free(b);
    return code;
}
