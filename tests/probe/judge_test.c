/* The verdict on figures that never were measured: each rule from both sides,
 * and each sentence. */
#include "support/test.h"

#define ALL ((unsigned)HWS_PROBE_UNSURE * 2 - 1)

/* As a good loop of 16 pipes gives them, alone on an idle machine. */
static struct hws_probe_figures good(void)
{
    struct hws_probe_spread quick = {100, 5000, 12000, 40000, 90000};
    struct hws_probe_spread nothing = {100, 0, 500, 2000, 3000};
    return (struct hws_probe_figures){
        .loop = "good",
        .spent = HWS_S(2),
        .finished = true,
        .alone = true,
        .accounted = true,
        .patience = HWS_S(1),
        .pipes = 16,
        .awaited = 180,
        .delay = quick,
        .slept = nothing,
        .waited = nothing,
        .ran = nothing,
        .machine = {100, 4000, 20000, 60000, 80000},
        .calls = 500,
        .quiet = HWS_MS(400),
        .quiet_ran = HWS_US(20),
        .quiet_waited = HWS_US(10),
        .quiet_wakeups = 0,
        .quiet_turns = -1,
        .turns = 1000,
        .turn = HWS_US(1),
        .bursts = 5,
        .per_turn = 16,
        .units = 4096,
        .units_per_s = 1e6,
        .late = {64, 3000, 60000, 900000, 1100000},
        .late_slept = {64, 3000, 50000, 90000, 100000},
        .load = HWS_MS(300),
        .load_calls = 300,
        .load_wakeups = 300,
        .load_turns = -1,
        .load_delay = quick,
    };
}

static void assert_says(const struct hws_probe_figures *f, unsigned finding,
                        const char *expected)
{
    char text[256];
    assert_int_equal(hws_probe_words(f, finding, text, sizeof(text)),
                     strlen(expected));
    assert_string_equal(text, expected);
}

TEST(good_figures_are_ok)
{
    struct hws_probe_figures f = good();
    assert_int_equal(hws_probe_judge(&f), 0);
    assert_says(&f, 0,
                "ok: 12 us from readiness to callback (p99 40 us), 0 idle "
                "wake-ups/s");
}

TEST(sleeps_when_half_of_the_readinesses_meet_a_sleep)
{
    struct hws_probe_figures f = good();
    f.slept = (struct hws_probe_spread){40, HWS_US(20), HWS_MS(15), HWS_MS(30),
                                        HWS_MS(30)};
    f.turn_slept.p50 = HWS_MS(30);
    f.quiet = HWS_MS(395);
    f.quiet_wakeups = 13;
    assert_int_equal(hws_probe_judge(&f), HWS_PROBE_SLEEPS);
    assert_says(&f, HWS_PROBE_SLEEPS,
                "adds 30 ms per tick: it sleeps between polls (p50 15 ms with "
                "something ready; 33 wake-ups/s while nothing was)");
}

/* Few readinesses meet a sleep where each sleep is followed by a long wait for
 * a processor. */
TEST(sleeps_when_every_turn_sleeps_and_some_readinesses_meet_it)
{
    struct hws_probe_figures f = good();
    f.turn_slept = (struct hws_probe_spread){8, HWS_US(600), HWS_US(620),
                                             HWS_US(680), HWS_US(680)};
    f.slept.p99 = HWS_US(640);
    assert_int_equal(hws_probe_judge(&f), HWS_PROBE_SLEEPS);
    assert_says(&f, HWS_PROBE_SLEEPS,
                "adds 0.62 ms per tick: it sleeps between polls (p50 500 ns "
                "with something ready; 0 wake-ups/s while nothing was)");
    f.slept.count = 2;
    assert_int_equal(hws_probe_judge(&f), HWS_PROBE_SLEEPS);
}

/* A host whose shortest timer is a millisecond waits for that alone. */
TEST(turns_that_only_wait_for_their_timer_are_no_sleep)
{
    struct hws_probe_figures f = good();
    f.turn_slept = (struct hws_probe_spread){8, HWS_US(900), HWS_MS(1),
                                             HWS_MS(1), HWS_MS(1)};
    assert_int_equal(hws_probe_judge(&f), 0);
    f.quiet_wakeups = 400;
    assert_int_equal(hws_probe_judge(&f), HWS_PROBE_SLEEPS);
}

TEST(few_sleeps_are_no_habit)
{
    struct hws_probe_figures f = good();
    f.slept =
        (struct hws_probe_spread){100, 0, HWS_US(3), HWS_MS(80), HWS_MS(90)};
    assert_int_equal(hws_probe_judge(&f), 0);
}

TEST(machine_that_wakes_slowly_excuses_as_much)
{
    struct hws_probe_figures f = good();
    f.slept.p50 = HWS_US(150);
    f.machine.p50 = HWS_US(80);
    assert_int_equal(hws_probe_judge(&f), 0);
    f.slept.p50 = HWS_US(170);
    assert_int_equal(hws_probe_judge(&f), HWS_PROBE_SLEEPS);
    /* But not any sleep. */
    f.machine.p50 = HWS_MS(3);
    f.slept.p50 = HWS_US(210);
    assert_int_equal(hws_probe_judge(&f), HWS_PROBE_SLEEPS);
    /* Where the kernel does not account for it, there is only the machine. */
    f.accounted = false;
    assert_int_equal(hws_probe_judge(&f), 0);
}

/* However long the delay: asleep or not is what counts. */
TEST(crowded_machine_is_no_fault_of_the_loop)
{
    struct hws_probe_figures f = good();
    f.delay.p50 = HWS_MS(40);
    f.waited.p50 = HWS_MS(39);
    f.late.p50 = HWS_MS(40);
    assert_int_equal(hws_probe_judge(&f), HWS_PROBE_CROWDED);
    assert_int_equal(HWS_PROBE_CROWDED & HWS_PROBE_FAULTS, 0);
    assert_says(&f, HWS_PROBE_CROWDED,
                "the machine is crowded: 39 ms (p50) waiting for a processor "
                "before a ready descriptor is called");
}

TEST(slow_callbacks_are_no_fault_of_the_loop)
{
    struct hws_probe_figures f = good();
    f.alone = false;
    f.quiet_ran = HWS_MS(399);
    f.ran.p50 = HWS_MS(8);
    assert_int_equal(hws_probe_judge(&f), HWS_PROBE_BUSY);
    assert_says(&f, HWS_PROBE_BUSY,
                "its callbacks take the time: 8 ms (p50) on a processor before "
                "a ready descriptor is called");
}

TEST(thread_that_never_sleeps_alone_spins)
{
    struct hws_probe_figures f = good();
    f.quiet_ran = HWS_MS(380);
    f.turn = 833;
    assert_int_equal(hws_probe_judge(&f), HWS_PROBE_SPINS);
    assert_says(&f, HWS_PROBE_SPINS,
                "spins: about 1.2 M wake-ups/s without progress (asleep 5 % of "
                "the time while nothing was ready)");
    f.quiet_turns = 480000;
    assert_says(&f, HWS_PROBE_SPINS,
                "spins: 1.2 M wake-ups/s without progress (asleep 5 % of "
                "the time while nothing was ready)");
}

/* It may be awake most of the time and still not spin. */
TEST(thread_that_sleeps_in_every_turn_does_not_spin)
{
    struct hws_probe_figures f = good();
    f.quiet_waited = HWS_MS(390);
    f.slept.p99 = HWS_US(640);
    f.turn_slept = (struct hws_probe_spread){8, HWS_US(600), HWS_US(620),
                                             HWS_US(680), HWS_US(680)};
    assert_int_equal(hws_probe_judge(&f), HWS_PROBE_SLEEPS);
}

/* On a crowded machine a spinning thread runs little, and waits to run. */
TEST(waiting_for_a_processor_is_not_sleeping)
{
    struct hws_probe_figures f = good();
    f.quiet_ran = HWS_MS(60);
    f.quiet_waited = HWS_MS(335);
    assert_int_equal(hws_probe_judge(&f), HWS_PROBE_SPINS);
    f.quiet_waited = HWS_MS(199);
    assert_int_equal(hws_probe_judge(&f), 0);
    f.quiet_waited = HWS_MS(201);
    assert_int_equal(hws_probe_judge(&f), HWS_PROBE_UNSURE);
}

TEST(thread_that_never_sleeps_beside_other_load_is_only_busy)
{
    struct hws_probe_figures f = good();
    f.alone = false;
    f.quiet_ran = HWS_MS(399);
    assert_int_equal(hws_probe_judge(&f), HWS_PROBE_BUSY);
    assert_says(&f, HWS_PROBE_BUSY,
                "never rests: its callbacks follow each other, or it spins; "
                "probe it without its load to tell");
}

TEST(one_lost_wake_up_is_enough)
{
    struct hws_probe_figures f = good();
    f.lost = 3;
    f.awaited = 100;
    assert_int_equal(hws_probe_judge(&f), HWS_PROBE_LOSES);
    assert_says(&f, HWS_PROBE_LOSES,
                "loses wake-ups: 3 of 100 never came within 1 s");
    f.deaf = 1;
    assert_says(&f, HWS_PROBE_LOSES,
                "loses wake-ups: bytes that still wait are not reported again "
                "within 1 s; readiness is a level, not a change");
}

TEST(one_early_timer_is_enough)
{
    struct hws_probe_figures f = good();
    f.early = 1;
    f.early_max = HWS_US(400);
    assert_int_equal(hws_probe_judge(&f), HWS_PROBE_EARLY);
    assert_says(&f, HWS_PROBE_EARLY, "timers fire early by 0.4 ms: 1 of 64");
}

TEST(millisecond_timers_are_not_late)
{
    struct hws_probe_figures f = good();
    f.late_slept.p50 = HWS_US(900);
    assert_int_equal(hws_probe_judge(&f), 0);
    f.late_slept.p50 = HWS_MS(20);
    f.late_slept.max = HWS_MS(22);
    assert_int_equal(hws_probe_judge(&f), HWS_PROBE_LATE);
    assert_says(&f, HWS_PROBE_LATE,
                "timers fire late by 20 ms: the thread slept on (p50; 22 ms at "
                "most)");
}

/* Where the thread waits for a processor until the timer is called at last, it
 * does not sleep; but not in every turn. */
TEST(timers_for_now_that_are_slept_past_are_late)
{
    struct hws_probe_figures f = good();
    f.turn_slept = (struct hws_probe_spread){4, HWS_MS(19), HWS_MS(20),
                                             HWS_MS(21), HWS_MS(21)};
    assert_int_equal(hws_probe_judge(&f), HWS_PROBE_LATE);
    assert_says(&f, HWS_PROBE_LATE,
                "timers fire late by 20 ms: the thread slept on (p50; 21 ms at "
                "most)");
    /* A readiness that met some sleep of another kind changes nothing. */
    f.slept.p99 = HWS_MS(1);
    assert_int_equal(hws_probe_judge(&f), HWS_PROBE_LATE);
    f.turn_slept.count = 3;
    assert_int_equal(hws_probe_judge(&f), 0);
}

TEST(lateness_that_sleeping_explains_is_not_told_twice)
{
    struct hws_probe_figures f = good();
    f.slept =
        (struct hws_probe_spread){40, 0, HWS_MS(15), HWS_MS(30), HWS_MS(30)};
    f.late_slept.p50 = HWS_MS(16);
    assert_int_equal(hws_probe_judge(&f), HWS_PROBE_SLEEPS);
    f.late_slept.p50 = HWS_MS(90);
    assert_int_equal(hws_probe_judge(&f), HWS_PROBE_SLEEPS | HWS_PROBE_LATE);
}

TEST(one_descriptor_for_each_turn_is_single)
{
    struct hws_probe_figures f = good();
    f.per_turn = 1;
    assert_int_equal(hws_probe_judge(&f), HWS_PROBE_SINGLE);
    assert_says(&f, HWS_PROBE_SINGLE,
                "hands over one frame per wake-up: 16 ready descriptors took "
                "16 turns");
    f.pipes = 2;
    assert_int_equal(hws_probe_judge(&f), 0);
}

TEST(timer_that_shuts_out_descriptors_starves)
{
    struct hws_probe_figures f = good();
    f.starved = 1;
    assert_int_equal(hws_probe_judge(&f), HWS_PROBE_STARVES);
    assert_says(&f, HWS_PROBE_STARVES,
                "starves descriptors: a timer armed for now is called over and "
                "over before ready ones");
}

TEST(calls_in_vain_are_empty)
{
    struct hws_probe_figures f = good();
    f.empty_calls = 25;
    assert_int_equal(hws_probe_judge(&f), 0);
    f.empty_calls = 26;
    assert_int_equal(hws_probe_judge(&f), HWS_PROBE_EMPTY);
    assert_says(&f, HWS_PROBE_EMPTY,
                "calls in vain: 26 of 500 calls of ready() found nothing");
}

TEST(idle_wake_ups_count_only_alone)
{
    struct hws_probe_figures f = good();
    f.quiet_wakeups = 200;
    assert_int_equal(hws_probe_judge(&f), HWS_PROBE_WAKES);
    assert_says(&f, HWS_PROBE_WAKES,
                "wakes 500 times/s with nothing ready or due");
    f.alone = false;
    assert_int_equal(hws_probe_judge(&f), 0);
    assert_says(&f, 0,
                "ok: 12 us from readiness to callback (p99 40 us), 500 other "
                "wake-ups/s");
}

TEST(too_few_figures_give_no_verdict)
{
    struct hws_probe_figures f = good();
    f.slept.count = 7;
    assert_int_equal(hws_probe_judge(&f), HWS_PROBE_UNSURE);
    assert_says(&f, HWS_PROBE_UNSURE,
                "inconclusive: too few figures after 2 s, with 7 delays, 64 "
                "timers and 5 bursts");
    f = good();
    f.finished = false;
    assert_int_equal(hws_probe_judge(&f), HWS_PROBE_UNSURE);
}

TEST(a_fault_needs_no_more_figures)
{
    struct hws_probe_figures f = good();
    f.finished = false;
    f.lost = 1;
    assert_int_equal(hws_probe_judge(&f), HWS_PROBE_LOSES);
}

TEST(unknown_figures_accuse_nobody)
{
    struct hws_probe_figures f = good();
    f.accounted = false;
    f.quiet_ran = f.quiet_waited = f.quiet_wakeups = f.quiet_turns = -1;
    f.waited = f.ran = (struct hws_probe_spread){0};
    assert_int_equal(hws_probe_judge(&f), 0);
    assert_says(&f, 0,
                "ok: 12 us from readiness to callback (p99 40 us), unknown "
                "idle wake-ups/s");
}

TEST(every_finding_has_a_name_and_words_that_fit)
{
    struct hws_probe_figures f = good();
    char text[256], name[16] = "";
    for (unsigned one = 1; one & ALL; one <<= 1) {
        assert_string_not_equal(hws_probe_name(one), name);
        snprintf(name, sizeof(name), "%s", hws_probe_name(one));
        assert_true(hws_probe_words(&f, one, text, sizeof(text)) > 0);
        assert_int_equal(hws_probe_words(&f, one, text, 8), HWS_E_TOO_BIG);
    }
    assert_string_equal(hws_probe_name(0), "ok");
}

TEST(worst_finding_comes_first)
{
    unsigned both = HWS_PROBE_SLEEPS | HWS_PROBE_SINGLE | HWS_PROBE_CROWDED;
    assert_int_equal(hws_probe_worst(both), HWS_PROBE_SLEEPS);
    assert_string_equal(hws_probe_name(both), "sleeps");
    assert_int_equal(hws_probe_worst(0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(good_figures_are_ok),
        RUN(sleeps_when_half_of_the_readinesses_meet_a_sleep),
        RUN(sleeps_when_every_turn_sleeps_and_some_readinesses_meet_it),
        RUN(turns_that_only_wait_for_their_timer_are_no_sleep),
        RUN(few_sleeps_are_no_habit),
        RUN(machine_that_wakes_slowly_excuses_as_much),
        RUN(crowded_machine_is_no_fault_of_the_loop),
        RUN(slow_callbacks_are_no_fault_of_the_loop),
        RUN(thread_that_never_sleeps_alone_spins),
        RUN(thread_that_sleeps_in_every_turn_does_not_spin),
        RUN(waiting_for_a_processor_is_not_sleeping),
        RUN(thread_that_never_sleeps_beside_other_load_is_only_busy),
        RUN(one_lost_wake_up_is_enough),
        RUN(one_early_timer_is_enough),
        RUN(millisecond_timers_are_not_late),
        RUN(timers_for_now_that_are_slept_past_are_late),
        RUN(lateness_that_sleeping_explains_is_not_told_twice),
        RUN(one_descriptor_for_each_turn_is_single),
        RUN(timer_that_shuts_out_descriptors_starves),
        RUN(calls_in_vain_are_empty),
        RUN(idle_wake_ups_count_only_alone),
        RUN(too_few_figures_give_no_verdict),
        RUN(a_fault_needs_no_more_figures),
        RUN(unknown_figures_accuse_nobody),
        RUN(every_finding_has_a_name_and_words_that_fit),
        RUN(worst_finding_comes_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
