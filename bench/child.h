/*
 * Each run is made by a process of its own on the first core: what one leaves
 * behind (memory, caches of libraries) does not reach the next.
 */
#ifndef BENCH_CHILD_H
#define BENCH_CHILD_H

#include "scene.h"

/* Run this process on that core alone, if there are so many. */
void child_pin(int core);

/* Let this process hold as many descriptors as it may. */
void child_allow_descriptors(void);

/* Play `scene` in a child, 120 s at most. 0, or -1: it failed. */
int child_play(job *play, const struct scene *scene, struct cost *cost);

#endif
