/* The forgetting rate on virtual time. */
#include "support/test.h"

#include "health/rate.h"

struct line {
    struct hwi_rate rate;
    uint64_t count;
};

/* `count` notes, evenly `step` apart, the first at `from`. Returns the time
 * of the last. */
static hws_time notes(struct line *l, hws_time from, hws_time step,
                      uint64_t count)
{
    hws_time at = from;
    for (uint64_t i = 0; i < count; i++) {
        at = from + (hws_time)i * step;
        if (hwi_rate_due(&l->rate, at))
            hwi_rate_fold(&l->rate, l->count, at);
        l->count++;
    }
    return at;
}

static void assert_rate(const struct line *l, hws_time now, double want,
                        double tolerance)
{
    double got = hwi_rate_per_second(&l->rate, l->count, now);
    if (got < want * (1 - tolerance) || got > want * (1 + tolerance))
        fail_msg("rate %f, want %f", got, want);
}

static struct line new_line(void)
{
    struct line l = {.count = 0};
    hwi_rate_init(&l.rate);
    return l;
}

TEST(nothing_noted_is_rate_zero)
{
    struct line l = new_line();
    assert_true(hwi_rate_per_second(&l.rate, 0, HWS_S(5)) == 0.0);
}

TEST(a_steady_stream_shows_its_rate)
{
    static const hws_time steps[] = {HWS_US(10), HWS_US(50), HWS_MS(1),
                                     HWS_MS(20)};
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        struct line l = new_line();
        hws_time last =
            notes(&l, HWS_S(100), steps[i], (uint64_t)(HWS_S(10) / steps[i]));
        assert_rate(&l, last, 1e9 / (double)steps[i], 0.01);
    }
}

TEST(the_rate_is_right_from_the_first_second_on)
{
    struct line l = new_line();
    hws_time last = notes(&l, HWS_S(100), HWS_MS(1), 500);
    assert_rate(&l, last, 1000, 0.02);
    last = notes(&l, last + HWS_MS(1), HWS_MS(1), 500);
    assert_rate(&l, last, 1000, 0.02);
}

/* Nobody calls for a minute, then one message comes. */
TEST(an_idle_minute_is_forgotten_without_a_call)
{
    struct line l = new_line();
    hws_time last = notes(&l, 0, HWS_MS(1), 10000);
    assert_rate(&l, last, 1000, 0.01);
    double left = hwi_rate_per_second(&l.rate, l.count, last + HWS_S(2));
    assert_true(left > 360 && left < 376); /* 1000 / e */
    left = hwi_rate_per_second(&l.rate, l.count, last + HWS_S(60));
    assert_true(left < 0.001);
    notes(&l, last + HWS_S(60), 0, 1);
    left = hwi_rate_per_second(&l.rate, l.count, last + HWS_S(60));
    assert_true(left > 0.49 && left < 0.51); /* one in 2 s */
}

TEST(a_new_pace_replaces_the_old_one)
{
    struct line l = new_line();
    hws_time last = notes(&l, 0, HWS_MS(10), 1000);
    last = notes(&l, last, HWS_US(100), 200000);
    assert_rate(&l, last, 10000, 0.01);
    last = notes(&l, last, HWS_MS(10), 2000);
    assert_rate(&l, last, 100, 0.02);
}

TEST(a_burst_at_one_moment_is_spread_over_the_memory)
{
    struct line l = new_line();
    notes(&l, HWS_S(1), HWS_S(1), 20);
    notes(&l, HWS_S(20), 0, 1000);
    assert_rate(&l, HWS_S(20), 501, 0.01);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(nothing_noted_is_rate_zero),
        RUN(a_steady_stream_shows_its_rate),
        RUN(the_rate_is_right_from_the_first_second_on),
        RUN(an_idle_minute_is_forgotten_without_a_call),
        RUN(a_new_pace_replaces_the_old_one),
        RUN(a_burst_at_one_moment_is_spread_over_the_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
