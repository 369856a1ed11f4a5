/*
 * A whole dispatcher of its own, on poll(2), that shares no code with ours.
 * It is a good one by itself; each of its faults can be switched on, and is
 * then all that is wrong with it.
 */
#ifndef TEST_BAD_LOOP_H
#define TEST_BAD_LOOP_H

#include "hawser/loop.h"

struct bad_faults {
    hws_time sleep;    /* before each poll, which then does not wait */
    bool spin;         /* the poll does not wait */
    bool single;       /* one ready descriptor for each turn */
    unsigned lose;     /* every so-manieth readiness is left until something
                          else happens */
    bool drop;         /* and is not looked at again whatever happens */
    bool change;       /* reports that a descriptor became ready, once */
    hws_time early;    /* timers before their deadline */
    hws_time late;     /* timers after it */
    bool empty;        /* calls a descriptor once more after it was ready */
    hws_time wake;     /* wakes so often for nothing */
    bool timers_first; /* timers that are due by now, until none is */
};

#define BAD_WATCHES 64
#define BAD_TIMERS 64

struct bad_loop {
    struct hws_loop loop;
    struct bad_faults faults;
    struct hws_watch *watches[BAD_WATCHES];
    int unread[BAD_WATCHES]; /* bytes, after the last call */
    size_t watch_count;
    struct hws_timer *timers[BAD_TIMERS];
    size_t timer_count;
    hws_time now; /* of the turn: what is armed in it is not due in it */
    unsigned readinesses;
    size_t holding; /* the place from 1 that is left for now; 0: none */
    bool is_stopped;
};

void bad_loop_init(struct bad_loop *b, const struct bad_faults *faults);
/* Until is_stopped. */
void bad_loop_run(struct bad_loop *b);

#endif
