/*
 * A stage with a hub on it and a pair of connected ends; and sources that
 * count, remember, and then do what the test says.
 */
#ifndef ROOM_H
#define ROOM_H

#include "stage.h"

#define ON_READ ((unsigned)HWS_EV_READ)
#define ON_WRITE ((unsigned)HWS_EV_WRITE)
#define ON_ERROR ((unsigned)HWS_EV_ERROR)
#define ON_SIGNAL ((unsigned)HWS_EV_SIGNAL)
#define ON_TIMEOUT ((unsigned)HWS_EV_TIMEOUT)
#define PERSIST ((unsigned)HWS_EV_PERSIST)

struct room {
    struct stage stage;
    struct hws_hub *hub;
    int ends[2];
};

static inline void room_open(struct room *r, void **state)
{
    stage_open(&r->stage, state);
    r->hub = hws_hub_new(r->stage.loop, NULL);
    assert_non_null(r->hub);
    pair_open(r->ends);
}

static inline void room_shut(struct room *r)
{
    hws_hub_free(r->hub);
    stage_shut(&r->stage);
    pair_shut(r->ends);
}

struct ear {
    struct hws_source source;
    struct room *room;
    int calls;
    unsigned what;
    void (*then)(struct ear *ear);
    struct ear *other;
};

static inline void ear_happened(struct hws_source *source, unsigned what,
                                hws_time now)
{
    struct ear *e = (struct ear *)(void *)source;
    assert_true(now > 0 && what != 0);
    assert_int_equal(what & ~(source->events | ON_TIMEOUT), 0);
    e->calls++;
    e->what |= what;
    if (e->then)
        e->then(e);
}

static inline struct ear ear_in(struct room *r, int handle, unsigned events)
{
    return (struct ear){.source = {.happened = ear_happened,
                                   .events = events,
                                   .handle = handle},
                        .room = r};
}

static inline void add(struct ear *e)
{
    assert_int_equal(hws_source_add(e->room->hub, &e->source, HWS_NEVER), 0);
}

static inline void add_for(struct ear *e, hws_time delay)
{
    assert_int_equal(hws_source_add(e->room->hub, &e->source, delay), 0);
}

static inline void turn(struct room *r)
{
    stage_turn(&r->stage);
}

#endif
