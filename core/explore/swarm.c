/* Swarm testing: drawing the faults of a run, while it goes on. */
#include "drywire/swarm.h"

#include "base/config.h"
#include "base/list.h"
#include "base/rng.h"
#include "drywire/sim.h"

#include <stdlib.h>
#include <string.h>

struct dw_swarm {
    dw_swarm_config config;
    dw_fault faults[DW_FAULTS_MOST]; /* planned, then drawn */
    size_t count;
    uint32_t used[DW_FAULT_KINDS];
    bool on[DW_FAULT_KINDS];
    uint64_t places[DW_FAULTS_MOST]; /* the arrivals that are to be struck, from 1 */
    size_t place_count;
    uint64_t *arrivals; /* packets */
    size_t arrival_count;
    dw_rng random;
    dw_sim *sim;
};

/* Drawing. */

static bool has_place(const dw_swarm *s, uint64_t place)
{
    for (size_t i = 0; i < s->place_count; i++)
        if (s->places[i] == place) return true;
    return false;
}

/* Each set of so many has the same chance (Floyd's sampling: Bentley, Floyd, "A sample of
 * brilliance", CACM 1987). */
static void draw_places(dw_swarm *s, uint64_t count)
{
    for (uint64_t last = s->config.points - count + 1; last <= s->config.points; last++) {
        uint64_t place = 1 + dw_rng_below(&s->random, last);
        s->places[s->place_count] = has_place(s, place) ? last : place;
        s->place_count++;
    }
}

static uint32_t kinds_allowed(const dw_swarm_config *c)
{
    uint32_t n = 0;
    for (int kind = 0; kind < DW_FAULT_KINDS; kind++)
        n += c->most[kind] > 0;
    return n;
}

/* A coin for each kind; not all of them may fall on the same side, or there would be no fault. */
static void draw_kinds(dw_swarm *s)
{
    uint32_t allowed = kinds_allowed(&s->config);
    uint64_t coins = 1 + dw_rng_below(&s->random, ((uint64_t)1 << allowed) - 1);
    for (int kind = 0; kind < DW_FAULT_KINDS; kind++) {
        if (s->config.most[kind] == 0) continue;
        s->on[kind] = coins & 1;
        coins >>= 1;
    }
}

static void draw(dw_swarm *s)
{
    const dw_swarm_config *c = &s->config;
    if (c->faults == 0 || c->points == 0 || kinds_allowed(c) == 0) return;
    draw_kinds(s);
    uint64_t count = 1 + dw_rng_below(&s->random, c->faults);
    draw_places(s, count < c->points ? count : c->points);
}

/* One of these kinds that is on and has not been had often enough; DW_FAULT_KINDS: there is none.
 */
static uint8_t draw_kind(dw_swarm *s, uint32_t allowed)
{
    uint8_t kinds[DW_FAULT_KINDS];
    uint64_t n = 0;
    for (uint8_t kind = 0; kind < DW_FAULT_KINDS; kind++)
        if (s->on[kind] && s->used[kind] < s->config.most[kind] && (allowed & DW_FAULT_BIT(kind)))
            kinds[n++] = kind;
    return n ? kinds[dw_rng_below(&s->random, n)] : DW_FAULT_KINDS;
}

uint64_t dw_swarm_draw(uint64_t seed, const char *name, uint64_t bound)
{
    dw_rng random;
    dw_rng_seed(&random, seed, "swarm", name);
    return dw_rng_below(&random, bound);
}

/* One run. */

static int strike(dw_swarm *s, const dw_fault_point *at)
{
    dw_fault f = {.number = at->number, .kind = draw_kind(s, at->kinds)};
    if (f.kind == DW_FAULT_KINDS || s->count == DW_FAULTS_MOST) return DW_OK;
    if (f.kind == DW_FAULT_DELAY) {
        f.count = 1 + (uint32_t)dw_rng_below(&s->random, DW_SWARM_WAITS);
        f.before = dw_rng_below(&s->random, 2) == 1;
    }
    s->used[f.kind]++;
    s->faults[s->count++] = f;
    return dw_sim_plan_also(s->sim, &f);
}

static int at_point(const dw_fault_point *at, void *arg)
{
    dw_swarm *s = arg;
    if (!at) return DW_OK;
    uint64_t *arrivals = dw_list_room(s->arrivals, s->arrival_count, sizeof *arrivals);
    if (!arrivals) return DW_E_NOMEM;
    s->arrivals = arrivals;
    arrivals[s->arrival_count++] = at->number;
    int status = DW_OK;
    if (s->arrival_count > s->config.behind && !at->planned && has_place(s, s->arrival_count))
        status = strike(s, at);
    if (s->config.redraw && s->arrival_count == s->config.behind)
        dw_sim_reseed(s->sim, s->config.seed);
    return status;
}

int dw_swarm_new(const dw_swarm_config *config, dw_swarm **out)
{
    dw_swarm_config c = {.size = sizeof c};
    if (DW_CONFIG_READ(&c, config) != DW_OK || c.faults > DW_FAULTS_MOST ||
        c.planned_count > DW_FAULTS_MOST)
        return DW_E_INVAL;
    dw_swarm *s = calloc(1, sizeof *s);
    if (!s) return DW_E_NOMEM;
    s->config = c;
    for (size_t i = 0; i < c.planned_count; i++) {
        s->faults[s->count++] = c.planned[i];
        if (c.planned[i].kind < DW_FAULT_KINDS) s->used[c.planned[i].kind]++;
    }
    dw_rng_seed(&s->random, c.seed, "faults", "");
    draw(s);
    *out = s;
    return DW_OK;
}

void dw_swarm_free(dw_swarm *s)
{
    if (!s) return;
    free(s->arrivals);
    free(s);
}

int dw_swarm_attach(dw_swarm *s, dw_sim *sim)
{
    if (s->sim) return DW_E_EXIST;
    int status = dw_sim_plan(sim, s->faults, s->count);
    if (status == DW_OK) status = dw_sim_on_fault_point(sim, DW_SWARM_KINDS, at_point, s);
    if (status != DW_OK) return status;
    s->sim = sim;
    if (s->config.redraw && s->config.behind == 0) dw_sim_reseed(sim, s->config.seed);
    return DW_OK;
}

const dw_fault *dw_swarm_faults(const dw_swarm *s, size_t *count)
{
    *count = s->count;
    return s->faults;
}

bool dw_swarm_has(const dw_swarm *s, uint8_t kind)
{
    return kind < DW_FAULT_KINDS && s->on[kind];
}

uint64_t dw_swarm_arrivals(const dw_swarm *s)
{
    return s->arrival_count;
}

uint64_t dw_swarm_arrival(const dw_swarm *s, uint64_t i)
{
    return i < s->arrival_count ? s->arrivals[i] : 0;
}

/* The bound. */

static double choose(uint64_t n, uint64_t k)
{
    double ways = 1;
    for (uint64_t i = 1; i <= k; i++)
        ways = ways * (double)(n - k + i) / (double)i;
    return ways;
}

/* That the kinds which are needed are on, and each fault gets its own.  When f kinds are on, each
 * fault has at most these to choose from. */
static double chance_of_kinds(uint32_t allowed, uint32_t needed, size_t count)
{
    double sum = 0;
    for (uint32_t f = needed; f <= allowed; f++) {
        double own = 1;
        for (size_t i = 0; i < count; i++)
            own /= f;
        sum += choose(allowed - needed, f - needed) * own;
    }
    return sum / (double)(((uint64_t)1 << allowed) - 1);
}

double dw_swarm_chance(const dw_swarm_config *config, const dw_fault *faults, size_t count)
{
    uint32_t used[DW_FAULT_KINDS] = {0}, needed = 0;
    double waits = 1;
    if (count == 0 || count > config->faults || count > config->points) return 0;
    for (size_t i = 0; i < count; i++) {
        uint8_t kind = faults[i].kind;
        if (kind >= DW_FAULT_KINDS || !(DW_SWARM_KINDS & DW_FAULT_BIT(kind)) ||
            ++used[kind] > config->most[kind])
            return 0;
        needed += used[kind] == 1;
        if (kind == DW_FAULT_DELAY) waits *= 2 * DW_SWARM_WAITS;
    }
    return chance_of_kinds(kinds_allowed(config), needed, count) / config->faults /
           choose(config->points, count) / waits;
}
