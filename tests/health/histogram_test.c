/* The histogram against the sorted values themselves. */
#include "support/test.h"

#include <stdlib.h>

#define NOTES 20000

static uint64_t seed;

static uint64_t draw(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    return seed ^= seed << 17;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int64_t reference(const int64_t *sorted, size_t count, double percent)
{
    double share = percent / 100 * (double)count;
    size_t rank = (size_t)share;
    if ((double)rank < share || rank == 0)
        rank++;
    return sorted[rank - 1];
}

static void assert_within_percent(int64_t got, int64_t want)
{
    int64_t error = got > want ? got - want : want - got;
    if (error * 100 > want)
        fail_msg("got %lld, want %lld", (long long)got, (long long)want);
}

/* Note what `make` gives, and compare a range of percentiles. */
static void compare_with_sorted(int64_t (*make)(void))
{
    static const double percents[] = {0,  0.1, 1,  5,  10,   25,    50,
                                      75, 90,  95, 99, 99.9, 99.99, 100};
    static int64_t values[NOTES];
    struct hws_histogram *h = hws_histogram_new();
    seed = 88172645463325252u;
    for (size_t i = 0; i < NOTES; i++) {
        values[i] = make();
        hws_histogram_note(h, values[i]);
    }
    qsort(values, NOTES, sizeof(values[0]), compare);
    for (size_t i = 0; i < sizeof(percents) / sizeof(percents[0]); i++)
        assert_within_percent(hws_histogram_percentile(h, percents[i]),
                              reference(values, NOTES, percents[i]));
    assert_int_equal(hws_histogram_percentile(h, 0), values[0]);
    assert_int_equal(hws_histogram_percentile(h, 100), values[NOTES - 1]);
    assert_int_equal(hws_histogram_count(h), NOTES);
    hws_histogram_free(h);
}

static int64_t draw_uniform(void)
{
    return (int64_t)(draw() % 1000000007);
}

/* Every octave alike: the whole range is met. */
static int64_t draw_octaves(void)
{
    return (int64_t)(draw() >> (18 + draw() % 46));
}

static int64_t draw_two_peaks(void)
{
    return draw() % 100 < 95 ? (int64_t)(40000 + draw() % 3000)
                             : (int64_t)(180000000 + draw() % 90000000);
}

/* 1 / u has a tail heavier than any latency we shall meet. */
static int64_t draw_heavy_tail(void)
{
    return (int64_t)((UINT64_C(1) << 46) / (1 + draw() % (1u << 26)));
}

static int64_t draw_small(void)
{
    return (int64_t)(draw() % 64);
}

TEST(percentiles_are_within_one_percent_of_the_sorted_values)
{
    compare_with_sorted(draw_uniform);
    compare_with_sorted(draw_octaves);
    compare_with_sorted(draw_two_peaks);
    compare_with_sorted(draw_heavy_tail);
}

TEST(values_below_64_are_exact)
{
    static int64_t values[NOTES];
    struct hws_histogram *h = hws_histogram_new();
    seed = 1;
    for (size_t i = 0; i < NOTES; i++)
        hws_histogram_note(h, values[i] = draw_small());
    qsort(values, NOTES, sizeof(values[0]), compare);
    for (int percent = 1; percent < 100; percent++)
        assert_int_equal(hws_histogram_percentile(h, percent),
                         reference(values, NOTES, percent));
    hws_histogram_free(h);
}

TEST(every_power_of_two_and_its_neighbours_come_back)
{
    struct hws_histogram *h = hws_histogram_new();
    for (int bit = 0; bit <= 46; bit++) {
        for (int64_t off = -1; off <= 1; off++) {
            int64_t value = ((int64_t)1 << bit) + off;
            int64_t kept = bit == 46 && off == 1 ? value - 1 : value;
            hws_histogram_reset(h);
            hws_histogram_note(h, 0);
            hws_histogram_note(h, value);
            hws_histogram_note(h, (int64_t)1 << 46);
            assert_within_percent(hws_histogram_percentile(h, 50), kept);
        }
    }
    hws_histogram_free(h);
}

TEST(values_outside_the_range_count_at_its_ends)
{
    struct hws_histogram *h = hws_histogram_new();
    hws_histogram_note(h, -5);
    hws_histogram_note(h, INT64_MIN);
    hws_histogram_note(h, INT64_MAX);
    assert_int_equal(hws_histogram_percentile(h, 0), 0);
    assert_int_equal(hws_histogram_percentile(h, 50), 0);
    assert_int_equal(hws_histogram_percentile(h, 100), (int64_t)1 << 46);
    hws_histogram_free(h);
}

TEST(an_empty_histogram_answers_zero)
{
    struct hws_histogram *h = hws_histogram_new();
    hws_histogram_note(h, 12345);
    hws_histogram_reset(h);
    assert_int_equal(hws_histogram_count(h), 0);
    assert_int_equal(hws_histogram_percentile(h, 50), 0);
    assert_true(hws_histogram_mean(h) == 0.0);
    hws_histogram_free(h);
}

TEST(one_value_is_exact_at_every_percentile)
{
    struct hws_histogram *h = hws_histogram_new();
    hws_histogram_note(h, 123456789);
    assert_int_equal(hws_histogram_percentile(h, 0.001), 123456789);
    assert_int_equal(hws_histogram_percentile(h, 50), 123456789);
    assert_int_equal(hws_histogram_percentile(h, 99.999), 123456789);
    hws_histogram_free(h);
}

TEST(the_mean_is_that_of_the_values)
{
    struct hws_histogram *h = hws_histogram_new();
    for (int64_t i = 1; i <= 1000; i++)
        hws_histogram_note(h, i * 1000);
    assert_true(hws_histogram_mean(h) == 500500.0);
    hws_histogram_free(h);
}

TEST(adding_gives_what_noting_in_one_gives)
{
    struct hws_histogram *a = hws_histogram_new();
    struct hws_histogram *b = hws_histogram_new();
    struct hws_histogram *both = hws_histogram_new();
    seed = 7;
    for (int i = 0; i < 5000; i++) {
        int64_t value = draw_octaves();
        hws_histogram_note(i % 3 ? a : b, value);
        hws_histogram_note(both, value);
    }
    hws_histogram_add(a, b);
    assert_int_equal(hws_histogram_count(a), 5000);
    for (int percent = 0; percent <= 100; percent++)
        assert_int_equal(hws_histogram_percentile(a, percent),
                         hws_histogram_percentile(both, percent));
    hws_histogram_free(a);
    hws_histogram_free(b);
    hws_histogram_free(both);
}

TEST(adding_nothing_keeps_the_minimum)
{
    struct hws_histogram *h = hws_histogram_new();
    struct hws_histogram *empty = hws_histogram_new();
    hws_histogram_note(h, 5000);
    hws_histogram_add(h, empty);
    assert_int_equal(hws_histogram_percentile(h, 0), 5000);
    hws_histogram_add(empty, h);
    assert_int_equal(hws_histogram_percentile(empty, 0), 5000);
    hws_histogram_free(h);
    hws_histogram_free(empty);
}

/* Doubling by adding reaches beyond 32 bits in a moment. */
TEST(shares_stay_when_a_bucket_is_full)
{
    struct hws_histogram *h = hws_histogram_new();
    struct hws_histogram *copy = hws_histogram_new();
    for (int i = 0; i < 100; i++)
        hws_histogram_note(h, i < 70 ? 1000 : 9000);
    for (int i = 0; i < 40; i++) {
        hws_histogram_reset(copy);
        hws_histogram_add(copy, h);
        hws_histogram_add(h, copy);
    }
    assert_int_equal(hws_histogram_count(h), UINT64_C(100) << 40);
    assert_within_percent(hws_histogram_percentile(h, 69.9), 1000);
    assert_within_percent(hws_histogram_percentile(h, 70.1), 9000);
    /* A note now weighs little, but the extremes stay exact. */
    hws_histogram_note(h, 77);
    assert_int_equal(hws_histogram_percentile(h, 0), 77);
    assert_within_percent(hws_histogram_percentile(h, 50), 1000);
    hws_histogram_free(h);
    hws_histogram_free(copy);
}

/* 2^32 - 1 notes in one bucket, made of its powers of two. */
TEST(a_note_into_a_full_bucket_is_no_wrap)
{
    struct hws_histogram *h = hws_histogram_new();
    struct hws_histogram *power = hws_histogram_new();
    struct hws_histogram *copy = hws_histogram_new();
    hws_histogram_note(power, 1000);
    for (int bit = 0; bit < 32; bit++) {
        hws_histogram_add(h, power);
        hws_histogram_reset(copy);
        hws_histogram_add(copy, power);
        hws_histogram_add(power, copy);
    }
    assert_int_equal(hws_histogram_count(h), UINT32_MAX);
    hws_histogram_note(h, 1000);
    hws_histogram_note(h, 1000);
    for (int i = 0; i < 100; i++)
        hws_histogram_note(h, 9000);
    assert_within_percent(hws_histogram_percentile(h, 50), 1000);
    assert_within_percent(hws_histogram_percentile(h, 99), 1000);
    hws_histogram_free(h);
    hws_histogram_free(power);
    hws_histogram_free(copy);
}

static void *count_alloc(void *context, size_t size)
{
    *(size_t *)context += size;
    return malloc(size);
}
static void *refuse_alloc(void *context, size_t size)
{
    (void)context;
    (void)size;
    return NULL;
}
static void *no_resize(void *context, void *old, size_t size)
{
    (void)context;
    return realloc(old, size);
}
static void plain_release(void *context, void *old)
{
    (void)context;
    free(old);
}

TEST(a_histogram_takes_at_most_12_kib)
{
    size_t taken = 0;
    hws_memory_set(
        &(struct hws_memory){count_alloc, no_resize, plain_release, &taken});
    struct hws_histogram *h = hws_histogram_new();
    assert_non_null(h);
    assert_in_range(taken, 1, 12 * 1024);
    hws_histogram_free(h);
    hws_memory_set(
        &(struct hws_memory){refuse_alloc, no_resize, plain_release, NULL});
    assert_null(hws_histogram_new());
    hws_memory_set(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(percentiles_are_within_one_percent_of_the_sorted_values),
        RUN(values_below_64_are_exact),
        RUN(every_power_of_two_and_its_neighbours_come_back),
        RUN(values_outside_the_range_count_at_its_ends),
        RUN(an_empty_histogram_answers_zero),
        RUN(one_value_is_exact_at_every_percentile),
        RUN(the_mean_is_that_of_the_values),
        RUN(adding_gives_what_noting_in_one_gives),
        RUN(adding_nothing_keeps_the_minimum),
        RUN(shares_stay_when_a_bucket_is_full),
        RUN(a_note_into_a_full_bucket_is_no_wrap),
        RUN(a_histogram_takes_at_most_12_kib),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
