/* The market that never was: the same for a seed, numbered, and readable. */
#include "support/test.h"

#include "feed.h"

#define MESSAGES 20000
#define NOON HWS_S(1700000000)

static struct feed feed, other;

TEST(one_seed_gives_one_feed)
{
    feed_init(&feed, 7);
    feed_init(&other, 7);
    for (int i = 0; i < MESSAGES; i++) {
        struct hws_span a = feed_next(&feed, NOON + i);
        struct hws_span b = feed_next(&other, NOON + i);
        assert_int_equal(a.size, b.size);
        assert_memory_equal(a.data, b.data, a.size);
        assert_int_equal(feed_delay(&feed, 1000), feed_delay(&other, 1000));
    }
}

TEST(another_seed_gives_another_feed)
{
    feed_init(&feed, 7);
    feed_init(&other, 8);
    int same = 0;
    for (int i = 0; i < 100; i++) {
        struct hws_span a = feed_next(&feed, NOON);
        struct hws_span b = feed_next(&other, NOON);
        same += a.size == b.size && memcmp(a.data, b.data, a.size) == 0;
    }
    assert_in_range(same, 0, 5);
}

TEST(messages_are_numbered_from_one_without_a_gap)
{
    feed_init(&feed, 1);
    for (uint64_t i = 1; i <= MESSAGES; i++) {
        uint64_t sequence = 0;
        assert_true(feed_sequence(feed_next(&feed, NOON), &sequence));
        assert_int_equal(sequence, i);
    }
}

TEST(event_times_read_as_the_lag_options_say)
{
    struct hws_time_field *ms = hws_time_field_new("/E:ms", NULL);
    struct hws_time_field *ns = hws_time_field_new("/T:ns", NULL);
    feed_init(&feed, 3);
    for (int i = 0; i < MESSAGES; i++) {
        hws_time realtime = NOON + (hws_time)i * 1234567;
        hws_time at;
        struct hws_span message = feed_next(&feed, realtime);
        assert_true(hws_time_field_read(ns, message, &at));
        assert_int_equal(at, realtime);
        assert_true(hws_time_field_read(ms, message, &at));
        assert_int_equal(at, realtime - realtime % 1000000);
    }
    hws_time_field_free(ms);
    hws_time_field_free(ns);
}

/* Brackets pair up outside strings, and nothing follows the last one. */
static bool is_balanced(struct hws_span text)
{
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i];
        quoted ^= c == '"';
        if (quoted)
            continue;
        depth += (c == '{' || c == '[') - (c == '}' || c == ']');
        if (depth == 0 && i + 1 < text.size)
            return false;
    }
    return depth == 0 && !quoted && text.size > 0;
}

TEST(sizes_vary_from_100_bytes_to_4_kib_and_texts_are_whole)
{
    size_t least = SIZE_MAX;
    size_t most = 0;
    feed_init(&feed, 5);
    for (int i = 0; i < MESSAGES; i++) {
        struct hws_span message = feed_next(&feed, NOON);
        assert_true(is_balanced(message));
        least = message.size < least ? message.size : least;
        most = message.size > most ? message.size : most;
    }
    assert_in_range(least, 100, 160);
    assert_in_range(most, 3000, FEED_MESSAGE_MAX - 1);
}

TEST(bursts_keep_the_mean_rate)
{
    hws_time sum = 0;
    int pauses = 0;
    feed_init(&feed, 9);
    for (int i = 0; i < 1000000; i++) {
        hws_time delay = feed_delay(&feed, 20000);
        sum += delay;
        pauses += delay > 0;
    }
    assert_in_range(sum / 1000000, 49000, 51000);
    assert_in_range(pauses, 1000000 / 64, 1000000 / 20);
}

TEST(what_is_no_message_of_a_feed_has_no_number)
{
    static const char *const texts[] = {
        "",          "{",         "{\"s\":",    "{\"s\":,",
        "{\"s\":12", "{\"s\":x,", "{\"t\":12,", "{\"s\":99999999999999999999,",
    };
    uint64_t sequence;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_false(feed_sequence(hws_span_text(texts[i]), &sequence));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(one_seed_gives_one_feed),
        RUN(another_seed_gives_another_feed),
        RUN(messages_are_numbered_from_one_without_a_gap),
        RUN(event_times_read_as_the_lag_options_say),
        RUN(sizes_vary_from_100_bytes_to_4_kib_and_texts_are_whole),
        RUN(bursts_keep_the_mean_rate),
        RUN(what_is_no_message_of_a_feed_has_no_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
