/* Dates as text: RFC 3339 in UTC, a day alone, or seconds since 1970. */
#include "drywire/base.h"

#include <stdio.h>
#include <string.h>

enum { FIRST_YEAR = 1970, LAST_YEAR = 2200 };

/* Exactly so many digits, and the character after them (0: none is asked for).  What follows, or
 * NULL. */
static const char *number(const char *text, int digits, char after, int *out)
{
    *out = 0;
    for (int i = 0; i < digits; i++) {
        if (!text || text[i] < '0' || text[i] > '9') return NULL;
        *out = *out * 10 + (text[i] - '0');
    }
    text += digits;
    if (!after) return text;
    return *text == after ? text + 1 : NULL;
}

/* ".25", or nothing: nanoseconds.  What follows, or NULL. */
static const char *fraction(const char *text, dw_time *out)
{
    dw_time unit = DW_SECOND;
    *out = 0;
    if (*text != '.') return text;
    const char *at = text + 1;
    for (; *at >= '0' && *at <= '9'; at++) {
        unit /= 10;
        *out += unit * (*at - '0');
    }
    return at > text + 1 && at <= text + 10 ? at : NULL;
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_of_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

/* What follows, or NULL. */
static const char *day(const char *text, dw_time *out)
{
    int y, m, d;
    dw_time days = 0;
    if (!(text = number(text, 4, '-', &y)) || !(text = number(text, 2, '-', &m)) ||
        !(text = number(text, 2, 0, &d)))
        return NULL;
    if (y < FIRST_YEAR || y > LAST_YEAR || m < 1 || m > 12 || d < 1 || d > days_of_month(y, m))
        return NULL;
    for (int year = FIRST_YEAR; year < y; year++)
        days += 365 + is_leap(year);
    for (int month = 1; month < m; month++)
        days += days_of_month(y, month);
    *out = (days + d - 1) * 24 * DW_HOUR;
    return text;
}

static const char *time_of_day(const char *text, dw_time *out)
{
    int h, m, s;
    dw_time ns;
    if (!(text = number(text, 2, ':', &h)) || !(text = number(text, 2, ':', &m)) ||
        !(text = number(text, 2, 0, &s)) || !(text = fraction(text, &ns)))
        return NULL;
    if (h > 23 || m > 59 || s > 59) return NULL;
    *out += h * DW_HOUR + m * DW_MINUTE + s * DW_SECOND + ns;
    return *text == 'Z' ? text + 1 : text;
}

/* "@946684800.5" */
static const char *seconds(const char *text, dw_time *out)
{
    dw_time s = 0, ns;
    int digits = 0;
    for (; *text >= '0' && *text <= '9' && digits < 10; text++, digits++)
        s = s * 10 + (*text - '0');
    if (digits == 0 || s > (dw_time)(LAST_YEAR - FIRST_YEAR) * 365 * 86400) return NULL;
    text = fraction(text, &ns);
    *out = s * DW_SECOND + ns;
    return text;
}

int dw_parse_date(const char *text, dw_time *out, char *why, size_t why_size)
{
    dw_time at = 0;
    const char *end;
    if (*text == '@') {
        end = seconds(text + 1, &at);
    } else {
        end = day(text, &at);
        if (end && (*end == 'T' || *end == ' ')) end = time_of_day(end + 1, &at);
    }
    if (end && !*end) {
        *out = at;
        return DW_OK;
    }
    snprintf(why, why_size,
             "\"%s\" is not a date from 1970 to 2200; write for example 2026-01-31, "
             "2026-01-31T12:00:00Z or @1700000000 (seconds since 1970)",
             text);
    return DW_E_FORMAT;
}
