/* Runs a fuzz target without libFuzzer: the inputs of its corpus, then mutations of them.
 *
 *     TARGET [--seconds N] [--seed S] FILE|FOLDER ...
 *
 * A file whose name ends in .corpus has an input a line, in hexadecimal; any other file is one
 * input.  What was being run when something went wrong, or took longer than a minute, is left in
 * the file fuzz-failure.  Guided by coverage the same targets are run by tests/fuzz/run.sh. */
#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MAX_INPUT_SIZE = 1 << 16, MAX_INPUTS = 8192, LONGEST_SECONDS = 60 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

typedef struct input {
    uint8_t *bytes;
    size_t len;
} input;

static input corpus[MAX_INPUTS];
static size_t corpus_count;
static uint8_t current[MAX_INPUT_SIZE];
static size_t current_len;

/* Failing. */

static void keep_current(void)
{
    FILE *f = fopen("fuzz-failure", "wb");
    if (!f) return;
    fwrite(current, 1, current_len, f);
    fclose(f);
    fprintf(stderr, "the input is in ./fuzz-failure (%zu octets)\n", current_len);
}

static void failed(int signal_number)
{
    fprintf(stderr, signal_number == SIGALRM ? "no end\n" : "signal %d\n", signal_number);
    keep_current();
    _exit(1);
}

/* What the sanitizers call, where they are linked in. */
__attribute__((weak)) void __sanitizer_set_death_callback(void (*fn)(void));

static void watch(void)
{
    static const int signals[] = {SIGABRT, SIGALRM, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    bool sanitized = __sanitizer_set_death_callback;
    for (size_t i = 0; i < (sanitized ? 2 : sizeof signals / sizeof *signals); i++)
        signal(signals[i], failed);
    if (sanitized) __sanitizer_set_death_callback(keep_current);
}

static void run_current(void)
{
    alarm(LONGEST_SECONDS);
    /* A block of its own, so that reading past its end is seen. */
    uint8_t *copy = malloc(current_len ? current_len : 1);
    if (!copy) exit(2);
    memcpy(copy, current, current_len);
    LLVMFuzzerTestOneInput(copy, current_len);
    free(copy);
}

/* The corpus. */

static void keep(const uint8_t *bytes, size_t len)
{
    uint8_t *copy = malloc(len ? len : 1);
    if (!copy || corpus_count == MAX_INPUTS) {
        fprintf(stderr, "the corpus is too large\n");
        exit(2);
    }
    memcpy(copy, bytes, len);
    corpus[corpus_count++] = (input){copy, len};
}

static bool ends_in(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

static void load_lines(FILE *f)
{
    static char line[2 * MAX_INPUT_SIZE + 2];
    static uint8_t bytes[MAX_INPUT_SIZE];
    while (fgets(line, sizeof line, f)) {
        size_t n = 0;
        unsigned byte;
        while (n < MAX_INPUT_SIZE && sscanf(line + 2 * n, "%2x", &byte) == 1)
            bytes[n++] = (uint8_t)byte;
        keep(bytes, n);
    }
}

static void load_file(const char *path)
{
    static uint8_t bytes[MAX_INPUT_SIZE];
    FILE *f = fopen(path, "rb");
    if (!f) {
        fprintf(stderr, "%s: cannot be read\n", path);
        exit(2);
    }
    if (ends_in(path, ".corpus"))
        load_lines(f);
    else
        keep(bytes, fread(bytes, 1, sizeof bytes, f));
    fclose(f);
}

/* The files of a folder in the order of their names, so that a seed says which mutations come. */
static void load(const char *path)
{
    struct stat st;
    struct dirent **list;
    if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)) {
        load_file(path);
        return;
    }
    int count = scandir(path, &list, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char name[4096];
        snprintf(name, sizeof name, "%s/%s", path, list[i]->d_name);
        if (list[i]->d_name[0] != '.') load_file(name);
        free(list[i]);
    }
    if (count >= 0) free(list);
}

/* Random numbers: xorshift*, so that a run can be repeated anywhere. */

static uint64_t state;

static uint64_t next(void)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 0x2545f4914f6cdd1du;
}

static size_t below(size_t bound)
{
    return bound ? (size_t)(next() % bound) : 0;
}

/* Mutations. */

static void remove_bytes(size_t at, size_t len)
{
    memmove(current + at, current + at + len, current_len - at - len);
    current_len -= len;
}

static void insert_bytes(size_t at, const uint8_t *bytes, size_t len)
{
    if (current_len + len > MAX_INPUT_SIZE) return;
    memmove(current + at + len, current + at, current_len - at);
    memcpy(current + at, bytes, len);
    current_len += len;
}

static void change_byte(void)
{
    static const char likely[] = "0123456789.:<>()[]{}+-*~|=,\"`%_ \n/AFNPSTWx";
    if (current_len == 0) return;
    bool any = below(2) == 0;
    current[below(current_len)] = any ? (uint8_t)next() : (uint8_t)likely[below(sizeof likely - 1)];
}

/* A number of 16 or 32 bits, either way round, at the edge of something. */
static void change_number(void)
{
    static const uint32_t edges[] = {
        0,       1,       2,        0x7f,     0xff,       0x100,      0x7fff,     0xffff,
        0x10000, 1000000, 1u << 24, 1u << 26, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};
    size_t width = below(2) ? 4 : 2;
    if (current_len < width) return;
    uint32_t value = edges[below(sizeof edges / sizeof *edges)];
    uint8_t *at = current + below(current_len - width + 1);
    bool big = below(2);
    for (size_t i = 0; i < width; i++)
        at[i] = (uint8_t)(value >> 8 * (big ? width - 1 - i : i));
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* A decimal number in a text. */
static void change_digits(void)
{
    static const char *const edges[] = {"0",
                                        "1",
                                        "2",
                                        "-1",
                                        "65535",
                                        "65536",
                                        "50000000",
                                        "2147483648",
                                        "4294967295",
                                        "4294967296",
                                        "9223372036854775807",
                                        "1e9"};
    size_t at = below(current_len), len = 0;
    while (at < current_len && !is_digit(current[at]))
        at++;
    while (at > 0 && at < current_len && is_digit(current[at - 1]))
        at--;
    while (at + len < current_len && is_digit(current[at + len]))
        len++;
    if (len == 0) return;
    const char *edge = edges[below(sizeof edges / sizeof *edges)];
    remove_bytes(at, len);
    insert_bytes(at, (const uint8_t *)edge, strlen(edge));
}

static void cut(void)
{
    if (current_len == 0) return;
    size_t at = below(current_len), max = current_len - at;
    remove_bytes(at, 1 + below(max < 40 ? max : 40));
}

/* A part of any input, or a whole line of it to the beginning of a line. */
static void graft(void)
{
    const input *from = &corpus[below(corpus_count)];
    if (from->len == 0) return;
    size_t start = below(from->len), end = start + 1 + below(64), at = below(current_len + 1);
    if (below(2)) {
        while (start > 0 && from->bytes[start - 1] != '\n')
            start--;
        while (end < from->len && from->bytes[end - 1] != '\n')
            end++;
        while (at > 0 && current[at - 1] != '\n')
            at--;
    }
    if (end > from->len) end = from->len;
    insert_bytes(at, from->bytes + start, end - start);
}

/* The head of one and the tail of another. */
static void splice(void)
{
    const input *from = &corpus[below(corpus_count)];
    size_t tail = below(from->len + 1);
    current_len = below(current_len + 1);
    insert_bytes(current_len, from->bytes + tail, from->len - tail);
}

static void mutate(void)
{
    static void (*const ways[])(void) = {change_byte, change_byte, change_number, change_digits,
                                         cut,         graft,       splice};
    const input *from = &corpus[below(corpus_count)];
    memcpy(current, from->bytes, from->len);
    current_len = from->len;
    for (size_t n = 1 + below(5); n > 0; n--)
        ways[below(sizeof ways / sizeof *ways)]();
}

int main(int argc, char **argv)
{
    uint64_t seconds = 0, seed = 1, runs = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--seconds") == 0 && i + 1 < argc)
            seconds = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
            seed = strtoull(argv[++i], NULL, 10);
        else
            load(argv[i]);
    }
    state = seed * 0x9e3779b97f4a7c15u + 1;
    watch();
    if (corpus_count == 0) {
        fprintf(stderr, "there are no inputs\n");
        return 2;
    }
    for (size_t i = 0; i < corpus_count; i++) {
        memcpy(current, corpus[i].bytes, current_len = corpus[i].len);
        run_current();
    }
    fprintf(stderr, "%zu inputs replayed\n", corpus_count);
    for (time_t end = time(NULL) + (time_t)seconds; time(NULL) < end; runs++) {
        mutate();
        run_current();
    }
    if (seconds) fprintf(stderr, "%llu mutations\n", (unsigned long long)runs);
    for (size_t i = 0; i < corpus_count; i++)
        free(corpus[i].bytes);
    return 0;
}
