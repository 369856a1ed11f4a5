/* Hubs, sources and writers when memory runs out: a clear refusal. */
#include "room.h"
#include "scarce.h"

#define PAIRS 20
#define BLOCK ((size_t)1 << 20)

static int pairs[PAIRS][2];
static uint8_t block[BLOCK];

/* Everything that a hub offers, until the first refusal; 0: there was none. */
static int use(struct hws_hub *hub, struct room *r)
{
    static struct ear ears[PAIRS], timer;
    int status = 0;
    for (size_t i = 0; i < PAIRS && status == 0; i++) {
        ears[i] = ear_in(r, pairs[i][0], ON_READ | PERSIST);
        status = hws_source_add(hub, &ears[i].source, HWS_S(1));
    }
    timer = ear_in(r, -1, ON_TIMEOUT);
    if (status == 0)
        status = hws_source_add(hub, &timer.source, 0);
    return status;
}

static int write_much(struct hws_hub *hub)
{
    struct hws_writer_options options;
    struct hws_fault fault = {0};
    hws_writer_options_init(&options);
    struct hws_writer *w = hws_writer_new(hub, pairs[0][0], &options, &fault);
    if (!w) {
        assert_int_equal(fault.status, HWS_E_MEMORY);
        return fault.status;
    }
    /* More than the kernel takes: the rest needs room. */
    int status = hws_writer_write(w, (struct hws_span){block, BLOCK});
    if (status) {
        /* A part has left, so that nothing can follow. */
        assert_int_equal(hws_writer_fault(w)->status, HWS_E_MEMORY);
        assert_int_equal(hws_writer_queued(w), 0);
    }
    hws_writer_free(w);
    return status;
}

static void take_all(int fd)
{
    while (read(fd, block, BLOCK) > 0)
        continue;
}

static int live(struct room *r)
{
    struct hws_fault fault = {0};
    struct hws_hub *hub = hws_hub_new(r->stage.loop, &fault);
    if (!hub)
        return fault.status;
    int status = use(hub, r);
    if (status == 0)
        status = write_much(hub);
    take_all(pairs[0][1]);
    stage_turn(&r->stage);
    hws_hub_free(hub);
    return status;
}

TEST(nth_allocation_fails_and_is_reported)
{
    struct scarce scarce = {0};
    struct hws_memory memory = scarce_memory(&scarce);
    struct room r;
    int status = HWS_E_MEMORY;
    long n = 0;
    hws_memory_set(NULL);
    for (size_t i = 0; i < PAIRS; i++)
        pair_open(pairs[i]);
    for (; status && n < 1000; n++) {
        hws_memory_set(&memory);
        scarce.left = 1000;
        room_open(&r, state);
        scarce.left = n;
        status = live(&r);
        assert_int_equal(status, scarce.left < 0 ? HWS_E_MEMORY : 0);
        room_shut(&r);
        assert_int_equal(scarce.held, 0);
        hws_memory_set(NULL);
    }
    assert_true(n > PAIRS); /* a slot for every pair, at least */
    for (size_t i = 0; i < PAIRS; i++)
        pair_shut(pairs[i]);
}

static void again(struct ear *e)
{
    hws_source_add(e->room->hub, &e->source, 0);
}

TEST(sources_that_come_and_go_allocate_nothing)
{
    struct scarce scarce = {.left = 1000};
    struct hws_memory memory = scarce_memory(&scarce);
    struct room r;
    hws_memory_set(&memory);
    room_open(&r, state);
    struct ear e = ear_in(&r, r.ends[0], ON_READ), timer = ear_in(&r, -1, 0);
    e.then = timer.then = again;
    put_byte(r.ends[1]);
    add(&e);
    add_for(&timer, 0);
    for (int i = 0; i < 4; i++)
        turn(&r);
    scarce.left = 0;
    for (int i = 0; i < 20; i++)
        turn(&r);
    assert_int_equal(scarce.left, 0);
    assert_true(e.calls + timer.calls > 20);
    room_shut(&r);
    assert_int_equal(scarce.held, 0);
    hws_memory_set(NULL);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        RUN(nth_allocation_fails_and_is_reported),
        RUN(sources_that_come_and_go_allocate_nothing),
    };
    return RUN_ON_EVERY_STAGE(tests);
}
