/* A text that grows (see text.h). */
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

static bool reserve(dw_text *t, size_t more)
{
    if (t->failed) return false;
    if (t->len + more + 1 <= t->cap) return true;
    size_t cap = t->cap ? t->cap : 256;
    while (cap < t->len + more + 1)
        cap *= 2;
    char *data = realloc(t->data, cap);
    if (!data) {
        t->failed = true;
        return false;
    }
    t->data = data;
    t->cap = cap;
    return true;
}

void dw_text_add_n(dw_text *t, const char *s, size_t n)
{
    if (!reserve(t, n)) return;
    memcpy(t->data + t->len, s, n);
    t->len += n;
    t->data[t->len] = 0;
}

void dw_text_add(dw_text *t, const char *s)
{
    dw_text_add_n(t, s, strlen(s));
}

void dw_text_char(dw_text *t, char c, size_t times)
{
    if (!reserve(t, times)) return;
    memset(t->data + t->len, c, times);
    t->len += times;
    t->data[t->len] = 0;
}

void dw_text_vformat(dw_text *t, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    if (n > 0 && reserve(t, (size_t)n)) {
        vsnprintf(t->data + t->len, (size_t)n + 1, format, again);
        t->len += (size_t)n;
    }
    va_end(again);
}

void dw_text_format(dw_text *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    dw_text_vformat(t, format, args);
    va_end(args);
}

char *dw_text_take(dw_text *t)
{
    dw_text_add_n(t, "", 0);
    if (t->failed) {
        dw_text_free(t);
        return NULL;
    }
    char *data = t->data;
    *t = (dw_text){0};
    return data;
}

void dw_text_free(dw_text *t)
{
    free(t->data);
    *t = (dw_text){0};
}

size_t dw_text_columns(const char *s, size_t len)
{
    size_t columns = 0;
    while (len > 0) {
        utf8proc_int32_t code;
        utf8proc_ssize_t n =
            utf8proc_iterate((const utf8proc_uint8_t *)s, (utf8proc_ssize_t)len, &code);
        columns += n > 0 ? (size_t)utf8proc_charwidth(code) : 1;
        s += n > 0 ? n : 1;
        len -= n > 0 ? (size_t)n : 1;
    }
    return columns;
}

bool dw_text_ends(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

char *dw_copy_text(const char *text)
{
    if (!text) return NULL;
    size_t size = strlen(text) + 1;
    char *copy = malloc(size);
    if (copy) memcpy(copy, text, size);
    return copy;
}
