#include "base/mem.h"

#include "hawser/types.h"

#include <stdlib.h>
#include <string.h>

static void *system_alloc(void *context, size_t size)
{
    (void)context;
    return malloc(size);
}

static void *system_resize(void *context, void *old, size_t size)
{
    (void)context;
    return realloc(old, size);
}

static void system_release(void *context, void *old)
{
    (void)context;
    free(old);
}

static const struct hws_memory system_memory = {
    .alloc = system_alloc,
    .resize = system_resize,
    .release = system_release,
};

static struct hws_memory memory = {
    .alloc = system_alloc,
    .resize = system_resize,
    .release = system_release,
};

void hws_memory_set(const struct hws_memory *m)
{
    memory = m ? *m : system_memory;
}

void *hwi_alloc(size_t size)
{
    return memory.alloc(memory.context, size);
}

void *hwi_alloc_zero(size_t size)
{
    void *fresh = hwi_alloc(size);
    if (fresh)
        memset(fresh, 0, size);
    return fresh;
}

void *hwi_resize(void *old, size_t size)
{
    return memory.resize(memory.context, old, size);
}

void hwi_free(void *old)
{
    if (old)
        memory.release(memory.context, old);
}

char *hwi_copy_text(const char *text)
{
    return text ? hwi_copy_bytes(text, strlen(text) + 1) : NULL;
}

void *hwi_copy_bytes(const void *bytes, size_t size)
{
    void *copy = hwi_alloc(size ? size : 1);
    if (copy && size)
        memcpy(copy, bytes, size);
    return copy;
}
