/* A script as it is read: its events, packets and expressions.
 *
 * A parsed script lives in one arena and is read only. */
#ifndef DW_DRILL_SCRIPT_H
#define DW_DRILL_SCRIPT_H

#include "drywire/drywire.h"

/* -------------------------------------------------------------------------- *
 * Memory: everything that a script is made of, freed at once
 * -------------------------------------------------------------------------- */

typedef struct dw_arena {
    struct dw_arena_block *blocks;
} dw_arena;
void *dw_arena_alloc(dw_arena *arena, size_t size); /* zeroed; NULL: no memory */
char *dw_arena_text(dw_arena *arena, const char *text, size_t len);
void dw_arena_free(dw_arena *arena);

/* -------------------------------------------------------------------------- *
 * Packets
 * -------------------------------------------------------------------------- */

enum dw_drill_protocol { DW_DRILL_TCP, DW_DRILL_UDP, DW_DRILL_ICMP };

/* How the octet with the ECN bits is checked, or set on the way in. */
enum dw_drill_tos { DW_DRILL_TOS_ANY, DW_DRILL_TOS_ECN, DW_DRILL_TOS_ECT01, DW_DRILL_TOS_WHOLE };

enum {
    DW_DRILL_FIN = 1,
    DW_DRILL_SYN = 2,
    DW_DRILL_RST = 4,
    DW_DRILL_PSH = 8,
    DW_DRILL_ACK = 16,
    DW_DRILL_URG = 32,
    DW_DRILL_AE = 0x100, /* the ninth flag (RFC 9768) */
    DW_DRILL_MD5_VALID = 1
};

/* One packet of a script.  Numbers are the script's: sequence numbers count from its own ISNs. */
typedef struct dw_drill_packet {
    bool outbound;
    uint8_t protocol; /* enum dw_drill_protocol */
    uint8_t tos_check, tos;
    int16_t ttl;        /* -1: not given */
    int32_t flow_label; /* -1: not given */
    bool has_ports;
    uint16_t sport, dport;
    uint16_t flags;    /* as in the header, with DW_DRILL_AE */
    int8_t ace;        /* the three ECN flags as one number (RFC 9768); -1: not given */
    bool seq_any;      /* "...": whatever it is */
    bool seq_absolute; /* "!": not counted from an ISN */
    uint32_t seq, ack;
    uint32_t payload;
    int32_t window; /* -1: not given */
    uint16_t urgent;
    bool options_any; /* <...> */
    bool md5_valid;   /* the MD5 option's digest must be right */
    uint8_t options[40];
    uint8_t options_len;
    bool udp_encapsulated;
    uint16_t udp_sport, udp_dport;
    /* ICMP */
    const char *icmp_type, *icmp_code;
    int64_t icmp_mtu; /* -1: not given */
    uint16_t icmp_id;
    uint8_t quoted; /* enum dw_drill_protocol of the packet in it */
    bool quotes;    /* there is one */
    uint32_t quoted_seq, quoted_payload;
} dw_drill_packet;

/* What of an outbound packet need not be as the script has it. */
enum dw_drill_field {
    DW_IGNORE_WINDOW = 1,
    DW_IGNORE_MSS = 2,
    DW_IGNORE_WSCALE = 4, /* its value, not its presence */
    DW_IGNORE_OPTIONS = 8,
    DW_IGNORE_PUSH = 16,
    DW_IGNORE_SACK = 32, /* blocks, their number and their padding */
    DW_IGNORE_TIME = 64,
};
/* The bits of names separated by commas ("window,wscale"); false with a sentence in why. */
bool dw_drill_fields(const char *names, unsigned *out, char *why, size_t why_size);

/* Parse a packet's text, from its flags on.  DW_OK, or DW_E_FORMAT with a sentence in why, or
 * DW_E_NOMEM. */
int dw_drill_notation(const char *text, dw_drill_packet *out, char *why, size_t why_size);

/* -------------------------------------------------------------------------- *
 * Scripts
 * -------------------------------------------------------------------------- */

enum dw_drill_expr_kind {
    DW_EXPR_ELLIPSIS, /* ... */
    DW_EXPR_NUMBER,
    DW_EXPR_WORD,
    DW_EXPR_STRING,
    DW_EXPR_LIST,   /* [a, b] */
    DW_EXPR_STRUCT, /* {a, b = c} */
    DW_EXPR_OR,     /* a | b */
    DW_EXPR_CALL,   /* name(a, b) */
    DW_EXPR_ASSIGN, /* name = value, name(count) = value */
};

typedef struct dw_drill_expr {
    uint8_t kind; /* enum dw_drill_expr_kind */
    bool open;    /* STRING: more follows ("abc"...) */
    int line, column;
    int64_t number;
    const char *text;            /* WORD, STRING, CALL, ASSIGN */
    size_t len;                  /* of text */
    struct dw_drill_expr *first; /* elements, arguments, sides, the count of an ASSIGN */
    struct dw_drill_expr *value; /* ASSIGN */
    struct dw_drill_expr *next;  /* in the list this one is in */
} dw_drill_expr;

typedef struct dw_drill_call {
    const char *name;
    dw_drill_expr *arguments;
    dw_drill_expr *result;
    const char *error; /* "EAGAIN", or NULL */
    bool blocking;
    dw_time end;
} dw_drill_call;

enum dw_drill_event_kind { DW_DRILL_PACKET, DW_DRILL_CALL, DW_DRILL_COMMAND, DW_DRILL_CODE };
enum dw_drill_time_kind {
    DW_DRILL_AT,
    DW_DRILL_AFTER,
    DW_DRILL_RANGE,
    DW_DRILL_RANGE_AFTER,
    DW_DRILL_ANY
};

typedef struct dw_drill_event {
    struct dw_drill_event *next;
    uint8_t kind;      /* enum dw_drill_event_kind */
    uint8_t time_kind; /* enum dw_drill_time_kind */
    dw_time at, end;
    int line;
    const char *text; /* the source line(s), without the time's blanks; for reports */
    union {
        dw_drill_packet *packet;
        dw_drill_call *call;
        const char *command;
        const char *code;
    } u;
} dw_drill_event;

typedef struct dw_drill_option {
    struct dw_drill_option *next;
    const char *name, *value; /* without the dashes; value NULL when there is none */
    int line;
    bool of_host; /* not --name=value, but an option of the host's TCP */
} dw_drill_option;

/* A comment at the very beginning that says how the host's TCP is set; packetdrill itself skips it:
 * "// drywire: profile=rfc9293 delayed_ack=40ms". */
#define DW_DRILL_HOST "// drywire:"

typedef struct dw_drill_script {
    dw_arena arena;
    const char *path;
    const char *text; /* the caller's */
    dw_drill_option *options;
    dw_drill_event *events;
    const char *before, *after; /* commands without a time, at the beginning and at the end */
    int before_line, after_line;
} dw_drill_script;

/* Parse a script.  path is for messages; defines, ending with NULL, are names that #ifdef knows,
 * and "NAME=VALUE" that stand for a value where the script names them.  DW_OK, or DW_E_FORMAT with
 * "path:line:column: sentence" in why, likewise DW_E_NOENT where it is right and not supported, or
 * DW_E_NOMEM.  Free it in all cases. */
int dw_drill_parse(const char *path, const char *text, size_t len, const char *const *defines,
                   dw_drill_script *out, char *why, size_t why_size);
/* The same of the options alone: there is no event in out. */
int dw_drill_parse_options(const char *path, const char *text, size_t len,
                           const char *const *defines, dw_drill_script *out, char *why,
                           size_t why_size);
void dw_drill_free(dw_drill_script *script);

#endif
