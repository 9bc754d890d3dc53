/* Protocol options: fields of a struct, set and shown as text. */
#include "drywire/plugin.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_OPTIONS = 127 };

static int unknown(const dw_option *options, const char *name, char *why, size_t size)
{
    const char *names[MAX_OPTIONS + 1] = {0};
    for (int i = 0; i < MAX_OPTIONS && options[i].name; i++)
        names[i] = options[i].name;
    const char *near = dw_nearest(name, names);
    if (near)
        snprintf(why, size, "%s: unknown option; did you mean \"%s\"?", name, near);
    else
        snprintf(why, size, "%s: unknown option", name);
    return DW_E_NOENT;
}

static int parse_choice(const dw_option *o, const char *text, int64_t *value, char *why,
                        size_t size)
{
    for (int64_t i = 0; o->choices[i]; i++) {
        if (strcmp(o->choices[i], text) != 0) continue;
        *value = i;
        return DW_OK;
    }
    const char *near = dw_nearest(text, o->choices);
    int n = snprintf(why, size, "%s: unknown value \"%s\"", o->name, text);
    if (n < 0 || (size_t)n >= size) return DW_E_INVAL;
    if (near) {
        snprintf(why + n, size - (size_t)n, "; did you mean \"%s\"?", near);
        return DW_E_INVAL;
    }
    for (uint8_t i = 0; o->choices[i] && (size_t)n < size; i++)
        n += snprintf(why + n, size - (size_t)n, "%s%s",
                      i ? ", " : "; expected one of: ", o->choices[i]);
    return DW_E_INVAL;
}

/* The largest place in a list of choices. */
static int64_t last_choice(const dw_option *o)
{
    int64_t count = 0;
    while (o->choices[count])
        count++;
    return count - 1;
}

/* Fields are of the width that their kind has, see enum dw_option_kind. */
static void limits_of(const dw_option *o, int64_t *low, int64_t *high)
{
    bool given = o->min != 0 || o->max != 0;
    *low = 0;
    *high = UINT32_MAX;
    if (o->kind == DW_OPTION_FLAG) *high = 1;
    if (o->kind == DW_OPTION_CHOICE) *high = last_choice(o);
    if (o->kind == DW_OPTION_TIME) *high = INT64_MAX;
    if (given && o->kind != DW_OPTION_FLAG && o->kind != DW_OPTION_CHOICE) {
        *low = o->min;
        *high = o->max;
    }
}

/* text is what the user wrote, or NULL: then value is shown. */
static int check_range(const dw_option *o, int64_t value, const char *text, char *why, size_t size)
{
    char low[DW_TIME_TEXT], high[DW_TIME_TEXT], own[DW_TIME_TEXT];
    int64_t min, max;
    limits_of(o, &min, &max);
    if (value >= min && value <= max) return DW_OK;
    snprintf(own, sizeof own, o->kind == DW_OPTION_TIME ? "%" PRId64 "ns" : "%" PRId64, value);
    if (o->min == 0 && o->max == 0 && text) {
        snprintf(why, size, "%s: %s is out of range", o->name, text);
        return DW_E_INVAL;
    }
    if (o->kind == DW_OPTION_TIME) {
        dw_duration_format(min, low, sizeof low);
        dw_duration_format(max, high, sizeof high);
    } else {
        snprintf(low, sizeof low, "%" PRId64, min);
        snprintf(high, sizeof high, "%" PRId64, max);
    }
    snprintf(why, size, "%s: %s is outside %s to %s", o->name, text ? text : own, low, high);
    return DW_E_INVAL;
}

static int parse_number(const dw_option *o, const char *text, int64_t *value, char *why,
                        size_t size)
{
    char reason[256] = "";
    int status = DW_OK;
    uint64_t bytes;
    char *end;
    switch (o->kind) {
    case DW_OPTION_TIME: status = dw_parse_time(text, value, reason, sizeof reason); break;
    case DW_OPTION_SIZE:
        *value = strtoll(text, &end, 10);
        if (end != text && !*end) break; /* a bare number of bytes */
        status = dw_parse_size(text, &bytes, reason, sizeof reason);
        if (status == DW_OK) *value = (int64_t)bytes;
        break;
    case DW_OPTION_COUNT:
        *value = strtoll(text, &end, 10);
        if (end == text || *end) {
            snprintf(reason, sizeof reason, "\"%s\" is not a whole number", text);
            status = DW_E_FORMAT;
        }
        break;
    }
    if (status != DW_OK) snprintf(why, size, "%s: %s", o->name, reason);
    return status;
}

int dw_option_parse(const dw_option *o, const char *text, int64_t *out, char *why, size_t why_size)
{
    int64_t value;
    int status;
    if (o->kind == DW_OPTION_CHOICE) return parse_choice(o, text, out, why, why_size);
    if (o->kind == DW_OPTION_FLAG) {
        if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0) {
            snprintf(why, why_size, "%s: write true or false, not \"%s\"", o->name, text);
            return DW_E_FORMAT;
        }
        *out = text[0] == 't';
        return DW_OK;
    }
    status = parse_number(o, text, &value, why, why_size);
    if (status == DW_OK) status = check_range(o, value, text, why, why_size);
    if (status == DW_OK) *out = value;
    return status;
}

static void store(const dw_option *o, void *base, int64_t value)
{
    void *field = (char *)base + o->offset;
    switch ((enum dw_option_kind)o->kind) {
    case DW_OPTION_TIME: *(dw_time *)field = value; return;
    case DW_OPTION_SIZE:
    case DW_OPTION_COUNT: *(uint32_t *)field = (uint32_t)value; return;
    case DW_OPTION_FLAG: *(bool *)field = value != 0; return;
    case DW_OPTION_CHOICE: *(uint8_t *)field = (uint8_t)value; return;
    }
}

static const dw_option *find(const dw_option *options, const char *name)
{
    while (options->name && strcmp(options->name, name) != 0)
        options++;
    return options->name ? options : NULL;
}

int dw_option_set_value(const dw_option *options, void *base, const char *name, int64_t value,
                        char *why, size_t why_size)
{
    const dw_option *o = find(options, name);
    if (!o) return unknown(options, name, why, why_size);
    int status = check_range(o, value, NULL, why, why_size);
    if (status == DW_OK) store(o, base, value);
    return status;
}

int dw_option_set(const dw_option *options, void *base, const char *name, const char *text,
                  char *why, size_t why_size)
{
    int64_t value;
    const dw_option *o = find(options, name);
    if (!o) return unknown(options, name, why, why_size);
    int status = dw_option_parse(o, text, &value, why, why_size);
    if (status == DW_OK) store(o, base, value);
    return status;
}

char *dw_option_get(const dw_option *option, const void *base, char *buf, size_t size)
{
    const void *field = (const char *)base + option->offset;
    switch (option->kind) {
    case DW_OPTION_TIME: return dw_duration_format(*(const dw_time *)field, buf, size);
    case DW_OPTION_FLAG: snprintf(buf, size, "%s", *(const bool *)field ? "true" : "false"); break;
    case DW_OPTION_CHOICE:
        snprintf(buf, size, "%s", option->choices[*(const uint8_t *)field]);
        break;
    default: snprintf(buf, size, "%" PRIu32, *(const uint32_t *)field); break;
    }
    return buf;
}
