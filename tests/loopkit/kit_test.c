/* The kit is worth its name when it fails: every flaw of a loop is caught, by
 * a scenario that a loop without it passes. */
#include "bad.h"
#include "support/test.h"

#include <stdlib.h>
#include <string.h>

/* Seconds. A loop that hangs is caught when they are over; a good one may be
 * slow, under valgrind above all. */
#define GUARD_BAD 6
#define GUARD_GOOD 60

static char said[512]; /* of the last failure */

static void note(const struct hws_loopkit_result *r, void *user)
{
    (void)user;
    if (r->verdict == HWS_LOOPKIT_FAILED)
        snprintf(said, sizeof(said), "%s: %s", r->name, r->text);
}

static int run_on(enum flaw flaw, const char *only)
{
    struct hws_loopkit_host host = bad_host(flaw);
    struct hws_loopkit_options options = {
        .only = only,
        .guard = flaw == FLAW_NONE ? GUARD_GOOD : GUARD_BAD,
        .on_result = note};
    said[0] = '\0';
    return hws_loopkit_run(&host, &options, NULL);
}

/* `words`: what the report says of it. */
static void expect_caught(enum flaw flaw, const char *only, const char *words)
{
    if (run_on(FLAW_NONE, only) != 0)
        fail_msg("a good loop fails: %s", said);
    if (run_on(flaw, only) != HWS_E_STATE)
        fail_msg("'%s' does not catch flaw %d", only, (int)flaw);
    if (!strstr(said, words))
        fail_msg("'%s' is not in: %s", words, said);
}

TEST(loop_that_calls_a_forgotten_watch_is_caught)
{
    expect_caught(FLAW_CALLS_FORGOTTEN,
                  "removal.watch_forgets_all_others_of_its_batch",
                  "forgotten watch was called");
    expect_caught(FLAW_CALLS_FORGOTTEN,
                  "removal.watch_frees_all_others_of_its_batch",
                  "after it was forgotten and freed");
}

TEST(loop_that_touches_a_forgotten_watch_is_caught)
{
    expect_caught(FLAW_TOUCHES_FORGOTTEN, "removal.watch_frees_itself",
                  "written to after it was freed");
}

TEST(loop_that_delivers_stale_readiness_is_caught)
{
    expect_caught(FLAW_STALE_AFTER_REUSE,
                  "reuse.new_watch_of_a_reused_number_gets_nothing_stale",
                  "is 1, not 0");
}

TEST(loop_that_is_edge_triggered_is_caught)
{
    expect_caught(FLAW_EDGE_TRIGGERED,
                  "watches.readable_is_reported_again_until_it_is_read",
                  "does not hold after");
    expect_caught(FLAW_EDGE_TRIGGERED, "watches.what_is_left_unread",
                  "does not hold after");
}

TEST(loop_that_loses_a_change_is_caught)
{
    expect_caught(FLAW_LOSES_CHANGES, "clients.client_opens_and_is_answered",
                  "hung");
}

TEST(loop_that_loses_wakeups_of_other_threads_is_caught)
{
    expect_caught(FLAW_DEAF_TO_OTHERS,
                  "threads.client_is_closed_by_another_thread", "hung");
    expect_caught(FLAW_DEAF_TO_OTHERS, "signals.signal_ends_a_wait", "hung");
}

TEST(loop_that_starves_is_caught)
{
    expect_caught(FLAW_STARVES,
                  "fairness.firehose_does_not_starve_a_hundred_quiet_ones",
                  "does not hold after");
}

TEST(loop_that_spins_is_caught)
{
    expect_caught(FLAW_SPINS, "fairness.idle_loop_rests",
                  "wake-ups in 60 ms without a reason");
}

TEST(loop_that_reports_what_nobody_asked_for_is_caught)
{
    expect_caught(FLAW_IGNORES_INTEREST, "watches.readable_is_reported",
                  "while the interest is");
}

TEST(loop_that_is_quiet_about_errors_is_caught)
{
    expect_caught(FLAW_QUIET_ERRORS, "watches.hang_up_is_all_of_the_interest",
                  "does not hold after");
}

TEST(loop_that_takes_any_number_is_caught)
{
    expect_caught(FLAW_TAKES_ANY_NUMBER,
                  "interest.negative_descriptor_is_refused", "not -5");
}

TEST(loop_that_fires_early_is_caught)
{
    expect_caught(FLAW_TIMER_EARLY, "timers.deadline_is_waited_for",
                  "before its deadline");
}

TEST(loop_that_fires_twice_is_caught)
{
    expect_caught(FLAW_TIMER_TWICE, "timers.past_deadline_fires",
                  "not armed was called");
}

TEST(loop_that_fires_inside_the_arming_call_is_caught)
{
    expect_caught(FLAW_TIMER_IN_CALL, "timers.past_deadline_fires",
                  "within the call that armed it");
}

TEST(loop_that_fires_twice_in_a_turn_is_caught)
{
    expect_caught(FLAW_TIMER_AGAIN, "timers.timer_armed_for_now_inside_itself",
                  "twice in one turn");
}

TEST(loop_that_mixes_up_deadlines_is_caught)
{
    expect_caught(FLAW_TIMER_DISORDER, "timers.ten_thousand_timers",
                  "fired behind one");
}

TEST(loop_that_forgets_past_deadlines_is_caught)
{
    expect_caught(FLAW_TIMER_FORGETS_PAST, "timers.past_deadline_fires",
                  "does not hold after");
}

TEST(loop_that_fires_what_was_disarmed_is_caught)
{
    expect_caught(FLAW_TIMER_DISARM_LATE,
                  "removal.timer_frees_all_others_that_are_due",
                  "after it was disarmed");
}

TEST(loop_that_tells_no_end_of_a_turn_is_caught)
{
    expect_caught(FLAW_TURN_UNTOLD_END, "turns.sends_outside_a_turn",
                  "'writes' is");
}

/* ---- the runner itself */

static struct hws_loop *open_nothing(void *user)
{
    (void)user;
    return NULL;
}

static struct hws_loop *crash(void *user)
{
    (void)user;
    abort();
}

static void expect_failure(struct hws_loop *(*open)(void *user),
                           const char *words)
{
    struct hws_loopkit_host host = bad_host(FLAW_NONE);
    struct hws_loopkit_options options = {.only = "timers.past_deadline_fires",
                                          .on_result = note};
    struct hws_loopkit_counts counts;
    host.open = open;
    assert_int_equal(hws_loopkit_run(&host, &options, &counts), HWS_E_STATE);
    assert_int_equal(counts.failed, 1);
    assert_int_equal(counts.ok + counts.skipped, 0);
    assert_non_null(strstr(said, words));
}

TEST(host_that_opens_nothing_fails)
{
    expect_failure(open_nothing, "open() gave no loop");
}

TEST(host_that_crashes_fails_and_says_the_signal)
{
    expect_failure(crash, "crashed by signal 6");
}

TEST(name_that_no_scenario_has_is_refused)
{
    assert_int_equal(run_on(FLAW_NONE, "no such name"), HWS_E_ARGUMENT);
}

TEST(host_without_an_end_of_runs_skips_them_by_name)
{
    struct hws_loopkit_host host = bad_host(FLAW_NONE);
    struct hws_loopkit_options options = {.only = "runs.armed_timer"};
    struct hws_loopkit_counts counts;
    host.run = NULL;
    assert_int_equal(hws_loopkit_run(&host, &options, &counts), 0);
    assert_int_equal(counts.skipped, 1);
}

TEST(kit_has_more_than_a_hundred_scenarios_of_different_names)
{
    size_t count = 0;
    char names[400][160];
    const char *name;
    while ((name = hws_loopkit_name(count)) != NULL && count < 400)
        snprintf(names[count++], sizeof(names[0]), "%s", name);
    assert_true(count >= 100);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(names[i], names[j]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(loop_that_calls_a_forgotten_watch_is_caught),
        RUN(loop_that_touches_a_forgotten_watch_is_caught),
        RUN(loop_that_delivers_stale_readiness_is_caught),
        RUN(loop_that_is_edge_triggered_is_caught),
        RUN(loop_that_loses_a_change_is_caught),
        RUN(loop_that_loses_wakeups_of_other_threads_is_caught),
        RUN(loop_that_starves_is_caught),
        RUN(loop_that_spins_is_caught),
        RUN(loop_that_reports_what_nobody_asked_for_is_caught),
        RUN(loop_that_is_quiet_about_errors_is_caught),
        RUN(loop_that_takes_any_number_is_caught),
        RUN(loop_that_fires_early_is_caught),
        RUN(loop_that_fires_twice_is_caught),
        RUN(loop_that_fires_inside_the_arming_call_is_caught),
        RUN(loop_that_fires_twice_in_a_turn_is_caught),
        RUN(loop_that_mixes_up_deadlines_is_caught),
        RUN(loop_that_forgets_past_deadlines_is_caught),
        RUN(loop_that_fires_what_was_disarmed_is_caught),
        RUN(loop_that_tells_no_end_of_a_turn_is_caught),
        RUN(host_that_opens_nothing_fails),
        RUN(host_that_crashes_fails_and_says_the_signal),
        RUN(name_that_no_scenario_has_is_refused),
        RUN(host_without_an_end_of_runs_skips_them_by_name),
        RUN(kit_has_more_than_a_hundred_scenarios_of_different_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
