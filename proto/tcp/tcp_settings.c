/* What a user may set for one connection.  Most connections of a host never change any of it, so
 * they share one copy; the first change makes one of its own. */
#include "tcp_settings.h"

struct dw_tcp_shared_settings {
    dw_tcp_settings values; /* first, so that a pointer to them is one to this */
    uint32_t users;
};

static void fill(dw_tcp_settings *s, const dw_tcp_profile *p)
{
    s->keepalive_idle = p->keepalive_idle;
    s->keepalive_interval = p->keepalive_interval;
    s->keepalive_probes = p->keepalive_probes;
    s->user_timeout = p->user_timeout;
    s->syn_r2 = p->syn_r2;
    s->syn_retries = p->syn_retries;
    s->send_buffer = p->send_buffer;
    s->receive_buffer = p->receive_buffer;
    s->nagle = p->nagle;
    s->keepalive = p->keepalive;
    s->fast_open = p->fast_open;
    s->pmtu_discovery = p->pmtu_discovery;
    s->receive_lowat = 1;
    s->quick_ack = true;
    s->options = true;
    s->reports = true;
}

static struct dw_tcp_shared_settings *shared(const dw_tcb *t)
{
    return (struct dw_tcp_shared_settings *)(void *)(uintptr_t)t->set;
}

static void unref(dw_tcp *tcp, struct dw_tcp_shared_settings *s)
{
    if (s && --s->users == 0) tcp->host->free(tcp->node, s, sizeof *s);
}

static struct dw_tcp_shared_settings *make(dw_tcp *tcp, const dw_tcp_settings *values)
{
    struct dw_tcp_shared_settings *s = tcp->host->alloc(tcp->node, sizeof *s);
    if (!s) return NULL;
    s->values = *values;
    s->users = 1;
    return s;
}

/* Compared as bytes: both were made here, from zeroes. */
bool dw_tcp_settings_begin(dw_tcb *t, const dw_flow *flow)
{
    dw_tcp *tcp = t->tcp;
    dw_tcp_settings fresh;
    memset(&fresh, 0, sizeof fresh);
    fill(&fresh, &tcp->profile);
    fresh.tos = flow->tos;
    fresh.ttl = flow->ttl;
    if (!tcp->settings || memcmp(&tcp->settings->values, &fresh, sizeof fresh) != 0) {
        struct dw_tcp_shared_settings *made = make(tcp, &fresh);
        if (!made) return false;
        unref(tcp, tcp->settings);
        tcp->settings = made;
    }
    tcp->settings->users++;
    t->set = &tcp->settings->values;
    return true;
}

dw_tcp_settings *dw_tcp_settings_own(dw_tcb *t)
{
    DW_ASSERT(t->set);
    struct dw_tcp_shared_settings *s = shared(t);
    if (s->users > 1) {
        struct dw_tcp_shared_settings *own = make(t->tcp, &s->values);
        if (!own) return &s->values; /* the simulation is over: others may be changed, too */
        unref(t->tcp, s);
        s = own;
        t->set = &s->values;
    }
    return &s->values;
}

void dw_tcp_settings_end(dw_tcb *t)
{
    unref(t->tcp, shared(t));
    t->set = NULL;
}

void dw_tcp_settings_forget(dw_tcp *tcp)
{
    unref(tcp, tcp->settings);
    tcp->settings = NULL;
}
