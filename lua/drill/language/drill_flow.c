/* What a script's numbers mean on the wire: sequence numbers, timestamps, options, flags. */
#include "drill_numbers.h"

uint32_t dw_flow_local_live(const dw_drill_flow *f, bool syn, uint32_t script)
{
    if (!f->isn_known) return script;
    return script + f->isn_live - (syn ? f->isn_script : 0);
}

uint32_t dw_flow_local_script(const dw_drill_flow *f, bool syn, uint32_t live)
{
    if (!f->isn_known) return live;
    return live - f->isn_live + (syn ? f->isn_script : 0);
}

uint32_t dw_flow_remote_live(const dw_drill_flow *f, bool syn, uint32_t script)
{
    return syn ? script : script + f->remote_isn;
}

uint32_t dw_flow_remote_script(const dw_drill_flow *f, bool syn, uint32_t live)
{
    return syn ? live : live - f->remote_isn;
}

uint32_t dw_flow_live_timestamp(const dw_drill_flow *f, uint32_t script)
{
    for (uint32_t i = f->timestamp_count; i-- > 0;)
        if (f->timestamps[i].script == script) return f->timestamps[i].live;
    return f->timestamp_count ? script - f->timestamps[0].script + f->timestamps[0].live : script;
}

uint8_t *dw_drill_find_option(uint8_t *options, uint32_t len, uint8_t kind)
{
    for (uint32_t i = 0; i < len && options[i] != 0;) {
        if (options[i] == 1) {
            i++;
            continue;
        }
        if (i + 1 >= len || options[i + 1] < 2 || i + options[i + 1] > len) return NULL;
        if (options[i] == kind) return options + i;
        i += options[i + 1];
    }
    return NULL;
}

uint16_t dw_drill_wire_flags(const dw_drill_packet *k)
{
    if (k->ace < 0) return k->flags;
    unsigned ace = (unsigned)k->ace;
    return (uint16_t)(k->flags | (ace & 1) << 6 | (ace & 2) << 6 | (ace & 4) << 6);
}
