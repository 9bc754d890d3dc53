/* Reading packets: the network layer's protocol first, then the transport's. */
#include "dissect.h"

#include "drywire/drywire.h"
#include "protocols.h"

#include <stdio.h>
#include <string.h>

const dw_protocol_ops *dw_protocol_numbered(const dw_plugin *const *plugins, uint8_t layer,
                                            uint16_t number)
{
    const dw_protocol_ops *found = NULL;
    for (; plugins && *plugins; plugins++) {
        const dw_protocol_ops *ops = (*plugins)->protocol;
        if (ops && ops->layer == layer && ops->number == number) found = ops;
    }
    return found;
}

void dw_dissect(const dw_plugin *const *plugins, const uint8_t *head, size_t captured, size_t len,
                dw_dissection *out)
{
    *out = (dw_dissection){0};
    uint16_t protocol = captured > 0 && head[0] >> 4 == 6 ? DW_ETHERTYPE_IPV6 : DW_ETHERTYPE_IPV4;
    const dw_protocol_ops *network = dw_protocol_numbered(plugins, DW_LAYER_NETWORK, protocol);
    if (!network || !network->dissect) return;
    network->dissect(head, captured, len, out);
    if (out->malformed || !out->transport || out->transport_at > captured) return;
    const dw_protocol_ops *transport =
        dw_protocol_numbered(plugins, DW_LAYER_TRANSPORT, out->transport);
    uint32_t at = out->transport_at;
    if (!transport) return;
    if (transport->dissect) transport->dissect(head + at, captured - at, len - at, out);
    if (out->flag_names && DW_OFFERS(dw_protocol_ops, transport, flag_classes))
        out->flag_classes = transport->flag_classes;
}

char *dw_flags_text(const dw_dissection *d, char *buf, size_t size)
{
    size_t used = 0;
    buf[0] = 0;
    for (uint32_t i = 0; d->flag_names && d->flag_names[i]; i++) {
        if (!(d->flags & 1u << i)) continue;
        int n = snprintf(buf + used, size - used, "%s%s", used ? "," : "", d->flag_names[i]);
        if (n < 0 || (size_t)n >= size - used) break;
        used += (size_t)n;
    }
    return buf;
}

void dw_dissect_packet(const uint8_t *bytes, size_t captured, size_t len, dw_dissection *out)
{
    dw_dissect(dw_protocols_builtin(), bytes, captured, len, out);
}

uint32_t dw_flags_that(const dw_dissection *d, uint8_t classes)
{
    uint32_t found = 0;
    if (!d->flag_classes || !d->flag_names) return 0;
    for (uint32_t i = 0; d->flag_names[i]; i++)
        if (d->flag_classes[i] & classes) found |= d->flags & 1u << i;
    return found;
}

char *dw_flags_text_main(const dw_dissection *d, char *buf, size_t size)
{
    dw_dissection shown = *d;
    shown.flags &= ~dw_flags_that(d, DW_FLAG_MINOR);
    return dw_flags_text(&shown, buf, size);
}
