/*
 * Waiting for many descriptors: one table of four functions for each way that
 * the kernel offers. A poller knows descriptors and interests; it knows no
 * watch, no timer and no clock.
 */
#ifndef HWI_POLLER_H
#define HWI_POLLER_H

#include "hawser/loop.h"

#include <time.h>

#define HWI_READY_ALL ((unsigned)HWS_READ | (unsigned)HWS_WRITE)

struct hwi_ready {
    int fd;
    unsigned ready; /* after an error or a hang-up HWI_READY_ALL */
};

/* The head of every poller's own structure. */
struct hwi_poller {
    const struct hwi_poller_ops *ops;
    /* What wait() found; moves with set(), so index it afresh each time. */
    struct hwi_ready *batch;
    bool is_partial; /* wait() found as much as it has room for: perhaps more */
};

struct hwi_poller_ops {
    const char *name;
    /* NULL with `fault`: HWS_E_SYSTEM, HWS_E_MEMORY, or HWS_E_SUPPORT when
     * this kernel has no such thing. */
    struct hwi_poller *(*new)(struct hws_fault *fault);
    void (*free)(struct hwi_poller *p);
    /*
     * Change the interest in `fd` from `old` to `interest`, which differ; 0
     * is none. 0, HWS_E_SYSTEM, HWS_E_MEMORY or HWS_E_SUPPORT; to 0 always
     * succeeds.
     */
    int (*set)(struct hwi_poller *p, int fd, unsigned old, unsigned interest);
    /*
     * Wait at most `delay` (0: look only, HWS_NEVER: no limit) and fill the
     * batch. Its size, 0 also when a signal cut the wait short; or
     * HWS_E_SYSTEM with errno.
     */
    int (*wait)(struct hwi_poller *p, hws_time delay);
    /* A descriptor that is readable while something is ready. NULL: none. */
    int (*fd)(const struct hwi_poller *p);
};

extern const struct hwi_poller_ops hwi_poller_epoll;
extern const struct hwi_poller_ops hwi_poller_poll;
extern const struct hwi_poller_ops hwi_poller_select;
/* Where the build has them: HAWSER_IO_URING, HAWSER_KQUEUE. */
extern const struct hwi_poller_ops hwi_poller_io_uring;
extern const struct hwi_poller_ops hwi_poller_kqueue;

/* The first of `names` ("a,b"; NULL: the default) that can be made here. NULL
 * with `fault`: as hws_loop_new(). */
struct hwi_poller *hwi_poller_new(const char *names, struct hws_fault *fault);

/* `delay` as the kernel takes it: NULL without a limit, else `room`. */
const struct timespec *hwi_poller_timespec(hws_time delay,
                                           struct timespec *room);
/* The same in ms, for kernels that know no more: rounded up, because a wait
 * that ends too early would be repeated without pause; -1 without a limit. */
int hwi_poller_ms(hws_time delay);

#endif
