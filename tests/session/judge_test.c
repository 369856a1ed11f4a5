/* Who holds the data back, told while it happens, on virtual time. */
#include "support/scene.h"
#include "support/test.h"

#include <inttypes.h>

#define PERIOD HWS_MS(100)

/* How the feed is, and what becomes of a ping. */
struct feed {
    struct scene scene;
    hws_time late;    /* data is so old when it leaves */
    hws_time answer;  /* a ping is answered after so long */
    hws_time busy;    /* a callback takes so long */
    bool mute;        /* no ping is answered */
    hws_time asked;   /* when the unanswered ping came; HWS_NEVER: none */
    hws_time told_at; /* the last verdict */
    enum hws_verdict told;
    char text[128];
    unsigned verdicts;
};

static void take_event(struct scene *s, const struct hws_event *e)
{
    struct feed *f = s->more;
    if (e->kind == HWS_MESSAGE)
        s->world.now += f->busy;
    if (e->kind != HWS_VERDICT)
        return;
    f->told = e->verdict.now;
    f->told_at = e->at;
    f->verdicts++;
    snprintf(f->text, sizeof(f->text), "%s", e->verdict.text);
}

static void begin_with(struct feed *f, const char *lag_field)
{
    *f = (struct feed){.answer = HWS_MS(1), .asked = HWS_NEVER};
    scene_begin(&f->scene);
    f->scene.options.judge = true;
    f->scene.options.delays.ping = HWS_NEVER;
    f->scene.options.lag_field = lag_field;
    f->scene.more = f;
    f->scene.then = take_event;
    scene_open_up(&f->scene);
}

static void begin(struct feed *f)
{
    begin_with(f, "/t:ns");
}

static void end(struct feed *f)
{
    scene_end(&f->scene);
}

static void answer_pings(struct feed *f)
{
    struct scene *s = &f->scene;
    struct peer_frame frame;
    if (f->asked == HWS_NEVER && peer_take(&s->peer, &frame)) {
        assert_int_equal(frame.opcode, HWS_OP_PING);
        assert_int_equal(frame.data.size, 0);
        f->asked = s->world.now;
    }
    if (f->mute || f->asked == HWS_NEVER || s->world.now - f->asked < f->answer)
        return;
    f->asked = HWS_NEVER;
    peer_send_pong(&s->peer, hws_span_text(NULL));
}

static void say(struct feed *f)
{
    struct scene *s = &f->scene;
    char text[64];
    snprintf(text, sizeof(text), "{\"t\":%" PRId64 "}",
             s->world.now + s->world.realtime_ahead - f->late);
    peer_send_text(&s->peer, text);
}

/* Let `delay` pass in steps of 10 ms, with a message each `period`. */
static void run(struct feed *f, hws_time delay, hws_time period)
{
    struct scene *s = &f->scene;
    hws_time next = s->world.now;
    for (hws_time end = s->world.now + delay; s->world.now < end;) {
        if (period && s->world.now >= next) {
            say(f);
            next += period;
        }
        answer_pings(f);
        scene_settle(s);
        scene_pass(s, HWS_MS(10));
        scene_forget(s);
    }
}

/* Whatever it is, it is named within two seconds. */
static void expect_soon(struct feed *f, enum hws_verdict verdict,
                        hws_time period)
{
    hws_time begun = f->scene.world.now;
    f->told = HWS_VERDICT_NONE;
    run(f, HWS_S(3), period);
    if (f->told != verdict)
        fail_msg("%s in place of %s: %s", hws_verdict_name(f->told),
                 hws_verdict_name(verdict), f->text);
    assert_true(f->told_at - begun <= HWS_S(2));
    assert_int_equal(scene_snapshot(&f->scene).verdict, verdict);
}

TEST(a_good_feed_is_ok_and_that_is_told_once)
{
    struct feed f;
    begin(&f);
    expect_soon(&f, HWS_VERDICT_OK, PERIOD);
    run(&f, HWS_S(600), PERIOD);
    assert_int_equal(f.verdicts, 1);
    assert_string_equal(f.text, "");
    end(&f);
}

TEST(a_slow_callback_is_the_app)
{
    struct feed f;
    begin(&f);
    expect_soon(&f, HWS_VERDICT_OK, PERIOD);
    f.busy = HWS_MS(80);
    expect_soon(&f, HWS_VERDICT_APP, PERIOD);
    assert_non_null(strstr(f.text, "waits 80.0 ms for this program"));
    f.busy = 0;
    expect_soon(&f, HWS_VERDICT_OK, PERIOD);
    end(&f);
}

TEST(a_pause_is_the_app)
{
    struct feed f;
    begin(&f);
    expect_soon(&f, HWS_VERDICT_OK, PERIOD);
    hws_client_pause(f.scene.client);
    expect_soon(&f, HWS_VERDICT_APP, PERIOD);
    assert_non_null(strstr(f.text, "paused; "));
    hws_client_resume(f.scene.client);
    run(&f, HWS_S(2), PERIOD);
    assert_int_equal(f.told, HWS_VERDICT_OK);
    end(&f);
}

TEST(a_late_peer_on_a_fast_network_is_the_peer)
{
    struct feed f;
    begin(&f);
    expect_soon(&f, HWS_VERDICT_OK, PERIOD);
    f.late = HWS_MS(500);
    expect_soon(&f, HWS_VERDICT_PEER, PERIOD);
    assert_non_null(strstr(f.text, "500.0 ms later than at best"));
    run(&f, HWS_S(20), PERIOD);
    assert_int_equal(f.told, HWS_VERDICT_PEER);
    f.late = 0;
    expect_soon(&f, HWS_VERDICT_OK, PERIOD);
    end(&f);
}

TEST(data_and_pings_that_are_late_are_the_network)
{
    struct feed f;
    begin(&f);
    f.late = HWS_MS(1);
    expect_soon(&f, HWS_VERDICT_OK, PERIOD);
    hws_client_ping(f.scene.client, hws_span_text(NULL));
    run(&f, HWS_S(1), PERIOD);
    f.late = HWS_MS(300);
    f.answer = HWS_MS(600);
    expect_soon(&f, HWS_VERDICT_NETWORK, PERIOD);
    assert_non_null(strstr(f.text, "round trip 6"));
    f.late = HWS_MS(1);
    f.answer = HWS_MS(1);
    expect_soon(&f, HWS_VERDICT_OK, PERIOD);
    end(&f);
}

/* Everything seems to come later from then on, and nothing does. */
TEST(a_clock_of_ours_that_is_set_is_no_lag)
{
    for (int i = 0; i < 2; i++) {
        hws_time step = i ? -HWS_S(3) : HWS_MS(640);
        struct feed f;
        begin(&f);
        f.late = HWS_MS(5);
        expect_soon(&f, HWS_VERDICT_OK, PERIOD);
        f.scene.world.realtime_ahead += step;
        f.late += step;
        run(&f, HWS_S(10), PERIOD);
        assert_int_equal(f.verdicts, 1);
        f.late += HWS_MS(300);
        expect_soon(&f, HWS_VERDICT_PEER, PERIOD);
        end(&f);
    }
}

TEST(silence_with_answers_is_nobodys_fault)
{
    struct feed f;
    begin(&f);
    expect_soon(&f, HWS_VERDICT_OK, PERIOD);
    f.told = HWS_VERDICT_NONE;
    run(&f, HWS_S(3), 0);
    assert_int_equal(f.told, HWS_VERDICT_IDLE);
    expect_soon(&f, HWS_VERDICT_OK, PERIOD);
    end(&f);
}

TEST(silence_without_an_answer_is_the_peer)
{
    struct feed f;
    begin(&f);
    expect_soon(&f, HWS_VERDICT_OK, HWS_MS(20));
    f.mute = true;
    hws_time begun = f.scene.world.now;
    run(&f, HWS_S(3), 0);
    assert_int_equal(f.told, HWS_VERDICT_PEER);
    assert_true(f.told_at - begun <= HWS_S(2) + HWS_MS(250));
    assert_non_null(strstr(f.text, "no answer to a ping"));
    f.mute = false;
    expect_soon(&f, HWS_VERDICT_OK, HWS_MS(20));
    end(&f);
}

/* Without event times there is no network lag, and still a verdict. */
TEST(without_times_the_app_is_found_all_the_same)
{
    struct feed f;
    begin_with(&f, NULL);
    expect_soon(&f, HWS_VERDICT_OK, PERIOD);
    f.late = HWS_S(5);
    run(&f, HWS_S(3), PERIOD);
    assert_int_equal(f.verdicts, 1);
    f.busy = HWS_MS(90);
    expect_soon(&f, HWS_VERDICT_APP, PERIOD);
    end(&f);
}

/* An hour with bursts of a thousand, jitter, and callbacks that take 20 us. */
TEST(a_healthy_feed_with_bursts_does_not_flap)
{
    struct feed f;
    struct scene *s = &f.scene;
    begin(&f);
    expect_soon(&f, HWS_VERDICT_OK, PERIOD);
    f.busy = HWS_US(20);
    unsigned seed = 7;
    for (hws_time end = s->world.now + HWS_S(3600); s->world.now < end;) {
        seed = seed * 1103515245 + 12345;
        unsigned count = seed >> 16 & 63 ? 1 + (seed >> 22 & 3) : 1000;
        for (unsigned i = 0; i < count; i++) {
            f.late = HWS_US(seed >> 8 & 16383);
            say(&f);
        }
        answer_pings(&f);
        scene_settle(s);
        scene_pass(s, HWS_MS(5 + (seed >> 12 & 255)));
        scene_forget(s);
    }
    assert_int_equal(f.verdicts, 1);
    end(&f);
}

TEST(an_idle_client_is_left_alone)
{
    struct feed f;
    begin(&f);
    expect_soon(&f, HWS_VERDICT_OK, PERIOD);
    run(&f, HWS_S(3), 0);
    uint64_t turns = f.scene.world.turns;
    scene_pass(&f.scene, HWS_S(20));
    assert_int_equal(f.scene.world.turns, turns);
    end(&f);
}

/* What ended the connection is blamed while it is down. */
TEST(while_down_the_cause_is_blamed)
{
    struct feed f;
    begin(&f);
    expect_soon(&f, HWS_VERDICT_OK, PERIOD);
    peer_cut(&f.scene.peer);
    scene_settle(&f.scene);
    struct hws_snapshot now = scene_snapshot(&f.scene);
    assert_int_equal(now.verdict, HWS_VERDICT_NETWORK);
    assert_memory_equal(now.verdict_text, "down: ", 6);
    scene_next_attempt(&f.scene);
    scene_accept(&f.scene);
    expect_soon(&f, HWS_VERDICT_OK, PERIOD);
    end(&f);
}

TEST(nobody_judges_unless_asked_to)
{
    struct feed f;
    begin(&f);
    end(&f);
    f = (struct feed){.answer = HWS_MS(1), .asked = HWS_NEVER};
    scene_begin(&f.scene);
    f.scene.more = &f;
    f.scene.then = take_event;
    scene_open_up(&f.scene);
    f.busy = HWS_MS(80);
    run(&f, HWS_S(3), PERIOD);
    assert_int_equal(f.verdicts, 0);
    assert_int_equal(scene_snapshot(&f.scene).verdict, HWS_VERDICT_NONE);
    end(&f);
}

static void free_at_verdict(struct scene *s, const struct hws_event *e)
{
    if (e->kind != HWS_VERDICT)
        return;
    hws_client_free(s->client);
    s->client = NULL;
}

TEST(the_verdict_may_end_the_client)
{
    struct feed f;
    begin(&f);
    f.scene.then = free_at_verdict;
    for (int i = 0; i < 20 && f.scene.client; i++) {
        say(&f);
        scene_settle(&f.scene);
        scene_pass(&f.scene, PERIOD);
    }
    assert_null(f.scene.client);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(a_good_feed_is_ok_and_that_is_told_once),
        RUN(a_slow_callback_is_the_app),
        RUN(a_pause_is_the_app),
        RUN(a_late_peer_on_a_fast_network_is_the_peer),
        RUN(data_and_pings_that_are_late_are_the_network),
        RUN(a_clock_of_ours_that_is_set_is_no_lag),
        RUN(silence_with_answers_is_nobodys_fault),
        RUN(silence_without_an_answer_is_the_peer),
        RUN(without_times_the_app_is_found_all_the_same),
        RUN(a_healthy_feed_with_bursts_does_not_flap),
        RUN(an_idle_client_is_left_alone),
        RUN(while_down_the_cause_is_blamed),
        RUN(nobody_judges_unless_asked_to),
        RUN(the_verdict_may_end_the_client),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
