/* drywire watch: drywire run, again whenever a file in the script's directory is saved. */
#include "printing.h"
#include "command.h"
#include "draw.h"
#include "failure.h"
#include "option_rows.h"
#include "process.h"

#include <dirent.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_EVERY_MS = 150 };

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal_number)
{
    interrupted = signal_number;
}

/* While nothing runs; jobs_run has handlers of its own. */
static void catch_signals(void)
{
    const struct sigaction action = {.sa_handler = on_interrupt};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
}

static uint64_t mixed(uint64_t hash, const void *data, size_t len)
{
    const uint8_t *bytes = data;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ bytes[i]) * 0x100000001b3; /* FNV-1a */
    return hash;
}

/* A number that another time or size of any Lua file in a directory changes. */
static uint64_t look(const char *directory)
{
    uint64_t sum = 0;
    DIR *dir = opendir(directory);
    for (struct dirent *e; dir && (e = readdir(dir)) != NULL;) {
        char path[4096];
        struct stat st;
        const char *dot = strrchr(e->d_name, '.');
        if (!dot || strcmp(dot, ".lua") != 0) continue;
        snprintf(path, sizeof path, "%s/%s", directory, e->d_name);
        if (stat(path, &st) != 0) continue;
        uint64_t hash = mixed(0xcbf29ce484222325, e->d_name, strlen(e->d_name));
        hash = mixed(hash, &st.st_mtim.tv_sec, sizeof st.st_mtim.tv_sec);
        hash = mixed(hash, &st.st_mtim.tv_nsec, sizeof st.st_mtim.tv_nsec);
        sum += mixed(hash, &st.st_size, sizeof st.st_size);
    }
    if (dir) closedir(dir);
    return sum;
}

/* What the run itself does not say. */
static void say_how_it_ended(const job *j)
{
    if (j->error)
        printf("the run could not be started: %s\n", j->error);
    else if (j->exit_code > EXIT_SIGNAL && !j->len[1])
        printf("the run ended with code %d\n", j->exit_code);
}

/* Returns EXIT_PASS, whatever the script does, or what ends the command, after a message. */
static int run_once(char **args, const char *script)
{
    char now[40] = "";
    time_t seconds = time(NULL);
    struct tm local;
    job j = {.args = args};
    bool terminal = isatty(STDOUT_FILENO);
    if (localtime_r(&seconds, &local)) strftime(now, sizeof now, "%H:%M:%S", &local);
    int status = jobs_run(&j, 1, 1, NULL, NULL);
    if (terminal) fputs("\x1b[H\x1b[2J\x1b[3J", stdout);
    fputs(terminal ? "\x1b[2m " : "-- ", stdout);
    print_escaped(stdout, DW_IN_LINE, script);
    printf("%s%s\n\n", now[0] ? "  " : "", now);
    if (terminal) fputs("\x1b[0m", stdout);
    if (j.len[0]) fwrite(j.text[0], 1, j.len[0], stdout);
    if (j.len[1]) fwrite(j.text[1], 1, j.len[1], stdout);
    say_how_it_ended(&j);
    fflush(stdout);
    jobs_free(&j, 1);
    return status ? jobs_failure("watch", status) : EXIT_PASS;
}

/* EXIT_PASS, or the signal that came meanwhile. */
static int wait_for_change(const char *directory, uint64_t *seen)
{
    const struct timespec pause = {.tv_nsec = LOOK_EVERY_MS * 1000000L};
    catch_signals();
    while (!interrupted) {
        uint64_t now = look(directory);
        if (now != *seen) {
            *seen = now;
            return EXIT_PASS;
        }
        nanosleep(&pause, NULL);
    }
    return EXIT_SIGNAL + interrupted;
}

static bool is_given(const options *o, const char *name)
{
    for (size_t i = 0; i < o->given_count; i++)
        if (strcmp(o->given[i]->name, name) == 0) return true;
    return false;
}

/* drywire run with the same arguments; what the terminal decides is decided here, since the run's
 * output is not one. */
static char **run_arguments(int argc, char **argv, const options *o, char width[24])
{
    char **args = calloc((size_t)argc + 7, sizeof *args);
    int n = 0;
    dw_ladder_config c;
    static char style[32];
    if (!args) return NULL;
    ladder_config(o, &c);
    args[n++] = (char *)own_path();
    args[n++] = "run";
    if (!o->ladder) {
        snprintf(style, sizeof style, "--ladder=%s",
                 c.style == DW_LADDER_ASCII ? "ascii" : "unicode");
        args[n++] = style;
        args[n++] = "--draw-if-any";
    }
    bool columns = c.style < DW_LADDER_RFC || o->explain || tells_packets(o);
    snprintf(width, 24, "--width=%u", legal_width(c.width));
    if (!o->width && c.width && columns) args[n++] = width;
    bool color = c.style < DW_LADDER_RFC || !o->quiet;
    if (color && !is_given(o, "--color") && use_color(o, STDOUT_FILENO))
        args[n++] = "--color=always";
    for (int i = 0; i < argc; i++)
        args[n++] = argv[i];
    return args;
}

int cmd_watch(int argc, char **argv)
{
    options o;
    char directory[4096], width[24];
    int code = parse_options(argc, argv, 0, "watch", &o);
    if (code != EXIT_PASS) return code;
    if (o.rest_count != 1) return usage_error("watch", "which script? drywire watch FILE.lua");
    const char *script = o.rest[0], *slash = strrchr(script, '/');
    if (access(script, R_OK) != 0) return usage_error("watch", "cannot read %s", script);
    if (!slash)
        snprintf(directory, sizeof directory, ".");
    else if (slash == script)
        snprintf(directory, sizeof directory, "/");
    else
        snprintf(directory, sizeof directory, "%.*s", (int)(slash - script), script);
    char **args = run_arguments(argc, argv, &o, width);
    if (!args) return no_memory("watch");
    for (uint64_t seen = look(directory); code == EXIT_PASS;) {
        code = run_once(args, script);
        if (code == EXIT_PASS) code = wait_for_change(directory, &seen);
    }
    free(args);
    return code;
}
