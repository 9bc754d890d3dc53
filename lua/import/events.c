/* What the steps of an import add to the trace, and to the notes. */
#include "ends.h"

#include <stdarg.h>

void import_note(inference *m, const char *format, ...)
{
    va_list args;
    if (!m->notes_out) return;
    va_start(args, format);
    vfprintf(m->notes_out, format, args);
    va_end(args);
    fputc('\n', m->notes_out);
}

/* What is wrong with an event would be our own mistake, whatever the capture. */
void import_add(inference *m, const dw_trace_event *event)
{
    if (m->failed) return;
    int status = dw_trace_add(m->trace, event);
    DW_ASSERT(status != DW_E_INVAL);
    m->failed |= status != DW_OK;
}

uint64_t import_number(const inference *m, int64_t i)
{
    if (i == NONE) return 0;
    return m->c->source_count > 1 ? (uint64_t)i + 1 : m->segments[i].p->frame;
}

const char *import_end_name(int e)
{
    return e == 0 ? "client" : "server";
}
