/*
 * What stands on the two verbs alone is tested on every poller and on the
 * virtual loop: a stage is one of them, and knows how to let time pass there.
 */
#ifndef STAGE_H
#define STAGE_H

#include "loops.h"

#include "support/world.h"

struct stage {
    struct hws_loop *loop;
    struct world world;
    bool is_virtual;
};

static inline void stage_open(struct stage *s, void **state)
{
    s->is_virtual = strcmp(*state, "virtual") == 0;
    if (s->is_virtual)
        world_init(&s->world, 1);
    s->loop = s->is_virtual ? &s->world.loop : loop_on(state);
}

static inline void stage_shut(struct stage *s)
{
    if (s->is_virtual)
        world_release(&s->world);
    else
        hws_loop_free(s->loop);
}

static inline hws_time stage_now(struct stage *s)
{
    return hws_loop_clock(s->loop, HWS_CLOCK_MONOTONIC);
}

/* One turn that takes what is there and does not wait. */
static inline void stage_turn(struct stage *s)
{
    if (s->is_virtual)
        world_turn(&s->world);
    else
        look(s->loop);
}

/* Turn after turn until the time is `deadline`. */
static inline void stage_wait(struct stage *s, hws_time deadline)
{
    if (s->is_virtual)
        world_pass(&s->world, deadline - s->world.now);
    while (stage_now(s) < deadline)
        assert_int_equal(hws_loop_run_once(s->loop, deadline), 0);
}

/* Let time pass without a turn, as a long callback does. */
static inline void stage_work(struct stage *s, hws_time delay)
{
    hws_time end = stage_now(s) + delay;
    if (s->is_virtual)
        s->world.now = end;
    while (stage_now(s) < end)
        continue;
}

static inline int run_on_every_stage(struct CMUnitTest *tests, size_t count)
{
    for (size_t i = 0; i < count; i++)
        tests[i].initial_state = (void *)(uintptr_t) "virtual";
    return _cmocka_run_group_tests("virtual", tests, count, NULL, NULL) +
           run_on_every_poller(tests, count);
}

#define RUN_ON_EVERY_STAGE(tests) \
    run_on_every_stage(tests, sizeof(tests) / sizeof(*(tests)))

#endif
