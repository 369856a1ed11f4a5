/*
 * Memory that runs out: the n-th allocation and all after it fail.
 */
#ifndef STARVED_H
#define STARVED_H

#include "hawser/types.h"

#include <stdlib.h>

static int starved_left;

static inline void *starved_alloc(void *context, size_t size)
{
    (void)context;
    return starved_left-- > 0 ? malloc(size) : NULL;
}

static inline void *starved_resize(void *context, void *old, size_t size)
{
    (void)context;
    return starved_left-- > 0 ? realloc(old, size) : NULL;
}

static inline void starved_release(void *context, void *old)
{
    (void)context;
    free(old);
}

/* The next `count` allocations succeed. */
static inline void starve_after(int count)
{
    static const struct hws_memory hooks = {starved_alloc, starved_resize,
                                            starved_release, NULL};
    starved_left = count;
    hws_memory_set(&hooks);
}

static inline void starve_no_more(void)
{
    hws_memory_set(NULL);
}

#endif
