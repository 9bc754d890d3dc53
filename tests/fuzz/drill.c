/* Fuzzes packetdrill scripts: the parser, and whatever runs of what it accepts. */
#include "drill/drill.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    dw_drill_result r;
    dw_drill_text("fuzz.pkt", (const char *)bytes, len,
                  &(dw_drill_config){.strict = len & 1, .keep = len & 2}, &r);
    DW_ASSERT(r.verdict == DW_DRILL_PASSED || r.why[0]);
    dw_drill_result_free(&r);
    return 0;
}
