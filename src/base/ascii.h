/*
 * Short ASCII texts, the most frequent of all messages: told by a few loads,
 * without a call. What it does not recognise goes to the real check.
 */
#ifndef HWI_ASCII_H
#define HWI_ASCII_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Up to here a text is worth being looked at in line. */
#define HWI_ASCII_SHORT 128

/* Short as they are, compilers need to be told; a call would cost as much. */
#define HWI_ASCII_INLINE __attribute__((always_inline)) static inline

HWI_ASCII_INLINE uint64_t hwi_ascii_8(const uint8_t *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof(word));
    return word;
}

/* The first 16 and 32 bytes, or'ed together. */
HWI_ASCII_INLINE uint64_t hwi_ascii_16(const uint8_t *p)
{
    return hwi_ascii_8(p) | hwi_ascii_8(p + 8);
}

HWI_ASCII_INLINE uint64_t hwi_ascii_32(const uint8_t *p)
{
    return hwi_ascii_16(p) | hwi_ascii_16(p + 16);
}

HWI_ASCII_INLINE bool hwi_ascii_none_high(uint64_t any)
{
    return !(any & UINT64_C(0x8080808080808080));
}

/* Whether a text is ASCII and at most HWI_ASCII_SHORT long. Looks at it from
 * both ends, so that the pieces may overlap and none is left over. */
HWI_ASCII_INLINE bool hwi_is_short_ascii(const uint8_t *data, size_t size)
{
    const uint8_t *end = size ? data + size : data; /* data may be NULL */
    uint64_t any = 0;
    if (size > HWI_ASCII_SHORT)
        return false;
    if (size >= 32) {
        any = hwi_ascii_32(data) | hwi_ascii_32(end - 32);
        if (size > 64)
            any |= hwi_ascii_32(data + 32) | hwi_ascii_32(end - 64);
    } else if (size >= 16) {
        any = hwi_ascii_16(data) | hwi_ascii_16(end - 16);
    } else if (size >= 8) {
        any = hwi_ascii_8(data) | hwi_ascii_8(end - 8);
    } else {
        for (size_t at = 0; at < size; at++)
            any |= data[at];
    }
    return hwi_ascii_none_high(any);
}

#endif
