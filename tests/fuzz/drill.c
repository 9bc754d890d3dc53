/* Fuzzes packetdrill scripts: the parser, and whatever runs of what it accepts.
 *
 * drill_fuzz [--seconds N] [--seed N] FILE.pkt ...: runs each file, then mutations of them: lines
 * of one put into another, bytes changed, cut and doubled.  With libFuzzer (DRYWIRE_LIBFUZZER) the
 * input is a script. */
#include "drill/drill.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_SCRIPT = 1 << 16, MOST_FILES = 512 };

static void try_it(const char *text, size_t len)
{
    dw_drill_result r;
    dw_drill_text("fuzz.pkt", text, len, &(dw_drill_config){.strict = len & 1, .keep = len & 2},
                  &r);
    DW_ASSERT(r.verdict == DW_DRILL_PASSED || r.why[0]);
    dw_drill_result_free(&r);
}

#ifdef DRYWIRE_LIBFUZZER

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try_it((const char *)data, size);
    return 0;
}

#else

static struct {
    char *text;
    size_t len;
} corpus[MOST_FILES];
static size_t corpus_count;
static char current[MOST_SCRIPT];
static size_t current_len;

/* What was being run when it went wrong, to be run again. */
static void print_current(int signal_number)
{
    (void)signal_number;
    fwrite(current, 1, current_len, stderr);
    _Exit(1);
}

static void load(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f || corpus_count == MOST_FILES) {
        fprintf(stderr, "%s: cannot be read\n", path);
        exit(2);
    }
    char *text = malloc(MOST_SCRIPT);
    DW_ASSERT(text);
    corpus[corpus_count].text = text;
    corpus[corpus_count++].len = fread(text, 1, MOST_SCRIPT, f);
    fclose(f);
}

static void insert(size_t at, const char *text, size_t len)
{
    if (current_len + len > MOST_SCRIPT) return;
    memmove(current + at + len, current + at, current_len - at);
    memcpy(current + at, text, len);
    current_len += len;
}

/* A line of any script. */
static void insert_line(dw_rng *rng)
{
    size_t which = dw_rng_below(rng, corpus_count);
    if (corpus[which].len == 0) return;
    const char *text = corpus[which].text, *end = text + corpus[which].len;
    const char *from = text + dw_rng_below(rng, corpus[which].len);
    while (from > text && from[-1] != '\n')
        from--;
    const char *to = memchr(from, '\n', (size_t)(end - from));
    size_t at = dw_rng_below(rng, current_len + 1);
    while (at > 0 && current[at - 1] != '\n')
        at--;
    insert(at, from, (size_t)((to ? to + 1 : end) - from));
}

static void cut(dw_rng *rng)
{
    if (current_len == 0) return;
    size_t at = dw_rng_below(rng, current_len), most = current_len - at;
    size_t len = 1 + dw_rng_below(rng, most < 40 ? most : 40);
    memmove(current + at, current + at + len, current_len - at - len);
    current_len -= len;
}

static void change(dw_rng *rng)
{
    static const char likely[] = "0123456789.:<>()[]{}+-*~|=,\"`%_ \n/AFNPSTW";
    if (current_len == 0) return;
    bool any = dw_rng_below(rng, 8) == 0;
    char c = any ? (char)dw_rng_next(rng) : likely[dw_rng_below(rng, sizeof likely - 1)];
    current[dw_rng_below(rng, current_len)] = c;
}

static void mutate(dw_rng *rng)
{
    size_t which = dw_rng_below(rng, corpus_count);
    current_len = corpus[which].len;
    memcpy(current, corpus[which].text, current_len);
    for (uint64_t n = 1 + dw_rng_below(rng, 5); n > 0; n--) {
        switch (dw_rng_below(rng, 4)) {
        case 0: insert_line(rng); break;
        case 1: cut(rng); break;
        default: change(rng); break;
        }
    }
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
    signal(SIGABRT, print_current);
    for (size_t i = 0; i < corpus_count; i++)
        try_it(corpus[i].text, corpus[i].len);
    printf("%zu scripts run\n", corpus_count);
    dw_sim *sim;
    if (corpus_count == 0 || dw_sim_new(&(dw_sim_config){.seed = seed}, &sim) != DW_OK) return 2;
    dw_rng *rng = dw_sim_random(sim, "fuzz");
    for (time_t end = time(NULL) + (time_t)seconds; time(NULL) < end; runs++) {
        mutate(rng);
        try_it(current, current_len);
    }
    dw_sim_free(sim);
    if (seconds) printf("%llu mutations\n", (unsigned long long)runs);
    for (size_t i = 0; i < corpus_count; i++)
        free(corpus[i].text);
    return 0;
}

#endif
