/* What a command says and answers when it cannot go on. */
#ifndef DWL_FAILURE_H
#define DWL_FAILURE_H

#include <drywire/drywire.h>
#include <lua.h>
#include <stdio.h>

/* Exit codes, documented in drywire(1). */
enum dwl_exit {
    EXIT_PASS = 0,
    EXIT_FAILED = 1, /* an assertion or expectation failed */
    EXIT_USAGE = 2,  /* wrong usage, or an error in the script */
    EXIT_LIMIT = 3,  /* a limit on time, events or memory, or the watchdog's */
    EXIT_PLUGIN = 4, /* a plugin could not be used */
    EXIT_NONDETERMINISM = 5,
    EXIT_SIGNAL =
        128, /* and the signal's number: 129 SIGHUP, 130 SIGINT, 141 SIGPIPE, 143 SIGTERM */
    EXIT_INTERRUPTED = 130
};

/* "drywire run: " and a sentence on stderr; returns EXIT_USAGE. */
int usage_error(const char *command, const char *format, ...) DW_PRINTF(2, 3);
/* What an error of the library means for a command: "drywire run: " and why on stderr; EXIT_LIMIT
 * when it is DW_E_NOMEM, else EXIT_USAGE. */
int failure(const char *command, int status, const char *why);
/* The same for the error of a lua_pcall, on top of the stack. */
int lua_failure(lua_State *L, const char *command, int status);
/* The same for lack of memory. */
int no_memory(const char *command);
/* Memory that a command cannot do without, before there is anything that would have to be undone:
 * the block, or the end of the process as no_memory() has it. */
void *needed(void *block);
/* Close a stream that open_memstream made; false: not all that was written to it is there. */
bool close_text(FILE *f);

/* A command that takes one trace was given none, or several. */
int which_trace(const char *command, int given, const char *example);

#endif
