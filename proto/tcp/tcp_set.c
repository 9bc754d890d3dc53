/* What a user sets for one connection, or for those that a listener will accept. */
#include "tcp_set.h"
#include "tcp_congestion.h"
#include "tcp_delack.h"
#include "tcp_fastopen.h"
#include "tcp_listen.h"
#include "tcp_settings.h"
#include "tcp_state.h"
#include "tcp_window.h"

#include <stdio.h>

/* The table's own copy of an option's name: the trace keeps it, and the user's may go. */
static const char *setting_name(const char *name)
{
    const dw_option *o = dw_tcp_setting_options;
    while (o->name && strcmp(o->name, name) != 0)
        o++;
    return o->name ? o->name : "set";
}

/* How the trace, and a listener, write what was set to a number. */
static const char *setting_text(const char *name, const dw_tcp_settings *s, char *buf, size_t size)
{
    const dw_option *o = dw_tcp_setting_options;
    while (strcmp(o->name, name) != 0)
        o++;
    return dw_option_get(o, s, buf, size);
}

static void limit_receive_buffer(dw_tcb *t)
{
    uint32_t max = t->tcp->profile.receive_buffer_limit;
    t->receive_fixed = true;
    t->odd_memory = false;
    if (max > 0 && t->set->receive_buffer > max) dw_tcp_settings_own(t)->receive_buffer = max;
}

/* An option has been set.  Some take effect at once, in the middle of a connection: what is left of
 * the buffer, ACKs that wait, the size of segments (which can only fall). */
static void take_effect(dw_tcb *t, const char *name)
{
    if (strcmp(name, "receive_buffer") == 0) limit_receive_buffer(t);
    if (strcmp(name, "receive_lowat") == 0 && t->received.bytes >= t->set->receive_lowat)
        dw_tcp_tell(t, DW_SOCKET_READABLE);
    if (strcmp(name, "quick_ack") == 0) dw_tcp_delack_set(t, t->set->quick_ack);
    t->send_fixed |= strcmp(name, "send_buffer") == 0;
    if (t->state <= DW_TCP_LISTEN) dw_tcp_size_receiver(t);
    if (dw_tcp_synchronized(t) && t->set->mss && t->set->mss < t->snd_mss &&
        strcmp(name, "mss") == 0)
        t->snd_mss = t->cc.mss = t->mtu.peer_mss = t->set->mss;
}

static void trace_setting(dw_tcb *t, const char *name, const char *text)
{
    if (dw_tcp_traced(t->tcp, DW_TRACE_CALL))
        t->tcp->host->trace_call(t->tcp->node, t->socket.conn, setting_name(name), 0, text, NULL,
                                 0);
}

/* Names are looked up as the user gave them: a congestion control may be a plugin's, all others are
 * rows of dw_tcp_setting_options. */
int dw_tcp_inherit(dw_tcb *t, const char *name, const char *text, char *why, size_t why_size)
{
    int status = DW_E_NOENT;
    if (strcmp(name, "congestion_control") == 0) status = dw_tcp_congestion_set(t, text);
    if (status != DW_OK)
        status = dw_option_set(dw_tcp_setting_options, dw_tcp_settings_own(t), name, text, why,
                               why_size);
    if (status == DW_OK) take_effect(t, name);
    return status;
}

int dw_tcp_set(dw_tcb *t, const char *name, const char *text, char *why, size_t why_size)
{
    int status = dw_tcp_inherit(t, name, text, why, why_size);
    if (status == DW_OK) trace_setting(t, name, text);
    return status;
}

int dw_tcp_set_value(dw_tcb *t, const char *name, int64_t value, char *why, size_t why_size)
{
    char text[DW_TIME_TEXT];
    dw_tcp_settings *own = dw_tcp_settings_own(t);
    int status = dw_option_set_value(dw_tcp_setting_options, own, name, value, why, why_size);
    if (status != DW_OK) return status;
    if (strcmp(name, "congestion_control") == 0)
        status = dw_tcp_congestion_set(t, dw_tcp_congestion_names[own->congestion_control]);
    if (status != DW_OK) return status;
    take_effect(t, name);
    trace_setting(t, name, setting_text(name, own, text, sizeof text));
    return DW_OK;
}

int dw_tcp_set_listener_value(dw_tcp_listener *l, const char *name, int64_t value, char *why,
                              size_t why_size)
{
    char text[DW_TIME_TEXT];
    dw_tcp_settings trial;
    int status = dw_option_set_value(dw_tcp_setting_options, &trial, name, value, why, why_size);
    if (status != DW_OK) return status;
    return dw_tcp_set_listener(l, name, setting_text(name, &trial, text, sizeof text), why,
                               why_size);
}

/* For connections to come; a trial finds mistakes now. */
int dw_tcp_set_listener(dw_tcp_listener *l, const char *name, const char *text, char *why,
                        size_t why_size)
{
    dw_tcp_settings trial;
    dw_tcp_inherited *i = l->inherited;
    if (strcmp(name, "fast_open_key") == 0) {
        l->has_fast_key = dw_tcp_fast_key_parse(text, l->fast_key);
        if (!l->has_fast_key) snprintf(why, why_size, "fast_open_key: write 32 hexadecimal digits");
        return l->has_fast_key ? DW_OK : DW_E_FORMAT;
    }
    bool known = strcmp(name, "congestion_control") == 0 && dw_tcp_congestion_named(l->tcp, text);
    int status =
        known ? DW_OK : dw_option_set(dw_tcp_setting_options, &trial, name, text, why, why_size);
    if (status != DW_OK) return status;
    while (i && strcmp(i->name, name) != 0)
        i = i->next;
    if (!i) {
        i = l->tcp->host->alloc(l->tcp->node, sizeof *i);
        if (!i) return DW_E_NOMEM;
        i->next = l->inherited;
        l->inherited = i;
    }
    snprintf(i->name, sizeof i->name, "%s", name);
    snprintf(i->text, sizeof i->text, "%s", text);
    return DW_OK;
}
