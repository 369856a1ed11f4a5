/*
 * The grammar of RFC 3629 section 4, written down once more in the plainest
 * way, so that every variant has something to be wrong against.
 */
#ifndef UTF8_REFERENCE_H
#define UTF8_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The index of the first byte that can belong to no valid text, or `size`.
 * *done: the text may end here. */
size_t utf8_reference(const uint8_t *text, size_t size, bool *done);

#endif
