/* Shell commands of a script: what they set and ask, and the files that do them.
 *
 *   drill_shell.c    lists and pipelines of commands, and files of such
 *   drill_words.c    a command's text as words
 *   drill_command.c  which commands there are, and the small ones
 *   drill_iproute.c  ip, tc and ethtool
 *   drill_sysctl.c   sysctl
 *   drill_proc.c     which sockets there are: /proc/net/tcp, sockstat; tcpdrop
 *   drill_grep.c     grep and wc -l
 *   drill_count.c    nstat
 *   drill_zeros.c    files of zeros: dd, truncate, rm */
#ifndef DW_DRILL_COMMAND_H
#define DW_DRILL_COMMAND_H

#include "drill/system/sockets.h"
#include "outcome.h"

enum { DW_MAX_WORDS = 64, DW_WORD_SIZE = 256, DW_OUTPUT_SIZE = 16384, DW_DRILL_MAX_FILES = 16 };

/* What the host has counted, as nstat shows it, now and when nstat last looked. */
enum { DW_DRILL_COUNTERS = 32 };
typedef struct dw_drill_counts {
    uint64_t now[DW_DRILL_COUNTERS], before[DW_DRILL_COUNTERS];
} dw_drill_counts;

/* What commands work on. */
typedef struct dw_command_env {
    dw_drill_outcome *outcome;
    dw_node *host; /* simulated; NULL: this machine's kernel */
    dw_sys *sys;
    dw_drill_counts *counts; /* what the simulated host has counted */
    dw_arena arena;          /* the names of files */
    const char *script;      /* the script's path, where files of commands are beside it; or NULL */
    uint16_t bind_port;      /* the listener's, as /proc/net/tcp shows it */
    void *owner;             /* of the two functions */
    bool (*sysctl)(struct dw_command_env *env, const char *name, const char *value);
    /* Run a program of the machine's; words ends with NULL.  NULL: there is none, and commands are
     * worked out here. */
    bool (*execute)(struct dw_command_env *env, char *const *words);
    struct {
        const char *name;
        uint64_t size;
    } files[DW_DRILL_MAX_FILES]; /* of zeros, that the script has made */
    size_t file_count;
} dw_command_env;

/* One command of a pipeline. */
typedef struct dw_words {
    char word[DW_MAX_WORDS][DW_WORD_SIZE];
    size_t count;
    char target[DW_WORD_SIZE]; /* where the output goes; "": to the next command, or nowhere */
    char input[DW_OUTPUT_SIZE], output[DW_OUTPUT_SIZE]; /* of the command; lines */
    bool piped, into_pipe;                              /* there is an input; a reader */
    bool failed;                                        /* the command's status is not 0 */
    int depth;                                          /* of files that files run */
} dw_words;

/* Functions that return bool return false when the outcome has the reason. */

/* drill_shell.c.  Do what a shell command would have done. */
bool dw_drill_do_command(dw_command_env *env, const char *command);
/* Do what is in these files, with commas between their paths. */
bool dw_drill_do_files(dw_command_env *env, const char *paths);

/* What commands have made; env itself is the caller's. */
void dw_command_env_free(dw_command_env *env);

/* drill_words.c.  The words of the next command, and in end the operator that ends it ("": the
 * text's end); returns what follows. */
const char *dw_words_take(const char *at, dw_words *w, char end[4]);
void DW_PRINTF(2, 3)
    dw_words_print(dw_words *w, const char *format, ...); /* a part of the output */
const char *dw_base_name(const char *path);

/* drill_command.c.  Do one command, which is no file. */
bool dw_drill_do_words(dw_command_env *env, dw_words *w);
/* Whether there is a command of that name. */
bool dw_drill_is_command(const char *name);
/* The base configuration of the suites for Linux. */
bool dw_drill_default_sysctls(dw_command_env *env);

/* drill_iproute.c */
bool dw_drill_ip(dw_command_env *env, dw_words *w);
bool dw_drill_tc(dw_command_env *env, dw_words *w);
bool dw_drill_ethtool(dw_command_env *env, dw_words *w);

/* drill_proc.c.  Print what such a file would say: /proc/net/tcp. */
bool dw_drill_print_file(dw_command_env *env, dw_words *w, const char *path);
bool dw_drill_sockstat(dw_command_env *env, dw_words *w);
bool dw_drill_tcpdrop(dw_command_env *env, dw_words *w);

/* drill_zeros.c */
bool dw_drill_dd(dw_command_env *env, dw_words *w);
bool dw_drill_truncate(dw_command_env *env, dw_words *w);
bool dw_drill_rm(dw_command_env *env, dw_words *w);
/* The size of a file that the script has made, or `otherwise`. */
uint64_t dw_drill_file_size(const dw_command_env *env, const char *name, uint64_t otherwise);

/* drill_grep.c */
bool dw_drill_grep(dw_command_env *env, dw_words *w);
bool dw_drill_wc(dw_command_env *env, dw_words *w);

/* drill_count.c.  Something has happened on the host. */
void dw_drill_count(dw_drill_counts *counts, const dw_trace_event *e);
/* nstat, with its arguments. */
bool dw_drill_nstat(dw_command_env *env, dw_words *w);
/* Whether a pattern that is looked for in nstat's output names what is counted; else false, as not
 * supported: that it is not found would mean nothing. */
bool dw_drill_counted(dw_command_env *env, const char *pattern);

/* drill_sysctl.c.  Set an option of the host's TCP ("udp.": of its UDP); name is the sysctl's, for
 * messages. */
bool dw_drill_set_option(dw_command_env *env, const char *name, const char *option,
                         const char *text);
/* Set on a simulated host what the sysctl would have set. */
bool dw_drill_set_sysctl(dw_command_env *env, const char *name, const char *value);
/* The other way: the sysctl of a profile's system that sets an option, as "name=value" in buf. */
bool dw_drill_sysctl_of(const char *profile, const char *option, const char *text, char *buf,
                        size_t size);

#endif
