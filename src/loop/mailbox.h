/*
 * Calls handed from any thread to the thread of a loop, in the order of
 * posting. It knows no loop: its descriptor is readable while calls wait, and
 * the owner watches it (in the background) and then says run.
 *
 * Two buffers, swapped under the lock: one fills while the other is run. Both
 * are kept, so that posting allocates nothing in steady state. Invariant,
 * under the lock: the descriptor is set exactly while `filling` holds calls
 * (or after hwi_mailbox_wake).
 */
#ifndef HWI_MAILBOX_H
#define HWI_MAILBOX_H

#include "base/buf.h"
#include "loop/wake.h"

#include <pthread.h>

/* Bytes waiting at most, heads of the calls (24 bytes each) included. */
#define HWI_MAILBOX_LIMIT ((size_t)64 << 20)

struct hwi_mailbox {
    pthread_mutex_t lock;
    struct hwi_wake wake;
    struct hwi_buf filling; /* under the lock */
    bool shut;              /* under the lock: takes no more calls */
    struct hwi_buf running; /* the loop thread's */
    bool is_running;        /* the loop thread's */
    unsigned generation;    /* hwi_fork_generation() of its process */
};

/* Fails with HWS_E_SYSTEM (and errno), holding nothing then. */
int hwi_mailbox_init(struct hwi_mailbox *mb);

/* The descriptor to watch for HWS_READ. */
int hwi_mailbox_fd(const struct hwi_mailbox *mb);

/*
 * Have `call(context, bytes)` called by hwi_mailbox_run(). Safe from any
 * thread. `bytes` are copied; the callee borrows the copy until it returns.
 *
 * Fails:  HWS_E_FULL when HWI_MAILBOX_LIMIT bytes wait, HWS_E_TOO_BIG when
 *         they could never fit, HWS_E_MEMORY, HWS_E_STATE once it is being
 *         released, HWS_E_FORK in a child process.
 */
int hwi_mailbox_post(struct hwi_mailbox *mb,
                     void (*call)(void *context, struct hws_span bytes),
                     void *context, struct hws_span bytes);

/*
 * Run what waits, on the loop's thread. What is posted meanwhile waits for
 * the next run. Does nothing when called from inside one of its calls.
 */
void hwi_mailbox_run(struct hwi_mailbox *mb);

/* Drops what waits, uncalled. Never from inside one of its calls. */
void hwi_mailbox_release(struct hwi_mailbox *mb);

/* Make the descriptor readable without a call. As safe as hwi_wake_set(). */
void hwi_mailbox_wake(struct hwi_mailbox *mb);
/* Whether nothing waits. Safe from any thread. */
bool hwi_mailbox_empty(struct hwi_mailbox *mb);

#endif
