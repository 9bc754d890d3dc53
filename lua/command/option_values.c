/* How each kind of value of an option is read (see option_values.h). */
#include "option_values.h"
#include "drill/drill.h"
#include "failure.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The field of a row.  Its type is what the row's setter writes. */
static void *field(options *o, const option_row *r)
{
    return (char *)o + r->offset;
}

int set_flag(const option_row *r, const char *v, options *o, const char *command)
{
    (void)v;
    (void)command;
    *(bool *)field(o, r) = true;
    return EXIT_PASS;
}

int set_yes(const option_row *r, const char *v, options *o, const char *command)
{
    (void)v;
    (void)command;
    *(enum dw_choice *)field(o, r) = DW_YES;
    return EXIT_PASS;
}

int set_no(const option_row *r, const char *v, options *o, const char *command)
{
    (void)v;
    (void)command;
    *(enum dw_choice *)field(o, r) = DW_NO;
    return EXIT_PASS;
}

int set_text(const option_row *r, const char *v, options *o, const char *command)
{
    (void)command;
    *(const char **)field(o, r) = v;
    return EXIT_PASS;
}

/* "a, b or c" */
static void list_words(const char *const *words, char *out, size_t size)
{
    size_t used = 0;
    *out = 0;
    for (int i = 0; words[i] && used < size; i++) {
        const char *before = ", ";
        if (i == 0) before = "";
        if (i > 0 && !words[i + 1]) before = " or ";
        used += (size_t)snprintf(out + used, size - used, "%s%s", before, words[i]);
    }
}

int set_choice(const option_row *r, const char *v, options *o, const char *command)
{
    char list[200];
    for (const char *const *word = r->words; v && *word; word++)
        if (strcmp(*word, v) == 0) return set_text(r, v, o, command);
    if (!v) return set_text(r, v, o, command); /* after "=" only, and not given */
    const char *near = dw_nearest(v, r->words);
    if (r->offset == offsetof(options, language) && strstr("cn CN chs chi chinese zh-cn", v))
        near = "zh"; /* the country's code, and names of the language */
    if (near)
        return usage_error(command, "%s: unknown \"%s\"; did you mean \"%s\"?", r->name, v, near);
    list_words(r->words, list, sizeof list);
    return usage_error(command, "%s: unknown \"%s\"; expected %s", r->name, v, list);
}

/* --absolute is --numbers absolute: the one word of the row. */
int set_word(const option_row *r, const char *v, options *o, const char *command)
{
    (void)v;
    o->numbers_by = r->name;
    return set_text(r, r->words[0], o, command);
}

int set_numbers(const option_row *r, const char *v, options *o, const char *command)
{
    o->numbers_by = r->name;
    return set_choice(r, v, o, command);
}

int set_style(const option_row *r, const char *v, options *o, const char *command)
{
    o->ladder = true;
    return set_choice(r, v, o, command);
}

/* A page shows what only a detailed trace has. */
int set_page(const option_row *r, const char *v, options *o, const char *command)
{
    o->detail = true;
    return set_text(r, v, o, command);
}

static bool parse_number(const char *text, uint64_t max, uint64_t *out)
{
    char *end;
    errno = 0;
    if (*text < '0' || *text > '9') return false; /* neither a sign nor blanks */
    unsigned long long n = strtoull(text, &end, 0);
    if (*end || errno || n > max) return false;
    *out = n;
    return true;
}

int set_number(const option_row *r, const char *v, options *o, const char *command)
{
    uint64_t n;
    const char *name = r->letter ? r->letter : r->name;
    if (!parse_number(v, r->max, &n) || n < r->min)
        return usage_error(command, "%s: expected %s, got \"%s\"", name, r->expected, v);
    DW_ASSERT(r->size == sizeof(unsigned) || r->size == sizeof(uint64_t));
    if (r->size == sizeof(unsigned))
        *(unsigned *)field(o, r) = (unsigned)n;
    else
        *(uint64_t *)field(o, r) = n;
    return EXIT_PASS;
}

/* Columns of text, or what is too many for those: pixels of a picture. */
int set_width(const option_row *r, const char *v, options *o, const char *command)
{
    enum { MAX_PIXELS = 4000 };
    uint64_t n;
    bool pixels = parse_number(v, MAX_PIXELS, &n) && n > r->max;
    const char *unit = pixels ? "pixels" : "columns";
    unsigned before = pixels ? o->pixels : o->width;
    if (before)
        return usage_error(command, "%s is given twice in %s; write one of them", r->name, unit);
    if (!pixels) return set_number(r, v, o, command);
    o->pixels = (unsigned)n;
    return EXIT_PASS;
}

int set_seed(const option_row *r, const char *v, options *o, const char *command)
{
    if (!parse_number(v, UINT64_MAX, &o->seed))
        return usage_error(command, "%s: expected a whole number from 0 to %llu, got \"%s\"",
                           r->name, (unsigned long long)UINT64_MAX, v);
    o->seed_given = true;
    return EXIT_PASS;
}

int set_time(const option_row *r, const char *v, options *o, const char *command)
{
    char why[300];
    if (dw_parse_time(v, field(o, r), why, sizeof why) != DW_OK)
        return usage_error(command, "%s: %s", r->name, why);
    return EXIT_PASS;
}

int set_start(const option_row *r, const char *v, options *o, const char *command)
{
    char why[300];
    if (dw_parse_date(v, field(o, r), why, sizeof why) != DW_OK)
        return usage_error(command, "%s: %s", r->name, why);
    o->pcap_start_given = true;
    return EXIT_PASS;
}

/* A packet's number, or a time. */
int set_moment(const option_row *r, const char *v, options *o, const char *command)
{
    char why[300];
    moment *m = field(o, r);
    *m = (moment){0, 0};
    if (parse_number(v, UINT64_MAX, &m->packet) && m->packet > 0) return EXIT_PASS;
    if (dw_parse_time(v, &m->time, why, sizeof why) != DW_OK)
        return usage_error(command,
                           "%s: expected a packet's number or a time such as 1.5s, got "
                           "\"%s\"",
                           r->name, v);
    if (m->time == 0) m->time = 1; /* 0 is no bound; nobody tells the two apart */
    return EXIT_PASS;
}

/* --letters, --letters=J,K,M */
int set_letters(const option_row *r, const char *v, options *o, const char *command)
{
    char why[300] = "";
    const dw_picture picture = {.letters = v};
    if (v && dw_picture_check(NULL, &picture, why, sizeof why) != DW_OK)
        return usage_error(command, "--%s", why);
    o->letters = v;
    return set_word(r, v, o, command);
}

int set_watchdog(const option_row *r, const char *v, options *o, const char *command)
{
    char why[300];
    dw_time time;
    if (dw_parse_time(v, &time, why, sizeof why) != DW_OK)
        return usage_error(command, "%s: %s", r->name, why);
    if (time < 100 * DW_MILLISECOND || time > DW_HOUR)
        return usage_error(command, "%s: expected 100ms to 1h", r->name);
    o->watchdog_ms = (unsigned)(time / DW_MILLISECOND);
    return EXIT_PASS;
}

int set_memory(const option_row *r, const char *v, options *o, const char *command)
{
    char why[300];
    uint64_t n;
    if (dw_parse_size(v, &n, why, sizeof why) != DW_OK)
        return usage_error(command, "%s: %s", r->name, why);
    o->memory = n;
    return EXIT_PASS;
}

/* One more of a list, whose room is the row's max. */
int add_text(const option_row *r, const char *v, options *o, const char *command)
{
    const char **list = field(o, r);
    size_t *count = (size_t *)(void *)((char *)o + r->count);
    if (!*v) return usage_error(command, "%s needs a value", r->name);
    if (*count == r->max) return usage_error(command, "%s: too many", r->name);
    list[(*count)++] = v;
    return EXIT_PASS;
}

/* "client=./lwip.so". */
int add_stack(const option_row *r, const char *v, options *o, const char *command)
{
    const char *file = strchr(v, '=');
    if (!file || file == v || !file[1])
        return usage_error(command, "%s: a host and a file, such as client=./lwip.so, not \"%s\"",
                           r->name, v);
    return add_text(r, v, o, command);
}

int set_pattern(const option_row *r, const char *v, options *o, const char *command)
{
    if (!*v) return usage_error(command, "%s needs a value", r->name);
    return set_text(r, v, o, command);
}

int add_parameter(const option_row *r, const char *v, options *o, const char *command)
{
    if (!strchr(v, '=') || *v == '=')
        return usage_error(command, "%s: write name=value, not \"%s\"", r->name, v);
    return add_text(r, v, o, command);
}

int set_ignored(const option_row *r, const char *v, options *o, const char *command)
{
    char why[300];
    if (!dw_drill_fields(v, &o->ignore, why, sizeof why))
        return usage_error(command, "%s: %s", r->name, why);
    return EXIT_PASS;
}

/* "1..100,7": seeds and ranges of them. */
int set_seeds(const option_row *r, const char *v, options *o, const char *command)
{
    const char *at = v;
    uint64_t total = 0;
    o->seed_ranges = 0;
    for (;; at++) {
        char *end;
        uint64_t low, high;
        errno = 0;
        if (*at < '0' || *at > '9' || o->seed_ranges == MAX_RANGES) break;
        low = high = strtoull(at, &end, 10);
        if (strncmp(end, "..", 2) == 0 && end[2] >= '0' && end[2] <= '9')
            high = strtoull(end + 2, &end, 10);
        if (errno || (*end && *end != ',')) break;
        if (high < low)
            return usage_error(command, "%s: %s has its first number above its last", r->name, v);
        if (high - low >= MOST_SEEDS - total)
            return usage_error(command, "%s: at most %d seeds", r->name, MOST_SEEDS);
        total += high - low + 1;
        o->seeds[o->seed_ranges].low = low;
        o->seeds[o->seed_ranges++].high = high;
        if (!*end) return EXIT_PASS;
        at = end;
    }
    return usage_error(command, "%s: expected seeds such as 1..100 or 3,7,20..29, got \"%s\"",
                       r->name, v);
}

/* A number from 1, in digits alone: what follows it, or NULL. */
static const char *packet_number(const char *text, uint64_t *out)
{
    char *end;
    errno = 0;
    unsigned long long n = *text >= '0' && *text <= '9' ? strtoull(text, &end, 10) : 0;
    if (n == 0 || errno) return NULL;
    *out = n;
    return end;
}

int set_drop(const option_row *r, const char *v, options *o, const char *command)
{
    const char *at = v;
    for (o->drop_count = 0; o->drop_count < DW_MATCH_NTH; at++) {
        at = packet_number(at, &o->drop[o->drop_count++]);
        if (at && !*at) return EXIT_PASS;
        if (!at || *at != ',') break;
    }
    return usage_error(
        command,
        "%s: expected up to %d numbers of packets, which begin at 1, as in --drop 1,9, got \"%s\"",
        r->name, DW_MATCH_NTH, v);
}

/* A number of faults, and one more: 0 says that there is none. */
int set_most(const option_row *r, const char *v, options *o, const char *command)
{
    uint64_t n = DW_FAULTS_ANY;
    bool explores = strcmp(command, "explore") == 0;
    if (!(explores && strcmp(v, "any") == 0) && !parse_number(v, DW_FAULTS_MOST, &n))
        return usage_error(command, "%s: expected a number from 0 to %d%s, got \"%s\"", r->name,
                           DW_FAULTS_MOST, explores ? ", or any" : "", v);
    n++;
    memcpy((char *)o + r->offset, &n, sizeof n);
    return EXIT_PASS;
}

/* Such a number, or names of hosts, one of which crashes once. */
int set_crash(const option_row *r, const char *v, options *o, const char *command)
{
    if ((*v >= '0' && *v <= '9') || strcmp(v, "any") == 0) return set_most(r, v, o, command);
    if (!*v || *v == ',' || *v == '-')
        return usage_error(command, "%s: expected a number or names of hosts, got \"%s\"", r->name,
                           v);
    o->crash_hosts = v;
    return EXIT_PASS;
}

int set_faults(const option_row *r, const char *v, options *o, const char *command)
{
    char why[400];
    o->leaks_fail = true;
    if (dw_faults_parse(v, o->faults, DW_FAULTS_MOST, &o->fault_count, why, sizeof why) == DW_OK)
        return EXIT_PASS;
    return usage_error(command, "%s: %s", r->name, why);
}
