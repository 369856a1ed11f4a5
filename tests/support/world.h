/*
 * A world without sockets and without waiting: a virtual clock, a virtual loop
 * on it, and links in memory. Time moves only when nothing is left to do, and
 * then straight to the next deadline: a day takes milliseconds and is the same
 * on every run from the same seed.
 */
#ifndef TEST_WORLD_H
#define TEST_WORLD_H

#include "base/rng.h"
#include "hawser/hawser.h"

#define WORLD_WATCHES_MAX 256
#define WORLD_TIMERS_MAX 256

struct world {
    struct hws_loop loop;    /* first: the loop is the world */
    hws_time now;            /* monotonic */
    hws_time realtime_ahead; /* realtime minus monotonic */
    hws_time asleep;         /* boot time minus monotonic */
    struct hws_watch *watches[WORLD_WATCHES_MAX];
    struct hws_timer *timers[WORLD_TIMERS_MAX];
    size_t watch_count, timer_count;
    uint64_t turns;          /* turns in which something was called */
    unsigned watch_failures; /* let so many watch() calls fail */
    unsigned timer_failures; /* and so many timer() calls that may fail */
    struct hwi_seeded seeded;
};

/* Begin at monotonic 1,000 s; `seed` feeds world_random(). */
void world_init(struct world *w, uint64_t seed);
/* All clients and conns of the world must be gone. */
void world_release(struct world *w);
struct hws_random world_random(struct world *w);

/* Call who is ready or due now, once. False: nobody was. */
bool world_turn(struct world *w);
/* Do all that is to be done now, without moving the clock. */
void world_settle(struct world *w);
/* Let `delay` pass, doing everything when its time comes. */
void world_pass(struct world *w, hws_time delay);
/* Let time pass until `*flag`, `limit` at the most. True: the flag is up. */
bool world_until(struct world *w, const bool *flag, hws_time limit);
/* The next deadline, or HWS_NEVER. */
hws_time world_deadline(const struct world *w);

#endif
