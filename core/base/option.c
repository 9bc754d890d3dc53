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

static int set_choice(const dw_option *o, uint8_t *field, const char *text, char *why, size_t size)
{
    for (uint8_t i = 0; o->choices[i]; i++) {
        if (strcmp(o->choices[i], text) != 0) continue;
        *field = i;
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

static int check_range(const dw_option *o, int64_t value, const char *text, char *why, size_t size)
{
    if ((o->min == 0 && o->max == 0) || (value >= o->min && value <= o->max)) return DW_OK;
    char low[DW_TIME_TEXT], high[DW_TIME_TEXT];
    if (o->kind == DW_OPTION_TIME) {
        dw_duration_format(o->min, low, sizeof low);
        dw_duration_format(o->max, high, sizeof high);
    } else {
        snprintf(low, sizeof low, "%" PRId64, o->min);
        snprintf(high, sizeof high, "%" PRId64, o->max);
    }
    snprintf(why, size, "%s: %s is outside %s to %s", o->name, text, low, high);
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

/* Fields are of the width that their kind has, see enum dw_option_kind. */
static int set_field(const dw_option *o, void *field, const char *text, char *why, size_t size)
{
    int64_t value;
    int status;
    switch (o->kind) {
    case DW_OPTION_CHOICE: return set_choice(o, field, text, why, size);
    case DW_OPTION_FLAG:
        if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0) {
            snprintf(why, size, "%s: write true or false, not \"%s\"", o->name, text);
            return DW_E_FORMAT;
        }
        *(bool *)field = text[0] == 't';
        return DW_OK;
    default: break;
    }
    status = parse_number(o, text, &value, why, size);
    if (status == DW_OK) status = check_range(o, value, text, why, size);
    if (status == DW_OK && o->kind != DW_OPTION_TIME && (value < 0 || value > UINT32_MAX)) {
        snprintf(why, size, "%s: %s is out of range", o->name, text);
        status = DW_E_INVAL;
    }
    if (status != DW_OK) return status;
    if (o->kind == DW_OPTION_TIME)
        *(dw_time *)field = value;
    else
        *(uint32_t *)field = (uint32_t)value;
    return DW_OK;
}

int dw_option_set(const dw_option *options, void *base, const char *name, const char *text,
                  char *why, size_t why_size)
{
    for (const dw_option *o = options; o->name; o++)
        if (strcmp(o->name, name) == 0)
            return set_field(o, (char *)base + o->offset, text, why, why_size);
    return unknown(options, name, why, why_size);
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
