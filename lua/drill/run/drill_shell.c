/* What a shell would make of a command's text: words, pipelines, files of commands.  No shell is
 * ever run. */
#include "drill_shell.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void dw_words_print(dw_words *w, const char *format, ...)
{
    size_t n = strlen(w->output);
    va_list args;
    va_start(args, format);
    vsnprintf(w->output + n, sizeof w->output - n, format, args);
    va_end(args);
}

const char *dw_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Words: quotes keep blanks, $((a*b)) is worked out. */

/* A product of numbers is all the arithmetic there is: $((15*1024*1024)). */
static const char *arithmetic(const char *at, char *out, size_t size)
{
    int64_t product = 1;
    if (strncmp(at, "$((", 3) != 0) return NULL;
    at += 3;
    while (*at && *at != ')') {
        char *end;
        long long n = strtoll(at, &end, 0);
        if (end == at || __builtin_mul_overflow(product, (int64_t)n, &product)) return NULL;
        at = end + strspn(end, " *");
    }
    snprintf(out, size, "%" PRId64, product);
    return strncmp(at, "))", 2) == 0 ? at + 2 : NULL;
}

/* One word, or an operator ("|", ";", "&&", ">"), from at on; returns what follows it. */
static const char *take_word(const char *at, char out[DW_WORD_SIZE], bool *is_operator)
{
    size_t n = 0;
    char quote = 0;
    const char *after;
    *is_operator = strchr("|;\n>&", *at) != NULL;
    if (*is_operator) {
        size_t len = (at[0] == '&' || at[0] == '|') && at[1] == at[0] ? 2 : 1;
        snprintf(out, DW_WORD_SIZE, "%.*s", (int)len, *at == '\n' ? ";" : at);
        return at + len;
    }
    for (; *at && n < DW_WORD_SIZE - 24; at++) {
        if (quote ? *at == quote : *at == '"' || *at == '\'') {
            quote = quote ? 0 : *at;
        } else if ((after = arithmetic(at, out + n, 24)) != NULL) {
            n += strlen(out + n);
            at = after - 1;
        } else if (!quote && (strchr(" \t\r\n;|&>", *at) || (at[0] == '\\' && at[1] == '\n'))) {
            break;
        } else {
            if (*at == '\\' && quote != '\'' && at[1] && strchr("\"\\$", at[1])) at++;
            out[n++] = *at;
        }
    }
    out[n] = 0;
    return at;
}

/* "> FILE", "2>&1" and the like, behind the ">". */
static const char *redirection(const char *at, dw_words *w, bool errors)
{
    char word[DW_WORD_SIZE] = "";
    bool is_operator;
    at += strspn(at, ">");
    bool duplicates = *at == '&';
    at += duplicates;
    at += strspn(at, " \t");
    if (*at) at = take_word(at, word, &is_operator);
    if (!duplicates && !errors) snprintf(w->target, sizeof w->target, "%s", word);
    return at;
}

/* The words up to the next operator that ends a command, which is left in end; "": the text's end.
 */
static const char *take_command(const char *at, dw_words *w, char end[4])
{
    char word[DW_WORD_SIZE];
    bool is_operator;
    w->count = 0;
    w->target[0] = end[0] = 0;
    for (;;) {
        at += strspn(at, " \t\r");
        if (at[0] == '\\' && (at[1] == '\n' || at[1] == '\r')) { /* the command goes on */
            at += 2;
            continue;
        }
        if (!*at) return at;
        if (*at == '#') {
            at += strcspn(at, "\n");
            continue;
        }
        at = take_word(at, word, &is_operator);
        bool number = *at == '>' && (strcmp(word, "1") == 0 || strcmp(word, "2") == 0);
        if (is_operator && word[0] == '>') {
            at = redirection(at, w, false);
        } else if (!is_operator && number) {
            at = redirection(at + 1, w, word[0] == '2');
        } else if (is_operator) {
            snprintf(end, 4, "%.3s", word);
            return at;
        } else if (w->count < DW_MOST_WORDS) {
            snprintf(w->word[w->count++], DW_WORD_SIZE, "%s", word);
        }
    }
}

/* Lists of pipelines: a; b && c || d. */

static bool do_list(dw_drill_run *run, dw_words *w, const char *text)
{
    char end[4] = ";", before[4] = ";";
    bool skipped = false;
    w->piped = w->failed = false;
    while (*text) {
        text = take_command(text, w, end);
        if (strcmp(before, "|") != 0) { /* a pipeline begins */
            skipped = (strcmp(before, "&&") == 0 && w->failed) ||
                      (strcmp(before, "||") == 0 && !w->failed);
            w->piped = false;
            w->input[0] = 0;
        }
        bool runs = w->count > 0 && !skipped;
        if (runs) {
            w->output[0] = 0;
            w->failed = false;
            w->into_pipe = strcmp(end, "|") == 0;
            if (!dw_drill_do_words(run, w)) return false;
            w->piped = true;
            memcpy(w->input, w->output, sizeof w->input);
        }
        if (w->count > 0 || strcmp(end, ";") != 0) snprintf(before, sizeof before, "%s", end);
    }
    return true;
}

bool dw_drill_do_command(dw_drill_run *run, const char *command)
{
    dw_words *w = calloc(1, sizeof *w);
    bool ok = w ? do_list(run, w, command) : dw_drill_no_memory(run);
    if (ok && w->failed)
        ok = dw_drill_stop(run, DW_DRILL_FAILED, "the command fails: %.*s",
                           (int)strcspn(command, "\n"), command);
    free(w);
    return ok;
}

/* Files. */

enum { MOST_OF_FILE = 65536, DEEPEST = 4 };

/* A file's text, where it is a small one; NULL: there is none. */
static char *read_file(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size >= MOST_OF_FILE) return NULL;
    FILE *f = fopen(path, "rb");
    char *text = f ? calloc(1, MOST_OF_FILE) : NULL;
    if (text) text[fread(text, 1, MOST_OF_FILE - 1, f)] = 0;
    if (f) fclose(f);
    return text;
}

/* path as seen from where a file is. */
static void beside(const char *file, const char *path, char *out, size_t size)
{
    const char *slash = file && path[0] != '/' ? strrchr(file, '/') : NULL;
    snprintf(out, size, "%.*s%s", slash ? (int)(slash - file) + 1 : 0, slash ? file : "", path);
}

/* A file beside the script, or from where drywire runs.  In a checkout without symbolic links such
 * a link is a file that holds a path. */
static char *find_file(const dw_drill_run *run, const char *path)
{
    char where[1024], next[1024];
    const char *script = run->script ? run->script->path : NULL;
    beside(script, path, where, sizeof where);
    char *text = read_file(where);
    if (!text) {
        snprintf(where, sizeof where, "%s", path);
        text = read_file(where);
    }
    for (int links = 0; text && links < DEEPEST; links++) {
        if (text[strcspn(text, " \t\r\n;=")] || !strchr(text, '/')) break;
        beside(where, text, next, sizeof next);
        free(text);
        memcpy(where, next, sizeof where);
        text = read_file(where);
    }
    return text;
}

/* Whether a text has nothing but commands that there are. */
static bool understood(const char *text, dw_words *w)
{
    char end[4];
    while (*text) {
        text = take_command(text, w, end);
        if (w->count > 0 && !dw_drill_is_command(w->word[0])) return false;
    }
    return true;
}

bool dw_drill_do_file(dw_drill_run *run, dw_words *w, const char *path, bool *there)
{
    *there = false;
    if (w->depth == DEEPEST)
        return dw_drill_unsupported(run, "files of commands that run each other: %s%s", path, "");
    dw_words *inner = calloc(1, sizeof *inner);
    if (!inner) return dw_drill_no_memory(run);
    char *text = find_file(run, path);
    inner->depth = w->depth + 1;
    bool ok = true;
    *there = text && understood(text, inner);
    if (*there) ok = do_list(run, inner, text);
    w->failed = *there && inner->failed;
    free(text);
    free(inner);
    return ok;
}

bool dw_drill_do_files(dw_drill_run *run, const char *paths)
{
    bool ok = true, there;
    dw_words *w = calloc(1, sizeof *w);
    if (!w) return dw_drill_no_memory(run);
    for (const char *at = paths; ok && *at; at += *at == ',') {
        char path[DW_WORD_SIZE];
        size_t n = strcspn(at, ",");
        snprintf(path, sizeof path, "%.*s", (int)n, at);
        at += n;
        ok = dw_drill_do_file(run, w, path, &there) &&
             (there ||
              dw_drill_unsupported(run,
                                   "the file of commands %s, which is not there or has more "
                                   "in it than a script may%s",
                                   path, ""));
    }
    free(w);
    return ok;
}
