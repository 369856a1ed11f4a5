/*
 * For who writes an adapter: all of a host loop that is the same on every
 * host. What is left are two functions, one that sets the interest in a
 * descriptor and one that sets an alarm; docs/embedding.md walks through a
 * whole one. The contract that comes out is that of loop.h.
 */
#ifndef HAWSER_HOST_H
#define HAWSER_HOST_H

#include "hawser/loop.h"

#ifdef __cplusplus
extern "C" {
#endif

struct hws_host;
struct hws_timers;

/* What an adapter implements. */
struct hws_host_ops {
    const char *name;

    /*
     * Set the interest in the open descriptor `watch->fd`. `watch->interest`
     * is still the old one, and never the same: 0 means that the watch is new,
     * an `interest` of 0 that it leaves, for good and at once. `watch->host`
     * is the adapter's. Returns 0 or an errno, which becomes the status of
     * watch(): EPERM (a plain file, to epoll) HWS_E_SUPPORT, EEXIST (watched
     * already) HWS_E_ARGUMENT, ENOMEM HWS_E_MEMORY, the rest HWS_E_SYSTEM.
     */
    int (*set)(struct hws_host *host, struct hws_watch *watch,
               unsigned interest);

    /* Have hws_host_run() called at hws_host_first(), and not before; in the
     * place of what was asked before. */
    void (*aim)(struct hws_host *host);
};

/* The head of an adapter's own structure. */
struct hws_host {
    struct hws_loop loop;
    struct hws_loop_ops loop_ops;
    const struct hws_host_ops *ops;
    struct hws_timers *timers;
};

/*
 * Memory of `size` bytes, zeroed but for the head.
 *
 * Fails:  NULL, with `fault` (may be NULL): HWS_E_MEMORY.
 * Owns:   the caller; hws_host_free().
 */
HWS_API struct hws_host *hws_host_new(size_t size,
                                      const struct hws_host_ops *ops,
                                      struct hws_fault *fault);
/* hws_loop_release() unless it was called, then all memory. Timers that are
 * still armed are dropped untouched. NULL is allowed. */
HWS_API void hws_host_free(struct hws_host *host);

/* The host found the descriptor of `watch` ready; both for an error or a
 * hang-up. Calls the watch, which may be gone when this returns. */
static inline void hws_host_ready(struct hws_watch *watch, bool readable,
                                  bool writable)
{
    unsigned ready = 0;
    if (readable)
        ready |= watch->interest & HWS_READ;
    if (writable)
        ready |= watch->interest & HWS_WRITE;
    if (ready)
        watch->ready(watch, ready, hws_clock_now(HWS_CLOCK_MONOTONIC));
}

/* When the first timer falls due; HWS_NEVER when none is armed. */
HWS_API hws_time hws_host_first(const struct hws_host *host);
/* The same as a delay from now: 0 once it has passed, or HWS_NEVER. */
HWS_API hws_time hws_host_delay(const struct hws_host *host);

/*
 * Call what is due by now, in the order of the deadlines, then aim(). What the
 * calls send leaves in one write. What they arm waits for the next call,
 * however early its deadline: so call it once in each turn, best behind the
 * descriptors. Calling it too early or without need does no harm.
 */
HWS_API void hws_host_run(struct hws_host *host);

#ifdef __cplusplus
}
#endif
#endif
