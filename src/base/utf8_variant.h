/*
 * The parts of the UTF-8 check that differ between machines. A variant only
 * finds out how far a text is good for sure; the exact place of a fault and an
 * unfinished character at the end are always judged by the plain code.
 */
#ifndef HWI_UTF8_VARIANT_H
#define HWI_UTF8_VARIANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* `data` begins with a character. Returns how many bytes of it are whole,
 * valid characters for sure. It never passes a fault, and a text without one
 * is passed but for a few bytes at its end. */
typedef size_t hwi_utf8_skip(const uint8_t *data, size_t size);

#if defined(__x86_64__) || defined(__i386__)
#define HWI_UTF8_X86 1
hwi_utf8_skip hwi_utf8_skip_sse4, hwi_utf8_skip_avx2;

/*
 * The lookup tables: for a byte and the one before it, each wrong pair has a
 * bit that all three of its nibbles must agree on.
 */
struct hwi_utf8_tables {
    uint8_t before_high[16]; /* by the high nibble of the byte before */
    uint8_t before_low[16];  /* by its low nibble */
    uint8_t high[16];        /* by the high nibble of the byte */
};
extern const struct hwi_utf8_tables hwi_utf8_tables;
#endif

/* The bytes before `at` that belong to a character which `at` cuts. */
static inline size_t hwi_utf8_cut(const uint8_t *data, size_t at)
{
    if (at >= 1 && data[at - 1] >= 0xc0)
        return 1;
    if (at >= 2 && data[at - 2] >= 0xe0)
        return 2;
    return at >= 3 && data[at - 3] >= 0xf0 ? 3 : 0;
}

#endif
