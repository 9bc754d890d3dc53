/* Reading packets, and deciding which of them a filter means. */
#include "internal.h"

#include <stdio.h>
#include <string.h>

void dw_match_any(dw_match *match)
{
    *match = (dw_match){0};
}

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
    if (transport && transport->dissect)
        transport->dissect(head + at, captured - at, len - at, out);
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

static bool in_sequence_range(const dw_match *m, const dw_dissection *d)
{
    return d->seq - m->seq_min <= m->seq_max - m->seq_min;
}

static bool fields_match(const dw_match *m, const dw_packet_view *v)
{
    if (m->from_given && v->from != (int64_t)m->from) return false;
    if (m->to_given && v->to != (int64_t)m->to) return false;
    if (m->packet && v->number != m->packet) return false;
    if (m->conn && v->conn != m->conn) return false;
    if (v->sent_at < m->after || (m->before && v->sent_at >= m->before)) return false;
    const dw_dissection *d = &v->d;
    if (m->port && d->sport != m->port) return false;
    if (m->to_port && d->dport != m->to_port) return false;
    if (m->flags_given) {
        if (!d->flag_names || (m->flag_names && m->flag_names != d->flag_names)) return false;
        if ((d->flags & m->flags) != m->flags) return false;
        if (m->flags_exact && d->flags != m->flags) return false;
    }
    if (m->has_data != 0 && (d->len > 0) != (m->has_data > 0)) return false;
    if (m->len_given && (d->len < m->len_min || d->len > m->len_max)) return false;
    return !m->seq_given || in_sequence_range(m, d);
}

void dw_dissect_packet(const uint8_t *bytes, size_t captured, size_t len, dw_dissection *out)
{
    dw_dissect(dw_builtin_plugins, bytes, captured, len, out);
}

/* nth and count are the caller's: only it knows how many matched before. */
bool dw_match_view(const dw_match *m, const dw_packet_view *v)
{
    return fields_match(m, v) && (!m->when || m->when(v, m->when_arg));
}

static int flag_bit(const char *const *names, const char *word, size_t len)
{
    for (int i = 0; names[i]; i++)
        if (strlen(names[i]) == len && strncmp(names[i], word, len) == 0) return i;
    return -1;
}

/* The names of a built-in transport's flags, or NULL. */
static const char *const *names_of(const dw_protocol_ops *ops)
{
    if (!ops || !ops->dissect || ops->layer != DW_LAYER_TRANSPORT) return NULL;
    dw_dissection d = {0};
    ops->dissect((const uint8_t *)"", 0, 0, &d);
    return d.flag_names;
}

/* The protocol that has a flag of this name; TCP, which comes last, when none has. */
static const char *const *flag_names(const char *word, size_t len)
{
    const char *const *names = NULL;
    for (size_t i = 0; dw_builtin_plugins[i]; i++) {
        const char *const *these = names_of(dw_builtin_plugins[i]->protocol);
        if (!these) continue;
        names = these;
        if (flag_bit(names, word, len) >= 0) break;
    }
    return names;
}

int dw_match_flags(dw_match *match, const char *text, char *why, size_t why_size)
{
    uint32_t flags = 0;
    const char *at = text;
    bool exact = *at == '=';
    if (exact) at++;
    const char *const *names = flag_names(at, strcspn(at, ", |+"));
    DW_ASSERT(names);
    while (*at) {
        size_t len = strcspn(at, ", |+");
        int bit = flag_bit(names, at, len);
        if (len && bit < 0) {
            char word[32];
            snprintf(word, sizeof word, "%.*s", (int)(len < 31 ? len : 31), at);
            const char *near = dw_nearest(word, names);
            if (near)
                snprintf(why, why_size, "unknown flag \"%s\"; did you mean \"%s\"?", word, near);
            else
                snprintf(why, why_size, "unknown flag \"%s\"", word);
            return DW_E_FORMAT;
        }
        if (len) flags |= 1u << bit;
        at += len;
        while (*at && strchr(", |+", *at))
            at++;
    }
    if (!flags && !exact) {
        snprintf(why, why_size, "no flags given; write for example \"SYN\" or \"=FIN,ACK\"");
        return DW_E_FORMAT;
    }
    match->flags = flags;
    match->flag_names = names;
    match->flags_given = true;
    match->flags_exact = exact;
    return DW_OK;
}
