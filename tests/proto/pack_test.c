/*
 * Compressed messages that leave (RFC 7692 section 7.2.1): inflated again by a
 * zlib of the peer's own, which must have seen all that they refer to.
 */
#include "script.h"
#include "zpeer.h"

#include "base/rng.h"

#include <stdlib.h>

#define JSON "{\\\"name\\\": \\\"value\\\", \\\"other\\\": 12345}"

static void sender(struct hws_proto_options *options, enum hws_role role)
{
    script_options(options, role);
    options->deflate.threshold = 20;
}

/* In both roles, with the threshold at 20 bytes. */
static void play_sent(const char *text)
{
    for (int role = HWS_CLIENT; role <= HWS_SERVER; role++) {
        struct hws_proto_options options;
        sender(&options, (enum hws_role)role);
        play_deflated(&options, "permessage-deflate", text);
    }
}

TEST(messages_from_the_threshold_on_are_compressed)
{
    play_sent(
        "= send text 'a'*19\n> text 'aaaaaaaaaaaaaaaaaaa'\n"
        "= send text 'a'*20\n> deflated text 'aaaaaaaaaaaaaaaaaaaa'\n"
        "= send binary '\\x00'*200\n> deflated binary '\\x00'*200\n"
        "= send text ''\n> text ''\n"
        "= send text 'a'*70000\n> deflated text 'a'*70000\n"
        "= send text 'a\\xff' 'a'*20 -> utf8\n"
        "= send text '\\xe2\\x82\\xac'*20\n> deflated text '" /* as quoted: */
        "\\xe2\\x82\\xac\\xe2\\x82\\xac\\xe2\\x82\\xac\\xe2\\x82\\xac\\xe2\\x82"
        "\\xac\\xe2\\x82\\xac\\xe2\\x82\\xac\\xe2\\x82\\xac\\xe2\\x82\\xac\\xe2"
        "\\x82\\xac\\xe2\\x82\\xac\\xe2\\x82\\xac\\xe2\\x82\\xac\\xe2\\x82\\xac"
        "\\xe2\\x82\\xac\\xe2\\x82\\xac\\xe2\\x82\\xac\\xe2\\x82\\xac\\xe2\\x82"
        "\\xac\\xe2\\x82\\xac'\n");
}

TEST(empty_message_is_never_compressed)
{
    struct hws_proto_options options;
    script_options(&options, HWS_SERVER);
    options.deflate.threshold = 0;
    play_deflated(&options, "permessage-deflate",
                  "= send text ''\n> text ''\n"
                  "= send text 'a'\n> deflated text 'a'\n");
}

TEST(parts_are_compressed_as_one_message)
{
    play_sent(
        "= part text 'one two three four five'\n"
        "> deflated text... 'one two three four five'\n"
        "= ping 'p'\n> ping 'p'\n"
        "= part more ''\n> deflated more... ''\n"
        "= part more 'x'\n> deflated more... 'x'\n"
        "= send more 'one two three four five'\n"
        "> deflated more 'one two three four five'\n"
        /* Nothing is left to flush at the end. */
        "= part binary 'one two three four five'\n"
        "> deflated binary... 'one two three four five'\n"
        "= send more ''\n> deflated more ''\n"
        /* The first part decides. */
        "= part text 'short'\n> text... 'short'\n"
        "= send more 'one two three four five'\n"
        "> more 'one two three four five'\n"
        "= send text 'one two three four five'\n"
        "> deflated text 'one two three four five'\n");
}

/* A conversation with one side that compresses and the peer's zlib. */
struct talk {
    struct hws_proto *proto;
    struct zpeer *peer;
    struct paper bytes; /* that left and were not looked at */
    size_t wire;
    bool compressed, last; /* of the latest frame */
};

static void talk_begin(struct talk *t, const struct hws_proto_options *options,
                       const char *offer)
{
    char request[512];
    struct hws_event event;
    memset(t, 0, sizeof(*t));
    t->proto = hws_proto_new(options, 0, NULL);
    t->peer = zpeer_new();
    snprintf(request, sizeof(request),
             "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
             "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
             "Sec-WebSocket-Extensions: %s\r\n\r\n",
             offer);
    hws_proto_feed(t->proto, (uint8_t *)request, strlen(request), 0);
    while (hws_proto_next(t->proto, &event))
        continue;
    hws_proto_wrote(t->proto, hws_proto_output(t->proto).size, 0);
}

static void talk_end(struct talk *t)
{
    hws_proto_free(t->proto);
    zpeer_free(t->peer);
    paper_free(&t->bytes);
}

/* Take at most `size` bytes of the output. */
static void talk_take(struct talk *t, size_t size)
{
    struct hws_span output = hws_proto_output(t->proto);
    size = size < output.size ? size : output.size;
    paper_add(&t->bytes, output.data, size);
    hws_proto_wrote(t->proto, size, 0);
    t->wire += size;
}

/* The next frame that left, of the server: its content. False: none. */
static bool talk_frame(struct talk *t, struct paper *content)
{
    const uint8_t *b = t->bytes.bytes;
    if (t->bytes.size < 2)
        return false;
    size_t head = b[1] == 127 ? 10 : b[1] == 126 ? 4 : 2, size = 0;
    if (t->bytes.size < head)
        return false;
    for (size_t i = 2; i < head; i++)
        size = size << 8 | b[i];
    size = head == 2 ? b[1] : size;
    if (t->bytes.size - head < size)
        return false;
    paper_clear(content);
    t->compressed = zpeer_take(t->peer, b[0], b + head, size, content);
    t->last = (b[0] & 0x80) != 0;
    t->bytes.size -= head + size;
    memmove(t->bytes.bytes, b + head + size, t->bytes.size);
    return true;
}

static int talk_send(struct talk *t, const void *bytes, size_t size)
{
    struct hws_span data = {bytes, size};
    return hws_proto_send(t->proto, HWS_BINARY, data, true, 0);
}

static void expect_content(struct talk *t, const void *bytes, size_t size)
{
    struct paper content = {0};
    talk_take(t, SIZE_MAX);
    assert_true(talk_frame(t, &content));
    assert_int_equal(content.size, size);
    assert_memory_equal(content.bytes, bytes, size);
    paper_free(&content);
}

static void fill_random(uint8_t *bytes, size_t size, uint64_t seed)
{
    struct hwi_seeded chance;
    hwi_seeded_init(&chance, seed);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)hwi_seeded_next(&chance);
}

TEST(context_makes_the_second_message_small)
{
    struct hws_proto_options options;
    struct talk t;
    uint8_t bytes[1000];
    fill_random(bytes, sizeof(bytes), 1);
    sender(&options, HWS_SERVER);
    talk_begin(&t, &options, "permessage-deflate");
    assert_int_equal(talk_send(&t, bytes, sizeof(bytes)), 0);
    expect_content(&t, bytes, sizeof(bytes));
    /* It grew, and had to go compressed: the next one refers to it. */
    assert_true(t.compressed);
    assert_in_range(t.wire, 1001, 1020);
    assert_int_equal(talk_send(&t, bytes, sizeof(bytes)), 0);
    expect_content(&t, bytes, sizeof(bytes));
    assert_in_range(t.wire, 1001, 1050);
    talk_end(&t);
}

TEST(without_context_what_does_not_shrink_goes_as_it_is)
{
    struct hws_proto_options options;
    struct talk t;
    uint8_t bytes[1000];
    fill_random(bytes, sizeof(bytes), 2);
    sender(&options, HWS_SERVER);
    talk_begin(&t, &options, "permessage-deflate; server_no_context_takeover");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(talk_send(&t, bytes, sizeof(bytes)), 0);
        expect_content(&t, bytes, sizeof(bytes));
        assert_false(t.compressed);
    }
    assert_int_equal(t.wire, 3 * 1004);
    memset(bytes, 'a', sizeof(bytes));
    for (int i = 0; i < 3; i++) {
        t.wire = 0;
        assert_int_equal(talk_send(&t, bytes, sizeof(bytes)), 0);
        expect_content(&t, bytes, sizeof(bytes));
        assert_true(t.compressed);
        assert_in_range(t.wire, 5, 20);
    }
    talk_end(&t);
}

/* The smallest window of the RFC, which zlib itself does not offer. */
TEST(window_of_eight_bits_is_kept)
{
    enum { SIZE = 20000 };
    struct hws_proto_options options;
    struct talk t;
    static uint8_t bytes[SIZE];
    /* Words out of 300 bytes: much to refer to, near 256 bytes back and
     * beyond. */
    for (uint64_t seed = 1; seed < 20; seed++) {
        fill_random(bytes, 300, seed);
        struct hwi_seeded chance;
        hwi_seeded_init(&chance, seed);
        for (size_t at = 300; at + 20 < SIZE; at += 13)
            memcpy(bytes + at, bytes + at - 230 - hwi_seeded_next(&chance) % 70,
                   13);
        sender(&options, HWS_SERVER);
        options.deflate.level = 1 + (int)(seed % 9);
        talk_begin(&t, &options,
                   "permessage-deflate; server_max_window_bits=8");
        zpeer_window(t.peer, 8);
        for (int i = 0; i < 3; i++) {
            assert_int_equal(talk_send(&t, bytes, SIZE), 0);
            expect_content(&t, bytes, SIZE);
            if (i == 1)
                hws_proto_trim(t.proto);
        }
        assert_in_range(t.wire, 1000, 3 * SIZE - 5000);
        talk_end(&t);
    }
}

TEST(refused_message_leaves_the_context_alone)
{
    struct hws_proto_options options;
    struct talk t;
    uint8_t bytes[900];
    fill_random(bytes, sizeof(bytes), 3);
    sender(&options, HWS_SERVER);
    options.limits.send_queue_max = 1900;
    talk_begin(&t, &options, "permessage-deflate");
    int status = 0;
    while ((status = talk_send(&t, bytes, sizeof(bytes))) == 0)
        fill_random(bytes, sizeof(bytes), hws_proto_queued(t.proto));
    assert_int_equal(status, HWS_E_FULL);
    assert_int_equal(talk_send(&t, bytes, 1901), HWS_E_TOO_BIG);
    struct paper content = {0};
    talk_take(&t, SIZE_MAX);
    while (talk_frame(&t, &content))
        continue;
    assert_int_equal(talk_send(&t, bytes, 800), 0);
    expect_content(&t, bytes, 800);
    paper_free(&content);
    talk_end(&t);
}

/* A message that says its number and can be made again from it. */
static size_t make_message(char *text, unsigned number, size_t size_max)
{
    struct hwi_seeded chance;
    hwi_seeded_init(&chance, number);
    size_t size = 40 + hwi_seeded_next(&chance) % size_max;
    /* Out of 50 words, so that messages have much in common. */
    for (size_t at = 10; at + 10 <= size; at += 10)
        snprintf(text + at, 11, "%010u",
                 (unsigned)(hwi_seeded_next(&chance) % 50) * 2654435761U);
    memset(text + size / 10 * 10, 'x', size % 10);
    char word[11];
    snprintf(word, sizeof(word), "%010u", number);
    memcpy(text, word, 10);
    return size;
}

/* Whole, or in two parts. Whether it was taken. */
static bool send_message(struct talk *t, const char *text, size_t size,
                         size_t part)
{
    struct hws_span first = {(const uint8_t *)text, part};
    struct hws_span rest = {(const uint8_t *)text + part, size - part};
    if (part == 0)
        return hws_proto_send(t->proto, HWS_BINARY, rest, true, 0) == 0;
    if (hws_proto_send(t->proto, HWS_BINARY, first, false, 0))
        return false;
    /* An open message cannot be dropped to make room for its rest. */
    while (hws_proto_send(t->proto, HWS_CONTINUATION, rest, true, 0))
        talk_take(t, 100);
    return true;
}

/* Look at all that arrived: whole messages, in order. */
static void expect_messages(struct talk *t, struct paper *message,
                            unsigned *latest, unsigned *arrived, size_t max)
{
    static char text[6000];
    struct paper frame = {0};
    while (talk_frame(t, &frame)) {
        paper_add(message, frame.bytes, frame.size);
        if (!t->last)
            continue;
        char digits[11] = "";
        memcpy(digits, message->bytes, 10);
        unsigned number = (unsigned)strtoul(digits, NULL, 10);
        assert_true(number > *latest);
        assert_int_equal(message->size, make_message(text, number, max));
        assert_memory_equal(message->bytes, text, message->size);
        *latest = number;
        ++*arrived;
        paper_clear(message);
    }
    paper_free(&frame);
}

/* Many sizes, into a queue that drops its oldest and is taken now and then. */
static void drop_by_chance(uint64_t seed, size_t queue)
{
    struct hws_proto_options options;
    struct hwi_seeded chance;
    struct talk t;
    struct paper message = {0};
    static char text[6000];
    unsigned latest = 0, arrived = 0;
    size_t size_max = queue / 8;
    sender(&options, HWS_SERVER);
    options.limits.when_full = HWS_FULL_DROP_OLDEST;
    options.limits.send_queue_max = queue;
    hwi_seeded_init(&chance, seed);
    talk_begin(&t, &options, "permessage-deflate");
    for (unsigned i = 1; i <= 600; i++) {
        size_t size = make_message(text, i, size_max);
        size_t part = hwi_seeded_next(&chance) % 4 ? 0 : 30;
        send_message(&t, text, size, part);
        /* Long silences, so that chains wait; then all of it, or a bit. */
        if (hwi_seeded_next(&chance) % 150 == 0)
            talk_take(&t, SIZE_MAX);
        else if (hwi_seeded_next(&chance) % 10 == 0)
            talk_take(&t, hwi_seeded_next(&chance) % 300);
        if (hwi_seeded_next(&chance) % 50 == 0)
            hws_proto_trim(t.proto);
        expect_messages(&t, &message, &latest, &arrived, size_max);
    }
    assert_in_range(arrived, 20, 590);
    paper_free(&message);
    talk_end(&t);
}

TEST(fault_27_dropped_messages_are_not_referred_to)
{
    for (uint64_t seed = 1; seed <= 30; seed++)
        drop_by_chance(seed, seed % 2 ? 3000 : 15000);
}

/* A queue of 40,000 bytes of which 10,000 may hang together. */
TEST(messages_hang_together_only_at_the_front_of_a_dropping_queue)
{
    struct hws_proto_options options;
    struct talk t;
    struct paper content = {0};
    uint8_t bytes[8000];
    fill_random(bytes, sizeof(bytes), 5);
    sender(&options, HWS_SERVER);
    options.deflate.window_bits = 15;
    options.limits.when_full = HWS_FULL_DROP_OLDEST;
    options.limits.send_queue_max = 40000;
    talk_begin(&t, &options, "permessage-deflate");
    for (int i = 0; i < 12; i++) {
        bytes[0] = (uint8_t)i;
        assert_int_equal(talk_send(&t, bytes, sizeof(bytes)), 0);
    }
    talk_take(&t, SIZE_MAX);
    /* Those that hung together went together; the newest are all there. */
    int first = -1, last = -1;
    while (talk_frame(&t, &content)) {
        assert_int_equal(content.size, sizeof(bytes));
        first = first < 0 ? content.bytes[0] : first;
        last = content.bytes[0];
    }
    assert_int_equal(last, 11);
    assert_in_range(first, 7, 9);
    paper_free(&content);
    talk_end(&t);
}

TEST(message_that_takes_the_place_of_another_does_not_refer_to_it)
{
    struct hws_proto_options options;
    struct talk t;
    static uint8_t bytes[20000];
    fill_random(bytes, sizeof(bytes), 7);
    sender(&options, HWS_SERVER);
    options.deflate.window_bits = 15;
    options.limits.when_full = HWS_FULL_DROP_OLDEST;
    options.limits.send_queue_max = 40000;
    talk_begin(&t, &options, "permessage-deflate");
    assert_int_equal(talk_send(&t, bytes, sizeof(bytes)), 0);
    assert_int_equal(talk_send(&t, bytes, sizeof(bytes)), 0);
    assert_in_range(hws_proto_queued(t.proto), 20000, 20100);
    expect_content(&t, bytes, sizeof(bytes));
    talk_end(&t);
}

TEST(idle_sender_keeps_its_window_only)
{
    struct hws_proto_options options;
    struct talk t;
    uint8_t bytes[1000];
    fill_random(bytes, sizeof(bytes), 6);
    sender(&options, HWS_SERVER);
    talk_begin(&t, &options, "permessage-deflate");
    hws_proto_trim(t.proto);
    size_t before = hws_proto_memory(t.proto);
    talk_send(&t, bytes, sizeof(bytes));
    expect_content(&t, bytes, sizeof(bytes));
    assert_in_range(hws_proto_memory(t.proto) - before, 32 << 10, 45 << 10);
    hws_proto_trim(t.proto);
    assert_in_range(hws_proto_memory(t.proto) - before, 700, 1000);
    t.wire = 0;
    talk_send(&t, bytes, sizeof(bytes));
    expect_content(&t, bytes, sizeof(bytes));
    assert_in_range(t.wire, 5, 300);
    talk_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(messages_from_the_threshold_on_are_compressed),
        RUN(empty_message_is_never_compressed),
        RUN(parts_are_compressed_as_one_message),
        RUN(context_makes_the_second_message_small),
        RUN(without_context_what_does_not_shrink_goes_as_it_is),
        RUN(window_of_eight_bits_is_kept),
        RUN(refused_message_leaves_the_context_alone),
        RUN(fault_27_dropped_messages_are_not_referred_to),
        RUN(messages_hang_together_only_at_the_front_of_a_dropping_queue),
        RUN(message_that_takes_the_place_of_another_does_not_refer_to_it),
        RUN(idle_sender_keeps_its_window_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
