/*
 * Every variant against the grammar itself: all short sequences, all cuts, and
 * damage around the ends of the blocks that SIMD takes at once.
 */
#include "support/test.h"

#include <stdlib.h>

#include "base/rng.h"
#include "base/utf8.h"
#include "utf8_reference.h"

#define TEXT_MAX 400

static size_t feed(const uint8_t *text, size_t size, bool *done)
{
    struct hwi_utf8 u;
    hwi_utf8_reset(&u);
    size_t good = hwi_utf8_feed(&u, hwi_span(text, size));
    *done = hwi_utf8_done(&u);
    return good;
}

/* Everything at once, cut in two at `cut`. */
static size_t feed_two(const uint8_t *text, size_t size, size_t cut)
{
    struct hwi_utf8 u;
    hwi_utf8_reset(&u);
    size_t good = hwi_utf8_feed(&u, hwi_span(text, cut));
    if (good < cut)
        return good;
    return good + hwi_utf8_feed(&u, hwi_span(text + cut, size - cut));
}

static size_t feed_bytewise(const uint8_t *text, size_t size)
{
    struct hwi_utf8 u;
    hwi_utf8_reset(&u);
    for (size_t i = 0; i < size; i++) {
        if (hwi_utf8_feed(&u, hwi_span(text + i, 1)) == 0)
            return i;
    }
    return size;
}

/* The variant must agree with the grammar on `text`, and read no byte outside
 * it: the copy lies at the very end of its allocation. */
static void check(const uint8_t *text, size_t size)
{
    bool done = false, reference_done = false;
    size_t reference = utf8_reference(text, size, &reference_done);
    uint8_t *copy = malloc(size ? size : 1);
    memcpy(copy, text, size);
    if (feed(copy, size, &done) != reference)
        fail_msg("first bad byte of %zu: %zu, not %zu", size,
                 feed(copy, size, &done), reference);
    if (reference == size)
        assert_int_equal(done, reference_done);
    assert_int_equal(hwi_utf8_valid(hwi_span(copy, size)),
                     reference == size && reference_done);
    free(copy);
}

/* A sequence alone, and standing in a text long enough for SIMD, so that it
 * lies across the middle and the end of the first blocks. */
static void check_placed(const uint8_t *sequence, size_t size)
{
    static const size_t places[] = {0, 30, 62, 63, 66};
    uint8_t text[160], followed[5] = "aaaaa";
    bool done;
    check(sequence, size);
    memcpy(followed, sequence, size);
    size_t reference = utf8_reference(followed, sizeof(followed), &done);
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        memset(text, 'a', sizeof(text));
        memcpy(text + places[i], sequence, size);
        size_t good = feed(text, sizeof(text), &done);
        size_t bad_at = reference == 5 ? sizeof(text) : places[i] + reference;
        if (good != bad_at)
            fail_msg("%02x %02x.. at %zu: %zu, not %zu", followed[0],
                     followed[1], places[i], good, bad_at);
    }
}

static void all_short_sequences(void)
{
    uint8_t s[4] = {0};
    for (unsigned a = 0; a < 256; a++) {
        s[0] = (uint8_t)a;
        check_placed(s, 1);
        for (unsigned b = 0; b < 256; b++) {
            s[1] = (uint8_t)b;
            check_placed(s, 2);
        }
    }
}

static void put_three(uint8_t *s, unsigned long n)
{
    s[0] = (uint8_t)(n >> 16);
    s[1] = (uint8_t)(n >> 8);
    s[2] = (uint8_t)n;
}

/* All sequences of three with a lead that takes so many; what begins
 * otherwise is shown by the shorter ones. Texts so short are always judged by
 * the plain code. */
TEST(plain_code_agrees_on_all_sequences_of_three)
{
    uint8_t s[3];
    for (unsigned long n = 0xc00000; n < 0x1000000; n++) {
        bool done, reference_done;
        put_three(s, n);
        size_t reference = utf8_reference(s, 3, &reference_done);
        assert_true(feed(s, 3, &done) == reference);
        if (reference == 3)
            assert_true(done == reference_done);
    }
}

/* One in 61 meets all values of each byte. */
static void many_sequences_of_three(void)
{
    uint8_t s[4] = {0};
    for (unsigned long n = 0xc00000; n < 0x1000000; n += 61) {
        put_three(s, n);
        check_placed(s, 3);
    }
}

static void many_sequences_of_four(void)
{
    static const uint8_t edges[] = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f,
                                    0xa0, 0xbf, 0xc0, 0xc2, 0xe0, 0xff};
    uint8_t s[4];
    for (unsigned lead = 0xe0; lead < 256; lead++) {
        s[0] = (uint8_t)lead;
        for (size_t i = 0; i < 12 * 12 * 12; i++) {
            s[1] = edges[i / 144];
            s[2] = edges[i / 12 % 12];
            s[3] = edges[i % 12];
            check_placed(s, 4);
        }
    }
}

/* Write a random character, of ASCII half of the time. */
static size_t put_character(uint8_t *out, struct hwi_seeded *r)
{
    static const uint32_t low[] = {0x20, 0x80, 0x800, 0x10000};
    static const uint32_t high[] = {0x7f, 0x7ff, 0xffff, 0x10ffff};
    size_t kind = hwi_seeded_next(r) % 6;
    kind = kind > 3 ? 0 : kind;
    uint32_t span = high[kind] - low[kind] + 1;
    uint32_t c = low[kind] + (uint32_t)(hwi_seeded_next(r) % span);
    if (c >= 0xd800 && c <= 0xdfff)
        c -= 0x1000;
    if (kind == 0) {
        out[0] = (uint8_t)c;
        return 1;
    }
    static const uint8_t marks[] = {0, 0xc0, 0xe0, 0xf0};
    for (size_t i = kind; i > 0; i--, c >>= 6)
        out[i] = (uint8_t)(0x80 | (c & 0x3f));
    out[0] = (uint8_t)(marks[kind] | c);
    return kind + 1;
}

/* Exactly `size` bytes of valid text. */
static void put_text(uint8_t *out, size_t size, struct hwi_seeded *r)
{
    size_t at = 0;
    while (at + 4 <= size)
        at += put_character(out + at, r);
    memset(out + at, '.', size - at);
}

static void valid_text_of_every_size(void)
{
    uint8_t text[TEXT_MAX];
    struct hwi_seeded r;
    hwi_seeded_init(&r, 1);
    for (size_t size = 0; size <= TEXT_MAX; size++) {
        put_text(text, size, &r);
        assert_true(hwi_utf8_valid(hwi_span(text, size)));
        check(text, size);
        /* Cut anywhere it may end inside a character. */
        for (size_t cut = size < 8 ? 0 : size - 8; cut < size; cut++)
            check(text, cut);
    }
}

static void damage_at_block_boundaries(void)
{
    static const size_t places[] = {0,  1,  15,  16,  17,  31,  32,  33,  61,
                                    62, 63, 64,  65,  66,  67,  68,  95,  96,
                                    97, 99, 127, 128, 129, 130, 191, 192, 193};
    uint8_t text[TEXT_MAX];
    struct hwi_seeded r;
    hwi_seeded_init(&r, 2);
    for (int round = 0; round < 400; round++) {
        size_t size = 194 + hwi_seeded_next(&r) % (TEXT_MAX - 194);
        put_text(text, size, &r);
        for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
            uint8_t kept = text[places[i]];
            text[places[i]] = (uint8_t)hwi_seeded_next(&r);
            check(text, size);
            check(text, places[i] + 1 + hwi_seeded_next(&r) % 4);
            text[places[i]] = kept;
        }
    }
}

static void every_cut_and_every_byte_alone(void)
{
    uint8_t text[TEXT_MAX];
    struct hwi_seeded r;
    hwi_seeded_init(&r, 3);
    for (int round = 0; round < 200; round++) {
        bool done;
        size_t size = hwi_seeded_next(&r) % 200;
        put_text(text, size, &r);
        if (size && round % 2)
            text[hwi_seeded_next(&r) % size] = (uint8_t)hwi_seeded_next(&r);
        size_t reference = utf8_reference(text, size, &done);
        for (size_t cut = 0; cut <= size; cut++)
            assert_int_equal(feed_two(text, size, cut), reference);
        assert_int_equal(feed_bytewise(text, size), reference);
    }
}

static void each_variant(void (*story)(void))
{
    static const char *const variants[] = {"plain", "sse4", "avx2"};
    for (size_t i = 0; i < 3; i++) {
        if (hwi_utf8_choose(variants[i]))
            story();
        else
            print_message("no variant '%s' on this machine\n", variants[i]);
    }
    assert_true(hwi_utf8_choose(NULL));
}

#define STORY(name)                      \
    TEST(every_variant_agrees_on_##name) \
    {                                    \
        each_variant(name);              \
    }
STORY(all_short_sequences)
STORY(many_sequences_of_three)
STORY(many_sequences_of_four)
STORY(valid_text_of_every_size)
STORY(damage_at_block_boundaries)
STORY(every_cut_and_every_byte_alone)

TEST(unknown_variant_is_refused)
{
    assert_false(hwi_utf8_choose("nonsense"));
    assert_true(hwi_utf8_choose("plain"));
    assert_true(hwi_utf8_choose(NULL));
}

/* The examples that the contract names. */
TEST(first_impossible_byte_is_named)
{
    bool done;
    assert_int_equal(feed((const uint8_t *)"\xe0\x80\x80", 3, &done), 1);
    assert_int_equal(feed((const uint8_t *)"\xed\xa0\x80", 3, &done), 1);
    assert_int_equal(feed((const uint8_t *)"\xf4\x90\x80\x80", 4, &done), 1);
    assert_int_equal(feed((const uint8_t *)"\xc0\x80", 2, &done), 0);
    assert_int_equal(feed((const uint8_t *)"\xf5\x80", 2, &done), 0);
    assert_int_equal(feed((const uint8_t *)"ab\x80", 3, &done), 2);
}

TEST(unfinished_character_is_good_but_not_done)
{
    bool done;
    assert_int_equal(feed((const uint8_t *)"a\xf0\x9f\x98", 4, &done), 4);
    assert_false(done);
    assert_false(hwi_utf8_valid(hws_span_text("a\xf0\x9f\x98")));
    assert_true(hwi_utf8_valid(hws_span_text("a\xf0\x9f\x98\x80")));
}

TEST(empty_text_is_valid)
{
    struct hwi_utf8 u = {.size = 0};
    assert_true(hwi_utf8_valid(hwi_span(NULL, 0)));
    assert_int_equal(hwi_utf8_feed(&u, hwi_span(NULL, 0)), 0);
    assert_true(hwi_utf8_done(&u));
}

TEST(empty_feed_keeps_the_unfinished_character)
{
    struct hwi_utf8 u = {.size = 0};
    hwi_utf8_feed(&u, hws_span_text("\xe4\xb8"));
    assert_int_equal(hwi_utf8_feed(&u, hwi_span(NULL, 0)), 0);
    assert_false(hwi_utf8_done(&u));
    assert_int_equal(hwi_utf8_feed(&u, hws_span_text("\xad")), 1);
    assert_true(hwi_utf8_done(&u));
}

/* RFC 6455 8.1 wants the connection to fail as soon as it can be known. */
TEST(fault_24_bad_byte_is_found_in_the_piece_that_brings_it)
{
    struct hwi_utf8 u = {.size = 0};
    uint8_t text[1000];
    memset(text, 'x', sizeof(text));
    for (int i = 0; i < 1000; i++)
        assert_int_equal(hwi_utf8_feed(&u, hwi_span(text, 1000)), 1000);
    text[777] = 0xff;
    assert_int_equal(hwi_utf8_feed(&u, hwi_span(text, 1000)), 777);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(every_variant_agrees_on_all_short_sequences),
        RUN(plain_code_agrees_on_all_sequences_of_three),
        RUN(every_variant_agrees_on_many_sequences_of_three),
        RUN(every_variant_agrees_on_many_sequences_of_four),
        RUN(every_variant_agrees_on_valid_text_of_every_size),
        RUN(every_variant_agrees_on_damage_at_block_boundaries),
        RUN(every_variant_agrees_on_every_cut_and_every_byte_alone),
        RUN(unknown_variant_is_refused),
        RUN(first_impossible_byte_is_named),
        RUN(unfinished_character_is_good_but_not_done),
        RUN(empty_text_is_valid),
        RUN(empty_feed_keeps_the_unfinished_character),
        RUN(fault_24_bad_byte_is_found_in_the_piece_that_brings_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
