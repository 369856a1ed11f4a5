/*
 * Copies that are kept together and freed together: the texts and lists of a
 * client's options, the headers of one attempt.
 */
#ifndef HWI_KEEP_H
#define HWI_KEEP_H

#include "hawser/types.h"

struct hwi_kept;

struct hwi_keep {
    struct hwi_kept *newest;
};

/* A copy of `size` bytes, or NULL: no memory. Lends: until release. */
void *hwi_keep_bytes(struct hwi_keep *k, const void *bytes, size_t size);
/* The same for a text; NULL stays NULL and is no failure. */
int hwi_keep_text(struct hwi_keep *k, const char **text);
void hwi_keep_release(struct hwi_keep *k);

#endif
