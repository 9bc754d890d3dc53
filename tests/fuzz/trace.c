/* Fuzzes saved traces: the reader of JSON Lines, with whatever digest, and every view of what it
 * accepts. */
#include "trace/trace.h"
#include "views.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    char why[600] = "";
    dw_trace *trace;
    FILE *f = len ? fmemopen((void *)(uintptr_t)bytes, len, "rb") : NULL;
    if (!f) return 0;
    int status = dw_trace_read(f, "fuzz.jsonl", false, &trace, why, sizeof why);
    fclose(f);
    DW_ASSERT(status == DW_OK || why[0]);
    if (status != DW_OK) return 0;
    view_everything(trace);
    dw_trace_free(trace);
    return 0;
}
