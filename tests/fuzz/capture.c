/* Fuzzes captures: pcap and pcapng, and what comes of their first connections: traces with every
 * view of them, and scripts. */
#include "import/import.h"
#include "views.h"

#include <stdlib.h>

static void import_one(capture *c, uint32_t conn)
{
    char why[600], *notes, *text = NULL;
    size_t len = 0;
    dw_trace *trace;
    FILE *f = open_memstream(&text, &len);
    DW_ASSERT(f);
    DW_ASSERT(capture_load(c, conn, why, sizeof why) == DW_OK);
    DW_ASSERT(import_trace(c, conn, &trace, &notes, NULL) == DW_OK);
    DW_ASSERT(replay_write(trace, c, conn, "fuzz.pcap", notes, f) == DW_OK);
    fclose(f);
    view_everything(trace);
    dw_trace_free(trace);
    free(notes);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    char why[600] = "";
    capture c = {0};
    const char *path = "fuzz.pcap";
    FILE *f = len ? fmemopen((void *)(uintptr_t)bytes, len, "rb") : NULL;
    if (!f) return 0;
    int status = capture_open_streams(&f, &path, 1, &c, why, sizeof why);
    DW_ASSERT(status == DW_OK || why[0]);
    for (uint32_t conn = 1; status == DW_OK && conn <= c.conn_count && conn <= 2; conn++)
        import_one(&c, conn);
    capture_free(&c);
    fclose(f);
    return 0;
}
