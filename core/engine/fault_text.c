/* Plans of faults, as they are written: "3d,9h2-". */
#include "fault_plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A number from 1 up; 0: there is none. */
static uint64_t number(const char **at)
{
    char *end;
    if (!is_digit(**at)) return 0;
    uint64_t n = strtoull(*at, &end, 10);
    *at = end;
    return n;
}

/* What stands behind the letter.  NULL: what may not. */
static const char *read_count(const char *at, dw_fault *f)
{
    if (is_digit(*at)) {
        uint64_t count = number(&at);
        if (count == 0 || count > UINT32_MAX) return NULL;
        f->count = (uint32_t)count;
    }
    f->before = f->kind == DW_FAULT_DELAY && *at == '-';
    return at + f->before;
}

/* The end of what was read, or NULL: it is no fault. */
static const char *read_fault(const char *at, dw_fault *f)
{
    *f = (dw_fault){.number = number(&at)};
    if (*at == '@') {
        if (f->number == 0 || f->number > UINT32_MAX) return NULL;
        f->host = (uint32_t)f->number;
        at++;
        f->number = number(&at);
    }
    const char *letter = *at ? strchr(DW_FAULT_LETTERS, *at) : NULL;
    if (!letter) return NULL;
    f->kind = (uint8_t)(letter - DW_FAULT_LETTERS);
    at = read_count(at + 1, f);
    return dw_fault_valid(f) ? at : NULL;
}

/* Each fault up to its comma, of which none stands at the end. */
int dw_faults_parse(const char *text, dw_fault *out, size_t room, size_t *count, char *why,
                    size_t why_size)
{
    size_t n = 0;
    for (const char *at = text; *at; n++) {
        int len = (int)strcspn(at, ",");
        if (n == room) {
            snprintf(why, why_size, "more than %zu faults", room);
            return DW_E_FORMAT;
        }
        const char *end = read_fault(at, &out[n]);
        if (!end || (*end && *end != ',') || (*end == ',' && !end[1])) {
            snprintf(why, why_size,
                     "\"%.*s\" is no fault; expected the number of a packet and what befalls it, "
                     "as 3d (lost), 3t (twice), 3x (damaged), 3h2 or 3h2- (held up until behind or "
                     "before the second event of its receiver), 3o1, 3q, 3l; or a host's moment: "
                     "2@5c (crash), 2@5k (close), 2@5s, 2@5a, 2@5r1",
                     len, at);
            return DW_E_FORMAT;
        }
        if (dw_fault_find(out, n, out[n].host, out[n].number) < n) {
            snprintf(why, why_size, "two faults of %s %" PRIu64,
                     out[n].host ? "a host's moment" : "packet", out[n].number);
            return DW_E_FORMAT;
        }
        at = *end ? end + 1 : end;
    }
    *count = n;
    return DW_OK;
}

static int write_fault(const dw_fault *f, char *out, size_t size)
{
    char host[16] = "", count[16] = "";
    if (f->host) snprintf(host, sizeof host, "%" PRIu32 "@", f->host);
    if (f->count) snprintf(count, sizeof count, "%" PRIu32, f->count);
    return snprintf(out, size, "%s%" PRIu64 "%c%s%s", host, f->number, DW_FAULT_LETTERS[f->kind],
                    count, f->before ? "-" : "");
}

char *dw_faults_format(const dw_fault *faults, size_t count, char *buf, size_t size)
{
    size_t at = 0;
    if (size) buf[0] = 0;
    for (size_t i = 0; i < count && at < size; i++) {
        if (i && at + 1 < size) {
            buf[at++] = ',';
            buf[at] = 0;
        }
        at += (size_t)write_fault(&faults[i], buf + at, size - at);
    }
    return buf;
}
