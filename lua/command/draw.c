/* Saved traces, and how they are drawn on this terminal and into files. */
#include "draw.h"
#include "binding/bytefield.h"
#include "failure.h"
#include "option_rows.h"
#include "printing.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

bool use_color(const options *o, int fd)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    if (strcmp(o->color, "always") == 0) return true;
    if (strcmp(o->color, "never") == 0 || (no && *no)) return false;
    return isatty(fd) && term && strcmp(term, "dumb") != 0;
}

enum { MIN_WIDTH = 60, MAX_WIDTH = 400, MAX_UNASKED = 140 };

unsigned legal_width(unsigned columns)
{
    if (columns < MIN_WIDTH) return MIN_WIDTH;
    return columns > MAX_WIDTH ? MAX_WIDTH : columns;
}

/* 0: there is no terminal.  On a very wide one the arrows would be too long to follow. */
static unsigned terminal_width(void)
{
    struct winsize size;
    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 0;
    return size.ws_col > MAX_UNASKED ? MAX_UNASKED : legal_width(size.ws_col);
}

/* Unicode when the terminal says so; in a file, always, because files are read later. */
static bool terminal_is_utf8(void)
{
    const char *term = getenv("TERM"), *charset;
    if (!isatty(STDOUT_FILENO)) {
        const char *names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
        for (int i = 0; i < 3; i++) {
            const char *v = getenv(names[i]);
            if (v && *v) return strstr(v, "UTF-8") || strstr(v, "utf8") || strcmp(v, "C") == 0;
        }
        return true;
    }
    locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
    if (!locale) return false;
    charset = nl_langinfo_l(CODESET, locale);
    bool utf8 = strcmp(charset, "UTF-8") == 0;
    freelocale(locale);
    return utf8 && !(term && strcmp(term, "linux") == 0);
}

static enum dw_ladder_numbers numbers_of(const options *o)
{
    for (int i = 0; o->numbers && number_styles[i]; i++)
        if (strcmp(number_styles[i], o->numbers) == 0) return (enum dw_ladder_numbers)i;
    return DW_NUMBERS_RELATIVE;
}

/* Takes the text. */
static int write_text(const char *option, const char *path, char *text, char *why, size_t size)
{
    if (!text) {
        snprintf(why, size, "%s: out of memory", option);
        return DW_E_NOMEM;
    }
    int status = dw_file_write(path, text, strlen(text), why, size);
    dw_free(text);
    return status;
}

static dw_svg_config picture_config(const options *o, uint64_t max, const char *title)
{
    return (dw_svg_config){.conn = o->nth,
                           .calls = true,
                           .title = title,
                           .to_packet = max,
                           .numbers = numbers_of(o),
                           .width = o->pixels,
                           .large = o->large,
                           .mono = o->mono,
                           .animated = o->animate};
}

/* Higher than anybody scrolls, and than what shows pictures may take. */
static void warn_of_height(const char *path, const char *svg)
{
    const long most = 10000;
    const char *height = svg ? strstr(svg, " height=\"") : NULL;
    long pixels = height ? strtol(height + strlen(" height=\""), NULL, 10) : 0;
    if (pixels <= most) return;
    fputs("drywire: ", stderr);
    print_escaped(stderr, DW_IN_LINE, path);
    fprintf(stderr, " is %ld pixels high; --conn, --from and --to draw a part of it\n", pixels);
}

int write_svg(const options *o, const char *path, const dw_trace *trace, uint64_t max,
              const char *title, char *why, size_t size)
{
    dw_svg_config c = picture_config(o, max, title);
    char *svg = dw_svg(trace, &c);
    warn_of_height(path, svg);
    return write_text("--svg", path, svg, why, size);
}

int write_tikz(const options *o, const char *path, const dw_trace *trace, uint64_t max,
               const char *title, char *why, size_t size)
{
    dw_svg_config c = picture_config(o, max, title);
    return write_text("--tikz", path, dw_tikz(trace, &c), why, size);
}

int print_bytefield(const char *command, const options *o, const dw_trace *trace)
{
    char why[200];
    int status;
    char *text = dwl_bytefield(trace, o->bytefield, &status, why, sizeof why);
    if (!text && status == DW_E_NOMEM) return no_memory(command);
    if (!text) return usage_error(command, "--bytefield: %s", why);
    fputs(text, stdout);
    dw_free(text);
    return EXIT_PASS;
}

int save_trace(const dw_trace *trace, const char *path, char *why, size_t size)
{
    const long long million = 1000000, most = 200;
    struct stat s;
    int status = dw_trace_save(trace, path, why, size);
    if (status != DW_OK || stat(path, &s) != 0 || s.st_size < most * million) return status;
    fputs("drywire: ", stderr);
    print_escaped(stderr, DW_IN_LINE, path);
    fprintf(stderr, " has %lld MB; --until ends a run sooner\n", (long long)s.st_size / million);
    return status;
}

int write_html(const char *path, const dw_trace *trace, const char *title, char *why, size_t size)
{
    return write_text("--html", path, dw_html(trace, &(dw_html_config){.title = title}), why, size);
}

void ladder_config(const options *o, dw_ladder_config *c)
{
    *c = (dw_ladder_config){.width = o->width ? o->width : terminal_width(),
                            .numbers = numbers_of(o),
                            .color = use_color(o, STDOUT_FILENO)};
    c->style = terminal_is_utf8() ? DW_LADDER_UNICODE : DW_LADDER_ASCII;
    for (int i = 0; o->ladder_style && ladder_styles[i]; i++)
        if (strcmp(ladder_styles[i], o->ladder_style) == 0) c->style = (enum dw_ladder_style)i;
    if (c->style >= DW_LADDER_RFC) c->color = false;
}

int explain(const char *command, const options *o, dw_trace *trace)
{
    enum dw_ladder_numbers numbers = numbers_of(o);
    dw_explain_config c = {.packet = o->explained,
                           .event = o->event,
                           .all = o->all,
                           .numbers = numbers,
                           .width = o->width ? o->width : terminal_width()};
    if (numbers > DW_NUMBERS_ABSOLUTE)
        return usage_error(command, "an explanation has relative or absolute numbers");
    char *text = dw_explain(trace, &c);
    if (!text) return no_memory(command);
    bool found = *text || !(o->explained || o->event);
    fputs(text, stdout);
    dw_free(text);
    if (found) return EXIT_PASS;
    if (o->explained)
        return usage_error(command, "--packet: the trace has no packet %llu",
                           (unsigned long long)o->explained);
    return usage_error(command, "--event: the trace has no event %llu",
                       (unsigned long long)o->event);
}

static void free_sim(void *sim)
{
    dw_sim_free(sim);
}

int use_plugins(const char *command, const options *o, dw_trace *trace)
{
    dw_sim *sim;
    if (o->plugin_count == 0) return EXIT_PASS;
    int status = dw_sim_new(NULL, &sim);
    if (status != DW_OK) return no_memory(command);
    for (size_t i = 0; i < o->plugin_count && status == DW_OK; i++)
        status = dw_plugin_load(sim, o->plugins[i]);
    if (status == DW_OK) {
        dw_trace_set_plugins(trace, dw_sim_plugins(sim), free_sim, sim);
        return EXIT_PASS;
    }
    int code = failure(command, status, dw_sim_message(sim));
    dw_sim_free(sim);
    return status == DW_E_NOMEM ? code : EXIT_PLUGIN;
}

static bool ends_in(const char *path, const char *end)
{
    size_t n = strlen(path), m = strlen(end);
    return n > m && strcmp(path + n - m, end) == 0;
}

int load_trace(const char *command, const options *o, const char *path, dw_trace **out)
{
    char why[600];
    int status = dw_trace_load(path, out, why, sizeof why);
    if (status == DW_E_FORMAT && ends_in(path, ".lua"))
        return usage_error(command,
                           "%s is not a drywire trace but a script; drywire run draws and explains "
                           "it, and saves its trace "
                           "with --jsonl FILE",
                           path);
    if (status != DW_OK) return failure(command, status, why);
    int code = use_plugins(command, o, *out);
    if (code != EXIT_PASS) dw_trace_free(*out);
    return code;
}
