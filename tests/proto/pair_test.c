/*
 * Two protos that talk to each other, cut by chance: nothing is lost, nothing
 * is allocated per message, nothing breaks without memory.
 */
#include "base/rng.h"
#include "support/test.h"

#include <stdlib.h>

static size_t allocations, allocations_left = SIZE_MAX;

static bool may_allocate(void)
{
    allocations++;
    if (allocations_left == 0)
        return false;
    allocations_left--;
    return true;
}

static void *count_alloc(void *context, size_t size)
{
    (void)context;
    return may_allocate() ? malloc(size) : NULL;
}

static void *count_resize(void *context, void *old, size_t size)
{
    (void)context;
    return may_allocate() ? realloc(old, size) : NULL;
}

static void count_release(void *context, void *old)
{
    (void)context;
    free(old);
}

static const struct hws_memory counted = {count_alloc, count_resize,
                                          count_release, NULL};

struct side {
    struct hws_proto *proto;
    unsigned messages; /* that came */
    uint64_t digest;   /* of all that came, in order */
    bool is_up, is_closing, is_down;
    struct hws_event down;
    struct hws_fault fault;
};

struct pair {
    struct hwi_seeded chance;
    struct side sides[2];
    uint8_t buffer[70000];
};

static uint64_t digest(uint64_t sum, struct hws_span data)
{
    for (size_t i = 0; i < data.size; i++)
        sum = (sum ^ data.data[i]) * UINT64_C(1099511628211);
    return sum;
}

/* How the two compress. */
enum packing { PLAIN, DEFLATED, FORGETFUL };

static bool pair_init(struct pair *pair, uint64_t seed, bool assemble,
                      enum packing packing)
{
    struct hws_proto_options options;
    memset(pair, 0, sizeof(*pair));
    hwi_seeded_init(&pair->chance, seed);
    hws_proto_options_init(&options);
    options.host = "x";
    options.random = hwi_seeded_random(&pair->chance);
    options.limits.chunk_size = assemble ? 0 : 1000;
    options.deflate.enabled = packing != PLAIN;
    options.deflate.no_context_takeover = packing == FORGETFUL;
    options.deflate.threshold = 2;
    for (int i = 0; i < 2; i++) {
        options.role = i == 0 ? HWS_CLIENT : HWS_SERVER;
        pair->sides[i].proto = hws_proto_new(&options, 0, NULL);
    }
    return pair->sides[0].proto && pair->sides[1].proto;
}

static void pair_release(struct pair *pair)
{
    hws_proto_free(pair->sides[0].proto);
    hws_proto_free(pair->sides[1].proto);
}

static size_t below(struct pair *pair, size_t limit)
{
    return (size_t)(hwi_seeded_next(&pair->chance) % limit);
}

static void on_event(struct side *s, const struct hws_event *event)
{
    assert_false(s->is_down);
    switch (event->kind) {
    case HWS_UP:
        s->is_up = true;
        break;
    case HWS_MESSAGE:
        s->digest = digest(s->digest, event->message.data);
        s->messages += event->message.last;
        break;
    case HWS_CLOSING:
        s->is_closing = true;
        break;
    case HWS_DOWN:
        s->is_down = true;
        s->down = *event;
        s->fault = *event->down.fault;
        break;
    default:
        break;
    }
}

static void drain(struct side *s)
{
    struct hws_event event;
    while (hws_proto_next(s->proto, &event))
        on_event(s, &event);
}

/* Move at most `size` bytes from side `from` to the other. */
static size_t carry(struct pair *pair, int from, size_t size)
{
    struct side *a = &pair->sides[from], *b = &pair->sides[1 - from];
    size_t room;
    struct hws_span output = hws_proto_output(a->proto);
    uint8_t *space = hws_proto_space(b->proto, &room);
    if (!space) {
        space = pair->buffer;
        room = sizeof(pair->buffer);
    }
    size = size < output.size ? size : output.size;
    size = size < room ? size : room;
    if (size == 0)
        return 0;
    memcpy(space, output.data, size);
    hws_proto_wrote(a->proto, size, 0);
    hws_proto_feed(b->proto, space, size, 0);
    drain(a);
    drain(b);
    return size;
}

static void settle(struct pair *pair)
{
    while (carry(pair, 0, SIZE_MAX) + carry(pair, 1, SIZE_MAX))
        continue;
}

static size_t random_size(struct pair *pair)
{
    static const size_t limits[] = {2, 130, 1000, 66000, 200000};
    return below(pair, limits[below(pair, 5)]);
}

/* One message of side `from`, whole or in parts. Returns what it adds. */
static uint64_t send_random(struct pair *pair, int from, uint64_t sum)
{
    static uint8_t bytes[200000];
    struct hws_proto *p = pair->sides[from].proto;
    bool text = below(pair, 2) != 0;
    size_t size = random_size(pair);
    struct hws_span data = {bytes, size};
    for (size_t i = 0; i < size; i += 1 + size / 50)
        bytes[i] = (uint8_t)(text ? 'a' + below(pair, 26) : below(pair, 256));
    if (text)
        for (size_t i = 0; i < size; i++)
            bytes[i] &= 0x7f;
    enum hws_opcode opcode = text ? HWS_TEXT : HWS_BINARY;
    size_t part = below(pair, size + 1);
    if (below(pair, 3)) {
        assert_int_equal(hws_proto_send(p, opcode, data, true, 0), 0);
    } else {
        struct hws_span first = {bytes, part};
        struct hws_span rest = {bytes + part, size - part};
        assert_int_equal(hws_proto_send(p, opcode, first, false, 0), 0);
        hws_proto_ping(p, hws_span_text("between"), 0);
        assert_int_equal(hws_proto_send(p, HWS_CONTINUATION, rest, true, 0), 0);
    }
    return digest(sum, data);
}

static void converse(uint64_t seed, bool assemble, enum packing packing)
{
    struct pair *pair = malloc(sizeof(*pair));
    uint64_t sums[2] = {0, 0};
    unsigned counts[2] = {0, 0};
    assert_true(pair_init(pair, seed, assemble, packing));
    settle(pair);
    assert_true(pair->sides[0].is_up && pair->sides[1].is_up);
    for (int step = 0; step < 400; step++) {
        int from = (int)below(pair, 2);
        if (below(pair, 4) == 0 &&
            hws_proto_queued(pair->sides[from].proto) < 1000000) {
            sums[from] = send_random(pair, from, sums[from]);
            counts[from]++;
        }
        carry(pair, (int)below(pair, 2), 1 + random_size(pair));
    }
    hws_proto_close(pair->sides[below(pair, 2)].proto, 1000,
                    hws_span_text("enough"), 0);
    settle(pair);
    for (int i = 0; i < 2; i++) {
        struct hws_fault eof = {.status = HWS_E_EOF};
        struct side *s = &pair->sides[i];
        hws_proto_lost(s->proto, &eof, false, 0);
        drain(s);
        assert_true(s->is_down && s->is_closing && s->down.down.clean);
        assert_int_equal(s->fault.status, HWS_E_CLOSED);
        assert_int_equal(s->down.down.unsent_messages, 0);
        assert_int_equal(s->messages, counts[1 - i]);
        assert_int_equal(s->digest, sums[1 - i]);
    }
    pair_release(pair);
    free(pair);
}

TEST(conversations_survive_any_cut)
{
    for (uint64_t seed = 1; seed <= 60; seed++)
        converse(seed, seed % 2 == 0, PLAIN);
}

TEST(compressed_conversations_survive_any_cut)
{
    for (uint64_t seed = 1; seed <= 30; seed++)
        converse(seed, seed % 2 == 0, seed % 4 < 2 ? DEFLATED : FORGETFUL);
}

static void live_steadily(enum packing packing)
{
    static uint8_t big[300000];
    struct pair *pair = malloc(sizeof(*pair));
    hws_memory_set(&counted);
    assert_true(pair_init(pair, 7, true, packing));
    settle(pair);
    for (int round = 0; round < 50; round++) {
        if (round == 5)
            allocations = 0;
        for (int i = 0; i < 100; i++) {
            struct hws_proto *p = pair->sides[i & 1].proto;
            assert_int_equal(
                hws_proto_send(p, HWS_TEXT, hws_span_text("small"), true, 0),
                0);
        }
        for (int i = 0; i < 2; i++) {
            struct hws_span data = {big, sizeof(big)};
            struct hws_proto *p = pair->sides[i].proto;
            assert_int_equal(hws_proto_send(p, HWS_BINARY, data, true, 0), 0);
            assert_int_equal(hws_proto_ping(p, hws_span_text("x"), 0), 0);
        }
        settle(pair);
    }
    assert_int_equal(allocations, 0);
    assert_int_equal(pair->sides[0].messages, 50 * 51);
    pair_release(pair);
    hws_memory_set(NULL);
    free(pair);
}

TEST(steady_state_allocates_nothing)
{
    live_steadily(PLAIN);
}

TEST(steady_state_allocates_nothing_when_compressed)
{
    live_steadily(DEFLATED);
    live_steadily(FORGETFUL);
}

/* `size_max` bytes of memory for each, before anything was compressed. */
static void be_idle(enum packing packing, size_t size_max)
{
    struct pair *pair = malloc(sizeof(*pair));
    assert_true(pair_init(pair, 7, true, packing));
    settle(pair);
    hws_proto_send(pair->sides[0].proto, HWS_TEXT, hws_span_text("x"), true, 0);
    hws_proto_ping(pair->sides[0].proto, hws_span_text("x"), 0);
    settle(pair);
    for (int i = 0; i < 2; i++) {
        hws_proto_trim(pair->sides[i].proto);
        assert_in_range(hws_proto_memory(pair->sides[i].proto), 1, size_max);
    }
    pair_release(pair);
    free(pair);
}

TEST(idle_connection_holds_less_than_700_bytes)
{
    be_idle(PLAIN, 699);
}

TEST(compression_that_was_not_used_holds_less_than_1100_bytes)
{
    be_idle(DEFLATED, 1099);
}

/* A whole life while the n-th allocation and all after it fail. */
static bool live_starved(size_t n, enum packing packing)
{
    static uint8_t big[100000];
    struct pair *pair = malloc(sizeof(*pair));
    allocations_left = n;
    bool born = pair_init(pair, 11, true, packing);
    if (born) {
        settle(pair);
        struct hws_span data = {big, sizeof(big)};
        struct hws_proto *p = pair->sides[0].proto;
        if (hws_proto_send(p, HWS_BINARY, data, true, 0) == 0)
            hws_proto_ping(pair->sides[1].proto, hws_span_text("x"), 0);
        carry(pair, 0, 50);
        carry(pair, 0, SIZE_MAX);
        settle(pair);
        hws_proto_close(p, 1000, hws_span_text("bye"), 0);
        settle(pair);
    }
    bool went_well = born && pair->sides[1].messages == 1;
    for (int i = 0; born && i < 2; i++) {
        struct hws_fault eof = {.status = HWS_E_EOF};
        hws_proto_lost(pair->sides[i].proto, &eof, false, 0);
        drain(&pair->sides[i]);
        assert_true(pair->sides[i].is_down);
        assert_int_not_equal(pair->sides[i].fault.status, HWS_OK);
        went_well = went_well && pair->sides[i].down.down.clean;
    }
    pair_release(pair);
    free(pair);
    return went_well;
}

static void starve(enum packing packing)
{
    size_t n = 0;
    hws_memory_set(&counted);
    while (!live_starved(n, packing))
        assert_in_range(++n, 1, 100);
    assert_in_range(n, 10, 100);
    allocations_left = SIZE_MAX;
    hws_memory_set(NULL);
}

TEST(life_ends_in_order_whichever_allocation_fails)
{
    starve(PLAIN);
    starve(DEFLATED);
    starve(FORGETFUL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(conversations_survive_any_cut),
        RUN(compressed_conversations_survive_any_cut),
        RUN(steady_state_allocates_nothing),
        RUN(steady_state_allocates_nothing_when_compressed),
        RUN(idle_connection_holds_less_than_700_bytes),
        RUN(compression_that_was_not_used_holds_less_than_1100_bytes),
        RUN(life_ends_in_order_whichever_allocation_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
