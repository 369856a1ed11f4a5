/*
 * Counting instructions and system calls of this thread by the processor's
 * trap flag: exact, and it needs neither counters nor privileges (both are
 * missing in most virtual machines). About 10,000 times slower than running.
 */
#ifndef BENCH_STEP_H
#define BENCH_STEP_H

#include <stdbool.h>
#include <stdint.h>

bool step_available(void);
void step_begin(void);
/* User instructions since begin, and how many of them were system calls. */
void step_end(uint64_t *instructions, uint64_t *calls);

#endif
