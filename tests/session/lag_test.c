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

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(what_comes_after_the_turn_of_a_timer_did_not_come_before_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
