/*
 * The workloads: which scene, which limit, which of ours, and what we aim at.
 */
#ifndef BENCH_ROOMS_H
#define BENCH_ROOMS_H

#include "scene.h"

enum figure {
    FIGURE_CPU,  /* ns of CPU a message, as a ratio to the limit's */
    FIGURE_HELD, /* bytes of ours a connection, not a ratio */
};

struct room {
    const char *name;       /* "W1 text 64 B" */
    const char *limit_name; /* what the limit does */
    job *limit;             /* NULL: there is none */
    job *ours;
    struct scene scene;
    uint64_t steps; /* messages of the stepped run; 0: no such run */
    enum figure figure;
    double target;               /* at most; 0: none is set */
    unsigned instruction_target; /* a message, at most; 0: none is set */
};

extern const struct room rooms[];
extern const unsigned room_count;

#endif
