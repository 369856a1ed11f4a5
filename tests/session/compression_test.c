/* Compression over the life of a client: every connection agrees anew and
 * begins with an empty context, and what was saved is counted over all. */
#include "support/scene.h"
#include "support/test.h"

#define TEXT                                                                \
    "{\"channel\": \"trades\", \"price\": 60123.45, \"size\": 0.0042, "     \
    "\"side\": \"buy\", \"maker\": \"8f2c\", \"taker\": \"a91d\", \"at\": " \
    "\"2026-11-25T20:15:00Z\"}"

static void exchange(struct scene *s)
{
    unsigned before = s->messages;
    scene_send(s, TEXT);
    scene_settle(s);
    assert_int_equal(s->messages, before + 1);
    scene_forget(s);
}

static void begin_served(struct scene *s)
{
    scene_begin(s);
    s->served = true;
    scene_open_up(s);
    scene_forget(s);
}

static void begin_again(struct scene *s)
{
    hws_client_reconnect(s->client);
    scene_settle(s);
    scene_expect(s, "down(cancelled) up");
}

TEST(reconnect_agrees_anew_and_forgets)
{
    struct scene s;
    begin_served(&s);
    exchange(&s);
    struct hws_compression first = scene_snapshot(&s).compression;
    assert_true(first.agreed && first.memory > 0);
    assert_int_equal(first.out_plain, strlen(TEXT));
    assert_int_equal(first.in_inflated, strlen(TEXT));
    assert_in_range(first.out_compressed, 1, strlen(TEXT) - 10);
    /* The context makes it a few bytes. */
    exchange(&s);
    struct hws_compression second = scene_snapshot(&s).compression;
    assert_in_range(second.in_compressed - first.in_compressed, 1, 30);

    begin_again(&s);
    assert_true(scene_snapshot(&s).compression.memory < first.memory);
    exchange(&s);
    struct hws_compression third = scene_snapshot(&s).compression;
    assert_int_equal(third.in_inflated, 3 * strlen(TEXT));
    assert_int_equal(third.in_compressed,
                     second.in_compressed + first.in_compressed);
    assert_int_equal(third.out_compressed,
                     second.out_compressed + first.out_compressed);
    scene_end(&s);
}

TEST(next_server_may_decline)
{
    struct scene s;
    begin_served(&s);
    exchange(&s);
    uint64_t before = scene_snapshot(&s).compression.in_inflated;
    s.serving.proto.deflate.enabled = false;
    begin_again(&s);
    exchange(&s);
    struct hws_compression now = scene_snapshot(&s).compression;
    assert_false(now.agreed);
    assert_int_equal(now.memory, 0);
    assert_int_equal(now.in_inflated, before);
    s.serving.proto.deflate.enabled = true;
    begin_again(&s);
    exchange(&s);
    assert_true(scene_snapshot(&s).compression.agreed);
    scene_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(reconnect_agrees_anew_and_forgets),
        RUN(next_server_may_decline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
