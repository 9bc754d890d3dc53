/* Plans of faults, as they are written: "3d,9h2-". */
#include "drywire/fault.h"

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

/* The end of what was read, or NULL: it is no fault. */
static const char *read_fault(const char *at, dw_fault *f)
{
    *f = (dw_fault){.packet = number(&at)};
    const char *letter = *at ? strchr(DW_FAULT_LETTERS, *at) : NULL;
    if (f->packet == 0 || !letter) return NULL;
    f->kind = (uint8_t)(letter - DW_FAULT_LETTERS);
    at++;
    if (f->kind != DW_FAULT_DELAY) return at;
    uint64_t wait = number(&at);
    if (wait == 0 || wait > UINT32_MAX) return NULL;
    f->wait = (uint32_t)wait;
    f->before = *at == '-';
    return at + f->before;
}

static bool is_second(const dw_fault *faults, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (faults[i].packet == faults[n].packet) return true;
    return false;
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
                     "\"%.*s\" is no fault; expected the number of a packet and what befalls it: "
                     "3d (lost), 3t (twice), 3x (damaged), 3h2 or 3h2- (held up until behind or "
                     "before the second event of its receiver)",
                     len, at);
            return DW_E_FORMAT;
        }
        if (is_second(out, n)) {
            snprintf(why, why_size, "two faults of packet %" PRIu64, out[n].packet);
            return DW_E_FORMAT;
        }
        at = *end ? end + 1 : end;
    }
    *count = n;
    return DW_OK;
}

char *dw_faults_format(const dw_fault *faults, size_t count, char *buf, size_t size)
{
    size_t at = 0;
    if (size) buf[0] = 0;
    for (size_t i = 0; i < count && at < size; i++) {
        const dw_fault *f = &faults[i];
        int n = snprintf(buf + at, size - at, "%s%" PRIu64 "%c", i ? "," : "", f->packet,
                         DW_FAULT_LETTERS[f->kind]);
        if (n > 0) at += (size_t)n;
        if (f->kind != DW_FAULT_DELAY || at >= size) continue;
        n = snprintf(buf + at, size - at, "%" PRIu32 "%s", f->wait, f->before ? "-" : "");
        if (n > 0) at += (size_t)n;
    }
    return buf;
}
