/* Two clocks, compared by packets that passed both.
 *
 * What a packet took by two clocks is its delay and what the second is ahead.  The line that lies
 * under all samples of a way follows the least delay while the clocks drift apart (the convex hull
 * of Moon, Skelly and Towsley, "Estimation and removal of clock skew from network delay
 * measurements", 1999).  The least delays of both ways are taken to be the same, as NTP does (RFC
 * 5905 8), for one cannot tell them apart. */
#include "clocks.h"

#include <stdlib.h>

__extension__ typedef __int128 wide;

bool clocks_add(clocks *c, int way, dw_time first, dw_time second)
{
    if (c->count[way] == c->capacity[way]) {
        size_t capacity = c->capacity[way] ? 2 * c->capacity[way] : 256;
        clock_sample *grown = realloc(c->list[way], capacity * sizeof *grown);
        if (!grown) return false;
        c->list[way] = grown;
        c->capacity[way] = capacity;
    }
    dw_time took = second - first;
    c->list[way][c->count[way]++] = (clock_sample){first, way == 0 ? took : -took};
    return true;
}

/* Whether b lies on or above the line from a to c. */
static bool is_above(const clock_sample *a, const clock_sample *b, const clock_sample *c)
{
    return (wide)(b->took - a->took) * (c->at - a->at) >=
           (wide)(c->took - a->took) * (b->at - a->at);
}

/* The edge of the lower convex hull under the middle of the time.  The list is used up for it. */
static void find_line(clock_sample *list, size_t count, clock_sample *line)
{
    size_t n = 0;
    if (count == 0) return;
    dw_time middle = list[0].at + (list[count - 1].at - list[0].at) / 2;
    for (size_t i = 0; i < count; i++) {
        clock_sample s = list[i];
        if (n > 0 && list[n - 1].at == s.at) {
            if (list[n - 1].took <= s.took) continue;
            n--;
        }
        while (n > 1 && is_above(&list[n - 2], &list[n - 1], &s))
            n--;
        list[n++] = s;
    }
    size_t i = 1;
    while (i + 1 < n && list[i].at < middle)
        i++;
    line[0] = list[n > 1 ? i - 1 : 0];
    line[1] = list[n > 1 ? i : 0];
}

static dw_time line_at(const clock_sample *line, dw_time at)
{
    if (line[0].at == line[1].at) return line[0].took;
    return line[0].took + (dw_time)((wide)(line[1].took - line[0].took) * (at - line[0].at) /
                                    (line[1].at - line[0].at));
}

static dw_time least(const clocks *c, int way)
{
    dw_time found = DW_TIME_NEVER;
    for (size_t i = 0; i < c->count[way]; i++)
        if (c->list[way][i].took < found) found = c->list[way][i].took;
    return found;
}

static bool both_ways(const clocks *c)
{
    return c->count[0] > 0 && c->count[1] > 0;
}

/* A packet each way at about the same time: what both took together is twice the delay, whatever
 * the clocks say, unless one was set in between.  So most of these pairs tell. */
static void vote(clocks *c)
{
    size_t k = 0;
    for (size_t i = 0; i < c->count[0]; i++) {
        while (k + 1 < c->count[1] && c->list[1][k].at < c->list[0][i].at)
            k++;
        if (c->count[1] == 0) return;
        if (c->list[0][i].took + c->list[1][k].took < 0)
            c->backward++;
        else
            c->forward++;
    }
}

bool clocks_run_backward(const clocks *c)
{
    return c->backward > c->forward;
}

bool clocks_doubtful(const clocks *c)
{
    size_t all = c->backward + c->forward,
           fewer = c->backward < c->forward ? c->backward : c->forward;
    return all == 0 || fewer * 20 > all;
}

void clocks_settle(clocks *c)
{
    c->agree = c->count[0] > 0 && c->count[1] > 0 && least(c, 0) > 0 && least(c, 1) > 0;
    vote(c);
    for (int way = 0; way < 2; way++)
        find_line(c->list[way], c->count[way], c->line[way]);
}

bool clocks_agree(const clocks *c)
{
    return c->agree;
}

dw_time clocks_ahead(const clocks *c, dw_time at)
{
    if (!both_ways(c) || c->agree) return 0;
    return (line_at(c->line[0], at) - line_at(c->line[1], at)) / 2;
}

dw_time clocks_at_first(const clocks *c, dw_time second)
{
    dw_time about =
        second - clocks_ahead(c, second); /* what it is ahead changes little in between */
    return second - clocks_ahead(c, about);
}

dw_time clocks_trip(const clocks *c)
{
    if (!both_ways(c)) return 0;
    dw_time at = c->line[0][0].at, trip = (line_at(c->line[0], at) + line_at(c->line[1], at)) / 2;
    return trip > 0 ? trip : 0;
}

void clocks_free(clocks *c)
{
    for (int way = 0; way < 2; way++)
        free(c->list[way]);
    *c = (clocks){0};
}
