/*
 * Tells a child process from its parent. Descriptors such as an epoll set or
 * an eventfd are shared after fork: a child that touched them would disturb
 * its parent. Owners keep the number they were made under and compare.
 */
#ifndef HWI_FORK_H
#define HWI_FORK_H

#include <stdatomic.h>
#include <stdbool.h>

/* How many forks lie between the first call in this program and this process.
 * Safe from any thread, and in signal handlers after the first call. */
unsigned hwi_fork_generation(void);

extern atomic_uint hwi_fork_count;

/* Whether this process is a child of the one that the number was told in. */
static inline bool hwi_fork_since(unsigned generation)
{
    return atomic_load_explicit(&hwi_fork_count, memory_order_relaxed) !=
           generation;
}

#endif
