/*
 * What came out of the runs of a room, and how it is shown.
 */
#ifndef BENCH_RESULT_H
#define BENCH_RESULT_H

#include "rooms.h"

#include <stdio.h>

#define ROUNDS_MAX 31

/* One side of a room. All figures are a message's (or a connection's). */
struct side {
    double cpu[ROUNDS_MAX]; /* ns, by round */
    double median, user, system;
    double calls;        /* system calls, 1,000 messages */
    double instructions; /* negative: not counted */
    double stepped_calls;
    double p50, p99; /* ns */
    double held, resident;
    double wall; /* ns */
};

struct result {
    const struct room *room;
    unsigned rounds;
    struct side limit, ours;
    double figure; /* what the target is about: a ratio, or bytes */
};

/* Put a round's cost into a side. */
void side_note(struct side *side, unsigned round, const struct cost *cost);
void side_note_steps(struct side *side, const struct cost *cost);
/* Medians and ratios, once all rounds are in. */
void result_finish(struct result *result);

void result_print_head(FILE *out);
void result_print(FILE *out, const struct result *result);
void results_write_json(FILE *out, const struct result *results,
                        unsigned count);

#endif
