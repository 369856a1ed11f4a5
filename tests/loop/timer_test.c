/* Deadlines: never early, in order, once per arming, and fair. */
#include "loops.h"

struct alarm {
    struct hws_timer timer;
    struct hws_loop *loop;
    int calls;
    hws_time armed_for;
    void (*then)(struct alarm *alarm);
    struct alarm *other;
};

/* The deadline of the last one that fell due: must not go back. */
static hws_time last_deadline;

static void alarm_due(struct hws_timer *timer, hws_time now)
{
    struct alarm *a = (struct alarm *)timer;
    assert_true(now >= a->armed_for);
    assert_true(a->armed_for >= last_deadline);
    assert_true(timer->deadline == HWS_NEVER);
    last_deadline = a->armed_for;
    a->calls++;
    if (a->then)
        a->then(a);
}

static struct alarm alarm_on(struct hws_loop *loop)
{
    last_deadline = 0;
    return (struct alarm){.timer.due = alarm_due, .loop = loop};
}

static void arm(struct alarm *a, hws_time deadline)
{
    a->armed_for = deadline;
    assert_int_equal(hws_loop_timer(a->loop, &a->timer, deadline), 0);
    assert_true(a->timer.deadline == deadline);
}

TEST(timers_fall_due_in_order_and_never_early)
{
    struct hws_loop *loop = loop_on(state);
    struct alarm alarms[4];
    const hws_time delays[4] = {HWS_MS(3), HWS_US(200), HWS_MS(2), HWS_US(1)};
    for (size_t i = 0; i < 4; i++)
        alarms[i] = alarm_on(loop);
    for (size_t i = 0; i < 4; i++)
        arm(&alarms[i], now_ns() + delays[i]);
    assert_int_equal(hws_loop_run(loop), 0);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(alarms[i].calls, 1);
    assert_int_equal(stats_of(loop).due, 4);
    hws_loop_free(loop);
}

TEST(one_deadline_costs_one_wake_up)
{
    struct hws_loop *loop = loop_on(state);
    struct alarm a = alarm_on(loop);
    const hws_time delays[] = {HWS_US(300), HWS_MS(2), HWS_US(1)};
    for (unsigned i = 0; i < 3; i++) {
        arm(&a, now_ns() + delays[i]);
        assert_int_equal(hws_loop_run(loop), 0);
        assert_int_equal(stats_of(loop).turns, i + 1);
        assert_int_equal(stats_of(loop).due, i + 1);
    }
    assert_int_equal(stats_of(loop).idle_turns, 0);
    hws_loop_free(loop);
}

TEST(passed_deadline_falls_due_in_the_next_turn)
{
    struct hws_loop *loop = loop_on(state);
    struct alarm a = alarm_on(loop);
    arm(&a, PAST);
    assert_int_equal(a.calls, 0);
    look(loop);
    look(loop);
    assert_int_equal(a.calls, 1);
    hws_loop_free(loop);
}

static void arm_again(struct alarm *a)
{
    last_deadline = 0;
    arm(a, PAST);
}

static int busy_calls;

static void count_ready(struct hws_watch *watch, unsigned ready, hws_time now)
{
    (void)watch;
    (void)ready;
    (void)now;
    busy_calls++;
}

TEST(timer_armed_for_now_again_and_again_lets_all_others_run)
{
    struct hws_loop *loop = loop_on(state);
    struct alarm a = alarm_on(loop), b = alarm_on(loop);
    struct hws_watch busy = {.ready = count_ready};
    int ends[2];
    pair_open(ends);
    put_byte(ends[1]);
    assert_int_equal(hws_loop_watch(loop, &busy, ends[0], READ), 0);
    busy_calls = 0;
    a.then = b.then = arm_again;
    arm(&a, PAST);
    arm(&b, PAST);
    for (int turn = 1; turn <= 20; turn++) {
        look(loop);
        assert_int_equal(a.calls, turn);
        assert_int_equal(b.calls, turn);
        assert_int_equal(busy_calls, turn);
    }
    hws_loop_timer(loop, &a.timer, HWS_NEVER);
    hws_loop_timer(loop, &b.timer, HWS_NEVER);
    hws_loop_watch(loop, &busy, ends[0], 0);
    hws_loop_free(loop);
    pair_shut(ends);
}

static void arm_other(struct alarm *a)
{
    arm(a->other, PAST);
    last_deadline = 0;
}

TEST(timer_armed_by_another_waits_for_the_next_turn)
{
    struct hws_loop *loop = loop_on(state);
    struct alarm a = alarm_on(loop), b = alarm_on(loop);
    a.then = arm_other;
    a.other = &b;
    arm(&a, PAST);
    look(loop);
    assert_int_equal(b.calls, 0);
    look(loop);
    assert_int_equal(b.calls, 1);
    hws_loop_free(loop);
}

static struct alarm *armed_when_ready;

static void arm_when_ready(struct hws_watch *watch, unsigned ready,
                           hws_time now)
{
    (void)ready;
    take_byte(watch->fd);
    arm(armed_when_ready, now);
    assert_int_equal(armed_when_ready->calls, 0);
}

TEST(timer_armed_for_now_by_a_watch_waits_for_the_next_turn)
{
    struct hws_loop *loop = loop_on(state);
    struct alarm a = alarm_on(loop);
    struct hws_watch watch = {.ready = arm_when_ready};
    int ends[2];
    pair_open(ends);
    put_byte(ends[1]);
    armed_when_ready = &a;
    assert_int_equal(hws_loop_watch(loop, &watch, ends[0], READ), 0);
    look(loop);
    assert_int_equal(a.calls, 0);
    look(loop);
    assert_int_equal(a.calls, 1);
    hws_loop_watch(loop, &watch, ends[0], 0);
    hws_loop_free(loop);
    pair_shut(ends);
}

static void disarm_and_free_other(struct alarm *a)
{
    hws_loop_timer(a->loop, &a->other->timer, HWS_NEVER);
    assert_true(a->other->timer.deadline == HWS_NEVER);
    free(a->other);
    hws_loop_timer(a->loop, &a->timer, HWS_NEVER);
    free(a);
}

TEST(due_timer_freed_by_another_is_not_called)
{
    struct hws_loop *loop = loop_on(state);
    struct alarm *a = malloc(sizeof(*a)), *b = malloc(sizeof(*b));
    *a = *b = alarm_on(loop);
    a->then = b->then = disarm_and_free_other;
    a->other = b;
    b->other = a;
    arm(a, PAST);
    arm(b, PAST);
    look(loop);
    look(loop);
    assert_int_equal(stats_of(loop).due, 1);
    hws_loop_free(loop);
}

static void postpone_other(struct alarm *a)
{
    arm(a->other, now_ns() + HWS_S(3600));
}

TEST(due_timer_moved_by_another_waits_for_its_new_deadline)
{
    struct hws_loop *loop = loop_on(state);
    struct alarm a = alarm_on(loop), b = alarm_on(loop);
    a.then = b.then = postpone_other;
    a.other = &b;
    b.other = &a;
    arm(&a, PAST);
    arm(&b, PAST);
    look(loop);
    look(loop);
    assert_int_equal(a.calls + b.calls, 1);
    hws_loop_timer(loop, &a.timer, HWS_NEVER);
    hws_loop_timer(loop, &b.timer, HWS_NEVER);
    assert_int_equal(hws_loop_run(loop), 0);
    hws_loop_free(loop);
}

TEST(disarming_what_was_never_armed_does_no_harm)
{
    struct hws_loop *loop = loop_on(state);
    struct alarm a = alarm_on(loop);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(hws_loop_timer(loop, &a.timer, HWS_NEVER), 0);
        assert_true(a.timer.deadline == HWS_NEVER);
    }
    look(loop);
    assert_int_equal(a.calls, 0);
    hws_loop_free(loop);
}

#define MANY 10000

TEST(ten_thousand_timers_fall_due_in_order)
{
    struct hws_loop *loop = loop_on(state);
    struct alarm *alarms = calloc(MANY, sizeof(*alarms));
    uint64_t random = 88172645463325252u;
    hws_time start = now_ns();
    size_t kept = 0;
    for (size_t i = 0; i < MANY; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        alarms[i] = alarm_on(loop);
        arm(&alarms[i], start + (hws_time)(random % (uint64_t)HWS_MS(4)));
    }
    /* Every third goes, every seventh moves. */
    for (size_t i = 0; i < MANY; i++) {
        if (i % 3 == 0)
            hws_loop_timer(loop, &alarms[i].timer, HWS_NEVER);
        else if (i % 7 == 0)
            arm(&alarms[i], alarms[i].armed_for + HWS_MS(1));
        kept += i % 3 != 0;
    }
    assert_int_equal(hws_loop_run(loop), 0);
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal(alarms[i].calls, i % 3 != 0);
    assert_int_equal(stats_of(loop).due, kept);
    hws_loop_free(loop);
    free(alarms);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(timers_fall_due_in_order_and_never_early),
        RUN(one_deadline_costs_one_wake_up),
        RUN(passed_deadline_falls_due_in_the_next_turn),
        RUN(timer_armed_for_now_again_and_again_lets_all_others_run),
        RUN(timer_armed_by_another_waits_for_the_next_turn),
        RUN(timer_armed_for_now_by_a_watch_waits_for_the_next_turn),
        RUN(due_timer_freed_by_another_is_not_called),
        RUN(due_timer_moved_by_another_waits_for_its_new_deadline),
        RUN(disarming_what_was_never_armed_does_no_harm),
        RUN(ten_thousand_timers_fall_due_in_order),
    };
    return RUN_ON_EVERY_POLLER(tests);
}
