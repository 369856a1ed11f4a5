/*
 * A thread that makes things ready at set moments, and notes for each when it
 * did so and what the loop's thread had done by then. It knows no loop.
 *
 * One plan at a time: `left` pokes from `at` on, `interval` apart, round the
 * targets. A target that is still set when its turn comes is passed over.
 */
#ifndef HWI_POKER_H
#define HWI_POKER_H

#include "hawser/health.h"
#include "probe/account.h"

#include <pthread.h>

/* When a target was made ready. */
struct hwi_stamp {
    hws_time at;
    struct hwi_usage usage; /* of the loop's thread, by then */
};

/* What can be made ready: a byte is written to `fd`, or `poke` is called. When
 * there is neither (-1, NULL), the stamp is all that is wanted. */
struct hwi_target {
    int fd;
    void (*poke)(void *context);
    void *context;
    bool is_set; /* under the poker's lock */
    struct hwi_stamp stamp;
};

struct hwi_plan {
    struct hwi_target *targets;
    size_t count, next;
    hws_time at, interval;
    uint64_t left;
};

struct hwi_poker {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    const struct hwi_account *subject; /* of the loop's thread; may be NULL */
    /* Under the lock: */
    struct hwi_plan plan;
    struct hws_histogram *lateness; /* of its own wake-ups; the owner's */
    bool is_stopped;
};

/* Fails with HWS_E_SYSTEM and errno, holding nothing then. */
int hwi_poker_init(struct hwi_poker *poker, struct hws_histogram *lateness);
/* Waits for the thread to end, which takes no longer than one poke. */
void hwi_poker_release(struct hwi_poker *poker);

/* Take up `plan` instead of the present one. `left` 0: rest. */
void hwi_poker_ask(struct hwi_poker *poker, const struct hwi_plan *plan);
/* Whether `target` is set, and since when; it is cleared. */
bool hwi_poker_take(struct hwi_poker *poker, struct hwi_target *target,
                    struct hwi_stamp *stamp);
/* The same, but it stays set. */
bool hwi_poker_look(struct hwi_poker *poker, const struct hwi_target *target,
                    struct hwi_stamp *stamp);

#endif
