/* Connected, every ping answered, and no data. */
#include "support/scene.h"
#include "support/test.h"

#define DELAY HWS_S(60)

/* The peer answers pings for so long, and says nothing. */
static void pass_alive(struct scene *s, hws_time delay)
{
    for (hws_time end = s->world.now + delay; s->world.now < end;) {
        scene_pass(s, HWS_S(5));
        if (!s->is_up || !s->client)
            return;
        peer_answer_ping(&s->peer);
        scene_settle(s);
    }
}

static void begin(struct scene *s)
{
    scene_begin(s);
    s->options.stale_delay = DELAY;
    s->options.delays.ping = HWS_S(5);
    scene_open_up(s);
}

/* What was told, without the pongs. */
static void expect(struct scene *s, const char *words)
{
    char *at;
    while ((at = strstr(s->journal, "pong("))) {
        char *rest = strchr(at, ')') + 1;
        rest += *rest == ' ';
        memmove(at, rest, strlen(rest) + 1);
    }
    s->journal_size = strlen(s->journal);
    while (s->journal_size && s->journal[s->journal_size - 1] == ' ')
        s->journal[--s->journal_size] = '\0';
    scene_expect(s, words);
}

TEST(fault_46_no_data_is_told_once_while_pings_are_answered)
{
    struct scene s;
    begin(&s);
    pass_alive(&s, DELAY - HWS_S(5));
    expect(&s, "");
    pass_alive(&s, 10 * DELAY);
    expect(&s, "stale(60 s)");
    assert_true(s.is_up);
    scene_end(&s);
}

TEST(fault_46_data_that_comes_again_is_told_before_it)
{
    struct scene s;
    begin(&s);
    pass_alive(&s, DELAY + HWS_S(10));
    expect(&s, "stale(60 s)");
    peer_send_text(&s.peer, "at last");
    scene_settle(&s);
    peer_send_text(&s.peer, "more");
    scene_settle(&s);
    expect(&s, "fresh(70 s) text(at last) text(more)");
    pass_alive(&s, DELAY);
    expect(&s, "stale(60 s)");
    scene_end(&s);
}

TEST(data_now_and_then_is_fresh_enough)
{
    struct scene s;
    begin(&s);
    for (int i = 0; i < 10; i++) {
        pass_alive(&s, DELAY - HWS_S(5));
        peer_send_text(&s.peer, "x");
        scene_settle(&s);
    }
    assert_int_equal(s.messages, 10);
    assert_null(strstr(s.journal, "stale"));
    scene_end(&s);
}

TEST(fault_46_stale_connection_is_taken_up_again_when_asked)
{
    struct scene s;
    scene_begin(&s);
    s.options.stale_delay = DELAY;
    s.options.stale_reconnect = true;
    s.options.delays.ping = HWS_S(5);
    scene_open_up(&s);
    pass_alive(&s, DELAY);
    expect(&s, "stale(60 s) down(stale)");
    assert_int_equal(s.fault.phase, HWS_PHASE_IDLE);
    assert_string_equal(s.fault.text,
                        "no data for 60.0 s, though the peer is alive");
    scene_next_attempt(&s);
    scene_accept(&s);
    assert_true(s.is_up);
    expect(&s, "up");
    scene_end(&s);
}

/* Time in which we do not read is not the peer's. */
TEST(pause_does_not_count)
{
    struct scene s;
    begin(&s);
    hws_client_pause(s.client);
    scene_pass(&s, 10 * DELAY);
    hws_client_resume(s.client);
    pass_alive(&s, DELAY - HWS_S(10));
    expect(&s, "");
    pass_alive(&s, HWS_S(10));
    expect(&s, "stale(60 s)");
    scene_end(&s);
}

TEST(nobody_looks_unless_asked_to)
{
    struct scene s;
    scene_begin(&s);
    s.served = true;
    scene_open_up(&s);
    scene_pass(&s, HWS_S(86400));
    assert_null(strstr(s.journal, "stale"));
    assert_true(s.is_up);
    scene_end(&s);
}

static void free_then(struct scene *s, const struct hws_event *e)
{
    if (e->kind != *(enum hws_event_kind *)s->more)
        return;
    hws_client_free(s->client);
    s->client = NULL;
}

static void assert_may_free(enum hws_event_kind kind)
{
    struct scene s;
    scene_begin(&s);
    s.options.stale_delay = DELAY;
    s.options.stale_reconnect = kind == HWS_STALE;
    s.options.delays.ping = HWS_S(5);
    scene_open_up(&s);
    s.then = free_then;
    s.more = &kind;
    pass_alive(&s, DELAY);
    if (s.client)
        peer_send_text(&s.peer, "x");
    scene_settle(&s);
    assert_null(s.client);
    assert_int_equal(s.messages, 0);
    scene_end(&s);
}

TEST(fault_48_free_inside_stale_and_fresh)
{
    assert_may_free(HWS_STALE);
    assert_may_free(HWS_FRESH);
}

TEST(delay_below_a_millisecond_is_refused)
{
    struct scene s;
    struct hws_fault fault = {0};
    scene_begin(&s);
    s.options.stale_delay = 1;
    assert_null(hws_client_new(s.loop, &s.options, &fault));
    assert_non_null(strstr(fault.text, "'stale_delay'"));
    scene_end(&s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RUN(fault_46_no_data_is_told_once_while_pings_are_answered),
        RUN(fault_46_data_that_comes_again_is_told_before_it),
        RUN(data_now_and_then_is_fresh_enough),
        RUN(fault_46_stale_connection_is_taken_up_again_when_asked),
        RUN(pause_does_not_count),
        RUN(nobody_looks_unless_asked_to),
        RUN(fault_48_free_inside_stale_and_fresh),
        RUN(delay_below_a_millisecond_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
