/* grep and wc -l, in a pipeline of a script. */
#include "command.h"

#include <string.h>

typedef struct grep_options {
    bool quiet, counted, without, whole_words, any_case, fixed, extended;
} grep_options;

typedef struct match {
    const grep_options *o;
    const char *line;
    long steps; /* that are left */
} match;

static char folded(const match *m, char c)
{
    return m->o->any_case && c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* The end of one element of a pattern: a character, an escaped one, a set. */
static const char *element_end(const match *m, const char *p)
{
    if (m->o->fixed) return p + 1;
    if (*p == '\\' && p[1]) return p + 2;
    if (*p != '[') return p + 1;
    const char *q = p + 1 + (p[1] == '^');
    if (*q == ']') q++;
    while (*q && *q != ']')
        q++;
    return *q ? q + 1 : q;
}

static bool in_set(const match *m, const char *p, char c)
{
    bool negated = p[1] == '^', found = false;
    const char *q = p + 1 + negated;
    for (bool first = true; *q && (first || *q != ']'); first = false) {
        char to = q[1] == '-' && q[2] && q[2] != ']' ? q[2] : q[0];
        found = found || (folded(m, c) >= folded(m, q[0]) && folded(m, c) <= folded(m, to));
        q += to != q[0] ? 3 : 1;
    }
    return found != negated;
}

static bool element_matches(const match *m, const char *p, char c)
{
    if (!c) return false;
    if (!m->o->fixed && *p == '.') return true;
    if (!m->o->fixed && *p == '[') return in_set(m, p, c);
    if (!m->o->fixed && *p == '\\' && p[1]) p++;
    return folded(m, *p) == folded(m, c);
}

static bool word_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool ends_here(const match *m, const char *at)
{
    return !m->o->whole_words || !word_character(*at);
}

/* How often an element may come; len: of what says so, 0: once, and nothing says so. */
typedef struct repetition {
    size_t min, max, len;
} repetition;

/* Repetition is *, and behind a backslash, or with -E without one, + and ?. */
static repetition repetition_at(const match *m, const char *next)
{
    const repetition once = {1, 1, 0};
    if (m->o->fixed) return once;
    bool escaped = !m->o->extended && next[0] == '\\';
    bool special = escaped || m->o->extended;
    char c = escaped ? next[1] : next[0];
    size_t len = escaped ? 2 : 1;
    if (c == '*' && !escaped) return (repetition){0, DW_OUTPUT_SIZE, len};
    if (c == '+' && special) return (repetition){1, DW_OUTPUT_SIZE, len};
    if (c == '?' && special) return (repetition){0, 1, len};
    return once;
}

/* Whether what is left of a pattern matches here.  The longest repetition is tried first; how many
 * tries there are in all is limited, as a pattern can ask for very many. */
static bool matches_at(match *m, const char *p, const char *at)
{
    if (--m->steps < 0) return false;
    if (!*p) return ends_here(m, at);
    if (!m->o->fixed && *p == '$' && !p[1]) return !*at;
    const char *next = element_end(m, p);
    repetition r = repetition_at(m, next);
    if (r.len == 0) return element_matches(m, p, *at) && matches_at(m, next, at + 1);
    size_t n = 0;
    while (n < r.max && element_matches(m, p, at[n]))
        n++;
    for (;; n--) {
        if (n >= r.min && matches_at(m, next + r.len, at + n)) return true;
        if (n == 0) return false;
    }
}

static bool matches_line(match *m, const char *pattern)
{
    bool anchored = !m->o->fixed && *pattern == '^';
    for (const char *at = m->line;; at++) {
        bool begins = !m->o->whole_words || at == m->line || !word_character(at[-1]);
        if (begins && matches_at(m, pattern + anchored, at)) return true;
        if (anchored || !*at) return false;
    }
}

/* -s, -e and -h change nothing here: there are no messages, one pattern, and no names of files. */
static bool grep_option(grep_options *o, const char *word)
{
    for (const char *c = word + 1; *c; c++)
        switch (*c) {
        case 'q':
        case 's': o->quiet = o->quiet || *c == 'q'; break;
        case 'c': o->counted = true; break;
        case 'v': o->without = true; break;
        case 'w': o->whole_words = true; break;
        case 'i': o->any_case = true; break;
        case 'F': o->fixed = true; break;
        case 'E': o->extended = true; break;
        case 'e':
        case 'h': break;
        default: return false;
        }
    return true;
}

/* The lines of text that match; how many there are, or -1: the pattern is more than drywire works
 * out. */
static long filter(dw_words *w, const char *pattern, const grep_options *o, const char *text)
{
    enum { MAX_STEPS = 100000 };
    long count = 0;
    char line[512];
    match m = {.o = o, .line = line, .steps = MAX_STEPS};
    for (const char *at = text; *at; at += *at == '\n') {
        size_t n = strcspn(at, "\n");
        snprintf(line, sizeof line, "%.*s", (int)n, at);
        if (matches_line(&m, pattern) != o->without) {
            count++;
            if (!o->quiet && !o->counted) dw_words_print(w, "%s\n", line);
        }
        at += n;
    }
    return m.steps < 0 ? -1 : count;
}

/* grep [-qcvwiFE] PATTERN [FILE ...] */
bool dw_drill_grep(dw_command_env *env, dw_words *w)
{
    grep_options o = {0};
    size_t i = 1;
    for (; i < w->count && w->word[i][0] == '-' && w->word[i][1]; i++)
        if (!grep_option(&o, w->word[i]))
            return dw_drill_unsupported(env->outcome, "grep %s", w->word[i]);
    if (i == w->count) return dw_drill_unsupported(env->outcome, "this use of grep");
    const char *pattern = w->word[i++];
    if (!o.fixed && strpbrk(pattern, o.extended ? "(){}|" : ""))
        return dw_drill_unsupported(env->outcome, "the pattern %s of grep", pattern);
    if (!dw_drill_counted(env, pattern)) return false;
    if (i < w->count) {
        for (; i < w->count; i++)
            if (!dw_drill_print_file(env, w, w->word[i])) return false;
        memcpy(w->input, w->output, sizeof w->input);
        w->output[0] = 0;
    } else if (!w->piped) {
        return dw_drill_unsupported(env->outcome, "this use of grep");
    }
    long count = filter(w, pattern, &o, w->input);
    if (count < 0) return dw_drill_unsupported(env->outcome, "the pattern %s of grep", pattern);
    if (o.counted && !o.quiet) dw_words_print(w, "%ld\n", count);
    w->failed = count == 0;
    return true;
}

/* wc -l */
bool dw_drill_wc(dw_command_env *env, dw_words *w)
{
    long count = 0;
    if (w->count != 2 || strcmp(w->word[1], "-l") != 0 || !w->piped)
        return dw_drill_unsupported(env->outcome, "wc other than -l");
    for (const char *c = w->input; *c; c++)
        count += *c == '\n';
    dw_words_print(w, "%ld\n", count);
    return true;
}
