/* Named random streams: xoshiro256** (Blackman and Vigna, 2018), seeded by SplitMix64. */
#ifndef DW_RNG_H
#define DW_RNG_H

#include "drywire/base.h"

struct dw_rng {
    uint64_t s[4];
};

/* A stream that depends on all three and on nothing else. */
void dw_rng_seed(struct dw_rng *rng, uint64_t seed, const char *object, const char *purpose);
/* Mix a text into a 64-bit hash that is the same on every machine. */
uint64_t dw_hash_text(uint64_t hash, const char *text);
uint64_t dw_hash_mix(uint64_t x);

#endif
