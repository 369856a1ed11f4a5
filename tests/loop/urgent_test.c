/* What goes first in a turn, and what is let in between when it takes long. */
#include "loops.h"

#define PAIRS_MAX 300

static char trace[PAIRS_MAX + 16];
static size_t traced;

/* A watch that writes its letter, and then does what the test says. */
struct voice {
    struct hws_watch watch;
    struct hws_timer timer;
    struct hws_loop *loop;
    char letter;
    int ends[2];
    void (*then)(struct voice *voice);
};

static void say(char letter)
{
    assert_true(traced + 1 < sizeof(trace));
    trace[traced++] = letter;
    trace[traced] = '\0';
}

static void voice_ready(struct hws_watch *watch, unsigned ready, hws_time now)
{
    struct voice *v = (struct voice *)(void *)watch;
    (void)ready, (void)now;
    say(v->letter);
    take_byte(watch->fd);
    if (v->then)
        v->then(v);
}

static void voice_due(struct hws_timer *timer, hws_time now)
{
    struct voice *v = (void *)((char *)timer - offsetof(struct voice, timer));
    assert_true(now <= now_ns());
    say(v->letter);
    if (v->then)
        v->then(v);
}

static void voice_open(struct voice *v, struct hws_loop *loop, char letter,
                       bool urgent)
{
    *v = (struct voice){.watch = {.ready = voice_ready, .urgent = urgent},
                        .timer = {.due = voice_due, .urgent = urgent},
                        .loop = loop,
                        .letter = letter};
    pair_open(v->ends);
    assert_int_equal(hws_loop_watch(loop, &v->watch, v->ends[0], READ), 0);
}

static void voice_shut(struct voice *v)
{
    hws_loop_watch(v->loop, &v->watch, v->ends[0], 0);
    hws_loop_timer(v->loop, &v->timer, HWS_NEVER);
    pair_shut(v->ends);
}

static void trace_reset(void)
{
    traced = 0;
    trace[0] = '\0';
}

TEST(urgent_watches_and_timers_go_before_all_others)
{
    struct hws_loop *loop = loop_on(state);
    struct voice plain, urgent, late = {.timer.due = voice_due, .letter = 't'};
    struct voice soon = {.timer = {.due = voice_due, .urgent = true},
                         .letter = 'T'};
    trace_reset();
    voice_open(&plain, loop, 'w', false);
    voice_open(&urgent, loop, 'W', true);
    hws_loop_timer(loop, &late.timer, PAST);
    hws_loop_timer(loop, &soon.timer, PAST + 1);
    put_byte(plain.ends[1]);
    put_byte(urgent.ends[1]);
    look(loop);
    assert_string_equal(trace, "WTwt");
    assert_int_equal(stats_of(loop).ready, 2);
    assert_int_equal(stats_of(loop).due, 2);
    voice_shut(&plain);
    voice_shut(&urgent);
    hws_loop_free(loop);
}

static struct voice control, alarm_clock;

static void work_for_a_slice(struct voice *v)
{
    hws_time end = now_ns() + HWS_LOOP_SLICE;
    (void)v;
    if (traced == 1)
        put_byte(control.ends[1]);
    while (now_ns() < end)
        continue;
}

/* Whichever of them comes first makes `control` ready, and takes long. */
static void bulk_open(struct voice bulk[3], struct hws_loop *loop)
{
    for (size_t i = 0; i < 3; i++) {
        voice_open(&bulk[i], loop, 'b', false);
        bulk[i].then = work_for_a_slice;
        put_byte(bulk[i].ends[1]);
    }
}

TEST(urgent_watch_is_let_in_between_after_a_slice)
{
    struct hws_loop *loop = loop_on(state);
    struct voice bulk[3];
    trace_reset();
    bulk_open(bulk, loop);
    voice_open(&control, loop, 'W', true);
    look(loop);
    assert_string_equal(trace, "bWbb");
    assert_int_equal(stats_of(loop).turns, 1);
    for (size_t i = 0; i < 3; i++)
        voice_shut(&bulk[i]);
    voice_shut(&control);
    hws_loop_free(loop);
}

TEST(other_watch_waits_for_the_end_of_the_turn)
{
    struct hws_loop *loop = loop_on(state);
    struct voice bulk[3];
    trace_reset();
    bulk_open(bulk, loop);
    voice_open(&control, loop, 'w', false);
    look(loop);
    assert_string_equal(trace, "bbb");
    look(loop);
    assert_string_equal(trace, "bbbw");
    for (size_t i = 0; i < 3; i++)
        voice_shut(&bulk[i]);
    voice_shut(&control);
    hws_loop_free(loop);
}

static void arm_for_now(struct voice *v)
{
    if (traced == 1)
        hws_loop_timer(v->loop, &alarm_clock.timer, PAST);
    work_for_a_slice(v);
}

static void time_among_bulk(struct hws_loop *loop, bool urgent,
                            const char *expected)
{
    struct voice bulk[3];
    trace_reset();
    bulk_open(bulk, loop);
    voice_open(&control, loop, 'W', false);
    alarm_clock =
        (struct voice){.timer = {voice_due, .urgent = urgent}, .letter = 't'};
    for (size_t i = 0; i < 3; i++)
        bulk[i].then = arm_for_now;
    look(loop);
    assert_string_equal(trace, expected);
    hws_loop_timer(loop, &alarm_clock.timer, HWS_NEVER);
    for (size_t i = 0; i < 3; i++)
        voice_shut(&bulk[i]);
    voice_shut(&control);
}

TEST(urgent_timer_falls_due_between_bulk_and_another_after_the_turn)
{
    struct hws_loop *loop = loop_on(state);
    time_among_bulk(loop, true, "btbb");
    time_among_bulk(loop, false, "bbb");
    hws_loop_free(loop);
}

static void arm_again(struct voice *v)
{
    hws_loop_timer(v->loop, &v->timer, PAST);
}

TEST(urgent_timer_armed_for_now_again_and_again_lets_all_others_run)
{
    struct hws_loop *loop = loop_on(state);
    struct voice plain;
    trace_reset();
    voice_open(&plain, loop, 'w', false);
    alarm_clock = (struct voice){.timer = {voice_due, .urgent = true},
                                 .letter = 'T',
                                 .loop = loop,
                                 .then = arm_again};
    arm_again(&alarm_clock);
    put_byte(plain.ends[1]);
    look(loop);
    put_byte(plain.ends[1]);
    look(loop);
    assert_string_equal(trace, "TwTw");
    hws_loop_timer(loop, &alarm_clock.timer, HWS_NEVER);
    assert_int_equal(hws_loop_run_once(loop, PAST), 0);
    voice_shut(&plain);
    hws_loop_free(loop);
}

TEST(urgent_timer_keeps_the_loop_running)
{
    struct hws_loop *loop = loop_on(state);
    trace_reset();
    alarm_clock =
        (struct voice){.timer = {voice_due, .urgent = true}, .letter = 'T'};
    hws_loop_timer(loop, &alarm_clock.timer, now_ns() + HWS_MS(1));
    assert_int_equal(hws_loop_run(loop), 0);
    assert_string_equal(trace, "T");
    assert_int_equal(stats_of(loop).turns, 1);
    hws_loop_free(loop);
}

/* epoll tells of 256 at a time; the urgent one became ready as the last. */
TEST(urgent_watch_goes_first_however_many_are_ready)
{
    struct hws_loop *loop = loop_on(state);
    struct voice *crowd = calloc(PAIRS_MAX, sizeof(*crowd));
    struct voice urgent;
    trace_reset();
    for (size_t i = 0; i < PAIRS_MAX; i++) {
        voice_open(&crowd[i], loop, 'w', false);
        put_byte(crowd[i].ends[1]);
    }
    voice_open(&urgent, loop, 'W', true);
    put_byte(urgent.ends[1]);
    look(loop);
    assert_int_equal(trace[0], 'W');
    while (traced < PAIRS_MAX + 1)
        look(loop);
    assert_null(strchr(trace + 1, 'W'));
    for (size_t i = 0; i < PAIRS_MAX; i++)
        voice_shut(&crowd[i]);
    voice_shut(&urgent);
    hws_loop_free(loop);
    free(crowd);
}

static void forget_control(struct voice *v)
{
    if (traced > 1)
        return;
    put_byte(control.ends[1]);
    voice_shut(&control);
    hws_time end = now_ns() + HWS_LOOP_SLICE;
    while (now_ns() < end)
        continue;
    (void)v;
}

TEST(urgent_watch_that_was_forgotten_is_not_let_in)
{
    struct hws_loop *loop = loop_on(state);
    struct voice bulk[2];
    trace_reset();
    voice_open(&control, loop, 'W', true);
    for (size_t i = 0; i < 2; i++) {
        voice_open(&bulk[i], loop, 'b', false);
        bulk[i].then = forget_control;
        put_byte(bulk[i].ends[1]);
    }
    look(loop);
    look(loop);
    assert_string_equal(trace, "bb");
    for (size_t i = 0; i < 2; i++)
        voice_shut(&bulk[i]);
    hws_loop_free(loop);
}

TEST(urgent_watch_changes_its_interest)
{
    struct hws_loop *loop = loop_on(state);
    struct voice bulk[3];
    trace_reset();
    bulk_open(bulk, loop);
    voice_open(&control, loop, 'W', true);
    /* Readable, as the bulk makes it, is not what it waits for now. */
    fill_up(control.ends[0]);
    hws_loop_watch(loop, &control.watch, control.ends[0], WRITE);
    look(loop);
    assert_string_equal(trace, "bbb");
    hws_loop_watch(loop, &control.watch, control.ends[0], READ);
    look(loop);
    assert_string_equal(trace, "bbbW");
    for (size_t i = 0; i < 3; i++)
        voice_shut(&bulk[i]);
    voice_shut(&control);
    hws_loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(urgent_watches_and_timers_go_before_all_others),
        RUN(urgent_watch_is_let_in_between_after_a_slice),
        RUN(other_watch_waits_for_the_end_of_the_turn),
        RUN(urgent_timer_falls_due_between_bulk_and_another_after_the_turn),
        RUN(urgent_timer_armed_for_now_again_and_again_lets_all_others_run),
        RUN(urgent_timer_keeps_the_loop_running),
        RUN(urgent_watch_goes_first_however_many_are_ready),
        RUN(urgent_watch_that_was_forgotten_is_not_let_in),
        RUN(urgent_watch_changes_its_interest),
    };
    return RUN_ON_EVERY_POLLER(tests);
}
