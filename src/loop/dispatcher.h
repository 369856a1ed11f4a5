/*
 * Our dispatcher's inside, shared by loop.c (making it, and the two verbs of
 * the contract) and run.c (turn after turn).
 */
#ifndef HWI_DISPATCHER_H
#define HWI_DISPATCHER_H

#include "loop/fork.h"
#include "loop/mailbox.h"
#include "loop/poller.h"
#include "loop/timers.h"
#include "loop/urgent.h"
#include "loop/watches.h"

#include <stdatomic.h>

struct hwi_dispatcher {
    struct hws_loop loop; /* first, so that a loop of ours is one of these */
    struct hwi_poller *poller;
    struct hwi_watches watches;
    struct hwi_timers timers;
    struct hwi_urgent urgent; /* those of the watches that are */
    struct hwi_timers urgent_timers;
    struct hwi_mailbox mailbox;
    struct hws_watch mail; /* on the mailbox */
    hws_time turn_at;      /* of the last wake-up */
    hws_time now;          /* that, or later within a long turn */
    struct hws_loop_stats stats;
    unsigned generation; /* hwi_fork_generation() of its process */
    bool is_running;
    atomic_bool stop_asked;
    atomic_uintptr_t runner; /* the running thread, as run.c tells them apart */
};

/* The dispatcher of a loop that hws_loop_new() made. */
struct hwi_dispatcher *hwi_dispatcher_of(const struct hws_loop *loop);

static inline bool hwi_dispatcher_is_forked(const struct hwi_dispatcher *d)
{
    return hwi_fork_since(d->generation);
}

#endif
