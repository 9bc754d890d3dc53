/* What a program asks of its socket's TCP: set at once, and kept for the socket that is made when
 * the program connects or listens.  TCP takes its settings as text (dw_socket_set, dw_open). */
#include "descriptor.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void dw_fd_remember(dw_descriptor *d, const char *name, const char *text)
{
    size_t i = 0;
    DW_ASSERT(strlen(text) < DW_SETTING_TEXT);
    while (i < d->setting_count && strcmp(d->settings[i].name, name) != 0)
        i++;
    DW_ASSERT(i < DW_MAX_SETTINGS); /* there are fewer names than that */
    snprintf(d->texts[i], DW_SETTING_TEXT, "%s", text);
    d->settings[i] = (dw_setting){.name = name, .text = d->texts[i]};
    if (i == d->setting_count) d->setting_count++;
}

int64_t dw_fd_set_text(dw_descriptor *d, const char *name, const char *text)
{
    char why[200];
    if (d->socket) {
        int status = dw_socket_set(d->socket, name, text, why, sizeof why);
        if (status != DW_OK) return -dw_errno_of(status);
    }
    dw_fd_remember(d, name, text);
    return 0;
}

int64_t dw_fd_set(dw_descriptor *d, const char *name, int64_t value, const char *unit)
{
    char text[DW_SETTING_TEXT];
    snprintf(text, sizeof text, "%" PRId64 "%s", value, unit);
    return dw_fd_set_text(d, name, text);
}

int64_t dw_fd_set_flag(dw_descriptor *d, const char *name, bool value)
{
    return dw_fd_set_text(d, name, value ? "true" : "false");
}

const char *dw_fd_setting(const dw_descriptor *d, const char *name, const char *otherwise)
{
    for (size_t i = 0; i < d->setting_count; i++)
        if (strcmp(d->settings[i].name, name) == 0) return d->settings[i].text;
    return otherwise;
}

void dw_fd_tell_bound(const dw_descriptor *d)
{
    char text[64];
    if (d->sys->kind != DW_SYS_FREEBSD || d->phase != DW_PHASE_FRESH || !d->local_port) return;
    snprintf(text, sizeof text, "%u %s %s", d->local_port, dw_fd_setting(d, "tos", "0"),
             dw_fd_setting(d, "ttl", "64"));
    dw_node_option(d->sys->host, "tcp", "bound", text);
}
