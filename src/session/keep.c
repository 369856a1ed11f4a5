#include "session/keep.h"

#include "base/mem.h"

#include <string.h>

struct hwi_kept {
    struct hwi_kept *older;
    max_align_t bytes[];
};

void *hwi_keep_bytes(struct hwi_keep *k, const void *bytes, size_t size)
{
    struct hwi_kept *fresh = hwi_alloc(sizeof(*fresh) + size);
    if (!fresh)
        return NULL;
    fresh->older = k->newest;
    k->newest = fresh;
    if (size)
        memcpy(fresh->bytes, bytes, size);
    return fresh->bytes;
}

int hwi_keep_text(struct hwi_keep *k, const char **text)
{
    if (!*text)
        return 0;
    *text = hwi_keep_bytes(k, *text, strlen(*text) + 1);
    return *text ? 0 : HWS_E_MEMORY;
}

void hwi_keep_release(struct hwi_keep *k)
{
    while (k->newest) {
        struct hwi_kept *older = k->newest->older;
        hwi_free(k->newest);
        k->newest = older;
    }
}
