/*
 * The UTF-8 check with AVX2: 64 bytes a step, two vectors at a time.
 */
#include "base/utf8_variant.h"

#ifdef HWI_UTF8_X86

#include <immintrin.h>
#include <string.h>

#define AVX2 __attribute__((target("avx2"), always_inline)) static inline
#define STEP 64

AVX2 __m256i table(const uint8_t *bytes)
{
    return _mm256_broadcastsi128_si256(
        _mm_loadu_si128((const __m128i *)(const void *)bytes));
}

AVX2 __m256i low_nibbles(__m256i v)
{
    return _mm256_and_si256(v, _mm256_set1_epi8(0x0f));
}

AVX2 __m256i high_nibbles(__m256i v)
{
    return low_nibbles(_mm256_srli_epi16(v, 4));
}

/* Nonzero bytes where `v` is wrong; `before` holds the 32 bytes before it. */
AVX2 __m256i faults_in(__m256i v, __m256i before)
{
    const struct hwi_utf8_tables *t = &hwi_utf8_tables;
    __m256i joint = _mm256_permute2x128_si256(before, v, 0x21);
    __m256i b1 = _mm256_alignr_epi8(v, joint, 15);
    __m256i b2 = _mm256_alignr_epi8(v, joint, 14);
    __m256i b3 = _mm256_alignr_epi8(v, joint, 13);

    __m256i pair = _mm256_shuffle_epi8(table(t->before_high), high_nibbles(b1));
    pair = _mm256_and_si256(
        pair, _mm256_shuffle_epi8(table(t->before_low), low_nibbles(b1)));
    pair = _mm256_and_si256(
        pair, _mm256_shuffle_epi8(table(t->high), high_nibbles(v)));

    /* The top bit is set where a lead two or three bytes ago asks for a
     * continuation after a continuation, which is no fault just there. */
    __m256i third = _mm256_subs_epu8(b2, _mm256_set1_epi8(0xe0 - 0x80));
    __m256i fourth = _mm256_subs_epu8(b3, _mm256_set1_epi8(0xf0 - 0x80));
    __m256i two = _mm256_and_si256(_mm256_or_si256(third, fourth),
                                   _mm256_set1_epi8((char)0x80));
    return _mm256_xor_si256(pair, two);
}

AVX2 __m256i load(const uint8_t *data)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)data);
}

/* Bytes of ASCII at the front, in whole steps. */
AVX2 size_t skip_ascii(const uint8_t *data, size_t size)
{
    size_t at = 0;
    for (; size - at >= STEP; at += STEP) {
        __m256i both = _mm256_or_si256(load(data + at), load(data + at + 32));
        if (_mm256_movemask_epi8(both))
            break;
    }
    return at;
}

/* Whether the step at `data` has no fault, given the bytes before it, which
 * become those of the next step. */
AVX2 bool step_is_good(const uint8_t *data, __m256i *before)
{
    __m256i a = load(data), b = load(data + 32);
    __m256i faults = _mm256_or_si256(faults_in(a, *before), faults_in(b, a));
    *before = b;
    return _mm256_testz_si256(faults, faults);
}

/* The last bytes, shorter than a step, as if followed by NULs. */
AVX2 bool rest_is_good(const uint8_t *data, size_t size, __m256i before)
{
    uint8_t step[STEP] = {0};
    memcpy(step, data, size);
    return step_is_good(step, &before);
}

__attribute__((target("avx2"))) size_t hwi_utf8_skip_avx2(const uint8_t *data,
                                                          size_t size)
{
    __m256i before = _mm256_setzero_si256();
    size_t at = skip_ascii(data, size);
    while (size - at >= STEP) {
        if (!step_is_good(data + at, &before))
            return at - hwi_utf8_cut(data, at);
        at += STEP;
        if (hwi_utf8_cut(data, at) == 0) {
            size_t ascii = skip_ascii(data + at, size - at);
            at += ascii;
            if (ascii)
                before = _mm256_setzero_si256();
        }
    }
    if (at < size && rest_is_good(data + at, size - at, before))
        return size;
    return at - hwi_utf8_cut(data, at);
}

#else
typedef int hwi_utf8_avx2_unused;
#endif
