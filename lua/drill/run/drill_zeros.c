/* Files of zeros, which a script makes to send them. */
#include "command.h"

#include <stdlib.h>
#include <string.h>

/* Files of zeros, for open(). */

static bool keep_file(dw_command_env *env, const char *name, uint64_t size)
{
    size_t i = 0;
    while (i < env->file_count && strcmp(env->files[i].name, name) != 0)
        i++;
    if (i == DW_DRILL_MAX_FILES)
        return dw_drill_unsupported(env->outcome, "so many files (%s)", name);
    if (i == env->file_count) {
        env->files[i].name = dw_arena_text(&env->arena, name, strlen(name));
        if (!env->files[i].name) return dw_drill_no_memory(env->outcome);
        env->file_count++;
    }
    env->files[i].size = size;
    return true;
}

/* 64, 4K, 1M */
static uint64_t octets(const char *text)
{
    char *end;
    uint64_t n = strtoull(text, &end, 0), unit = 1;
    if (*end == 'k' || *end == 'K') unit = 1024;
    if (*end == 'M') unit = 1 << 20;
    return n < ((uint64_t)1 << 40) ? n * unit : 0;
}

/* dd if=/dev/zero of=FILE bs=N count=N */
bool dw_drill_dd(dw_command_env *env, dw_words *w)
{
    const char *file = NULL;
    uint64_t size = 512, count = 1;
    bool zeros = false;
    for (size_t i = 1; i < w->count; i++) {
        const char *word = w->word[i];
        if (strncmp(word, "of=", 3) == 0)
            file = word + 3;
        else if (strncmp(word, "bs=", 3) == 0)
            size = octets(word + 3);
        else if (strncmp(word, "count=", 6) == 0)
            count = octets(word + 6);
        else if (strcmp(word, "if=/dev/zero") == 0)
            zeros = true;
        else if (strncmp(word, "status=", 7) != 0)
            return dw_drill_unsupported(env->outcome, "dd with %s", word);
    }
    if (!file || !zeros || count > 1 << 20 || size > 1 << 28)
        return dw_drill_unsupported(env->outcome,
                                    "dd other than if=/dev/zero of=FILE bs=N count=N");
    return keep_file(env, file, size * count);
}

/* truncate -s N FILE */
bool dw_drill_truncate(dw_command_env *env, dw_words *w)
{
    if (w->count != 4 || strcmp(w->word[1], "-s") != 0)
        return dw_drill_unsupported(env->outcome, "truncate other than -s SIZE FILE");
    return keep_file(env, w->word[3], octets(w->word[2]));
}

/* rm and touch of the script's own files; the machine's are left alone. */
bool dw_drill_rm(dw_command_env *env, dw_words *w)
{
    for (size_t i = 1; i < w->count; i++) {
        size_t k = 0;
        if (w->word[i][0] == '-') continue;
        while (k < env->file_count && strcmp(env->files[k].name, w->word[i]) != 0)
            k++;
        if (k == env->file_count && strncmp(w->word[i], "/tmp/", 5) != 0)
            return dw_drill_unsupported(
                env->outcome, "rm of a file that the script has not made: %s", w->word[i]);
        if (k < env->file_count) env->files[k] = env->files[--env->file_count];
    }
    return true;
}

uint64_t dw_drill_file_size(const dw_command_env *env, const char *name, uint64_t otherwise)
{
    for (size_t i = 0; i < env->file_count; i++)
        if (strcmp(env->files[i].name, name) == 0) return env->files[i].size;
    return otherwise;
}
