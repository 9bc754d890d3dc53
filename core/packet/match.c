/* Deciding which packets a filter means. */
#include "match.h"

#include "protocols.h"

#include <stdio.h>
#include <string.h>

void dw_match_any(dw_match *match)
{
    *match = (dw_match){0};
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
    const dw_plugin *const *plugins = dw_protocols_builtin();
    for (size_t i = 0; plugins[i]; i++) {
        const char *const *these = names_of(plugins[i]->protocol);
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
