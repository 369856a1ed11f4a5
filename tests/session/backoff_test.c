/* How long to wait: bounds, growth, the cap, and what the server asks for. */
#include "support/test.h"

#include "base/rng.h"
#include "session/backoff.h"

#define DRAWS 2000

static const struct hws_retry usual = {
    .enabled = true,
    .delay_min = HWS_MS(250),
    .delay_max = HWS_S(30),
    .stable = HWS_S(60),
    .after_max = HWS_S(3600),
};

struct range {
    hws_time low, high; /* of what was drawn */
};

static struct hwi_seeded seeded;

static int seed(void **state)
{
    (void)state;
    hwi_seeded_init(&seeded, 1);
    return 0;
}

static struct hwi_backoff after_failures(const struct hws_retry *retry,
                                         unsigned failures)
{
    struct hwi_backoff b;
    hwi_backoff_init(&b, retry);
    while (failures-- > 0)
        hwi_backoff_note(&b, 0);
    return b;
}

static struct range draw_from(const struct hwi_backoff *b,
                              enum hwi_eagerness eagerness, hws_time after,
                              unsigned spread)
{
    struct range r = {.low = HWS_NEVER};
    for (int i = 0; i < DRAWS; i++) {
        hws_time d = hwi_backoff_delay(b, eagerness, after, spread,
                                       hwi_seeded_random(&seeded));
        assert_true(d > 0);
        r.low = d < r.low ? d : r.low;
        r.high = d > r.high ? d : r.high;
    }
    return r;
}

static struct range draw_many(unsigned failures, enum hwi_eagerness eagerness,
                              hws_time after)
{
    struct hwi_backoff b = after_failures(&usual, failures);
    return draw_from(&b, eagerness, after, 1);
}

/* The draws keep to [low, high], and come within a fiftieth of both ends. */
static void assert_fills(struct range r, hws_time low, hws_time high)
{
    hws_time slack = (high - low) / 50;
    assert_in_range(r.low, low, low + slack);
    assert_in_range(r.high, high - slack, high);
}

TEST(bound_doubles_with_every_failure)
{
    assert_fills(draw_many(1, HWI_RETRY_SOON, HWS_NEVER), HWS_MS(125),
                 HWS_MS(500));
    assert_fills(draw_many(2, HWI_RETRY_SOON, HWS_NEVER), HWS_MS(125),
                 HWS_MS(1000));
    assert_fills(draw_many(5, HWI_RETRY_SOON, HWS_NEVER), HWS_MS(125),
                 HWS_S(8));
}

TEST(jitter_is_full_after_the_cap_too)
{
    assert_fills(draw_many(7, HWI_RETRY_SOON, HWS_NEVER), HWS_MS(125),
                 HWS_S(30));
    assert_fills(draw_many(1000, HWI_RETRY_SOON, HWS_NEVER), HWS_MS(125),
                 HWS_S(30));
}

TEST(failures_beyond_counting_keep_the_cap)
{
    struct hwi_backoff b = after_failures(&usual, 1);
    b.failures = UINT32_MAX;
    hwi_backoff_note(&b, 0);
    assert_int_equal(b.failures, UINT32_MAX);
    assert_fills(draw_from(&b, HWI_RETRY_SOON, HWS_NEVER, 1), HWS_MS(125),
                 HWS_S(30));
}

TEST(delay_is_never_zero_even_of_the_smallest_options)
{
    struct hws_retry tiny = {.delay_min = 1, .delay_max = 1};
    struct hwi_backoff b = after_failures(&tiny, 1);
    struct range r = draw_from(&b, HWI_RETRY_SOON, 0, 1);
    assert_true(r.low > 0);
}

TEST(equal_bounds_leave_room_for_jitter_below)
{
    struct hws_retry flat = {.delay_min = HWS_S(1), .delay_max = HWS_S(1)};
    struct hwi_backoff b = after_failures(&flat, 9);
    assert_fills(draw_from(&b, HWI_RETRY_SOON, HWS_NEVER, 1), HWS_MS(500),
                 HWS_S(1));
}

TEST(slow_waits_at_least_half_the_cap)
{
    assert_fills(draw_many(1, HWI_RETRY_SLOW, HWS_NEVER), HWS_S(15), HWS_S(30));
    assert_fills(draw_many(50, HWI_RETRY_SLOW, HWS_NEVER), HWS_S(15),
                 HWS_S(30));
}

/* "Retry-After: 120" told to a thousand clients at once. */
TEST(retry_after_wins_and_is_spread)
{
    assert_fills(draw_many(1, HWI_RETRY_SOON, HWS_S(120)), HWS_S(120),
                 HWS_S(132) + HWS_MS(250));
    assert_fills(draw_many(1, HWI_RETRY_SLOW, HWS_S(120)), HWS_S(120),
                 HWS_S(132) + HWS_MS(250));
}

/* The server knows better than our guess that it must not be hammered. */
TEST(short_retry_after_wins_over_the_slow_class)
{
    struct range r = draw_many(1, HWI_RETRY_SLOW, HWS_S(2));
    assert_fills(r, HWS_S(2), HWS_MS(2450));
}

/* A server that says 0 for ever must not turn us into a hammer, and a herd
 * that was told 0 must not come back in the same moment. */
TEST(retry_after_zero_keeps_growth_and_jitter)
{
    struct range first = draw_many(1, HWI_RETRY_SLOW, 0);
    assert_true(first.low >= HWS_MS(125));
    assert_true(first.high - first.low >= HWS_MS(300));
    struct range tenth = draw_many(10, HWI_RETRY_SLOW, 0);
    assert_true(tenth.high > HWS_S(28));
}

TEST(absurd_retry_after_is_capped_and_still_spread)
{
    hws_time century = HWS_S(100 * 365 * 24 * INT64_C(3600));
    assert_fills(draw_many(1, HWI_RETRY_SLOW, century), HWS_S(3600),
                 HWS_S(3960) + HWS_MS(250));
}

TEST(stable_connection_starts_over)
{
    struct hwi_backoff b = after_failures(&usual, 8);
    hwi_backoff_note(&b, HWS_S(60));
    assert_int_equal(b.failures, 1);
    assert_fills(draw_from(&b, HWI_RETRY_SOON, HWS_NEVER, 1), HWS_MS(125),
                 HWS_MS(500));
}

TEST(short_connection_counts_as_failure)
{
    struct hwi_backoff b = after_failures(&usual, 3);
    hwi_backoff_note(&b, HWS_S(60) - 1);
    assert_int_equal(b.failures, 4);
}

/* `stable` 0: every connection that came up starts over, no other end does. */
TEST(stable_zero_resets_only_what_was_up)
{
    struct hws_retry retry = usual;
    retry.stable = 0;
    struct hwi_backoff b = after_failures(&retry, 4);
    assert_int_equal(b.failures, 4);
    hwi_backoff_note(&b, 1);
    assert_int_equal(b.failures, 1);
}

TEST(attempts_max_counts_failures_in_a_row)
{
    struct hws_retry retry = usual;
    retry.attempts_max = 3;
    struct hwi_backoff b = after_failures(&retry, 2);
    assert_false(hwi_backoff_spent(&b));
    hwi_backoff_note(&b, HWS_S(61));
    hwi_backoff_note(&b, 0);
    assert_false(hwi_backoff_spent(&b));
    hwi_backoff_note(&b, 0);
    assert_true(hwi_backoff_spent(&b));
}

TEST(without_attempts_max_there_is_no_end)
{
    struct hwi_backoff b = after_failures(&usual, 100000);
    assert_false(hwi_backoff_spent(&b));
}

/* Three endpoints: each of them has failed once after three failures. */
TEST(endpoints_share_the_failures)
{
    struct hwi_backoff b = after_failures(&usual, 2);
    assert_fills(draw_from(&b, HWI_RETRY_SOON, HWS_NEVER, 3), HWS_MS(125),
                 HWS_MS(250));
    hwi_backoff_note(&b, 0);
    assert_fills(draw_from(&b, HWI_RETRY_SOON, HWS_NEVER, 3), HWS_MS(125),
                 HWS_MS(500));
}

TEST(same_seed_gives_same_delays)
{
    struct hwi_backoff b = after_failures(&usual, 4);
    hws_time first[16];
    for (int i = 0; i < 16; i++)
        first[i] = hwi_backoff_delay(&b, HWI_RETRY_SOON, HWS_NEVER, 1,
                                     hwi_seeded_random(&seeded));
    seed(NULL);
    for (int i = 0; i < 16; i++)
        assert_int_equal(hwi_backoff_delay(&b, HWI_RETRY_SOON, HWS_NEVER, 1,
                                           hwi_seeded_random(&seeded)),
                         first[i]);
}

#define SEEDED(name) cmocka_unit_test_setup(name, seed)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        SEEDED(bound_doubles_with_every_failure),
        SEEDED(jitter_is_full_after_the_cap_too),
        SEEDED(failures_beyond_counting_keep_the_cap),
        SEEDED(delay_is_never_zero_even_of_the_smallest_options),
        SEEDED(equal_bounds_leave_room_for_jitter_below),
        SEEDED(slow_waits_at_least_half_the_cap),
        SEEDED(retry_after_wins_and_is_spread),
        SEEDED(short_retry_after_wins_over_the_slow_class),
        SEEDED(retry_after_zero_keeps_growth_and_jitter),
        SEEDED(absurd_retry_after_is_capped_and_still_spread),
        SEEDED(stable_connection_starts_over),
        SEEDED(short_connection_counts_as_failure),
        SEEDED(stable_zero_resets_only_what_was_up),
        SEEDED(attempts_max_counts_failures_in_a_row),
        SEEDED(without_attempts_max_there_is_no_end),
        SEEDED(endpoints_share_the_failures),
        SEEDED(same_seed_gives_same_delays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
