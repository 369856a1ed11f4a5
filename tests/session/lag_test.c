/* When bytes came, as far as a read can know it: on real sockets, judged by
 * order alone. */
#include "support/street.h"
#include "support/test.h"

#define MESSAGES 10

struct feeder {
    struct hws_timer timer;
    struct street *street;
    hws_time at; /* monotonic, when it spoke */
};

static void speak(struct hws_timer *timer, hws_time now)
{
    struct feeder *f = (struct feeder *)timer;
    (void)now;
    f->at = hws_clock_now(HWS_CLOCK_MONOTONIC);
    for (int i = 0; i < MESSAGES; i++)
        peer_send_text(&f->street->scene.peer, "a message of some length");
}

static bool has_all(struct street *s)
{
    return s->scene.messages == MESSAGES;
}

/* The connection slept for long, but the loop has looked just before. */
TEST(what_comes_after_the_turn_of_a_timer_did_not_come_before_it)
{
    struct street s;
    struct feeder f = {.timer = {.due = speak, .deadline = HWS_NEVER},
                       .street = &s};
    street_begin(&s, NULL);
    street_open_up(&s);
    assert_int_equal(
        hws_loop_timer(s.scene.loop, &f.timer,
                       hws_clock_now(HWS_CLOCK_MONOTONIC) + HWS_MS(50)),
        0);
    street_wait(&s, has_all);
    hws_time since = hws_clock_now(HWS_CLOCK_MONOTONIC) - f.at;
    struct hws_snapshot now = scene_snapshot(&s.scene);
    const struct hws_stage_lag *queue = &now.stages[HWS_STAGE_QUEUE];
    if (queue->count == 0) { /* the kernel tells no arrivals */
        street_end(&s);
        skip();
    }
    assert_int_equal(queue->count, MESSAGES);
    assert_true(queue->max <= since + HWS_MS(1));
    street_end(&s);
}

/* Told the user of the options. */
static bool read_of_four(struct hws_span message, hws_time *at, void *user)
{
    *at = HWS_S(1);
    return user && message.size == 4;
}

static bool has_both(struct street *s)
{
    return s->scene.messages == 2;
}

TEST(a_function_of_the_callers_finds_the_event_time)
{
    struct street s;
    street_begin(&s, NULL);
    s.scene.options.lag_reader = read_of_four;
    s.scene.options.lag_field = "/not:ns"; /* in its place */
    street_open_up(&s);
    peer_send_text(&s.scene.peer, "four");
    peer_send_text(&s.scene.peer, "others");
    street_wait(&s, has_both);
    struct hws_snapshot now = scene_snapshot(&s.scene);
    assert_int_equal(now.lag_count, 1);
    assert_int_equal(now.lag_missing, 1);
    assert_true(now.lag_last > 0);
    street_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(a_function_of_the_callers_finds_the_event_time),
        RUN(what_comes_after_the_turn_of_a_timer_did_not_come_before_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
