/* The numbers of the wire, for the files that write, read and compare packets. */
#ifndef DW_DRILL_NUMBERS_H
#define DW_DRILL_NUMBERS_H

#include "drill_packet.h"

enum {
    DW_PROTO_ICMP = 1,
    DW_PROTO_TCP = 6,
    DW_PROTO_UDP = 17,
    DW_PROTO_ICMP6 = 58,
    DW_TCP_HEADER = 20,
    DW_UDP_HEADER = 8,
    DW_ICMP_HEADER = 8,
    /* TCP options; their kinds are IANA's. */
    DW_OPT_END = 0,
    DW_OPT_NOP = 1,
    DW_OPT_MSS = 2,
    DW_OPT_WSCALE = 3,
    DW_OPT_SACK_OK = 4,
    DW_OPT_SACK = 5,
    DW_OPT_TIMESTAMP = 8,
    DW_OPT_MD5 = 19,
    DW_OPT_FAST_OPEN = 34,
    DW_OPT_ACCECN_0 = 172, /* RFC 9768 3.2.3: the two orders of its fields */
    DW_OPT_ACCECN_1 = 174,
    DW_OPT_EXPERIMENT = 254,
};

/* icmp_names.c.  A type and code of ICMP; family 0: the end of the table. */
typedef struct dw_icmp_name {
    uint8_t family, type, code;
    const char *type_name, *code_name; /* code_name NULL: the type alone */
} dw_icmp_name;
/* What a script's words mean, code NULL: the type alone; NULL: they mean nothing. */
const dw_icmp_name *dw_drill_icmp(uint32_t family, const char *type, const char *code);
/* The words for a type and code; NULL: there are none. */
const dw_icmp_name *dw_drill_icmp_named(uint32_t family, uint8_t type, uint8_t code);

/* drill_flow.c.  Sequence numbers: in a script those of SYNs are what they are, ISNs of the
 * script's choice; all others count from the ISN.  The wire's ISN is the script's own; the host's
 * is what it is. */
uint32_t dw_flow_local_live(const dw_drill_flow *f, bool syn, uint32_t script);
uint32_t dw_flow_local_script(const dw_drill_flow *f, bool syn, uint32_t live);
uint32_t dw_flow_remote_live(const dw_drill_flow *f, bool syn, uint32_t script);
uint32_t dw_flow_remote_script(const dw_drill_flow *f, bool syn, uint32_t live);
/* The timestamp that a script echoes: one that it has seen, or as far from the first as it says. */
uint32_t dw_flow_live_timestamp(const dw_drill_flow *f, uint32_t script);
/* The flags of a script's packet as in the header, ACE among them (RFC 9768). */
uint16_t dw_drill_wire_flags(const dw_drill_packet *k);

/* drill_text.c.  Text that is put together in a buffer; what has no room in it is left out. */
typedef struct dw_text {
    char *at;
    size_t left;
} dw_text;
void dw_text_flags(dw_text *t, uint16_t flags);
void dw_text_options(dw_text *t, const uint8_t *o, uint32_t len);

#endif
