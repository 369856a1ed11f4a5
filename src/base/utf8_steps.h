/*
 * The walk over a text in steps of 64 bytes, the same for every SIMD variant.
 * A variant defines TARGET (its attributes) and these three, then includes
 * this file:
 *
 *     bool step_is_ascii(const uint8_t *data)
 *     bool first_step_is_good(const uint8_t *data)   a character begins it
 *     bool step_is_good(const uint8_t *data)         reads data[-3], too
 *
 * A good step may end inside a character.
 */
#include "base/utf8_variant.h"

#include <string.h>

#define STEP 64

/* A text shorter than a step, as if followed by NULs. */
TARGET size_t skip_short(const uint8_t *data, size_t size)
{
    uint8_t step[STEP] = {0};
    memcpy(step, data, size);
    return first_step_is_good(step) ? size : 0;
}

/* Whole steps of ASCII, as long as no character is cut at `at`. */
TARGET size_t skip_ascii(const uint8_t *data, size_t size, size_t at)
{
    if (hwi_utf8_cut(data, at))
        return at;
    while (size - at >= STEP && step_is_ascii(data + at))
        at += STEP;
    return at;
}

/* The end of the text, shorter than a step: the last 64 bytes once more. */
TARGET size_t skip_end(const uint8_t *data, size_t size, size_t at)
{
    bool reaches_back = size >= STEP + 3;
    if (at < size && reaches_back && step_is_good(data + size - STEP))
        at = size;
    return at - hwi_utf8_cut(data, at);
}

TARGET size_t skip_steps(const uint8_t *data, size_t size)
{
    if (size < STEP)
        return skip_short(data, size);
    size_t at = skip_ascii(data, size, 0);
    if (at == 0) {
        if (!first_step_is_good(data))
            return 0;
        at = skip_ascii(data, size, STEP);
    }
    while (size - at >= STEP) {
        if (!step_is_good(data + at))
            return at - hwi_utf8_cut(data, at);
        at = skip_ascii(data, size, at + STEP);
    }
    return skip_end(data, size, at);
}
