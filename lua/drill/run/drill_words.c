/* A command's text as the words of a shell: quotes keep blanks, $((a*b)) is worked out. */
#include "command.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

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
const char *dw_words_take(const char *at, dw_words *w, char end[4])
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
        } else if (w->count < DW_MAX_WORDS) {
            snprintf(w->word[w->count++], DW_WORD_SIZE, "%s", word);
        }
    }
}
