/*
 * The UTF-8 check with SSE4.1: 64 bytes a step, four vectors at a time.
 */
#include "base/utf8_variant.h"

#ifdef HWI_UTF8_X86

#include <smmintrin.h>
#include <string.h>

#define SSE4 __attribute__((target("sse4.1"), always_inline)) static inline
#define STEP 64

SSE4 __m128i load(const uint8_t *data)
{
    return _mm_loadu_si128((const __m128i *)(const void *)data);
}

SSE4 __m128i low_nibbles(__m128i v)
{
    return _mm_and_si128(v, _mm_set1_epi8(0x0f));
}

SSE4 __m128i high_nibbles(__m128i v)
{
    return low_nibbles(_mm_srli_epi16(v, 4));
}

/* Nonzero bytes where `v` is wrong; `before` holds the 16 bytes before it. */
SSE4 __m128i faults_in(__m128i v, __m128i before)
{
    const struct hwi_utf8_tables *t = &hwi_utf8_tables;
    __m128i b1 = _mm_alignr_epi8(v, before, 15);
    __m128i b2 = _mm_alignr_epi8(v, before, 14);
    __m128i b3 = _mm_alignr_epi8(v, before, 13);

    __m128i pair = _mm_shuffle_epi8(load(t->before_high), high_nibbles(b1));
    pair = _mm_and_si128(
        pair, _mm_shuffle_epi8(load(t->before_low), low_nibbles(b1)));
    pair =
        _mm_and_si128(pair, _mm_shuffle_epi8(load(t->high), high_nibbles(v)));

    /* The top bit is set where a lead two or three bytes ago asks for a
     * continuation after a continuation, which is no fault just there. */
    __m128i third = _mm_subs_epu8(b2, _mm_set1_epi8(0xe0 - 0x80));
    __m128i fourth = _mm_subs_epu8(b3, _mm_set1_epi8(0xf0 - 0x80));
    __m128i two =
        _mm_and_si128(_mm_or_si128(third, fourth), _mm_set1_epi8((char)0x80));
    return _mm_xor_si128(pair, two);
}

/* Bytes of ASCII at the front, in whole steps. */
SSE4 size_t skip_ascii(const uint8_t *data, size_t size)
{
    size_t at = 0;
    for (; size - at >= STEP; at += STEP) {
        const uint8_t *p = data + at;
        __m128i all = _mm_or_si128(_mm_or_si128(load(p), load(p + 16)),
                                   _mm_or_si128(load(p + 32), load(p + 48)));
        if (_mm_movemask_epi8(all))
            break;
    }
    return at;
}

/* Whether the step at `data` has no fault, given the bytes before it, which
 * become those of the next step. */
SSE4 bool step_is_good(const uint8_t *data, __m128i *before)
{
    __m128i faults = _mm_setzero_si128();
    for (size_t i = 0; i < STEP; i += 16) {
        __m128i v = load(data + i);
        faults = _mm_or_si128(faults, faults_in(v, *before));
        *before = v;
    }
    return _mm_testz_si128(faults, faults);
}

/* The last bytes, shorter than a step, as if followed by NULs. */
SSE4 bool rest_is_good(const uint8_t *data, size_t size, __m128i before)
{
    uint8_t step[STEP] = {0};
    memcpy(step, data, size);
    return step_is_good(step, &before);
}

__attribute__((target("sse4.1"))) size_t hwi_utf8_skip_sse4(const uint8_t *data,
                                                            size_t size)
{
    __m128i before = _mm_setzero_si128();
    size_t at = skip_ascii(data, size);
    while (size - at >= STEP) {
        if (!step_is_good(data + at, &before))
            return at - hwi_utf8_cut(data, at);
        at += STEP;
        if (hwi_utf8_cut(data, at) == 0) {
            size_t ascii = skip_ascii(data + at, size - at);
            at += ascii;
            if (ascii)
                before = _mm_setzero_si128();
        }
    }
    if (at < size && rest_is_good(data + at, size - at, before))
        return size;
    return at - hwi_utf8_cut(data, at);
}

#else
typedef int hwi_utf8_sse4_unused;
#endif
