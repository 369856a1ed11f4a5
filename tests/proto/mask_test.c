/*
 * Every masking variant against the definition, at all alignments and sizes
 * around a vector's, copying and in place.
 */
#include "proto/mask.h"
#include "support/test.h"

#define SIZE_MAX_TRIED 130

static const uint8_t key[4] = {0x9a, 0x00, 0xff, 0x31};

static void assert_masked(const uint8_t *out, const uint8_t *in, size_t size)
{
    for (size_t i = 0; i < size; i++)
        assert_int_equal(out[i], in[i] ^ key[i % 4]);
}

static void try_all(void)
{
    uint8_t in[SIZE_MAX_TRIED + 32], out[SIZE_MAX_TRIED + 64];
    for (size_t i = 0; i < sizeof(in); i++)
        in[i] = (uint8_t)(i * 37);
    for (size_t from = 0; from < 32; from++) {
        for (size_t size = 0; size <= SIZE_MAX_TRIED; size++) {
            size_t to = (from * 7 + size) % 32;
            memset(out, 0x55, sizeof(out));
            hwi_mask_copy(out + to, in + from, size, key);
            assert_masked(out + to, in + from, size);
            assert_int_equal(out[to + size], 0x55);

            memcpy(out + to, in + from, size);
            hwi_mask(out + to, size, key);
            assert_masked(out + to, in + from, size);
            assert_int_equal(out[to + size], 0x55);
        }
    }
}

TEST(every_variant_masks_alike)
{
    static const char *const variants[] = {"plain", "sse2", "avx2"};
    for (size_t i = 0; i < 3; i++) {
        if (hwi_mask_choose(variants[i]))
            try_all();
    }
    assert_true(hwi_mask_choose("plain"));
    assert_false(hwi_mask_choose("abacus"));
    assert_true(hwi_mask_choose(NULL));
    try_all();
}

TEST(turned_key_goes_on_where_it_stopped)
{
    uint8_t whole[100] = {0}, parts[100] = {0};
    hwi_mask(whole, sizeof(whole), key);
    for (size_t cut = 0; cut <= sizeof(parts); cut++) {
        uint8_t turned[4];
        memcpy(turned, key, 4);
        memset(parts, 0, sizeof(parts));
        hwi_mask(parts, cut, turned);
        hwi_mask_turn(turned, cut);
        hwi_mask(parts + cut, sizeof(parts) - cut, turned);
        assert_memory_equal(parts, whole, sizeof(whole));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(every_variant_masks_alike),
        RUN(turned_key_goes_on_where_it_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
