/*
 * Random bytes drawn a few at a time from a pool that is filled in one go from
 * a source given from outside; and a seeded source for tests and replays.
 */
#ifndef HWI_RNG_H
#define HWI_RNG_H

#include "hawser/types.h"

struct hwi_rng {
    struct hws_random source;
    size_t left; /* unused bytes at the end of the pool */
    /* OpenSSL takes 8 instructions a byte for 1 KiB, and 4 for 4 KiB. */
    uint8_t pool[4096];
};

void hwi_rng_init(struct hwi_rng *r, struct hws_random source);
/* Used bytes are wiped from the pool. */
void hwi_rng_fill(struct hwi_rng *r, void *bytes, size_t size);
/* Throw the pool away, so that a child process draws its own. */
void hwi_rng_discard(struct hwi_rng *r);
/* This pool as a source. */
struct hws_random hwi_rng_random(struct hwi_rng *r);

/* xoshiro256**, for everything that must be replayable. Not for keys. */
struct hwi_seeded {
    uint64_t s[4];
};
void hwi_seeded_init(struct hwi_seeded *r, uint64_t seed);
uint64_t hwi_seeded_next(struct hwi_seeded *r);
struct hws_random hwi_seeded_random(struct hwi_seeded *r);

#endif
