/*
 * Short ASCII texts, the most frequent of all messages: told by a few loads,
 * without a call. It knows nothing of UTF-8; what it does not recognise goes to
 * the real check.
 */
#ifndef HWI_ASCII_H
#define HWI_ASCII_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t hwi_word(const uint8_t *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, 8);
    return word;
}

/* Whether a text is short enough to be looked at in line, and ASCII. */
static inline bool hwi_is_short_ascii(const uint8_t *text, size_t size)
{
    if (size < 8 || size > 128)
        return false;
    const uint8_t *end = text + size;
    uint64_t all = 0;
    for (; size >= 32; size -= 32, text += 32)
        all |= hwi_word(text) | hwi_word(text + 8) | hwi_word(text + 16) |
               hwi_word(text + 24);
    for (; size >= 8; size -= 8, text += 8)
        all |= hwi_word(text);
    /* The last eight, though some of them were seen before. */
    all |= hwi_word(end - 8);
    return (all & UINT64_C(0x8080808080808080)) == 0;
}

#endif
