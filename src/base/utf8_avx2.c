/*
 * The UTF-8 check with AVX2: two vectors a step.
 */
#include "base/utf8_variant.h"

#ifdef HWI_UTF8_X86

#include <immintrin.h>

#define TARGET __attribute__((target("avx2"), always_inline)) static inline
#define APART __attribute__((target("avx2"), noinline)) static

TARGET __m256i load(const uint8_t *data)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)data);
}

/* What a table holds for the low nibble of each byte. */
TARGET __m256i look_up(const uint8_t *table, __m256i v)
{
    __m256i both = _mm256_broadcastsi128_si256(
        _mm_loadu_si128((const __m128i *)(const void *)table));
    return _mm256_shuffle_epi8(both,
                               _mm256_and_si256(v, _mm256_set1_epi8(0x0f)));
}

TARGET __m256i high_nibbles(__m256i v)
{
    return _mm256_srli_epi16(v, 4);
}

/* Nonzero bytes where `v` is wrong after the bytes one, two and three before
 * each of its own. */
TARGET __m256i faults(__m256i v, __m256i b1, __m256i b2, __m256i b3)
{
    const struct hwi_utf8_tables *t = &hwi_utf8_tables;
    __m256i pair = look_up(t->before_high, high_nibbles(b1));
    pair = _mm256_and_si256(pair, look_up(t->before_low, b1));
    pair = _mm256_and_si256(pair, look_up(t->high, high_nibbles(v)));

    /* The top bit stands for a continuation after a continuation: a fault,
     * unless a lead two or three bytes ago asks for it; then its absence. */
    __m256i third = _mm256_subs_epu8(b2, _mm256_set1_epi8(0xe0 - 0x80));
    __m256i fourth = _mm256_subs_epu8(b3, _mm256_set1_epi8(0xf0 - 0x80));
    __m256i asked = _mm256_and_si256(_mm256_or_si256(third, fourth),
                                     _mm256_set1_epi8((char)0x80));
    return _mm256_xor_si256(pair, asked);
}

TARGET __m256i faults_at(const uint8_t *p)
{
    return faults(load(p), load(p - 1), load(p - 2), load(p - 3));
}

/* The same where nothing stands before. */
TARGET __m256i first_faults(const uint8_t *p)
{
    __m256i v = load(p);
    __m256i zero_and_low = _mm256_permute2x128_si256(v, v, 0x08);
    return faults(v, _mm256_alignr_epi8(v, zero_and_low, 15),
                  _mm256_alignr_epi8(v, zero_and_low, 14),
                  _mm256_alignr_epi8(v, zero_and_low, 13));
}

TARGET bool are_zero(__m256i a, __m256i b)
{
    __m256i both = _mm256_or_si256(a, b);
    return _mm256_testz_si256(both, both);
}

TARGET bool step_is_ascii(const uint8_t *p)
{
    return !_mm256_movemask_epi8(_mm256_or_si256(load(p), load(p + 32)));
}

TARGET bool stride_is_ascii(const uint8_t *p)
{
    __m256i front = _mm256_or_si256(load(p), load(p + 32));
    __m256i back = _mm256_or_si256(load(p + 64), load(p + 96));
    return !_mm256_movemask_epi8(_mm256_or_si256(front, back));
}

TARGET bool first_step_is_good(const uint8_t *p)
{
    return are_zero(first_faults(p), faults_at(p + 32));
}

TARGET bool step_is_good(const uint8_t *p)
{
    return are_zero(faults_at(p), faults_at(p + 32));
}

#include "base/utf8_steps.inc"

__attribute__((target("avx2"))) size_t hwi_utf8_skip_avx2(const uint8_t *data,
                                                          size_t size)
{
    return skip_steps(data, size);
}

#else
typedef int hwi_utf8_avx2_unused;
#endif
