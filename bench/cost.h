/*
 * What a run cost the process that made it: CPU time, and in a run of its own
 * the instructions and system calls, counted one by one.
 */
#ifndef BENCH_COST_H
#define BENCH_COST_H

#include <stdbool.h>
#include <stdint.h>

struct cost {
    uint64_t messages;
    int64_t cpu, user, system, wall; /* ns */
    uint64_t calls;                  /* system calls that the run itself knows
                                        of: reads, writes and waits */
    uint64_t instructions;           /* stepped runs only, else 0 */
    uint64_t stepped_calls;          /* stepped runs only */
    int64_t p50, p99;                /* ns; where round trips are timed */
    int64_t held, resident;          /* bytes; where memory is measured */
    double idle_wakes;               /* a second; where idleness is watched */
};

struct meter {
    bool stepped; /* set before begin: count instructions instead of time */
    int64_t cpu, user, system, wall;
};

void meter_begin(struct meter *meter);
/* Fills in all but messages, calls, round trips and memory. */
void meter_end(const struct meter *meter, struct cost *cost);

int64_t clock_wall(void); /* monotonic, ns */

#endif
