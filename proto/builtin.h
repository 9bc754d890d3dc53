/* The tables of the built-in plugins. */
#ifndef DW_BUILTIN_H
#define DW_BUILTIN_H

#include "drywire/plugin.h"

extern const dw_plugin dw_ip_plugin;   /* ip/ip.c */
extern const dw_plugin dw_ip6_plugin;  /* ip/ip6.c */
extern const dw_plugin dw_icmp_plugin; /* icmp/icmp.c */
extern const dw_plugin dw_icmp6_plugin;
extern const dw_plugin dw_udp_plugin;  /* udp/udp.c */
extern const dw_plugin dw_tcp_plugin;  /* tcp/tcp.c */
extern const dw_plugin dw_reno_plugin; /* tcp/cc/reno.c */
extern const dw_plugin dw_cubic_plugin;
extern const dw_plugin dw_dctcp_plugin;
extern const dw_plugin dw_vegas_plugin;
extern const dw_plugin dw_bbr_plugin;
extern const dw_plugin dw_bbr3_plugin;
extern const dw_plugin dw_ledbat_plugin;
extern const dw_plugin dw_none_plugin;
extern const dw_plugin *const dw_builtin_plugins[];

#endif
