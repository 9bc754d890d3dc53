/* Saved traces, and how they are drawn on this terminal and into files. */
#include "draw.h"
#include "binding/bytefield.h"
#include "binding/notes.h"
#include "failure.h"
#include "option_rows.h"
#include "printing.h"

#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
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

/* Where a line is broken that has to be: at the last blank in so many columns, or behind them. */
static size_t break_at(const char *line, unsigned columns)
{
    size_t best = 0, len = 0;
    for (unsigned at = 0; line[len] && at < columns; at++) {
        if (line[len] == ' ') best = len;
        do
            len++;
        while (((unsigned char)line[len] & 0xc0) == 0x80);
    }
    return best && line[len] ? best : len;
}

void print_wrapped(const char *line, unsigned indent)
{
    unsigned width = terminal_width(), room = width;
    while (width > indent && strlen(line) > room) {
        size_t len = break_at(line, room);
        if (!line[len]) break;
        printf("%.*s\n%*s", (int)len, line, (int)indent, "");
        line += len + strspn(line + len, " ");
        room = width - indent;
    }
    puts(line);
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

bool plain_characters(const options *o)
{
    if (o->ladder_style) return strcmp(o->ladder_style, "ascii") == 0;
    return !terminal_is_utf8();
}

/* The index of a word in its list; 0 where it was not given. */
static int index_of(const char *word, const char *const *words)
{
    for (int i = 0; word && words[i]; i++)
        if (strcmp(words[i], word) == 0) return i;
    return 0;
}

/* The host that an option names; -1 where there is none, with a sentence in why. */
static int32_t host_named(const dw_trace *trace, const char *option, const char *name, char *why,
                          size_t size)
{
    enum { MAX_NAMES = 200 };
    const char *names[MAX_NAMES + 1] = {0};
    int32_t found = dw_trace_node_find(trace, name);
    if (found >= 0) return found;
    for (uint32_t i = 0; i < dw_trace_nodes(trace) && i < MAX_NAMES; i++)
        names[i] = dw_trace_node_name(trace, i);
    const char *near = dw_nearest(name, names);
    if (near)
        snprintf(why, size, "%s: there is no host \"%s\"; did you mean \"%s\"?", option, name,
                 near);
    else if (names[0])
        snprintf(why, size, "%s: there is no host \"%s\"; the first is \"%s\"", option, name,
                 names[0]);
    else
        snprintf(why, size, "%s: there is no host \"%s\"", option, name);
    return -1;
}

/* One of a picture's ends, where it was named. */
static int find_end(const char *command, const char *option, const char *name,
                    const dw_trace *trace, bool *given, uint32_t *node)
{
    char why[600];
    if (!name) return EXIT_PASS;
    int32_t found = host_named(trace, option, name, why, sizeof why);
    *given = true;
    *node = (uint32_t)found;
    return found >= 0 ? EXIT_PASS : usage_error(command, "%s", why);
}

int picture_options(const char *command, const options *o, const dw_trace *trace, dw_picture *p)
{
    char why[400];
    *p = (dw_picture){.numbers = (enum dw_ladder_numbers)index_of(o->numbers, number_styles),
                      .letters = o->letters,
                      .language = o->language,
                      .title = o->title,
                      .stage = (enum dw_stage)index_of(o->part, picture_parts),
                      .conn = o->nth,
                      .from_packet = o->from.packet,
                      .from_time = o->from.time,
                      .to_packet = o->to.packet,
                      .to_time = o->to.time,
                      .packets = o->packets,
                      .calls = o->calls,
                      .windows = o->windows ? DW_YES : DW_AS_USUAL,
                      .no_times = o->no_times,
                      .no_states = o->no_states};
    int code = find_end(command, "--left", o->left, trace, &p->left_given, &p->left);
    if (code == EXIT_PASS)
        code = find_end(command, "--right", o->right, trace, &p->right_given, &p->right);
    if (code != EXIT_PASS || dw_picture_check(trace, p, why, sizeof why) == DW_OK) return code;
    return usage_error(command, "--%s", why);
}

/* NAME.svg, NAME-2.svg, NAME-3.svg ... */
void numbered_path(const char *path, int number, char *out, size_t size)
{
    const char *dot = strrchr(path, '.'), *slash = strrchr(path, '/');
    if (!dot || (slash && dot < slash)) dot = path + strlen(path);
    if (number == 1)
        snprintf(out, size, "%s", path);
    else
        snprintf(out, size, "%.*s-%d%s", (int)(dot - path), path, number, dot);
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

static void warn(const char *note)
{
    fputs("drywire: ", stderr);
    print_escaped(stderr, DW_IN_LINE, note);
    fputc('\n', stderr);
}

static dw_svg_config svg_config(const options *o, const dw_picture *picture)
{
    return (dw_svg_config){.picture = picture,
                           .width = o->pixels,
                           .large = o->large,
                           .mono = o->mono,
                           .animated = o->animate};
}

int write_svg(const options *o, const char *path, const dw_trace *trace, const dw_picture *picture,
              char *why, size_t size)
{
    const dw_svg_config c = svg_config(o, picture);
    char *svg = dw_svg(trace, &c), note[PATH_MAX + 100];
    if (dwl_too_high(path, svg, note, sizeof note)) warn(note);
    return write_text("--svg", path, svg, why, size);
}

int write_tikz(const options *o, const char *path, const dw_trace *trace, const dw_picture *picture,
               char *why, size_t size)
{
    dw_picture titled = *picture;
    const dw_svg_config c = svg_config(o, &titled);
    titled.title = o->title; /* what nobody asked for, a document says in a caption */
    return write_text("--tikz", path, dw_tikz(trace, &c), why, size);
}

int print_bytefield(const char *command, const options *o, const dw_trace *trace, FILE *f)
{
    char why[200];
    int status;
    char *text = dwl_bytefield(trace, o->bytefield, &status, why, sizeof why);
    if (!text && status == DW_E_NOMEM) return no_memory(command);
    if (!text) return usage_error(command, "--bytefield: %s", why);
    fputs(text, f);
    dw_free(text);
    return EXIT_PASS;
}

int save_trace(const dw_trace *trace, const char *path, char *why, size_t size)
{
    char note[PATH_MAX + 100];
    int status = dw_trace_save(trace, path, why, size);
    if (status == DW_OK && dwl_too_large(path, path, note, sizeof note)) warn(note);
    return status;
}

/* A ladder has two hosts: whose connections it does not have, and how they are drawn. */
static void note_others(const dw_trace *trace, const dw_picture *picture)
{
    enum { MAX_NAMED = 4 };
    int32_t shown[2];
    uint32_t hosts[MAX_NAMED];
    size_t count;
    uint32_t others = dw_ladder_others(trace, picture, shown, hosts, MAX_NAMED, &count);
    if (others == 0) return;
    fprintf(stderr, "note: %u more connection%s:", others, others == 1 ? "" : "s");
    for (size_t i = 0; i < count; i++) {
        fputs(" --left ", stderr);
        print_escaped(stderr, DW_IN_SHELL, dw_trace_node_name(trace, hosts[i]));
        fputc(',', stderr);
    }
    fputs(" or --conn N; --svg FILE draws all\n", stderr);
}

bool print_ladder(const options *o, const dw_trace *trace, const dw_picture *picture, FILE *f)
{
    dw_ladder_config c;
    ladder_config(o, &c);
    c.picture = picture;
    char *text = dw_ladder(trace, &c);
    if (!text) return false;
    fputs(text, f);
    dw_free(text);
    note_others(trace, picture);
    return true;
}

void text_begin(const options *o, text_output *t)
{
    *t = (text_output){.f = stdout};
    if (o->out && strcmp(o->out, "-") != 0) t->f = needed(open_memstream(&t->text, &t->size));
}

int text_end(const options *o, text_output *t, int number, char *why, size_t size)
{
    char path[PATH_MAX];
    int status = DW_E_NOMEM;
    snprintf(why, size, "--output: out of memory");
    if (t->f == stdout) return DW_OK;
    numbered_path(o->out, number, path, sizeof path);
    if (close_text(t->f)) status = dw_file_write(path, t->text, t->size, why, size);
    free(t->text);
    return status;
}

void text_drop(text_output *t)
{
    if (t->f == stdout) return;
    close_text(t->f);
    free(t->text);
}

int write_html(const options *o, const char *path, const dw_trace *trace, const dw_picture *picture,
               char *why, size_t size)
{
    const dw_html_config c = {.picture = picture, .large = o->large, .mono = o->mono};
    return write_text("--html", path, dw_html(trace, &c), why, size);
}

int write_capture(const dw_trace *trace, const options *o, char *why, size_t size)
{
    dw_capture_config c = DW_INIT(dw_capture_config);
    c.start_given = o->pcap_start_given;
    c.start = o->pcap_start;
    if (o->link_type && strcmp(o->link_type, "raw") == 0) c.link_type = DW_LINK_RAW;
    if (o->pcap_all) c.point = DW_CAPTURE_AT_SENDERS;
    if (o->pcap_at) {
        int32_t node = host_named(trace, "--pcap-at", o->pcap_at, why, size);
        if (node < 0) return DW_E_INVAL;
        c.point = DW_CAPTURE_AT_NODE;
        c.node = (uint32_t)node;
    }
    return dw_trace_capture(trace, o->pcap, &c, why, size);
}

/* A file is read later, and elsewhere. */
void ladder_config(const options *o, dw_ladder_config *c)
{
    bool file = o->out && strcmp(o->out, "-") != 0;
    bool color = file ? strcmp(o->color, "always") == 0 : use_color(o, STDOUT_FILENO);
    *c = (dw_ladder_config){.width = o->width, .color = color};
    if (!c->width && !file) c->width = terminal_width();
    c->style = file || !plain_characters(o) ? DW_LADDER_UNICODE : DW_LADDER_ASCII;
    if (o->ladder_style) c->style = (enum dw_ladder_style)index_of(o->ladder_style, ladder_styles);
    if (c->style >= DW_LADDER_RFC) c->color = false;
}

int check_explanation(const char *command, const options *o)
{
    if (index_of(o->numbers, number_styles) <= DW_NUMBERS_ABSOLUTE) return EXIT_PASS;
    return usage_error(command, "%s: an explanation has relative or absolute numbers",
                       o->numbers_by);
}

int explain(const char *command, const options *o, dw_trace *trace, FILE *f)
{
    enum dw_ladder_numbers numbers = (enum dw_ladder_numbers)index_of(o->numbers, number_styles);
    dw_explain_config c = {.packet = o->explained,
                           .event = o->event,
                           .repeats = o->again,
                           .all = o->all,
                           .numbers = numbers,
                           .width = o->width ? o->width : terminal_width()};
    char *text = dw_explain(trace, &c);
    if (!text) return no_memory(command);
    bool found = *text || !(o->explained || o->event);
    fputs(text, f);
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
