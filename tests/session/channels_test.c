/* Connected, data comes, and some of its channels are missing. */
#include "support/scene.h"
#include "support/test.h"

#define DELAY HWS_S(60)

static void begin(struct scene *s)
{
    scene_begin(s);
    s->options.stale_delay = DELAY;
    s->options.channel_field = "/ch";
    s->options.delays.ping = HWS_NEVER;
    scene_open_up(s);
}

/* What was told of channels: "stale(b)". */
static char told[256];

static void tell_channels(struct scene *s, const struct hws_event *e)
{
    (void)s;
    if (e->kind != HWS_STALE && e->kind != HWS_FRESH)
        return;
    size_t used = strlen(told);
    snprintf(told + used, sizeof(told) - used, "%s%s(%.*s %.0f)",
             used ? " " : "", hws_event_name(e->kind),
             (int)e->stale.channel.size, (const char *)e->stale.channel.data,
             (double)(e->at - e->stale.since) / 1e9);
}

static void expect(const char *words)
{
    assert_string_equal(told, words);
    told[0] = '\0';
}

static void say(struct scene *s, const char *channel)
{
    char text[64];
    snprintf(text, sizeof(text), "{\"ch\":\"%s\",\"p\":1}", channel);
    peer_send_text(&s->peer, text);
    scene_settle(s);
}

/* So long a message of each of these channels (letters) each second. */
static void run(struct scene *s, const char *channels, hws_time delay)
{
    for (hws_time end = s->world.now + delay; s->world.now < end;) {
        for (const char *c = channels; *c; c++)
            say(s, (const char[]){*c, '\0'});
        scene_pass(s, HWS_S(1));
        scene_forget(s);
        if (!s->is_up || !s->client)
            return;
    }
}

TEST(fault_46_a_channel_that_falls_silent_is_told_once)
{
    struct scene s;
    begin(&s);
    s.then = tell_channels;
    run(&s, "abcd", HWS_S(10));
    run(&s, "ab", DELAY - HWS_S(2));
    expect("");
    run(&s, "ab", 10 * DELAY);
    assert_true(strcmp(told, "stale(c 60) stale(d 60)") == 0 ||
                strcmp(told, "stale(d 60) stale(c 60)") == 0);
    told[0] = '\0';
    say(&s, "d");
    expect("fresh(d 659)");
    assert_true(s.is_up);
    scene_end(&s);
}

TEST(fault_46_half_of_the_channels_ends_the_connection_when_asked)
{
    struct scene s;
    scene_begin(&s);
    s.options.stale_delay = DELAY;
    s.options.stale_reconnect = true;
    s.options.channel_field = "/ch";
    s.options.delays.ping = HWS_NEVER;
    scene_open_up(&s);
    run(&s, "ab", HWS_S(5));
    run(&s, "a", 2 * DELAY);
    assert_true(s.is_down);
    assert_int_equal(s.fault.status, HWS_E_STALE);
    assert_string_equal(s.fault.text, "no data for 60.0 s of channel 'b'");

    /* It does not come back: that is told, and no reconnect storm. */
    s.then = tell_channels;
    scene_next_attempt(&s);
    scene_accept(&s);
    told[0] = '\0';
    run(&s, "a", 20 * DELAY);
    expect("stale(b 60)");
    assert_true(s.is_up);

    /* It does, and falls silent again: that is another silence. */
    run(&s, "ab", HWS_S(5));
    expect("fresh(b 1200)");
    s.then = NULL;
    run(&s, "a", 2 * DELAY);
    assert_true(s.is_down);
    scene_end(&s);
}

/* After a reconnect the channels of before are expected again. */
TEST(fault_46_a_channel_that_is_not_resumed_is_told)
{
    struct scene s;
    begin(&s);
    run(&s, "ab", HWS_S(5));
    peer_cut(&s.peer);
    scene_settle(&s);
    scene_next_attempt(&s);
    scene_accept(&s);
    s.then = tell_channels;
    run(&s, "b", DELAY + HWS_S(1));
    expect("stale(a 60)");
    scene_end(&s);
}

TEST(a_forgotten_channel_is_not_expected)
{
    struct scene s;
    begin(&s);
    s.then = tell_channels;
    run(&s, "ab", HWS_S(5));
    assert_true(hws_client_forget_channel(s.client, hws_span_text("b")));
    assert_false(hws_client_forget_channel(s.client, hws_span_text("x")));
    run(&s, "a", 2 * DELAY);
    expect("");
    run(&s, "ab", HWS_S(2));
    run(&s, "a", 2 * DELAY);
    expect("stale(b 60)");
    scene_end(&s);
}

/* That nothing comes at all is one fault, not one for each channel. */
TEST(silence_of_all_is_told_of_all)
{
    struct scene s;
    begin(&s);
    s.then = tell_channels;
    say(&s, "a");
    say(&s, "b");
    scene_pass(&s, 5 * DELAY);
    expect("stale( 60)");
    scene_forget(&s);
    say(&s, "a");
    scene_pass(&s, HWS_S(1));
    expect("fresh( 300) stale(b 300)");
    scene_end(&s);
}

TEST(a_pause_is_no_silence)
{
    struct scene s;
    begin(&s);
    s.then = tell_channels;
    run(&s, "ab", HWS_S(5));
    hws_client_pause(s.client);
    scene_pass(&s, 5 * DELAY);
    hws_client_resume(s.client);
    run(&s, "ab", HWS_S(5));
    expect("");
    scene_end(&s);
}

TEST(messages_without_a_channel_are_messages)
{
    struct scene s;
    begin(&s);
    peer_send_text(&s.peer, "{\"other\":1}");
    peer_send_text(&s.peer, "[");
    peer_send_frame(&s.peer, 0x82, "\x01\x02", 2);
    scene_settle(&s);
    assert_int_equal(s.messages, 3);
    assert_false(hws_client_forget_channel(s.client, hws_span_text("1")));
    scene_end(&s);
}

TEST(a_message_in_fragments_has_its_channel)
{
    struct scene s;
    begin(&s);
    peer_send_frame(&s.peer, 0x01, "{\"ch\":", 6);
    peer_send_frame(&s.peer, 0x80, "\"x\"}", 4);
    scene_settle(&s);
    assert_int_equal(s.messages, 1);
    assert_true(hws_client_forget_channel(s.client, hws_span_text("x")));
    scene_end(&s);
}

/* Names that never come again fill memory up to a bound. */
TEST(channels_are_bounded)
{
    struct scene s;
    begin(&s);
    for (int i = 0; i < 6000; i++) {
        char name[16];
        snprintf(name, sizeof(name), "n%d", i);
        say(&s, name);
        scene_forget(&s);
    }
    assert_true(hws_client_forget_channel(s.client, hws_span_text("n4095")));
    assert_false(hws_client_forget_channel(s.client, hws_span_text("n4096")));
    scene_end(&s);
}

static void free_then(struct scene *s, const struct hws_event *e)
{
    if (e->kind != *(enum hws_event_kind *)s->more || !e->stale.channel.size)
        return;
    hws_client_free(s->client);
    s->client = NULL;
}

static void assert_may_free(enum hws_event_kind kind)
{
    struct scene s;
    begin(&s);
    s.then = free_then;
    s.more = &kind;
    run(&s, "ab", HWS_S(5));
    run(&s, "a", 2 * DELAY);
    if (s.client)
        run(&s, "ab", HWS_S(1));
    assert_null(s.client);
    scene_end(&s);
}

TEST(fault_48_free_inside_stale_and_fresh_of_a_channel)
{
    assert_may_free(HWS_STALE);
    assert_may_free(HWS_FRESH);
}

TEST(a_field_that_is_no_pointer_is_refused)
{
    struct scene s;
    struct hws_fault fault = {0};
    scene_begin(&s);
    s.options.stale_delay = DELAY;
    s.options.channel_field = "ch";
    assert_null(hws_client_new(s.loop, &s.options, &fault));
    assert_string_equal(fault.text,
                        "channel field 'ch': pointer does not "
                        "begin with '/' at byte 0");
    s.options.channel_field = "/ch";
    s.options.stale_delay = HWS_NEVER;
    assert_null(hws_client_new(s.loop, &s.options, &fault));
    assert_non_null(strstr(fault.text, "'stale_delay'"));
    scene_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(fault_46_a_channel_that_falls_silent_is_told_once),
        RUN(fault_46_half_of_the_channels_ends_the_connection_when_asked),
        RUN(fault_46_a_channel_that_is_not_resumed_is_told),
        RUN(a_forgotten_channel_is_not_expected),
        RUN(silence_of_all_is_told_of_all),
        RUN(a_pause_is_no_silence),
        RUN(messages_without_a_channel_are_messages),
        RUN(a_message_in_fragments_has_its_channel),
        RUN(channels_are_bounded),
        RUN(fault_48_free_inside_stale_and_fresh_of_a_channel),
        RUN(a_field_that_is_no_pointer_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
