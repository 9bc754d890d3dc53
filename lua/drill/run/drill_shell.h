/* Commands of a script as words: what the two files that do them share. */
#ifndef DW_DRILL_SHELL_H
#define DW_DRILL_SHELL_H

#include "drill_run.h"

enum { DW_MOST_WORDS = 64, DW_WORD_SIZE = 256, DW_OUTPUT_SIZE = 16384 };

/* One command of a pipeline. */
typedef struct dw_words {
    char word[DW_MOST_WORDS][DW_WORD_SIZE];
    size_t count;
    char target[DW_WORD_SIZE]; /* where the output goes; "": to the next command, or nowhere */
    char input[DW_OUTPUT_SIZE], output[DW_OUTPUT_SIZE]; /* of the command; lines */
    bool piped, into_pipe;                              /* there is an input; a reader */
    bool failed;                                        /* the command's status is not 0 */
    int depth;                                          /* of files that files run */
} dw_words;

/* drill_command.c.  Do one command; false: dw_drill_stop has said why. */
bool dw_drill_do_words(dw_drill_run *run, dw_words *w);
/* Whether there is a command of that name. */
bool dw_drill_is_command(const char *name);

/* drill_shell.c. */
void DW_PRINTF(2, 3)
    dw_words_print(dw_words *w, const char *format, ...); /* a part of the output */
/* Run a file of commands.  *there: there is one, and it has nothing but what drill_command.c knows;
 * otherwise nothing was done. */
bool dw_drill_do_file(dw_drill_run *run, dw_words *w, const char *path, bool *there);
const char *dw_base_name(const char *path);

/* Print what such a file would say: /proc/net/tcp. */
bool dw_drill_print_file(dw_drill_run *run, dw_words *w, const char *path);

/* drill_grep.c. */
bool dw_drill_grep(dw_drill_run *run, dw_words *w);
bool dw_drill_wc(dw_drill_run *run, dw_words *w);

/* drill_count.c.  nstat, with its arguments. */
bool dw_drill_nstat(dw_drill_run *run, dw_words *w);
/* Whether a pattern that is looked for in nstat's output names what is counted; else false, as not
 * supported: that it is not found would mean nothing. */
bool dw_drill_counted(dw_drill_run *run, const char *pattern);

#endif
