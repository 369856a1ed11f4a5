/* An allocator that fails from the n-th call on, and knows what is held. */
#ifndef SCARCE_H
#define SCARCE_H

#include "hawser/types.h"

#include <stdlib.h>

struct scarce {
    long left;
    long held;
};

static inline void *scarce_alloc(void *context, size_t size)
{
    struct scarce *s = context;
    if (s->left-- <= 0)
        return NULL;
    s->held++;
    return malloc(size);
}

static inline void *scarce_resize(void *context, void *old, size_t size)
{
    struct scarce *s = context;
    if (s->left-- <= 0)
        return NULL;
    s->held += old == NULL;
    return realloc(old, size);
}

static inline void scarce_release(void *context, void *old)
{
    struct scarce *s = context;
    s->held--;
    free(old);
}

static inline struct hws_memory scarce_memory(struct scarce *s)
{
    return (struct hws_memory){scarce_alloc, scarce_resize, scarce_release, s};
}

#endif
