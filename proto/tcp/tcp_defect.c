/* The table of known mistakes, and reading their names. */
#include "tcp_defect.h"

#include <stdio.h>

#define ROW(id, defect_name, defect_rfc, defect_text)                                              \
    {.name = defect_name, .rfc = defect_rfc, .text = defect_text},
const dw_defect dw_tcp_defect_table[] = {DW_TCP_DEFECTS(ROW){0}};

static int find(const char *name, size_t len)
{
    for (int i = 0; i < DW_TCP_DEFECT_COUNT; i++)
        if (strlen(dw_tcp_defect_table[i].name) == len &&
            strncmp(dw_tcp_defect_table[i].name, name, len) == 0)
            return i;
    return -1;
}

static int unknown(const char *name, size_t len, char *why, size_t why_size)
{
    const char *names[DW_TCP_DEFECT_COUNT + 1] = {0};
    char word[48];
    for (int i = 0; i < DW_TCP_DEFECT_COUNT; i++)
        names[i] = dw_tcp_defect_table[i].name;
    snprintf(word, sizeof word, "%.*s", (int)len, name);
    const char *near = dw_nearest(word, names);
    if (near)
        snprintf(why, why_size, "defect: there is no \"%s\"; did you mean \"%s\"?", word, near);
    else
        snprintf(why, why_size, "defect: there is no \"%s\" (see drywire defects)", word);
    return DW_E_INVAL;
}

int dw_tcp_defects_parse(const char *text, uint64_t *defects, char *why, size_t why_size)
{
    uint64_t bits = 0;
    while (*text) {
        size_t len = strcspn(text, ", ");
        int which = find(text, len);
        if (which < 0 && len > 0) return unknown(text, len, why, why_size);
        if (which >= 0) bits |= (uint64_t)1 << which;
        text += len;
        text += strspn(text, ", ");
    }
    *defects = bits;
    return DW_OK;
}
