/* Rules in a fingerprint: what they are yet to do, what they ask for, and what they hold. */
#include "fingerprint.h"

#include "link.h"
#include "node.h"
#include "rule.h"

static void mix_match(dw_mixing *m, const dw_rule *r)
{
    dw_fingerprint *fp = &m->fp;
    const dw_match *a = &r->match;
    uint64_t left[DW_MATCH_NTH], sent = m->sim->packet_count;
    dw_fp_u64(fp, (uint64_t)a->from_given | (uint64_t)a->to_given << 1 |
                      (uint64_t)a->flags_given << 2 | (uint64_t)a->flags_exact << 3 |
                      (uint64_t)a->len_given << 4 | (uint64_t)a->seq_given << 5 |
                      (uint64_t)(a->has_data + 1) << 6 | (uint64_t)(a->when != NULL) << 8 |
                      (uint64_t)(a->flag_names != NULL) << 9);
    DW_FP_MEMBERS(fp, a, from, flags);
    DW_FP_MEMBERS(fp, a, len_min, to_port);
    dw_fp_until(fp, a->after);
    dw_fp_u64(fp, a->before != 0);
    dw_fp_until(fp, a->before);
    dw_fp_u64(fp, a->packet > sent ? a->packet - sent : 0);
    dw_fp_u64(fp, a->conn);
    uint32_t count = dw_rule_still_to_come(r, left);
    dw_fp_u64(fp, (uint64_t)a->nth_count << 32 | count);
    dw_fp_bytes(fp, left, count * sizeof left[0]);
    dw_fp_u64(fp, a->count ? a->count - r->hits : UINT64_MAX);
}

static void mix_action(dw_mixing *m, const dw_rule *r)
{
    dw_fingerprint *fp = &m->fp;
    const dw_rule_config *c = &r->config;
    dw_fp_u64(fp, (uint64_t)c->action << 3 | (uint64_t)c->byte_given << 2 | (uint64_t)c->back << 1 |
                      c->keep_checksum);
    dw_fp_time(fp, fp->now + c->by);
    dw_fp_u64(fp, (uint64_t)c->behind << 32 | c->byte);
    dw_fp_u64(fp, c->field_count);
    for (uint32_t i = 0; i < c->field_count; i++) {
        dw_fp_text(fp, c->fields[i].name);
        dw_fp_u64(fp, (uint64_t)c->fields[i].value);
    }
    DW_FP_MEMBERS(fp, c, src, dst);
    dw_fp_text(fp, r->where);
    dw_fp_text(fp, r->what);
}

static void mix_endpoint(dw_fingerprint *fp, const dw_endpoint *e)
{
    DW_FP_MEMBERS(fp, e, addr, port);
}

static void mix_translations(dw_fingerprint *fp, const dw_rule *r)
{
    dw_fp_u64(fp, r->translation_count);
    for (uint32_t i = 0; i < r->translation_count; i++) {
        const dw_translation *t = &r->translations[i];
        mix_endpoint(fp, &t->src);
        mix_endpoint(fp, &t->dst);
        mix_endpoint(fp, &t->new_src);
        mix_endpoint(fp, &t->new_dst);
    }
}

static void mix_held(dw_mixing *m, const dw_rule *r)
{
    dw_fp_u64(&m->fp, dw_rule_held(r));
    for (uint32_t i = 0; i < r->held_count; i++) {
        if (!r->held[i].packet) continue;
        dw_fp_u64(&m->fp, r->held[i].behind);
        dw_mix_direction_name(m, r->held[i].direction);
        dw_fp_packet(&m->fp, r->held[i].packet);
    }
}

/* Which of them asks for what, of all that may still act. */
static void note_what_is_asked(dw_mixing *m, const dw_rule_list *rules)
{
    for (uint32_t i = 0; i < rules->count; i++) {
        const dw_rule *r = rules->items[i];
        if (!dw_rule_may_act(r)) continue;
        m->fp.asks_conn |= r->match.conn != 0;
        m->asks_packet |= r->match.packet != 0;
        m->asks_program |= r->match.when || r->config.action == DW_ACTION_INTERCEPT;
    }
}

void dw_mix_rules(dw_mixing *m, const dw_rule_list *rules)
{
    note_what_is_asked(m, rules);
    dw_fp_u64(&m->fp, rules->count);
    for (uint32_t i = 0; i < rules->count; i++) {
        const dw_rule *r = rules->items[i];
        bool acting = dw_rule_may_act(r);
        dw_fp_u64(&m->fp, (uint64_t)r->cancelled << 1 | acting);
        if (acting) mix_match(m, r);
        if (acting || r->config.back) mix_action(m, r);
        mix_translations(&m->fp, r);
        mix_held(m, r);
    }
}
