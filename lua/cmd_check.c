/* drywire check: the same script in changed surroundings must give the same trace. */
#include "command.h"
#include "process.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One change of surroundings.  Every run has another hash seed and another address layout anyway.
 */
static const struct surrounding {
    const char *name;
    const char *env[4];
    const char *directory;
    bool fixed_addresses;
} surroundings[] = {
    {"as it is", {NULL}, NULL, false},
    {"again", {NULL}, NULL, false},
    {"another directory", {NULL}, "/", false},
    {"a long environment",
     {"DRYWIRE_CHECK=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
      "LUA_PATH=/nowhere/?.lua", NULL},
     NULL,
     false},
    {"another locale", {"LC_ALL=de_DE.UTF-8", "LANG=de_DE.UTF-8", NULL}, NULL, false},
    {"an older CPU", {"GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX", NULL}, NULL, false},
    {"filled memory", {"MALLOC_PERTURB_=165", "MALLOC_ARENA_MAX=1", NULL}, NULL, false},
    {"fixed addresses", {"TZ=Asia/Kolkata", NULL}, NULL, true},
};
enum { RUNS = sizeof surroundings / sizeof surroundings[0] };

extern char **environ;

static bool names_variable(const char *entry, const char *setting)
{
    size_t n = strcspn(setting, "=") + 1;
    return strncmp(entry, setting, n) == 0;
}

static char **changed_environment(const struct surrounding *s)
{
    size_t n = 0, out = 0;
    while (environ[n])
        n++;
    char **env = needed(calloc(n + 8, sizeof *env));
    for (size_t i = 0; i < n; i++) {
        bool replaced = false;
        for (int k = 0; s->env[k]; k++)
            replaced |= names_variable(environ[i], s->env[k]);
        if (!replaced) env[out++] = environ[i];
    }
    for (int k = 0; s->env[k]; k++)
        env[out++] = (char *)s->env[k];
    return env;
}

/* The digits after the last "trace " on standard output. */
static const char *hash_of(const job *j)
{
    const char *found = NULL, *text = j->text[0] ? j->text[0] : "";
    for (const char *at = text; (at = strstr(at, "trace ")) != NULL; at++)
        if (strspn(at + 6, "0123456789abcdef") >= DW_DIGEST_TEXT - 1) found = at + 6;
    return found;
}

static char **arguments(const options *o, char *script, bool fixed_addresses)
{
    char **args = needed(calloc(2 * o->set_count + 16, sizeof *args));
    size_t n = 0;
    if (fixed_addresses && access("/usr/bin/setarch", X_OK) == 0) {
        args[n++] = "/usr/bin/setarch";
        args[n++] = "-R";
    }
    args[n++] = (char *)own_path();
    args[n++] = "run";
    args[n++] = "--color";
    args[n++] = "never";
    for (size_t i = 0; i < o->set_count; i++) {
        args[n++] = "--set";
        args[n++] = (char *)o->sets[i];
    }
    args[n++] = script;
    return args;
}

static void say_difference(const job *jobs, int other)
{
    printf("the run \"%s\" differs from the first:\n", surroundings[other].name);
    const char *a = jobs[0].text[0] ? jobs[0].text[0] : "",
               *b = jobs[other].text[0] ? jobs[other].text[0] : "";
    while (*a || *b) {
        size_t n = strcspn(a, "\n"), m = strcspn(b, "\n");
        if (n != m || strncmp(a, b, n) != 0) {
            printf("  first: %.*s\n  other: %.*s\n", (int)n, a, (int)m, b);
            return;
        }
        a += n + (a[n] == '\n');
        b += m + (b[m] == '\n');
    }
}

static const job *met_a_limit(const job *jobs)
{
    for (int i = 1; i < RUNS && jobs[0].exit_code != EXIT_LIMIT; i++)
        if (jobs[i].exit_code == EXIT_LIMIT) return &jobs[i];
    return NULL;
}

int cmd_check(int argc, char **argv)
{
    options o;
    int code = parse_options(argc, argv, 0, "check", OPT_RUN, &o);
    if (code != EXIT_PASS) return code;
    if (o.rest_count != 1) return usage_error("check", "which script? drywire check FILE.lua");
    char *script = realpath(o.rest[0], NULL);
    if (!script && errno == ENOMEM) return no_memory("check");
    if (!script) return usage_error("check", "cannot open %s", o.rest[0]);
    job jobs[RUNS] = {0};
    for (int i = 0; i < RUNS; i++) {
        jobs[i].args = arguments(&o, script, surroundings[i].fixed_addresses);
        jobs[i].env = changed_environment(&surroundings[i]);
        jobs[i].directory = surroundings[i].directory;
    }
    if (!jobs_run(jobs, RUNS, 2, NULL, NULL)) return no_memory("check");
    const char *hash = hash_of(&jobs[0]);
    if (!hash) {
        fprintf(stderr, "%s", jobs[0].text[1] ? jobs[0].text[1] : "");
        code = usage_error("check", "the script made no trace (its exit code was %d)",
                           jobs[0].exit_code);
        if (jobs[0].exit_code == EXIT_LIMIT) code = EXIT_LIMIT;
    }
    int different = 0;
    const job *limited = hash ? met_a_limit(jobs) : NULL;
    if (limited) { /* that the first did not: of memory, perhaps */
        fprintf(stderr, "%s", limited->text[1] ? limited->text[1] : "");
        usage_error("check", "a run met a limit, so there is nothing to compare");
        code = EXIT_LIMIT;
        hash = NULL;
    }
    for (int i = 1; i < RUNS && hash; i++) {
        const char *other = hash_of(&jobs[i]);
        bool same = other && memcmp(hash, other, DW_DIGEST_TEXT - 1) == 0 &&
                    jobs[i].len[0] == jobs[0].len[0] &&
                    memcmp(jobs[i].text[0], jobs[0].text[0], jobs[0].len[0]) == 0;
        if (!same && !different++) say_difference(jobs, i);
    }
    if (hash && different) {
        printf("%d of %d runs differ: the script is not deterministic\n", different, RUNS - 1);
        code = EXIT_NONDETERMINISM;
    } else if (hash) {
        printf("%d runs in changed surroundings, one trace: %.*s\n", RUNS, DW_DIGEST_TEXT - 1,
               hash);
        code = jobs[0].exit_code;
    }
    for (int i = 0; i < RUNS; i++) {
        free(jobs[i].args);
        free(jobs[i].env);
    }
    jobs_free(jobs, RUNS);
    free(script);
    return code;
}
