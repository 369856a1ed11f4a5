/*
 * XOR with a masking key (RFC 6455 section 5.3), while copying or in place.
 * The key is kept as its four bytes lie in the frame, and the first byte given
 * is always XORed with the key's first: who goes on in the middle of a frame
 * turns the key.
 */
#ifndef HWI_MASK_H
#define HWI_MASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef void hwi_mask_function(uint8_t *out, const uint8_t *in, size_t size,
                               const uint8_t key[4]);

/* The variant in use. `out` may be `in`; otherwise they must not overlap. */
extern hwi_mask_function *hwi_mask_copy;

static inline void hwi_mask(uint8_t *bytes, size_t size, const uint8_t key[4])
{
    hwi_mask_copy(bytes, bytes, size, key);
}

/* The key for what follows after `size` masked bytes. */
static inline void hwi_mask_turn(uint8_t key[4], size_t size)
{
    uint8_t old[4] = {key[0], key[1], key[2], key[3]};
    for (size_t i = 0; i < 4; i++)
        key[i] = old[(i + size) & 3];
}

/*
 * The variants, for tests and benches: "plain", "sse2", "avx2" (as the machine
 * has them). NULL picks the best, as at start. False: not available here.
 */
bool hwi_mask_choose(const char *variant);

#endif
