/* Text of any bytes for people and machines (see printing.h). */
#include "printing.h"

#include <inttypes.h>
#include <string.h>

void print_escaped_n(FILE *f, enum dw_syntax syntax, const char *text, size_t len)
{
    dw_escape_file(f, syntax, text, len);
}

void print_escaped(FILE *f, enum dw_syntax syntax, const char *text)
{
    print_escaped_n(f, syntax, text, strlen(text));
}

void replace_zeros(char *text, size_t len)
{
    enum { SUB = 0x1a };
    for (size_t i = 0; i < len; i++)
        if (!text[i]) text[i] = SUB;
}

void print_lines(FILE *f, const char *front, const char *text)
{
    while (text && *text) {
        size_t n = strcspn(text, "\n");
        fputs(front, f);
        print_escaped_n(f, DW_IN_LINES, text, n); /* tabs may stay */
        fputc('\n', f);
        text += n + (text[n] == '\n');
    }
}

const char *grouped(uint64_t n, char out[GROUPED_SIZE])
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRIu64, n), at = 0;
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0) out[at++] = ',';
        out[at++] = digits[i];
    }
    out[at] = 0;
    return out;
}

const char *grouped_roughly(uint64_t n, char out[GROUPED_SIZE])
{
    uint64_t unit = 1;
    for (uint64_t rest = n; rest >= 100; rest /= 10)
        unit *= 10;
    uint64_t up = n % unit >= unit - n % unit && n <= UINT64_MAX - unit ? unit : 0;
    return grouped(n - n % unit + up, out);
}

bool ends_in(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}
