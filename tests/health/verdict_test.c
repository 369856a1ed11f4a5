/* The verdicts that a connection in memory cannot bring about: queue lag, and
 * what TCP knows. tests/session/judge_test.c has the others. */
#include "support/test.h"

#define REALTIME HWS_S(1700000000) /* at monotonic 0 */

struct court {
    struct hws_health *health;
    struct hws_facts facts;
    hws_time now;
    hws_time queue;   /* a message waits so long to be read */
    bool by_program;  /* and that was the program's fault */
    hws_time reading; /* a read takes so long, with decryption */
    hws_time handled; /* a callback takes so long */
};

static void begin(struct court *c)
{
    *c = (struct court){
        .health = hws_health_new(NULL),
        .facts = {.up = true,
                  .path_trip = HWS_MS(1),
                  .retransmits = 0,
                  .unacknowledged = 0},
        .now = HWS_S(1),
        .handled = HWS_US(10),
    };
    struct hws_event up = {.kind = HWS_UP, .at = c->now};
    struct hws_event pong = {.kind = HWS_PONG, .at = c->now};
    pong.control.round_trip = HWS_MS(1);
    hws_health_note(c->health, &up, 0);
    hws_health_note(c->health, &pong, 0);
    hws_health_judge(c->health, &c->facts, c->now);
}

static void end(struct court *c)
{
    hws_health_free(c->health);
}

static void message(struct court *c)
{
    struct hws_event e = {.kind = HWS_MESSAGE, .at = c->now};
    e.message.first = e.message.last = true;
    c->now += c->reading;
    c->facts.reading += c->reading;
    hws_time came = REALTIME + c->now - c->queue;
    hws_health_read(c->health, &(struct hws_reading){
                                   .size = 10,
                                   .at = c->now,
                                   .realtime = REALTIME + c->now,
                                   .arrived = came,
                                   .oldest = came,
                                   .after_callbacks = c->by_program,
                               });
    hws_health_note(c->health, &e, REALTIME + c->now);
    c->now += c->handled;
    c->facts.callbacks += c->handled;
    hws_health_handled(c->health, c->now);
}

/* A second of 20 messages and 4 looks; the last verdict. */
static enum hws_verdict second(struct court *c)
{
    struct hws_judgement j = {0};
    for (int i = 1; i <= 20; i++) {
        c->now += HWS_MS(50) - c->reading - c->handled;
        message(c);
        if (i % 5 == 0)
            j = hws_health_judge(c->health, &c->facts, c->now);
    }
    return j.verdict;
}

static const char *figures(const struct court *c)
{
    static struct hws_snapshot s;
    hws_health_snapshot(c->health, c->now, &s);
    return s.verdict_text;
}

TEST(data_that_waits_for_the_loop_is_the_dispatchers)
{
    struct court c;
    begin(&c);
    assert_int_equal(second(&c), HWS_VERDICT_OK);
    c.queue = HWS_MS(15);
    assert_int_equal(second(&c), HWS_VERDICT_DISPATCHER);
    assert_string_equal(figures(&c),
                        "the loop comes late: a message waits "
                        "15.0 ms to be read");
    c.queue = HWS_MS(3); /* above half of the limit */
    assert_int_equal(second(&c), HWS_VERDICT_DISPATCHER);
    c.queue = HWS_MS(1);
    assert_int_equal(second(&c), HWS_VERDICT_OK);
    c.queue = HWS_MS(3); /* and below all of it */
    assert_int_equal(second(&c), HWS_VERDICT_OK);
    end(&c);
}

TEST(data_that_waits_for_the_program_is_the_apps)
{
    struct court c;
    begin(&c);
    c.queue = HWS_MS(60);
    c.by_program = true;
    assert_int_equal(second(&c), HWS_VERDICT_APP);
    end(&c);
}

/* The peer cannot send more than the window, so little waits at a time. */
TEST(decryption_that_takes_the_time_is_tls_however_little_waits)
{
    struct court c;
    begin(&c);
    c.queue = HWS_MS(7);
    c.facts.encrypted = true;
    c.reading = HWS_MS(40);
    assert_int_equal(second(&c), HWS_VERDICT_TLS);
    assert_non_null(strstr(figures(&c), "for decryption, which takes 80 %"));
    c.reading = HWS_MS(1);
    assert_int_equal(second(&c), HWS_VERDICT_DISPATCHER);
    end(&c);
}

TEST(decryption_that_takes_more_than_callbacks_is_tls)
{
    struct court c;
    begin(&c);
    c.queue = HWS_MS(60);
    c.by_program = true;
    c.facts.encrypted = true;
    c.reading = HWS_MS(40);
    assert_int_equal(second(&c), HWS_VERDICT_TLS);
    assert_non_null(strstr(figures(&c), "for decryption, which takes 80 %"));
    c.reading = HWS_MS(1);
    c.handled = HWS_MS(40);
    assert_int_equal(second(&c), HWS_VERDICT_APP);
    end(&c);
}

TEST(one_bad_window_is_no_verdict_and_a_grave_one_is)
{
    struct court c;
    begin(&c);
    assert_int_equal(second(&c), HWS_VERDICT_OK);
    c.queue = HWS_MS(6);
    for (int i = 0; i < 5; i++, c.now += HWS_MS(50))
        message(&c);
    struct hws_judgement j = hws_health_judge(c.health, &c.facts, c.now);
    assert_int_equal(j.verdict, HWS_VERDICT_OK);
    assert_false(j.is_new);
    c.queue = 0;
    assert_int_equal(second(&c), HWS_VERDICT_OK);
    c.queue = HWS_MS(25);
    for (int i = 0; i < 5; i++, c.now += HWS_MS(50))
        message(&c);
    j = hws_health_judge(c.health, &c.facts, c.now);
    assert_int_equal(j.verdict, HWS_VERDICT_DISPATCHER);
    assert_true(j.is_new);
    end(&c);
}

/* Late for the loop and not late, in turns: nobody else speaks for the app. */
TEST(what_does_not_agree_still_ends_a_verdict)
{
    struct court c;
    struct hws_judgement j = {0};
    begin(&c);
    c.handled = HWS_MS(49);
    c.by_program = true;
    c.queue = HWS_MS(20);
    assert_int_equal(second(&c), HWS_VERDICT_APP);
    c.handled = HWS_US(10);
    c.by_program = false;
    for (int i = 0; i < 4; i++) {
        c.queue = i % 2 ? 0 : HWS_MS(8);
        for (int k = 0; k < 5; k++, c.now += HWS_MS(50))
            message(&c);
        j = hws_health_judge(c.health, &c.facts, c.now);
        if (i < 3)
            assert_int_equal(j.verdict, HWS_VERDICT_APP);
    }
    assert_int_not_equal(j.verdict, HWS_VERDICT_APP);
    end(&c);
}

TEST(a_peer_that_is_mute_is_told_from_a_network_that_is_cut)
{
    for (int lost = 0; lost < 2; lost++) {
        struct court c;
        struct hws_judgement j = {0};
        begin(&c);
        assert_int_equal(second(&c), HWS_VERDICT_OK);
        c.facts.unacknowledged = lost;
        for (int i = 0; i < 8; i++) {
            c.now += HWS_MS(250);
            j = hws_health_judge(c.health, &c.facts, c.now);
        }
        assert_int_equal(j.verdict,
                         lost ? HWS_VERDICT_NETWORK : HWS_VERDICT_PEER);
        end(&c);
    }
}

TEST(too_soon_nothing_is_said_anew)
{
    struct court c;
    begin(&c);
    c.queue = HWS_MS(90);
    message(&c);
    struct hws_judgement j =
        hws_health_judge(c.health, &c.facts, c.now + HWS_MS(200));
    assert_int_equal(j.verdict, HWS_VERDICT_NONE);
    assert_false(j.is_settled);
    end(&c);
}

TEST(verdicts_have_names)
{
    assert_string_equal(hws_verdict_name(HWS_VERDICT_NONE), "none");
    assert_string_equal(hws_verdict_name(HWS_VERDICT_TLS), "tls");
    assert_string_equal(hws_verdict_name(HWS_VERDICT_TLS + 1), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(data_that_waits_for_the_loop_is_the_dispatchers),
        RUN(data_that_waits_for_the_program_is_the_apps),
        RUN(decryption_that_takes_the_time_is_tls_however_little_waits),
        RUN(decryption_that_takes_more_than_callbacks_is_tls),
        RUN(one_bad_window_is_no_verdict_and_a_grave_one_is),
        RUN(what_does_not_agree_still_ends_a_verdict),
        RUN(a_peer_that_is_mute_is_told_from_a_network_that_is_cut),
        RUN(too_soon_nothing_is_said_anew),
        RUN(verdicts_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
