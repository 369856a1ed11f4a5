#include "proto/mask.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* The last bytes, fewer than a vector: by words as long as there are words. */
static inline void copy_rest(uint8_t *out, const uint8_t *in, size_t size,
                             const uint8_t key[4])
{
    uint32_t half;
    memcpy(&half, key, 4);
    uint64_t wide = (uint64_t)half << 32 | half;
    for (; size >= 8; size -= 8, in += 8, out += 8) {
        uint64_t word;
        memcpy(&word, in, 8);
        word ^= wide;
        memcpy(out, &word, 8);
    }
    for (size_t i = 0; i < size; i++)
        out[i] = in[i] ^ key[i & 3];
}

static void copy_plain(uint8_t *out, const uint8_t *in, size_t size,
                       const uint8_t key[4])
{
    copy_rest(out, in, size, key);
}

#if defined(__x86_64__)
static void copy_sse2(uint8_t *out, const uint8_t *in, size_t size,
                      const uint8_t key[4])
{
    int word;
    memcpy(&word, key, 4);
    const __m128i wide = _mm_set1_epi32(word);
    for (; size >= 16; size -= 16, in += 16, out += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)in);
        _mm_storeu_si128((__m128i *)(void *)out, _mm_xor_si128(v, wide));
    }
    copy_rest(out, in, size, key);
}

__attribute__((target("avx2"))) static void
copy_avx2(uint8_t *out, const uint8_t *in, size_t size, const uint8_t key[4])
{
    int word;
    memcpy(&word, key, 4);
    const __m256i wide = _mm256_set1_epi32(word);
    for (; size >= 32; size -= 32, in += 32, out += 32) {
        __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)in);
        _mm256_storeu_si256((__m256i *)(void *)out, _mm256_xor_si256(v, wide));
    }
    copy_rest(out, in, size, key);
}

static bool has_avx2(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2");
}
#endif

hwi_mask_function *hwi_mask_copy = copy_plain;

static bool choose_vector(const char *variant)
{
#if defined(__x86_64__)
    if ((!variant || strcmp(variant, "avx2") == 0) && has_avx2()) {
        hwi_mask_copy = copy_avx2;
        return true;
    }
    if (!variant || strcmp(variant, "sse2") == 0) {
        hwi_mask_copy = copy_sse2;
        return true;
    }
#endif
    (void)variant;
    return false;
}

bool hwi_mask_choose(const char *variant)
{
    if (choose_vector(variant))
        return true;
    if (variant && strcmp(variant, "plain") != 0)
        return false;
    hwi_mask_copy = copy_plain;
    return true;
}

/* Chosen before main(), so that no thread ever sees the pointer change. */
__attribute__((constructor)) static void choose_at_start(void)
{
    hwi_mask_choose(NULL);
}
