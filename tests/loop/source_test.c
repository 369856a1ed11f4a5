#include "room.h"

#include <signal.h>

TEST(timeout_is_told_when_nothing_else_happened)
{
    struct room r;
    room_open(&r, state);
    struct ear e = ear_in(&r, r.ends[0], ON_READ);
    add_for(&e, HWS_MS(2));
    assert_int_equal(hws_source_pending(&e.source), ON_READ | ON_TIMEOUT);
    stage_wait(&r.stage, e.source.deadline);
    turn(&r);
    assert_int_equal(e.what, ON_TIMEOUT);
    put_byte(r.ends[1]);
    turn(&r);
    assert_int_equal(e.calls, 1);
    room_shut(&r);
}

TEST(persistent_timeout_waits_anew_after_each_event)
{
    struct room r;
    room_open(&r, state);
    struct ear e = ear_in(&r, r.ends[0], ON_READ | PERSIST);
    add_for(&e, HWS_S(100));
    hws_time first = e.source.deadline;
    stage_work(&r.stage, HWS_MS(1));
    put_byte(r.ends[1]);
    turn(&r);
    take_byte(r.ends[0]);
    assert_true(e.source.deadline >= first + HWS_MS(1));
    if (r.stage.is_virtual) {
        stage_wait(&r.stage, first);
        assert_int_equal(e.calls, 1);
        stage_wait(&r.stage, first + HWS_S(200));
        assert_int_equal(e.calls, 3);
        assert_int_equal(e.what, ON_READ | ON_TIMEOUT);
    }
    room_shut(&r);
}

TEST(event_in_time_disarms_the_timeout_of_a_one_shot)
{
    struct room r;
    room_open(&r, state);
    struct ear e = ear_in(&r, r.ends[0], ON_READ);
    put_byte(r.ends[1]);
    add_for(&e, HWS_MS(1));
    turn(&r);
    stage_wait(&r.stage, stage_now(&r.stage) + HWS_MS(3));
    assert_int_equal(e.calls, 1);
    assert_int_equal(e.what, ON_READ);
    room_shut(&r);
}

TEST(persistent_timer_does_not_drift)
{
    struct room r;
    room_open(&r, state);
    struct ear e = ear_in(&r, -1, ON_TIMEOUT | PERSIST);
    add_for(&e, HWS_MS(2));
    hws_time first = e.source.deadline;
    stage_work(&r.stage, HWS_MS(7));
    turn(&r);
    assert_int_equal(e.calls, 1);
    assert_int_equal((e.source.deadline - first) % HWS_MS(2), 0);
    assert_true(e.source.deadline > first);
    if (r.stage.is_virtual)
        assert_true(e.source.deadline == first + HWS_MS(6));
    room_shut(&r);
}

TEST(timer_added_again_is_moved)
{
    struct room r;
    room_open(&r, state);
    struct ear e = ear_in(&r, -1, ON_TIMEOUT);
    add_for(&e, HWS_S(3600));
    add_for(&e, 0);
    turn(&r);
    assert_int_equal(e.calls, 1);
    assert_int_equal(hws_hub_count(r.hub, ON_TIMEOUT), 0);
    room_shut(&r);
}

TEST(persistent_timer_without_a_delay_is_due_every_turn)
{
    struct room r;
    room_open(&r, state);
    struct ear e = ear_in(&r, -1, ON_TIMEOUT | PERSIST);
    add_for(&e, 0);
    for (int i = 1; i < 4; i++) {
        turn(&r);
        assert_int_equal(e.calls, i);
    }
    room_shut(&r);
}

TEST(signals_are_events_once_or_persistent)
{
    struct room r;
    room_open(&r, state);
    struct ear once = ear_in(&r, SIGUSR1, ON_SIGNAL);
    struct ear always = ear_in(&r, SIGUSR1, ON_SIGNAL | PERSIST);
    add(&once);
    add(&always);
    assert_int_equal(hws_hub_count(r.hub, ON_SIGNAL), 2);
    for (int i = 0; i < 3; i++) {
        raise(SIGUSR1);
        turn(&r);
    }
    assert_int_equal(once.calls, 1);
    assert_int_equal(always.calls, 3);
    assert_int_equal(hws_hub_count(r.hub, ON_SIGNAL), 1);
    room_shut(&r);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        RUN(timeout_is_told_when_nothing_else_happened),
        RUN(persistent_timeout_waits_anew_after_each_event),
        RUN(event_in_time_disarms_the_timeout_of_a_one_shot),
        RUN(persistent_timer_does_not_drift),
        RUN(timer_added_again_is_moved),
        RUN(persistent_timer_without_a_delay_is_due_every_turn),
        RUN(signals_are_events_once_or_persistent),
    };
    return RUN_ON_EVERY_STAGE(tests);
}
