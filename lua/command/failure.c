/* What a command says when it cannot go on (see failure.h). */
#include "failure.h"
#include "printing.h"
#include "binding/base/state.h"

#include <stdarg.h>
#include <stdlib.h>

int usage_error(const char *command, const char *format, ...)
{
    va_list args;
    char text[2000];
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (command)
        fprintf(stderr, "drywire %s: ", command);
    else
        fprintf(stderr, "drywire: ");
    print_escaped(stderr, DW_IN_LINES, text);
    fprintf(stderr, "\n");
    return EXIT_USAGE;
}

int lua_failure(lua_State *L, const char *command, int status)
{
    const dwl_state *s = dwl_state_of(L);
    if (status == LUA_ERRMEM || (s && s->out_of_memory)) return no_memory(command);
    return usage_error(command, "%s", lua_tostring(L, -1));
}

int no_memory(const char *command)
{
    return failure(command, DW_E_NOMEM, "out of memory");
}

void *needed(void *block)
{
    if (!block) exit(no_memory(NULL));
    return block;
}

bool close_text(FILE *f)
{
    bool failed = ferror(f);
    return fclose(f) == 0 && !failed;
}

int failure(const char *command, int status, const char *why)
{
    usage_error(command, "%s", why);
    return status == DW_E_NOMEM ? EXIT_LIMIT : EXIT_USAGE;
}

int which_trace(const char *command, int given, const char *example)
{
    return usage_error(command, "%s %s", given ? "one trace at a time:" : "which trace?", example);
}
