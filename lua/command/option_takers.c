/* Which subcommand takes which rows of options (see option_rows.h). */
#include "option_takers.h"
#include "option_rows.h"

#include <string.h>

static const struct taker {
    const char *command;
    unsigned bits;
} takers[] = {
    {"run", RUN},         {"test", TEST},         {"watch", RUN},           {"repl", REPL},
    {"drill", DRILL},     {"export", EXPORT},     {"figures", FIGURES},     {"ladder", LADDER},
    {"import", IMPORT},   {"trace", TRACE},       {"explain", EXPLAIN},     {"stats", STATS},
    {"plot", PLOT},       {"diff", DIFF},         {"check", CHECK},         {"profiles", PROFILES},
    {"defects", DEFECTS}, {"coverage", COVERAGE}, {"catalogue", CATALOGUE}, {"states", STATES},
    {"init", INIT},       {"explore", EXPLORE},   {"sweep", SWEEP},         {"swarm", SWARM}};

unsigned option_takers(const char *command)
{
    unsigned bits;
    const char *name;
    for (size_t i = 0; (name = option_taker(i, &bits)) != NULL; i++)
        if (strcmp(name, command) == 0) return bits;
    return 0;
}

const char *option_taker(size_t i, unsigned *bits)
{
    if (i >= sizeof takers / sizeof takers[0]) return NULL;
    *bits = takers[i].bits;
    return takers[i].command;
}
