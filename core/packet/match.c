/* Deciding which packets a filter means. */
#include "match.h"

#include "base/config.h"

#include "protocols.h"

#include <stdio.h>
#include <string.h>

int dw_match_read(dw_match *out, const dw_match *match)
{
    int status = DW_CONFIG_READ(out, match);
    if (status != DW_OK) return status;
    bool known = out->nth_count <= DW_MATCH_NTH && out->has_data >= -1 && out->has_data <= 1;
    return known ? DW_OK : DW_E_INVAL;
}

void dw_match_any(dw_match *match)
{
    *match = (dw_match)DW_INIT(dw_match);
}

static bool in_sequence_range(const dw_match *m, const dw_dissection *d)
{
    return d->seq - m->seq_min <= m->seq_max - m->seq_min;
}

/* The cheap questions first.  `when`, which may be a script's, is asked after all of these. */
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

static size_t word_length(const char *at)
{
    return strcspn(at, ", |+");
}

/* Behind a word and what separates it from the next. */
static const char *next_word(const char *at)
{
    at += word_length(at);
    return at + strspn(at, ", |+");
}

static bool has_all(const char *const *names, const char *text)
{
    for (const char *at = text; *at; at = next_word(at))
        if (word_length(at) && flag_bit(names, at, word_length(at)) < 0) return false;
    return true;
}

/* The flags of the first protocol that has all of these; where none has, of the first that has the
 * first one, or of the last with any: what is wrong is told in its words. */
static const char *const *choose_names(const dw_plugin *const *plugins, const char *text)
{
    const char *const *last = NULL, *const *near = NULL;
    for (; *plugins; plugins++) {
        const dw_protocol_ops *ops = (*plugins)->protocol;
        if (!ops || !DW_OFFERS(dw_protocol_ops, ops, flags)) continue;
        if (has_all(ops->flags, text)) return ops->flags;
        last = ops->flags;
        if (!near && flag_bit(last, text, word_length(text)) >= 0) near = last;
    }
    return near ? near : last;
}

static int unknown_flag(const char *at, const char *const *names, char *why, size_t why_size)
{
    char word[32];
    int len = (int)word_length(at);
    snprintf(word, sizeof word, "%.*s", len < 31 ? len : 31, at);
    const char *near = names ? dw_nearest(word, names) : NULL;
    if (near)
        snprintf(why, why_size, "unknown flag \"%s\"; did you mean \"%s\"?", word, near);
    else
        snprintf(why, why_size, "unknown flag \"%s\"", word);
    for (int i = 0; !near && names && names[i]; i++) {
        size_t used = strlen(why);
        if (used < why_size)
            snprintf(why + used, why_size - used, "%s%s",
                     i ? ", " : "; expected some of: ", names[i]);
    }
    return DW_E_FORMAT;
}

int dw_match_flag_names(const char *const *names, dw_match *match, const char *text, char *why,
                        size_t why_size)
{
    uint32_t flags = 0;
    bool exact = *text == '=';
    for (const char *at = text + exact; *at; at = next_word(at)) {
        size_t len = word_length(at);
        int bit = names && len ? flag_bit(names, at, len) : -1;
        if (len && bit < 0) return unknown_flag(at, names, why, why_size);
        if (len) flags |= 1u << bit;
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

int dw_match_flags_of(const dw_plugin *const *plugins, dw_match *match, const char *text, char *why,
                      size_t why_size)
{
    if (!plugins) plugins = dw_protocols_builtin();
    const char *const *names = choose_names(plugins, text + (*text == '='));
    return dw_match_flag_names(names, match, text, why, why_size);
}

int dw_match_flags(dw_match *match, const char *text, char *why, size_t why_size)
{
    return dw_match_flags_of(dw_protocols_builtin(), match, text, why, why_size);
}
