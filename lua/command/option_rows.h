/* The options of the command, a row each: what is parsed, what help says, what the shell completes
 * and what the manual page lists come from these rows alone. */
#ifndef DWL_OPTION_ROWS_H
#define DWL_OPTION_ROWS_H

#include "options.h"

typedef struct option_row option_row;

/* Read a value (NULL where there is none) into the options: EXIT_PASS or, after a message,
 * EXIT_USAGE. */
typedef int option_setter(const option_row *row, const char *value, options *o,
                          const char *command);

enum option_form {
    NO_VALUE,
    ONE_VALUE,   /* the next word, or after "=" */
    EQUALS_VALUE /* after "=", or none */
};

/* Whether a replay line has the option: it changes how a run goes, not where that is written. */
enum option_replay {
    NOT_REPLAYED,
    REPLAYED_LAST, /* of several, the last one counts */
    REPLAYED_EACH
};

struct option_row {
    const char *name, *letter; /* "--jobs", "-j"; letter: or NULL */
    unsigned of;               /* subcommands, bits of option_takers: help lists it for these */
    unsigned also;             /* those that take it, and do not list it */
    enum option_form form;
    enum option_replay replay;
    const char *replayed_as; /* another option, without a value, which has the same outcome */
    option_setter *set;
    size_t offset, size;       /* the field of struct options that it is stored in */
    size_t count;              /* of a list: offset of the field that counts it */
    bool repeats;              /* it may be given again: of all others one would be lost */
    bool writes;               /* the value is a file that is written */
    const char *const *words;  /* values: what is allowed, or what a shell offers */
    uint64_t min, max;         /* of numbers */
    const char *placeholder;   /* of the value, in help: "FILE" */
    const char *expected;      /* of numbers: "60 to 400 columns" */
    const char *help, *detail; /* sentences; detail: more of them for the manual page, or NULL */
};

/* Ends with a row without a name.  A name may have several rows, for different subcommands. */
extern const option_row option_rows[];

/* The bits of a subcommand; 0 when it takes no options. */
unsigned option_takers(const char *command);
/* The same by number, for lists of them; NULL past the last.  Two may have the same bits. */
const char *option_taker(size_t i, unsigned *bits);

/* Values of --style and --numbers, in the order of enum dw_ladder_style and dw_ladder_numbers; each
 * list ends with NULL. */
extern const char *const ladder_styles[];
extern const char *const number_styles[];
/* Values of --part, in the order of enum dw_stage. */
extern const char *const picture_parts[];

#endif
