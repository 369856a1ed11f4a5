#include "proto/deflate_memory.h"

#include "base/mem.h"

#include <stdalign.h>
#include <stdint.h>

/* Stands before each block, for zlib does not say how large one was. */
struct block {
    alignas(max_align_t) size_t size;
};

static void *take(void *context, unsigned items, unsigned size)
{
    size_t *held = context;
    size_t wanted = sizeof(struct block) + (size_t)items * size;
    struct block *block = hwi_alloc(wanted);
    if (!block)
        return NULL;
    block->size = wanted;
    *held += wanted;
    return block + 1;
}

static void give_back(void *context, void *bytes)
{
    size_t *held = context;
    struct block *block = (struct block *)bytes - 1;
    *held -= block->size;
    hwi_free(block);
}

void hwi_deflate_memory(z_stream *stream, size_t *held)
{
    *stream = (z_stream){
        .zalloc = take,
        .zfree = give_back,
        .opaque = held,
    };
}
