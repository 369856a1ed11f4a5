/* Limits of the caller's: told once, with hysteresis, on virtual time. */
#include "support/scene.h"
#include "support/test.h"

#include <inttypes.h>

static hws_time late; /* data is so old when it leaves */

static void begin(struct scene *s)
{
    late = HWS_MS(1);
    scene_begin(s);
    s->options.delays.ping = HWS_NEVER;
}

static void say(struct scene *s)
{
    char text[64];
    snprintf(text, sizeof(text), "{\"t\":%" PRId64 "}",
             s->world.now + s->world.realtime_ahead - late);
    peer_send_text(&s->peer, text);
}

/* Let `delay` pass with a message each 50 ms; what was told besides. */
static void run(struct scene *s, hws_time delay)
{
    for (hws_time end = s->world.now + delay; s->world.now < end;) {
        if (s->is_up && s->client)
            say(s);
        scene_pass(s, HWS_MS(50));
    }
}

/* Only what was told of alarms; empties the journal. */
static const char *alarms(struct scene *s)
{
    static char told[512];
    const char *at = s->journal;
    told[0] = '\0';
    while ((at = strstr(at, "alarm("))) {
        size_t size = strcspn(at, ")") + 1;
        if (told[0])
            strcat(told, " ");
        strncat(told, at, size);
        at += size;
    }
    scene_forget(s);
    return told;
}

static void begin_lag(struct scene *s)
{
    begin(s);
    s->options.lag_field = "/t:ns";
    s->options.alarms.lag = HWS_MS(100);
    scene_open_up(s);
    run(s, HWS_S(2));
}

TEST(lag_above_its_limit_is_told_once_and_its_end)
{
    struct scene s;
    begin_lag(&s);
    assert_string_equal(alarms(&s), "");
    late = HWS_MS(150);
    run(&s, HWS_S(5));
    assert_string_equal(alarms(&s), "alarm(lag on)");
    late = HWS_MS(60); /* above half of it */
    run(&s, HWS_S(5));
    assert_string_equal(alarms(&s), "");
    late = HWS_MS(40);
    run(&s, HWS_S(5));
    assert_string_equal(alarms(&s), "alarm(lag off)");
    late = HWS_MS(90); /* below all of it */
    run(&s, HWS_S(5));
    assert_string_equal(alarms(&s), "");
    assert_true(s.is_up);
    scene_end(&s);
}

TEST(one_late_quarter_second_is_no_alarm)
{
    struct scene s;
    begin_lag(&s);
    for (int i = 0; i < 20; i++) {
        late = HWS_MS(500);
        run(&s, HWS_MS(50));
        late = HWS_MS(1);
        run(&s, HWS_S(2));
    }
    assert_string_equal(alarms(&s), "");
    scene_end(&s);
}

TEST(an_alarm_takes_the_connection_up_again_when_asked)
{
    struct scene s;
    begin(&s);
    s.options.lag_field = "/t:ns";
    s.options.alarms.lag = HWS_MS(100);
    s.options.alarms.reconnect = true;
    scene_open_up(&s);
    run(&s, HWS_S(1));
    late = HWS_MS(300);
    run(&s, HWS_S(1));
    assert_true(s.is_down);
    assert_int_equal(s.fault.status, HWS_E_STALE);
    assert_string_equal(s.fault.text, "the limit of 'lag' was exceeded");
    assert_string_equal(alarms(&s), "alarm(lag on)");
    late = HWS_MS(1);
    if (!s.is_up)
        scene_next_attempt(&s);
    scene_accept(&s);
    run(&s, HWS_S(5));
    assert_string_equal(alarms(&s), "");
    assert_true(s.is_up);
    scene_end(&s);
}

TEST(queues_have_limits_of_their_own)
{
    struct scene s;
    begin(&s);
    s.options.alarms.receive_queue = 1000;
    s.options.alarms.send_queue = 1000;
    s.pair = (struct hws_pair_options){.capacity = 8000};
    scene_open_up(&s);
    run(&s, HWS_S(1));
    hws_client_pause(s.client);
    for (int i = 0; i < 100; i++)
        say(&s);
    run(&s, HWS_S(1));
    assert_string_equal(alarms(&s), "alarm(receive queue on)");
    hws_client_resume(s.client);
    run(&s, HWS_S(1));
    assert_string_equal(alarms(&s), "alarm(receive queue off)");

    char large[12000];
    memset(large, 'x', sizeof(large));
    struct hws_span data = {(const uint8_t *)large, sizeof(large)};
    assert_int_equal(hws_client_send(s.client, HWS_BINARY, data), 0);
    run(&s, HWS_S(1));
    assert_string_equal(alarms(&s), "alarm(send queue on)");
    for (int i = 0; i < 10; i++) {
        peer_read(&s.peer);
        scene_settle(&s);
    }
    run(&s, HWS_S(1));
    assert_string_equal(alarms(&s), "alarm(send queue off)");
    scene_end(&s);
}

/* A dispatcher that calls for nothing. */
TEST(a_spin_is_told)
{
    struct scene s;
    begin(&s);
    s.options.alarms.spin = 100;
    scene_open_up(&s);
    run(&s, HWS_S(1));
    assert_string_equal(alarms(&s), "");
    for (int i = 0; i < 4000; i++) {
        for (size_t w = 0; w < s.world.watch_count; w++)
            if (!s.world.watches[w]->background)
                s.world.watches[w]->ready(s.world.watches[w], HWS_READ,
                                          s.world.now);
        scene_pass(&s, HWS_MS(1));
    }
    assert_string_equal(alarms(&s), "alarm(spin on)");
    run(&s, HWS_S(1));
    assert_string_equal(alarms(&s), "alarm(spin off)");
    scene_end(&s);
}

TEST(alarms_alone_tell_no_verdicts_and_ping_nobody)
{
    struct scene s;
    begin_lag(&s);
    late = HWS_S(5);
    run(&s, HWS_S(5));
    assert_null(strstr(s.journal, "verdict"));
    struct peer_frame frame;
    assert_false(peer_take(&s.peer, &frame));
    scene_end(&s);
}

static void free_at_alarm(struct scene *s, const struct hws_event *e)
{
    if (e->kind != HWS_ALARM)
        return;
    hws_client_free(s->client);
    s->client = NULL;
}

TEST(the_alarm_may_end_the_client)
{
    struct scene s;
    begin_lag(&s);
    s.then = free_at_alarm;
    late = HWS_S(1);
    run(&s, HWS_S(2));
    assert_null(s.client);
    scene_end(&s);
}

TEST(alarms_have_names)
{
    assert_string_equal(hws_alarm_name(HWS_ALARM_LAG), "lag");
    assert_string_equal(hws_alarm_name(HWS_ALARM_SPIN), "spin");
    assert_string_equal(hws_alarm_name(HWS_ALARM_COUNT), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(lag_above_its_limit_is_told_once_and_its_end),
        RUN(one_late_quarter_second_is_no_alarm),
        RUN(an_alarm_takes_the_connection_up_again_when_asked),
        RUN(queues_have_limits_of_their_own),
        RUN(a_spin_is_told),
        RUN(alarms_alone_tell_no_verdicts_and_ping_nobody),
        RUN(the_alarm_may_end_the_client),
        RUN(alarms_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
