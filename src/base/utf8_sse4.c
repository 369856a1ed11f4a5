/*
 * The UTF-8 check with SSE4.1: four vectors a step.
 */
#include "base/utf8_variant.h"

#ifdef HWI_UTF8_X86

#include <smmintrin.h>

#define TARGET __attribute__((target("sse4.1"), always_inline)) static inline
#define APART __attribute__((target("sse4.1"), noinline)) static

TARGET __m128i load(const uint8_t *data)
{
    return _mm_loadu_si128((const __m128i *)(const void *)data);
}

/* What a table holds for the low nibble of each byte. */
TARGET __m128i look_up(const uint8_t *table, __m128i v)
{
    return _mm_shuffle_epi8(load(table), _mm_and_si128(v, _mm_set1_epi8(0x0f)));
}

TARGET __m128i high_nibbles(__m128i v)
{
    return _mm_srli_epi16(v, 4);
}

/* Nonzero bytes where `v` is wrong after the bytes one, two and three before
 * each of its own. */
TARGET __m128i faults(__m128i v, __m128i b1, __m128i b2, __m128i b3)
{
    const struct hwi_utf8_tables *t = &hwi_utf8_tables;
    __m128i pair = look_up(t->before_high, high_nibbles(b1));
    pair = _mm_and_si128(pair, look_up(t->before_low, b1));
    pair = _mm_and_si128(pair, look_up(t->high, high_nibbles(v)));

    /* The top bit stands for a continuation after a continuation: a fault,
     * unless a lead two or three bytes ago asks for it; then its absence. */
    __m128i third = _mm_subs_epu8(b2, _mm_set1_epi8(0xe0 - 0x80));
    __m128i fourth = _mm_subs_epu8(b3, _mm_set1_epi8(0xf0 - 0x80));
    __m128i asked =
        _mm_and_si128(_mm_or_si128(third, fourth), _mm_set1_epi8((char)0x80));
    return _mm_xor_si128(pair, asked);
}

TARGET __m128i faults_at(const uint8_t *p)
{
    return faults(load(p), load(p - 1), load(p - 2), load(p - 3));
}

/* The same where nothing stands before. */
TARGET __m128i first_faults(const uint8_t *p)
{
    __m128i v = load(p);
    return faults(v, _mm_slli_si128(v, 1), _mm_slli_si128(v, 2),
                  _mm_slli_si128(v, 3));
}

TARGET __m128i any_of(__m128i a, __m128i b, __m128i c, __m128i d)
{
    return _mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d));
}

TARGET bool step_is_ascii(const uint8_t *p)
{
    return !_mm_movemask_epi8(
        any_of(load(p), load(p + 16), load(p + 32), load(p + 48)));
}

TARGET bool stride_is_ascii(const uint8_t *p)
{
    return step_is_ascii(p) && step_is_ascii(p + 64);
}

TARGET bool first_step_is_good(const uint8_t *p)
{
    __m128i any = any_of(first_faults(p), faults_at(p + 16), faults_at(p + 32),
                         faults_at(p + 48));
    return _mm_testz_si128(any, any);
}

TARGET bool step_is_good(const uint8_t *p)
{
    __m128i any = any_of(faults_at(p), faults_at(p + 16), faults_at(p + 32),
                         faults_at(p + 48));
    return _mm_testz_si128(any, any);
}

#include "base/utf8_steps.inc"

__attribute__((target("sse4.1"))) size_t hwi_utf8_skip_sse4(const uint8_t *data,
                                                            size_t size)
{
    return skip_steps(data, size);
}

#else
typedef int hwi_utf8_sse4_unused;
#endif
