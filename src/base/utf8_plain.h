/*
 * What the plain UTF-8 check offers to the others.
 */
#ifndef HWI_UTF8_PLAIN_H
#define HWI_UTF8_PLAIN_H

#include "base/utf8_variant.h"

#include <string.h>

/* Stops exactly before a fault or an unfinished character. */
hwi_utf8_skip hwi_utf8_skip_plain;

/* How many bytes at `data` are good as the begin of one character of *whole
 * bytes; 0 when the first byte can begin none. `size` > 0. */
size_t hwi_utf8_begin(const uint8_t *data, size_t size, size_t *whole);

#define HWI_UTF8_HIGH UINT64_C(0x8080808080808080)

/* Short as they are, compilers need to be told; a call would cost as much. */
#define HWI_UTF8_INLINE __attribute__((always_inline)) static inline

HWI_UTF8_INLINE uint64_t hwi_utf8_8(const uint8_t *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof(word));
    return word;
}

/* The first 16 and 32 bytes, or'ed together. */
HWI_UTF8_INLINE uint64_t hwi_utf8_16(const uint8_t *p)
{
    return hwi_utf8_8(p) | hwi_utf8_8(p + 8);
}

HWI_UTF8_INLINE uint64_t hwi_utf8_32(const uint8_t *p)
{
    return hwi_utf8_16(p) | hwi_utf8_16(p + 16);
}

/* Whether a text of up to 128 bytes is ASCII. Looks at it from both ends, so
 * that the pieces may overlap and none is left over. */
HWI_UTF8_INLINE bool hwi_utf8_is_short_ascii(const uint8_t *data, size_t size)
{
    const uint8_t *end = size ? data + size : data; /* data may be NULL */
    uint64_t any = 0;
    if (size >= 32) {
        any = hwi_utf8_32(data) | hwi_utf8_32(end - 32);
        if (size > 64)
            any |= hwi_utf8_32(data + 32) | hwi_utf8_32(end - 64);
    } else if (size >= 16) {
        any = hwi_utf8_16(data) | hwi_utf8_16(end - 16);
    } else if (size >= 8) {
        any = hwi_utf8_8(data) | hwi_utf8_8(end - 8);
    } else {
        for (size_t at = 0; at < size; at++)
            any |= data[at];
    }
    return !(any & HWI_UTF8_HIGH);
}

#endif
