/* Times, names and texts of a script. */
#include "replay.h"

#include <inttypes.h>
#include <string.h>

/* In the largest unit that has it whole. */
void replay_put_time(replay *r, dw_time t)
{
    if (t % DW_SECOND == 0)
        fprintf(r->f, "\"%" PRId64 "s\"", t / DW_SECOND);
    else if (t % DW_MILLISECOND == 0)
        fprintf(r->f, "\"%" PRId64 "ms\"", t / DW_MILLISECOND);
    else if (t % DW_MICROSECOND == 0)
        fprintf(r->f, "\"%" PRId64 "us\"", t / DW_MICROSECOND);
    else
        fprintf(r->f, "\"%" PRId64 "ns\"", t);
}

void replay_put_seconds(replay *r, dw_time t)
{
    char text[40];
    int len = snprintf(text, sizeof text, "%" PRId64 ".%09" PRId64, t / DW_SECOND, t % DW_SECOND);
    while (text[len - 1] == '0' && text[len - 2] != '.')
        text[--len] = 0;
    fputs(text, r->f);
}

void replay_put(replay *r, enum dw_syntax syntax, const char *text)
{
    dw_escape_file(r->f, syntax, text, strlen(text));
}
