/* Times, rates, sizes and probabilities as text, in exact integer arithmetic; nearest names. */
#include "drywire/drywire.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct unit {
    const char *name;
    uint64_t factor;
} unit;

static const unit time_units[] = {
    {"ns", 1},          {"us", 1000},   {"ms", 1000000},     {"s", DW_SECOND},
    {"min", DW_MINUTE}, {"h", DW_HOUR}, {"d", 24 * DW_HOUR},
};
static const unit rate_units[] = {
    {"bps", 1},           {"kbps", 1000},          {"Mbps", 1000000},
    {"Gbps", 1000000000}, {"Tbps", 1000000000000}, {"B/s", 8},
    {"kB/s", 8000},       {"MB/s", 8000000},       {"GB/s", 8000000000},
    {"KiB/s", 8 * 1024},  {"MiB/s", 8 << 20},      {"GiB/s", 8ull << 30},
};
static const unit size_units[] = {
    {"B", 1},      {"kB", 1000},     {"MB", 1000000},  {"GB", 1000000000},
    {"KiB", 1024}, {"MiB", 1 << 20}, {"GiB", 1 << 30},
};

/* A decimal number scaled by factor, exactly: digits[.digits].  Returns how many characters the
 * number takes, 0 if there is none; *status says whether it fits and is whole. */
enum { EXACT, TOO_FINE, TOO_LARGE };
static size_t scan_number(const char *text, uint64_t *whole, uint64_t *fraction, uint64_t *scale,
                          bool *overflow)
{
    size_t i = 0;
    *whole = *fraction = 0;
    *scale = 1;
    *overflow = false;
    for (; text[i] >= '0' && text[i] <= '9'; i++) {
        if (*whole > (UINT64_MAX - 9) / 10) *overflow = true;
        *whole = *whole * 10 + (uint64_t)(text[i] - '0');
    }
    if (i == 0) return 0;
    if (text[i] == '.' && text[i + 1] >= '0' && text[i + 1] <= '9') {
        for (i++; text[i] >= '0' && text[i] <= '9'; i++) {
            if (*scale >= 1000000000000000000u) {
                if (text[i] != '0') *overflow = true;
                continue;
            }
            *fraction = *fraction * 10 + (uint64_t)(text[i] - '0');
            *scale *= 10;
        }
    }
    return i;
}

static int scale_number(uint64_t whole, uint64_t fraction, uint64_t scale, uint64_t factor,
                        uint64_t *out)
{
    __extension__ typedef unsigned __int128 wide;
    wide part = (wide)fraction * factor;
    if (part % scale != 0) return TOO_FINE;
    wide value = (wide)whole * factor + part / scale;
    if (value > INT64_MAX) return TOO_LARGE;
    *out = (uint64_t)value;
    return EXACT;
}

static int complain(char *why, size_t size, const char *format, const char *a, const char *b)
{
    if (why && size) snprintf(why, size, format, a, b);
    return DW_E_FORMAT;
}

static const char *nearest_unit(const char *word, const unit *units, size_t count)
{
    /* The same letters in another case are always what was meant. */
    for (size_t i = 0; i < count; i++) {
        size_t k = 0;
        while (word[k] && units[i].name[k] && (word[k] | 0x20) == (units[i].name[k] | 0x20))
            k++;
        if (!word[k] && !units[i].name[k]) return units[i].name;
    }
    const char *names[32] = {0};
    for (size_t i = 0; i < count && i < 31; i++)
        names[i] = units[i].name;
    return dw_nearest(word, names);
}

/* A decimal number and its unit, exactly: what is finer than the unit's own smallest part is
 * refused, not rounded. */
static int parse(const char *text, const unit *units, size_t count, const char *example,
                 const char *finest, uint64_t *out, char *why, size_t why_size)
{
    uint64_t whole, fraction, scale;
    bool overflow;
    while (*text == ' ')
        text++;
    size_t used = scan_number(text, &whole, &fraction, &scale, &overflow);
    if (used == 0)
        return complain(why, why_size, "\"%s\" is not a number with a unit; write for example %s",
                        text, example);
    const char *name = text + used;
    while (*name == ' ')
        name++;
    if (!*name)
        return complain(why, why_size, "\"%s\" has no unit; write for example %s", text, example);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, units[i].name) != 0) continue;
        int status =
            overflow ? TOO_LARGE : scale_number(whole, fraction, scale, units[i].factor, out);
        if (status == TOO_LARGE) return complain(why, why_size, "\"%s\" is too large%s", text, "");
        if (status == TOO_FINE)
            return complain(why, why_size, "\"%s\" is finer than %s", text, finest);
        return DW_OK;
    }
    const char *near = nearest_unit(name, units, count);
    if (near)
        return complain(why, why_size, "unknown unit \"%s\"; did you mean \"%s\"?", name, near);
    return complain(why, why_size, "unknown unit \"%s\"; write for example %s", name, example);
}

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

int dw_parse_time(const char *text, dw_time *out, char *why, size_t why_size)
{
    uint64_t value;
    int status = parse(text, time_units, COUNT(time_units), "\"20ms\" or \"1.5s\"", "1 ns", &value,
                       why, why_size);
    if (status == DW_OK) *out = (dw_time)value;
    return status;
}

int dw_parse_rate(const char *text, uint64_t *bits_per_second, char *why, size_t why_size)
{
    return parse(text, rate_units, COUNT(rate_units), "\"10Mbps\"", "1 bit/s", bits_per_second, why,
                 why_size);
}

int dw_parse_size(const char *text, uint64_t *bytes, char *why, size_t why_size)
{
    return parse(text, size_units, COUNT(size_units), "\"64KiB\" or \"1500B\"", "1 byte", bytes,
                 why, why_size);
}

int dw_parse_ratio(const char *text, dw_ratio *out, char *why, size_t why_size)
{
    uint64_t whole, fraction, scale, value;
    bool overflow;
    size_t used = scan_number(text, &whole, &fraction, &scale, &overflow);
    if (used == 0)
        return complain(why, why_size, "\"%s\" is not a probability; write for example %s", text,
                        "\"2%\" or 0.02");
    bool percent = text[used] == '%' && !text[used + 1];
    if (!percent && text[used])
        return complain(why, why_size, "unknown unit \"%s\"; write for example %s", text + used,
                        "\"2%\" or 0.02");
    uint64_t factor = percent ? DW_RATIO_ONE / 100 : DW_RATIO_ONE;
    int status = overflow ? TOO_LARGE : scale_number(whole, fraction, scale, factor, &value);
    if (status == TOO_FINE)
        return complain(why, why_size, "\"%s\" is finer than a millionth of a millionth%s", text,
                        "");
    if (status == TOO_LARGE || value > DW_RATIO_ONE)
        return complain(why, why_size, "\"%s\" is more than 100%%; write for example %s", text,
                        "\"2%\" or 0.02");
    *out = value;
    return DW_OK;
}

char *dw_time_format(dw_time time, int places, char *buf, size_t size)
{
    const char *sign = time < 0 ? "-" : "";
    uint64_t ns = time < 0 ? 0 - (uint64_t)time : (uint64_t)time;
    uint64_t cut = 1;
    for (int i = places; i < 9; i++)
        cut *= 10;
    uint64_t fraction = ns % (uint64_t)DW_SECOND / cut;
    if (places == 0)
        snprintf(buf, size, "%s%" PRIu64, sign, ns / (uint64_t)DW_SECOND);
    else
        snprintf(buf, size, "%s%" PRIu64 ".%0*" PRIu64, sign, ns / (uint64_t)DW_SECOND, places,
                 fraction);
    return buf;
}

char *dw_duration_format(dw_time time, char *buf, size_t size)
{
    static const unit shown[] = {{"h", DW_HOUR},  {"min", DW_MINUTE}, {"s", DW_SECOND},
                                 {"ms", 1000000}, {"us", 1000},       {"ns", 1}};
    if (time == DW_TIME_NEVER) {
        snprintf(buf, size, "never");
        return buf;
    }
    if (time == 0) {
        snprintf(buf, size, "0s");
        return buf;
    }
    uint64_t ns = time < 0 ? 0 - (uint64_t)time : (uint64_t)time;
    size_t u = 0;
    /* Hours and minutes only when they come out even; "90s" is clearer than "1.5min". */
    while (u < COUNT(shown) - 1 && (ns < shown[u].factor || (u < 2 && ns % shown[u].factor != 0)))
        u++;
    uint64_t whole = ns / shown[u].factor;
    __extension__ typedef unsigned __int128 wide;
    uint64_t decimals = (uint64_t)((wide)(ns % shown[u].factor) * 1000000000u / shown[u].factor);
    char digits[16];
    snprintf(digits, sizeof digits, "%09" PRIu64, decimals);
    int n = 9;
    while (n > 0 && digits[n - 1] == '0')
        n--;
    digits[n] = 0;
    const char *sign = time < 0 ? "-" : "";
    snprintf(buf, size, "%s%" PRIu64 "%s%s%s", sign, whole, n ? "." : "", digits, shown[u].name);
    return buf;
}

/* Optimal string alignment distance of two short words. */
static unsigned distance(const char *a, const char *b)
{
    enum { MAX_SIZE = 40 };
    size_t n = strlen(a), m = strlen(b);
    if (n > MAX_SIZE || m > MAX_SIZE) return UINT32_MAX;
    unsigned row[3][MAX_SIZE + 1];
    for (size_t j = 0; j <= m; j++)
        row[1][j] = (unsigned)j;
    for (size_t i = 1; i <= n; i++) {
        unsigned *now = row[(i + 1) % 3], *up = row[i % 3], *before = row[(i + 2) % 3];
        now[0] = (unsigned)i;
        for (size_t j = 1; j <= m; j++) {
            unsigned cost = a[i - 1] != b[j - 1];
            unsigned best = up[j - 1] + cost;
            if (up[j] + 1 < best) best = up[j] + 1;
            if (now[j - 1] + 1 < best) best = now[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            now[j] = best;
        }
    }
    return row[(n + 1) % 3][m];
}

const char *dw_nearest(const char *word, const char *const *names)
{
    size_t len = strlen(word);
    unsigned limit = len / 3 > 1 ? (unsigned)(len / 3) : 1, best = 2 * limit + 2;
    const char *found = NULL;
    for (; *names; names++) {
        unsigned d = distance(word, *names);
        if (d > limit) continue;
        /* Of equally near ones, the one that begins alike; then the first. */
        unsigned score = 2 * d + (word[0] != (*names)[0]);
        if (score < best) {
            best = score;
            found = *names;
        }
    }
    return found;
}

int dw_addr_parse(const char *text, dw_addr *out)
{
    uint8_t b[16];
    int words = strchr(text, ':') ? 4 : 1;
    if (inet_pton(words == 4 ? AF_INET6 : AF_INET, text, b) != 1) return DW_E_FORMAT;
    *out = (dw_addr){.family = words == 4 ? 6 : 4};
    for (int i = 0; i < words; i++)
        out->word[i] = dw_get32(b + 4 * i);
    return DW_OK;
}

/* RFC 5952. */
static void format_v6(const dw_addr *addr, char *buf, size_t size)
{
    struct in6_addr a;
    for (int i = 0; i < 16; i++)
        a.s6_addr[i] = (uint8_t)(addr->word[i / 4] >> (24 - 8 * (i % 4)));
    if (!inet_ntop(AF_INET6, &a, buf, (socklen_t)size)) snprintf(buf, size, "-");
}

char *dw_addr_format(const dw_addr *addr, char *buf, size_t size)
{
    uint32_t a = addr->word[0];
    if (addr->family == 4)
        snprintf(buf, size, "%u.%u.%u.%u", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255);
    else if (addr->family == 6)
        format_v6(addr, buf, size);
    else
        snprintf(buf, size, "-");
    return buf;
}

const char *dw_version(void)
{
    return DW_VERSION;
}

void dw_free(void *block)
{
    free(block);
}

_Noreturn void dw_assert_failed(const char *what, const char *file, int line)
{
    fprintf(stderr, "drywire: internal error at %s:%d: %s\n", file, line, what);
    abort();
}

/* Words that end a sentence: "cannot connect: refused". */
const char *dw_strerror(int error)
{
    switch ((enum dw_error)error) {
    case DW_OK: return "ok";
    case DW_E_NOMEM: return "out of memory";
    case DW_E_INVAL: return "invalid argument";
    case DW_E_NOENT: return "not found";
    case DW_E_EXIST: return "already exists";
    case DW_E_IO: return "input or output failed";
    case DW_E_ABI: return "wrong plugin ABI";
    case DW_E_FORMAT: return "wrong format";
    case DW_E_MISMATCH: return "does not hold";
    case DW_E_LIMIT: return "limit reached";
    case DW_E_INTERRUPT: return "interrupted";
    case DW_E_BUSY: return "not in the middle of an event";
    case DW_E_AGAIN: return "would block";
    case DW_E_REFUSED: return "refused";
    case DW_E_RESET: return "reset";
    case DW_E_TIMEOUT: return "timeout";
    case DW_E_UNREACH: return "unreachable";
    case DW_E_CLOSING: return "closing";
    case DW_E_CLOSED: return "closed";
    case DW_E_NOTCONN: return "not connected";
    case DW_E_ISCONN: return "already connected";
    case DW_E_ADDRINUSE: return "address in use";
    case DW_E_CRASHED: return "crashed";
    case DW_E_ADDRNOTAVAIL: return "address not available";
    }
    return "unknown error";
}
