/* What a shell would do: lists and pipelines of commands, and files of them.  No shell is ever run.
 */
#include "command.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Lists of pipelines: a; b && c || d. */

static bool do_words(dw_command_env *env, dw_words *w);

static bool do_list(dw_command_env *env, dw_words *w, const char *text)
{
    char end[4] = ";", before[4] = ";";
    bool skipped = false;
    w->piped = w->failed = false;
    while (*text) {
        text = dw_words_take(text, w, end);
        if (strcmp(before, "|") != 0) { /* a pipeline begins */
            skipped = (strcmp(before, "&&") == 0 && w->failed) ||
                      (strcmp(before, "||") == 0 && !w->failed);
            w->piped = false;
            w->input[0] = 0;
        }
        bool runs = w->count > 0 && !skipped;
        if (runs) {
            w->output[0] = 0;
            w->failed = false;
            w->into_pipe = strcmp(end, "|") == 0;
            if (!do_words(env, w)) return false;
            w->piped = true;
            memcpy(w->input, w->output, sizeof w->input);
        }
        if (w->count > 0 || strcmp(end, ";") != 0) snprintf(before, sizeof before, "%s", end);
    }
    return true;
}

bool dw_drill_do_command(dw_command_env *env, const char *command)
{
    dw_words *w = calloc(1, sizeof *w);
    bool ok = w ? do_list(env, w, command) : dw_drill_no_memory(env->outcome);
    if (ok && w->failed)
        ok = dw_drill_stop(env->outcome, DW_DRILL_FAILED, "the command fails: %.*s",
                           (int)strcspn(command, "\n"), command);
    free(w);
    return ok;
}

/* Files. */

enum { MAX_OF_FILE = 65536, DEEPEST = 4 };

/* A file's text, where it is a small one; NULL: there is none. */
static char *read_file(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size >= MAX_OF_FILE) return NULL;
    FILE *f = fopen(path, "rb");
    char *text = f ? calloc(1, MAX_OF_FILE) : NULL;
    if (text) text[fread(text, 1, MAX_OF_FILE - 1, f)] = 0;
    if (f) fclose(f);
    return text;
}

/* path as seen from where a file is. */
static void beside(const char *file, const char *path, char *out, size_t size)
{
    const char *slash = file && path[0] != '/' ? strrchr(file, '/') : NULL;
    int folder = slash ? (int)(slash - file) + 1 : 0;
    snprintf(out, size, "%.*s%s", folder, file ? file : "", path);
}

/* A file beside the script, or from where drywire runs.  In a checkout without symbolic links such
 * a link is a file that holds a path. */
static char *find_file(const dw_command_env *env, const char *path)
{
    char where[1024], next[1024];
    beside(env->script, path, where, sizeof where);
    char *text = read_file(where);
    if (!text) {
        snprintf(where, sizeof where, "%s", path);
        text = read_file(where);
    }
    for (int links = 0; text && links < DEEPEST; links++) {
        if (text[strcspn(text, " \t\r\n;=")] || !strchr(text, '/')) break;
        beside(where, text, next, sizeof next);
        free(text);
        memcpy(where, next, sizeof where);
        text = read_file(where);
    }
    return text;
}

/* A file of commands: its name ends with .sh. */
static bool is_file(const char *name)
{
    size_t n = strlen(name);
    return n > 3 && strcmp(name + n - 3, ".sh") == 0;
}

/* What runs a file of commands. */
static bool is_shell(const char *name)
{
    static const char *const shells[] = {"sh", "bash", "source", "."};
    for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++)
        if (strcmp(shells[i], name) == 0) return true;
    return false;
}

/* Whether a text has nothing but commands that there are. */
static bool understood(const char *text, dw_words *w)
{
    char end[4];
    while (*text) {
        text = dw_words_take(text, w, end);
        const char *name = w->count > 0 ? dw_base_name(w->word[0]) : "true";
        if (!dw_drill_is_command(name) && !is_shell(name) && !is_file(name)) return false;
    }
    return true;
}

/* Run a file of commands.  *there: there is one, and it has nothing but commands that there are;
 * otherwise nothing was done. */
static bool do_file(dw_command_env *env, dw_words *w, const char *path, bool *there)
{
    *there = false;
    if (w->depth == DEEPEST)
        return dw_drill_unsupported(env->outcome, "files of commands that run each other: %s",
                                    path);
    dw_words *inner = calloc(1, sizeof *inner);
    if (!inner) return dw_drill_no_memory(env->outcome);
    char *text = find_file(env, path);
    inner->depth = w->depth + 1;
    bool ok = true;
    *there = text && understood(text, inner);
    if (*there) ok = do_list(env, inner, text);
    w->failed = *there && inner->failed;
    free(text);
    free(inner);
    return ok;
}

static bool do_named_file(dw_command_env *env, dw_words *w, const char *path)
{
    bool there;
    const char *name = dw_base_name(path);
    if (strncmp(name, "sysctl_restore_", 15) == 0) return true; /* every script begins afresh */
    if (!do_file(env, w, path, &there)) return false;
    if (there) return true;
    if (strcmp(name, "defaults.sh") == 0) return dw_drill_default_sysctls(env);
    return dw_drill_unsupported(env->outcome, "the command %s", path);
}

static bool do_words(dw_command_env *env, dw_words *w)
{
    const char *name = dw_base_name(w->word[0]);
    if (is_file(name)) return do_named_file(env, w, w->word[0]);
    if (is_shell(name) && w->count > 1) return do_named_file(env, w, w->word[1]);
    return dw_drill_do_words(env, w);
}

bool dw_drill_do_files(dw_command_env *env, const char *paths)
{
    bool ok = true, there;
    dw_words *w = calloc(1, sizeof *w);
    if (!w) return dw_drill_no_memory(env->outcome);
    for (const char *at = paths; ok && *at; at += *at == ',') {
        char path[DW_WORD_SIZE];
        size_t n = strcspn(at, ",");
        snprintf(path, sizeof path, "%.*s", (int)n, at);
        at += n;
        ok = do_file(env, w, path, &there) &&
             (there ||
              dw_drill_unsupported(env->outcome,
                                   "the file of commands %s, which is not there or has more "
                                   "in it than a script may%s",
                                   path, ""));
    }
    free(w);
    return ok;
}

void dw_command_env_free(dw_command_env *env)
{
    dw_arena_free(&env->arena);
}
