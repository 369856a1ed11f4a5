/*
 * The armed timers of one dispatcher, by deadline. A timer's node in the heap
 * is ours, found through its `host`; the timer itself is touched only while it
 * is armed, so that its owner may free it at any other time.
 */
#ifndef HWI_TIMERS_H
#define HWI_TIMERS_H

#include "base/heap.h"
#include "hawser/loop.h"

struct hwi_timer_node {
    struct hwi_heap_node node; /* first, so that a heap node is one of these */
    struct hws_timer *timer;
    struct hwi_timer_node *next; /* among the spare ones */
};

struct hwi_timers {
    struct hwi_heap heap;
    struct hwi_timer_node *spare; /* disarmed nodes, for the next arming */
};

void hwi_timers_init(struct hwi_timers *t);
void hwi_timers_release(struct hwi_timers *t); /* touches no timer */

/*
 * Arm or move `timer`; it falls due at its deadline, and not before
 * `not_before`. 0, or HWS_E_MEMORY, only when it was not armed.
 */
int hwi_timers_set(struct hwi_timers *t, struct hws_timer *timer,
                   hws_time deadline, hws_time not_before);
/* Disarm; harmless when it is not armed. */
void hwi_timers_remove(struct hwi_timers *t, struct hws_timer *timer);
/* When the first one falls due, or HWS_NEVER. */
hws_time hwi_timers_first(const struct hwi_timers *t);
/* Disarm and return the first that is due at `now`, or NULL. */
struct hws_timer *hwi_timers_take(struct hwi_timers *t, hws_time now);

#endif
