/* packetdrill scripts: what the files of this folder share.
 *
 *   drill_parse.c    the language: times, options, system calls, commands, code
 *   drill_notation.c one packet as text: "S 0:0(0) win 65535 <mss 1460>"
 *   drill_packet.c   packets as bytes, and comparing what came with what was expected
 *   drill_run.c      one script, wherever it runs
 *   drill_option.c   its options, and those of the command line
 *   drill_define.c   what it leaves to how it is started
 *   drill_record.c   ... recorded, not checked
 *   drill_sim.c      ... on a simulated host, in virtual time
 *   live_*.c         ... on this machine's kernel, in real time (live.h)
 *   none_live.c      ... where there is no Linux
 *   drill_call.c     system calls: arguments in, results compared
 *   drill_report.c   what became of it, for people
 *   drill_export.c   the other way: a trace as a script
 *   drill_symbol.c   the names of constants, errors and structures
 *   drill_code.c     the assertions in %{ }%
 *   drill_command.c  shell commands, which set switches instead
 *   sockets.c        the sockets of one process, as an operating system gives them
 *   error_queue.c    what such a socket tells besides its data
 *
 * A parsed script lives in one arena and is read only. */
#ifndef DW_DRILL_H
#define DW_DRILL_H

#include "drywire/drywire.h"

#include <stdio.h>

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
 * "path:line:column: sentence" in why, or DW_E_NOMEM.  Free it in all cases. */
int dw_drill_parse(const char *path, const char *text, size_t len, const char *const *defines,
                   dw_drill_script *out, char *why, size_t why_size);
void dw_drill_free(dw_drill_script *script);

/* -------------------------------------------------------------------------- *
 * Running
 * -------------------------------------------------------------------------- */

enum dw_drill_verdict {
    DW_DRILL_PASSED,
    DW_DRILL_FAILED,
    DW_DRILL_UNSUPPORTED, /* the script asks for something that is not there */
    DW_DRILL_WRONG,       /* the script itself is wrong */
    DW_DRILL_NO_MEMORY,   /* it was not run to its end */
};

typedef struct dw_drill_config {
    const char *profile;            /* of TCP; NULL: guessed from what the script sets */
    const char *ip_version;         /* "ipv4", "ipv6", "ipv4-mapped-ipv6"; NULL: the script's own */
    const char *const *defines;     /* as for dw_drill_parse, besides those of the profile */
    const dw_drill_option *options; /* as on packetdrill's command line: over the script's own */
    bool strict;                    /* packets left over at the end fail the script */
    bool keep;                      /* keep the trace */
    bool detail;                    /* ... in detail (dw_sim_config) */
    unsigned ignore;                /* bits of enum dw_drill_field: not compared */
    dw_time tolerance;              /* the least, over the script's own; 0: not given */
    FILE *record;  /* the script is written here, with what the host sent; NULL: it is checked */
    FILE *printed; /* where print() of %{ }% goes; NULL: nowhere */
    int (*ended)(void); /* asked again and again: the signal that is to end the script, or 0; NULL:
                         * there will be none */
    bool live;          /* not simulated: see dw_drill_live */
    bool verbose;       /* live: print each event as it happens */
} dw_drill_config;

typedef struct dw_drill_result {
    enum dw_drill_verdict verdict;
    char why[1200];  /* a sentence; "" when the script passed */
    char event[400]; /* the script's text there */
    char came[600];  /* the packet that came instead, as a script would write it; or "" */
    int line;        /* in the script */
    const char *profile;
    dw_time at;      /* simulated, when it ended */
    uint64_t packet; /* on the ladder: the one that was wrong; 0: none */
    uint64_t packets, events;
    dw_sim *sim;        /* with config.keep; freed by dw_drill_result_free */
    bool ended;         /* by a signal, in the middle: the verdict says nothing */
    bool unable;        /* live: this machine or this user cannot */
    char columns[8000]; /* of a live run: the last events, the script beside the kernel */
} dw_drill_result;

/* packetdrill's own name of an option that begins like that (len octets of name, without dashes),
 * and whether it takes no value; NULL: it has none of that name. */
const char *dw_drill_option_name(const char *name, size_t len, bool *flag);
/* The names of all of them by number; NULL past the last. */
const char *dw_drill_option_at(size_t i);

/* Run a script's text in virtual time. */
void dw_drill_text(const char *path, const char *text, size_t len, const dw_drill_config *config,
                   dw_drill_result *out);
/* The same with a file. */
void dw_drill_file(const char *path, const dw_drill_config *config, dw_drill_result *out);
void dw_drill_result_free(dw_drill_result *result);
/* Run a script on this machine's kernel, in real time: in a child process with a network namespace
 * of its own, in which a TUN device is the wire.  DW_OK with what became of the script in out; a
 * sentence in out->why with DW_E_IO, when this machine or this user cannot, or DW_E_INTERRUPT,
 * when config->ended said so.  Nothing is left behind in any case. */
int dw_drill_live(const char *path, const dw_drill_config *config, dw_drill_result *out);

/* "passed", "failed", "not supported", "wrong". */
const char *dw_drill_verdict_name(enum dw_drill_verdict verdict);
/* The exchange, all of it or what was near the packet that was wrong.  The caller frees it
 * (dw_free); NULL when there is none, or the script was not run with config.keep. */
char *dw_drill_ladder(const dw_drill_result *result, const dw_ladder_config *style, bool whole);
/* Why a script did not pass: the reason with its line, what the script says there, what came, and
 * the ladder. */
void dw_drill_explain(const char *path, const dw_drill_result *result,
                      const dw_ladder_config *style, FILE *f);

/* Write one host's part of an experiment as a script: its calls, what it received and what it sent.
 * nth counts the host's connections from 1; 0 is the first one, or without any the first segments.
 * sim may be NULL; with it the script says how the host's TCP was set.  title is for the script's
 * first line.  DW_E_NOENT with a sentence in why when there is no such host or connection;
 * DW_E_NOMEM. */
int dw_drill_export(const dw_trace *trace, dw_sim *sim, const char *host, uint32_t nth,
                    const char *title, FILE *f, char *why, size_t why_size);

/* Which sysctls scripts may set and what becomes of them, as a table in Markdown. */
void dw_drill_list_sysctls(FILE *f);

#endif
