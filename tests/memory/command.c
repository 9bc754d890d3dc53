/* The command without memory: each of its subcommands, once for each allocation that it makes,
 * which then fails, and once more so that all later ones fail, too.
 *
 * Whatever fails, the command ends with the exit code, the output and the files that it has with
 * memory; or with exit code 3 and a sentence.  This program is the command, linked so that
 * allocations can fail (failing.h): each point is a child process that runs the command's main().
 *
 * memory_command_test SOURCE [--all]: 6 allocations of each kind, or up to 1,000 of C and 300 of
 * Lua.  --only N: one subcommand; with --point KIND N [--later]: one allocation (KIND: c, lua),
 * with the place where memory was refused.  Other arguments are the command's: its own processes
 * begin so. */
#include "failing.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int __real_main(int argc, char **argv);
int __wrap_main(int argc, char **argv);

/* Errors that a sanitizer finds are told from the command's own exit codes.  What a process that
 * ends has not given back is of no account; memory/api counts that. */
enum { SANITIZER_CODE = 99, LIMIT_CODE = 3 };
__attribute__((visibility("default"))) const char *__asan_default_options(void);
__attribute__((visibility("default"))) const char *__ubsan_default_options(void);
const char *__asan_default_options(void)
{
    return "exitcode=99:detect_leaks=0:allocator_may_return_null=1";
}
const char *__ubsan_default_options(void)
{
    return "exitcode=99";
}

/* What is run, in a scratch directory that holds t.jsonl, t.pcapng and b.jsonl; the first makes
 * them. */
static const char *const commands[] = {
    "run --jsonl t.jsonl --pcap t.pcapng --seed 1 SOURCE/examples/01-handshake.lua",
    "run --jsonl b.jsonl --seed 2 SOURCE/examples/01-handshake.lua",
    ("run --ladder --svg o.svg --html o.html --jsonl o.jsonl --pcap o.pcapng --plots . "
     "SOURCE/examples/06-lost-final-ack.lua"),
    "run SOURCE/tests/memory/everything.lua",
    "test --worker SOURCE/tests/memory/cases.lua",
    "ladder t.jsonl",
    "ladder --style rfc --numbers symbolic t.jsonl",
    "ladder --svg o.svg --html o.html t.jsonl",
    "trace --all t.jsonl",
    "explain --all t.jsonl",
    "stats t.jsonl",
    "plot --series cwnd t.jsonl",
    "plot --series cwnd,flight --svg o.svg --csv o.csv t.jsonl",
    "diff t.jsonl b.jsonl",
    "import --svg o.svg --jsonl o.jsonl --lua - t.pcapng",
    "import --list t.pcapng",
    "drill --ladder --jsonl o.jsonl --pcap o.pcapng SOURCE/tests/drill/calls/zerocopy.pkt",
    "drill --record o.pkt SOURCE/tests/drill/calls/zerocopy.pkt",
    "drill SOURCE/tests/drill/calls/epoll-edge.pkt SOURCE/tests/drill/linux/fast-open-client.pkt",
    "export --packetdrill --host client t.jsonl",
    "figures show rfc9293-06",
    "profiles show linux",
    "defects",
    "test -j 1 --junit o.xml SOURCE/examples/01-handshake.lua",
    "check SOURCE/examples/01-handshake.lua",
    "init o",
};

enum { COMMANDS = sizeof commands / sizeof *commands, MAX_WORDS = 16, MAX_TEXT = 1 << 22 };

/* What came of a run. */
typedef struct outcome {
    int status;      /* of waitpid */
    uint64_t hash;   /* over standard output and all files */
    char text[2000]; /* the beginning of standard error */
    uint64_t counts[FAILING_KINDS];
} outcome;

static struct {
    char dir[40], source[300];
    uint64_t *counts; /* shared with the child */
} given;

static char *whole_file(const char *path, size_t *len)
{
    static char text[MAX_TEXT];
    FILE *f = fopen(path, "rb");
    *len = f ? fread(text, 1, sizeof text - 1, f) : 0;
    text[*len] = 0;
    if (f) fclose(f);
    return text;
}

static uint64_t mix(uint64_t hash, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (uint8_t)bytes[i]) * 0x100000001b3u;
    return hash;
}

/* How long a case took is another matter each time. */
static void forget_times(char *text)
{
    while ((text = strstr(text, "time=\"")) != NULL)
        for (text += 6; *text && *text != '"'; text++)
            *text = '0';
}

/* Outputs are called o, and are gone afterwards.  A file that is half there has another hash. */
static uint64_t take_outputs(uint64_t hash)
{
    static const char *const names[] = {"o.svg", "o.html", "o.jsonl", "o.pcapng", "o.csv", "o.xml"};
    size_t len;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *text = whole_file(names[i], &len);
        forget_times(text);
        hash = mix(mix(hash, names[i], 5), text, len);
        unlink(names[i]);
    }
    return hash;
}

static int remove_leftovers(void)
{
    return system("rm -rf o *.part* out err *.svg");
}

/* The words of a command line; SOURCE is the source directory. */
static int split(const char *line, char *room, size_t size, char *argv[MAX_WORDS])
{
    int argc = 0;
    char *at = room, *end = room + size;
    argv[argc++] = "drywire";
    while (*line && argc < MAX_WORDS - 1) {
        size_t n = strcspn(line, " ");
        bool source = strncmp(line, "SOURCE", 6) == 0;
        argv[argc++] = at;
        at += snprintf(at, (size_t)(end - at), "%s%.*s", source ? given.source : "",
                       (int)(source ? n - 6 : n), source ? line + 6 : line) +
              1;
        line += n + (line[n] == ' ');
    }
    argv[argc] = NULL;
    return argc;
}

static _Noreturn void run_child(const char *line, enum failing_kind kind, uint64_t nth, bool later,
                                bool show)
{
    char room[2000], *argv[MAX_WORDS];
    int argc = split(line, room, sizeof room, argv);
    int out = open("out", O_WRONLY | O_CREAT | O_TRUNC, 0666);
    int err = show ? dup(2) : open("err", O_WRONLY | O_CREAT | O_TRUNC, 0666);
    dup2(out, 1);
    dup2(err, 2);
    close(out);
    close(err);
    failing_show(show);
    failing_set(kind, nth, later);
    int code = __real_main(argc, argv);
    for (int i = 0; i < FAILING_KINDS; i++)
        given.counts[i] = failing_count((enum failing_kind)i);
    failing_set(FAILING_C, 0, false);
    fflush(NULL);
    _exit(code);
}

static outcome run(const char *line, enum failing_kind kind, uint64_t nth, bool later, bool show)
{
    outcome r = {.hash = 0xcbf29ce484222325u};
    size_t len;
    fflush(NULL);
    memset(given.counts, 0, FAILING_KINDS * sizeof *given.counts);
    pid_t pid = fork();
    if (pid == 0) run_child(line, kind, nth, later, show);
    waitpid(pid, &r.status, 0);
    memcpy(r.counts, given.counts, sizeof r.counts);
    const char *text = whole_file("out", &len);
    r.hash = take_outputs(mix(r.hash, text, len));
    snprintf(r.text, sizeof r.text, "%s", whole_file("err", &len));
    remove_leftovers();
    return r;
}

static bool exited_with(const outcome *r, int code)
{
    return WIFEXITED(r->status) && WEXITSTATUS(r->status) == code;
}

/* Why a point is wrong; NULL: it is right. */
static const char *judge(const outcome *right, const outcome *r)
{
    if (WIFSIGNALED(r->status)) return strsignal(WTERMSIG(r->status));
    if (exited_with(r, SANITIZER_CODE)) return "a sanitizer's report";
    if (exited_with(r, LIMIT_CODE))
        return strstr(r->text, "memory") || right->status == r->status ? NULL : "no word";
    if (r->status != right->status) return "another exit code";
    return r->hash == right->hash ? NULL : "another output";
}

typedef struct totals {
    uint64_t points, wrong;
} totals;

static void try_point(int which, const outcome *right, enum failing_kind kind, uint64_t n,
                      bool later, bool show, totals *t)
{
    outcome r = run(commands[which], kind, n, later, show);
    const char *what = judge(right, &r);
    t->points++;
    if (!what) return;
    t->wrong++;
    fprintf(stderr, "--only %d --point %s %llu%s: %s (%d)\n%.300s\n", which,
            kind == FAILING_LUA ? "lua" : "c", (unsigned long long)n, later ? " --later" : "", what,
            WIFEXITED(r.status) ? WEXITSTATUS(r.status) : -1, r.text);
}

/* At most so many of them, evenly. */
static void try_kind(int which, const outcome *right, enum failing_kind kind, uint64_t max,
                     totals *t)
{
    uint64_t count = right->counts[kind], tries = count < max ? count : max;
    for (int later = 0; later < 2; later++)
        for (uint64_t i = 0; i < tries; i++)
            try_point(which, right, kind, 1 + i * count / tries, later, false, t);
}

static void try_command(int which, bool all, totals *t)
{
    enum { SOME = 6, MANY = 1000, MANY_OF_LUA = 300 };
    outcome right = run(commands[which], FAILING_C, 0, false, false);
    uint64_t before = t->points;
    if (!WIFEXITED(right.status) || WEXITSTATUS(right.status) > 1) {
        fprintf(stderr, "drywire %s\nfails with memory:\n%s\n", commands[which], right.text);
        t->wrong++;
        return;
    }
    if (which < 2) return; /* they only make files for the others */
    try_kind(which, &right, FAILING_C, all ? MANY : SOME, t);
    try_kind(which, &right, FAILING_LUA, all ? MANY_OF_LUA : SOME, t);
    printf("%2d %6llu + %6llu allocations, %5llu points, %llu wrong so far: %.50s\n", which,
           (unsigned long long)right.counts[FAILING_C],
           (unsigned long long)right.counts[FAILING_LUA], (unsigned long long)(t->points - before),
           (unsigned long long)t->wrong, commands[which]);
    fflush(stdout);
}

static void begin(const char *source)
{
    snprintf(given.dir, sizeof given.dir, "/tmp/drywire-memory-XXXXXX");
    snprintf(given.source, sizeof given.source, "%s", source);
    given.counts = mmap(NULL, FAILING_KINDS * sizeof *given.counts, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (given.counts == MAP_FAILED || !mkdtemp(given.dir) || chdir(given.dir) != 0) exit(2);
}

int __wrap_main(int argc, char **argv)
{
    int only = -1;
    uint64_t point = 0;
    bool all = false, later = false;
    enum failing_kind kind = FAILING_C;
    totals t = {0};
    if (argc < 2 || argv[1][0] != '/') return __real_main(argc, argv); /* a worker of its own */
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--all") == 0) all = true;
        if (strcmp(argv[i], "--later") == 0) later = true;
        if (strcmp(argv[i], "--only") == 0 && i + 1 < argc) only = atoi(argv[++i]);
        if (strcmp(argv[i], "--point") == 0 && i + 2 < argc) {
            kind = strcmp(argv[i + 1], "lua") == 0 ? FAILING_LUA : FAILING_C;
            point = strtoull(argv[i + 2], NULL, 10);
            i += 2;
        }
    }
    begin(argv[1]);
    for (int i = 0; i < COMMANDS; i++) {
        if (only >= 0 && i != only && i >= 2) continue;
        if (point && i == only) {
            outcome right = run(commands[i], FAILING_C, 0, false, false);
            try_point(i, &right, kind, point, later, true, &t);
        } else {
            try_command(i, all, &t);
        }
    }
    if (chdir("/tmp") == 0 && t.wrong == 0) {
        char line[80];
        snprintf(line, sizeof line, "rm -rf %s", given.dir);
        if (system(line) != 0) t.wrong++;
    }
    printf("%llu points, %llu wrong\n", (unsigned long long)t.points, (unsigned long long)t.wrong);
    return t.wrong ? 1 : 0;
}
