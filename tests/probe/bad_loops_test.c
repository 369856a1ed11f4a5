/*
 * The probe on dispatchers that are bad on purpose, one fault each, and on
 * the same dispatcher without a fault. What is asserted is what was found,
 * never how fast anything was.
 */
#include "bad_loop.h"
#include "support/test.h"

#define DURATION HWS_MS(400)
#define PATIENCE HWS_MS(100)
/* A machine that is too busy gives no verdict, or one of its own: then once
 * more, for longer. */
#define TRIALS 4

static void stop(struct hws_probe *probe, void *user)
{
    struct bad_loop *b = user;
    (void)probe;
    b->is_stopped = true;
}

static unsigned measure(const struct bad_faults *faults, hws_time duration,
                        struct hws_probe_figures *figures)
{
    struct bad_loop b;
    struct hws_probe_options options;
    struct hws_fault fault = {0};
    bad_loop_init(&b, faults);
    hws_probe_options_init(&options);
    options.duration = duration;
    options.patience = PATIENCE;
    options.alone = true;
    options.done = stop;
    options.user = &b;
    struct hws_probe *probe = hws_loop_probe(&b.loop, &options, &fault);
    if (!probe)
        fail_msg("%s", fault.text);
    bad_loop_run(&b);
    hws_probe_read(probe, figures);
    hws_probe_free(probe);
    assert_int_equal(b.watch_count, 0);
    assert_int_equal(b.timer_count, 0);
    return hws_probe_judge(figures);
}

static bool is_as_expected(unsigned found, unsigned expected)
{
    if (found & HWS_PROBE_UNSURE)
        return false;
    return expected ? (found & expected) == expected
                    : (found & HWS_PROBE_FAULTS) == 0;
}

/* What is found in a loop with these faults, at least as expected if that can
 * be had; prints it. */
static unsigned found_in(struct bad_faults faults, unsigned expected,
                         struct hws_probe_figures *figures)
{
    unsigned found = HWS_PROBE_UNSURE;
    char text[256];
    for (int i = 0; i < TRIALS && !is_as_expected(found, expected); i++)
        found = measure(&faults, DURATION << i, figures);
    for (unsigned left = found, first = 1; left || first;
         left &= ~hws_probe_worst(left), first = 0) {
        assert_true(hws_probe_words(figures, left, text, sizeof(text)) > 0);
        print_message("    %s\n", text);
    }
    return found;
}

static void assert_found(struct bad_faults faults, unsigned expected)
{
    struct hws_probe_figures f;
    unsigned found = found_in(faults, expected, &f) & HWS_PROBE_FAULTS;
    if (found != expected)
        fail_msg("found %s (%x) and not %s (%x)", hws_probe_name(found), found,
                 hws_probe_name(expected), expected);
}

TEST(loop_without_a_fault_is_well)
{
    assert_found((struct bad_faults){0}, 0);
}

TEST(sleep_of_30_ms_between_polls_is_found)
{
    assert_found((struct bad_faults){.sleep = HWS_MS(30)}, HWS_PROBE_SLEEPS);
}

TEST(sleep_of_600_us_between_polls_is_found)
{
    assert_found((struct bad_faults){.sleep = HWS_US(600)}, HWS_PROBE_SLEEPS);
}

TEST(one_frame_per_wake_up_is_found)
{
    assert_found((struct bad_faults){.single = true}, HWS_PROBE_SINGLE);
}

/* The dispatcher that this project began with. */
TEST(both_faults_are_found_in_a_sleeping_one_frame_loop)
{
    assert_found((struct bad_faults){.sleep = HWS_MS(30), .single = true},
                 HWS_PROBE_SLEEPS | HWS_PROBE_SINGLE);
}

TEST(poll_that_never_waits_is_found)
{
    assert_found((struct bad_faults){.spin = true}, HWS_PROBE_SPINS);
}

TEST(lost_wake_up_is_found)
{
    assert_found((struct bad_faults){.lose = 7}, HWS_PROBE_LOSES);
}

/* It never sleeps, so it cannot be told by its sleep. */
TEST(lost_wake_up_is_found_in_a_loop_that_spins)
{
    struct hws_probe_figures f;
    unsigned both = HWS_PROBE_SPINS | HWS_PROBE_LOSES;
    unsigned found = found_in(
        (struct bad_faults){.spin = true, .lose = 7, .drop = true}, both, &f);
    /* What it drops late may look like starving as well. */
    assert_int_equal(found & both, both);
}

TEST(readiness_told_as_a_change_is_found)
{
    struct hws_probe_figures f;
    unsigned found =
        found_in((struct bad_faults){.change = true}, HWS_PROBE_LOSES, &f);
    assert_int_equal(found & HWS_PROBE_FAULTS, HWS_PROBE_LOSES);
    assert_true(f.deaf > 0);
}

/* By more than a crowded machine lets a thread wait until it makes the call. */
TEST(early_timers_are_found)
{
    assert_found((struct bad_faults){.early = HWS_MS(15)}, HWS_PROBE_EARLY);
}

TEST(late_timers_are_found)
{
    assert_found((struct bad_faults){.late = HWS_MS(20)}, HWS_PROBE_LATE);
}

TEST(calls_in_vain_are_found)
{
    assert_found((struct bad_faults){.empty = true}, HWS_PROBE_EMPTY);
}

TEST(idle_wake_ups_are_found)
{
    assert_found((struct bad_faults){.wake = HWS_MS(2)}, HWS_PROBE_WAKES);
}

TEST(timers_before_all_descriptors_are_found)
{
    assert_found((struct bad_faults){.timers_first = true}, HWS_PROBE_STARVES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(loop_without_a_fault_is_well),
        RUN(sleep_of_30_ms_between_polls_is_found),
        RUN(sleep_of_600_us_between_polls_is_found),
        RUN(one_frame_per_wake_up_is_found),
        RUN(both_faults_are_found_in_a_sleeping_one_frame_loop),
        RUN(poll_that_never_waits_is_found),
        RUN(lost_wake_up_is_found),
        RUN(lost_wake_up_is_found_in_a_loop_that_spins),
        RUN(readiness_told_as_a_change_is_found),
        RUN(early_timers_are_found),
        RUN(late_timers_are_found),
        RUN(calls_in_vain_are_found),
        RUN(idle_wake_ups_are_found),
        RUN(timers_before_all_descriptors_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
