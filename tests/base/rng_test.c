/* The pool of random bytes, and the seeded source. */
#include "support/test.h"

#include "base/rng.h"

#include <stdlib.h>

/* A source that counts up, so that every byte drawn is known. */
static uint32_t counter;

static void count_up(void *context, void *bytes, size_t size)
{
    uint8_t *out = bytes;
    ++*(int *)context;
    while (size--)
        *out++ = (uint8_t)(1 + counter++ % 251);
}

static void start(struct hwi_rng *r, int *calls)
{
    counter = 0;
    *calls = 0;
    hwi_rng_init(r, (struct hws_random){count_up, calls});
}

TEST(bytes_come_from_the_source_in_order_and_once)
{
    struct hwi_rng r;
    int calls;
    uint32_t expected = 0;
    start(&r, &calls);
    for (size_t size = 0; size < 300; size++) {
        uint8_t out[300];
        hwi_rng_fill(&r, out, size);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(out[i], 1 + expected++ % 251);
    }
    assert_int_equal(calls, (expected + sizeof(r.pool) - 1) / sizeof(r.pool));
}

TEST(no_draw_no_call)
{
    struct hwi_rng r;
    int calls;
    start(&r, &calls);
    hwi_rng_fill(&r, NULL, 0);
    assert_int_equal(calls, 0);
}

TEST(used_bytes_are_wiped)
{
    struct hwi_rng r;
    int calls;
    uint8_t out[16];
    static const uint8_t zero[20];
    start(&r, &calls);
    hwi_rng_fill(&r, out, 4);
    hwi_rng_fill(&r, out, 16);
    assert_memory_equal(r.pool, zero, 20);
    assert_int_not_equal(r.pool[20], 0);
}

TEST(discarded_pool_is_wiped_and_drawn_anew)
{
    struct hwi_rng r;
    int calls;
    uint8_t out[4];
    static const uint8_t zero[sizeof(r.pool)];
    start(&r, &calls);
    hwi_rng_fill(&r, out, 4);
    hwi_rng_discard(&r);
    assert_memory_equal(r.pool, zero, sizeof(zero));
    hwi_rng_fill(&r, out, 4);
    assert_int_equal(calls, 2);
    assert_int_equal(out[0], 1 + sizeof(r.pool) % 251);
}

TEST(large_draws_span_pools)
{
    struct hwi_rng r;
    int calls;
    uint8_t out[sizeof(r.pool) * 2 + 1000];
    start(&r, &calls);
    struct hws_random pooled = hwi_rng_random(&r);
    pooled.fill(pooled.context, out, sizeof(out));
    for (size_t i = 0; i < sizeof(out); i++)
        assert_int_equal(out[i], 1 + i % 251);
}

/* From the published description: splitmix64 from 0 gives these first. */
TEST(seed_is_spread_by_splitmix)
{
    struct hwi_seeded r;
    hwi_seeded_init(&r, 0);
    assert_true(r.s[0] == UINT64_C(0xe220a8397b1dcdaf));
    assert_true(r.s[1] == UINT64_C(0x6e789e6aa1b965f4));
    assert_true(r.s[2] == UINT64_C(0x06c45d188009454f));
}

/* xoshiro256** from the state 1, 2, 3, 4, worked out by hand for the first:
 * rotl(2 * 5, 7) * 9 = 11520. */
TEST(sequence_is_that_of_xoshiro)
{
    struct hwi_seeded r = {{1, 2, 3, 4}};
    assert_true(hwi_seeded_next(&r) == 11520);
    assert_true(hwi_seeded_next(&r) == 0);
    assert_true(hwi_seeded_next(&r) == 1509978240);
    assert_true(hwi_seeded_next(&r) == UINT64_C(1215971899390074240));
}

TEST(seeded_bytes_are_the_words_lowest_first)
{
    struct hwi_seeded a, b;
    uint8_t out[11];
    hwi_seeded_init(&a, 7);
    hwi_seeded_init(&b, 7);
    struct hws_random random = hwi_seeded_random(&a);
    random.fill(random.context, out, sizeof(out));
    uint64_t first = hwi_seeded_next(&b), second = hwi_seeded_next(&b);
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(out[i], (uint8_t)(first >> 8 * i));
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(out[8 + i], (uint8_t)(second >> 8 * i));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(bytes_come_from_the_source_in_order_and_once),
        RUN(no_draw_no_call),
        RUN(used_bytes_are_wiped),
        RUN(discarded_pool_is_wiped_and_drawn_anew),
        RUN(large_draws_span_pools),
        RUN(seed_is_spread_by_splitmix),
        RUN(sequence_is_that_of_xoshiro),
        RUN(seeded_bytes_are_the_words_lowest_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
