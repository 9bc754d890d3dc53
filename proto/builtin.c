/* The protocols that every simulation begins with.  They enter as any plugin does. */
#include "builtin.h"

const dw_plugin *const dw_builtin_plugins[] = {
    &dw_ip_plugin,  &dw_ip6_plugin,  &dw_icmp_plugin,   &dw_icmp6_plugin, &dw_udp_plugin,
    &dw_tcp_plugin, &dw_reno_plugin, &dw_cubic_plugin,  &dw_dctcp_plugin, &dw_vegas_plugin,
    &dw_bbr_plugin, &dw_bbr3_plugin, &dw_ledbat_plugin, &dw_none_plugin,  NULL};
