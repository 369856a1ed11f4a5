/*
 * What hawser asks of an event loop, and our own dispatcher that gives it.
 *
 * The contract is two verbs: watch a descriptor, and call me at a deadline. A
 * host loop (libuv, GLib, your own) implements struct hws_loop_ops; our
 * dispatcher is one implementation among others. All callbacks of a loop run
 * on the thread that runs it.
 */
#ifndef HAWSER_LOOP_H
#define HAWSER_LOOP_H

#include "hawser/link.h"
#include "hawser/types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct hws_loop;

/*
 * Interest in one descriptor. Embedded in its owner; the owner sets `ready`
 * and zeroes the rest before first use.
 */
struct hws_watch {
    /*
     * The descriptor is ready (level-triggered) for `ready`, a subset of the
     * interest. Errors and hang-ups are reported as all of the interest.
     * `now`: the monotonic time of this wake-up.
     */
    void (*ready)(struct hws_watch *watch, unsigned ready, hws_time now);
    bool background;   /* the owner's: alone it keeps no loop running */
    bool urgent;       /* the owner's: before the others; see the turn below */
    int fd;            /* the loop's: valid while interest is not 0 */
    unsigned interest; /* the loop's: HWS_READ | HWS_WRITE, 0 when forgotten */
    void *host;        /* the loop's: free for its use */
    size_t place;      /* the loop's: free for its use */
};

/* One deadline. Embedded in its owner like a watch. */
struct hws_timer {
    /* Called once per arming, never before `deadline`. */
    void (*due)(struct hws_timer *timer, hws_time now);
    bool urgent;       /* the owner's: before the others; see the turn below */
    hws_time deadline; /* the loop's: HWS_NEVER when not armed */
    void *host;        /* the loop's: free for its use */
    size_t place;      /* the loop's: free for its use */
};

enum hws_clock {
    HWS_CLOCK_MONOTONIC, /* stands still while the machine sleeps */
    HWS_CLOCK_REALTIME,  /* since 1970-01-01 UTC, may jump */
    HWS_CLOCK_BOOTTIME,  /* monotonic, counts sleep too */
};

/*
 * What a host loop implements. All calls come from the loop's thread, also
 * from inside ready() and due() of any watch or timer, and may concern the
 * very one that is being called. After watch(..., 0) or timer(..., HWS_NEVER)
 * returns, the structure is never touched or called again: its owner may free
 * it, even if it was ready in the present batch.
 *
 * Nobody starves: who is ready or due is not called again before all others
 * that were have been. Nobody wakes for nothing: a turn waits in the kernel
 * until something is ready, or the first deadline has passed, and no shorter.
 * A background watch is served like any other as long as the loop runs; a host
 * that cannot leave it out of account (libevent) just does not end by itself.
 * The conformance kit tests all of this, and docs/embedding.md explains it.
 */
struct hws_loop_ops {
    const char *name;

    /*
     * Set the interest of `watch` in `fd`; 0 forgets it, and cannot fail. A
     * watch changes its descriptor only after it was forgotten. The descriptor
     * is still open when it is forgotten, and has one watch at a time. Whoever
     * joins during a turn gets nothing that was found before: the number may
     * have been another descriptor's then.
     * Fails with HWS_E_SYSTEM, HWS_E_MEMORY, HWS_E_SUPPORT (a descriptor the
     * poller cannot hold), HWS_E_ARGUMENT (negative, or another's, or not the
     * present one of `watch`), HWS_E_FORK; `watch` then stays as it was. A
     * host may serve a second watch of a descriptor instead of refusing it,
     * and report a closed one as ready for all of the interest.
     */
    int (*watch)(struct hws_loop *loop, struct hws_watch *watch, int fd,
                 unsigned interest);

    /*
     * Arm or move `timer`; HWS_NEVER disarms. A deadline that has passed fires
     * by the end of the next turn, which does not wait; never within this call
     * and never twice in one turn, so that a timer re-armed for "now" lets all
     * others run first. Timers fall due in the order of their deadlines; equal
     * ones, and those armed for the past, in any. Inside due() it is disarmed.
     * Fails with HWS_E_MEMORY, and only when it was not armed before.
     */
    int (*timer)(struct hws_loop *loop, struct hws_timer *timer,
                 hws_time deadline);

    /* The time by one of the clocks. NULL: hws_clock_now(). */
    hws_time (*clock)(struct hws_loop *loop, enum hws_clock clock);
};

/* What all clients of a loop share (buffers, mailbox); session/ owns it. */
struct hws_commons;

/* The head of every implementation's own structure. */
struct hws_loop {
    const struct hws_loop_ops *ops;
    struct hws_commons *commons; /* NULL until the first client */
    void (*commons_free)(struct hws_commons *commons);
    void (*commons_settle)(struct hws_commons *commons, hws_time now);
    hws_time turn_at;     /* monotonic, while in_turn */
    hws_time asked_at;    /* when the wait before it began; 0: the host does not
                             say. Tells data that came while nobody looked from
                             data that ended a wait */
    hws_time turn_before; /* the turn before: what it did not bring had not
                             come then */
    uint64_t turns;       /* that were begun */
    bool in_turn;
};

/*
 * For host loops that know where a wake-up begins and ends (ours does): what
 * any callback in between sends, a timer of the user's too, leaves in one
 * write at its end; and the probe knows how many wake-ups there were. A host
 * that does not say so loses nothing but that.
 */
static inline void hws_loop_turn_begin(struct hws_loop *loop, hws_time now)
{
    loop->turn_before = loop->turn_at;
    loop->turn_at = now;
    loop->turns++;
    loop->in_turn = true;
}
static inline void hws_loop_turn_end(struct hws_loop *loop, hws_time now)
{
    loop->in_turn = false;
    if (loop->commons)
        loop->commons_settle(loop->commons, now);
}

static inline int hws_loop_watch(struct hws_loop *loop, struct hws_watch *watch,
                                 int fd, unsigned interest)
{
    return loop->ops->watch(loop, watch, fd, interest);
}
static inline int hws_loop_timer(struct hws_loop *loop, struct hws_timer *timer,
                                 hws_time deadline)
{
    return loop->ops->timer(loop, timer, deadline);
}
/* The time of `loop`: its own clock where it has one, else hws_clock_now(). */
HWS_API hws_time hws_loop_clock(struct hws_loop *loop, enum hws_clock clock);

/*
 * For host loops: call last, before the host goes away. Frees the commons;
 * every client and connection of the loop must have been freed before.
 */
HWS_API void hws_loop_release(struct hws_loop *loop);

/* The system's clocks. The only place where hawser reads them. */
HWS_API hws_time hws_clock_now(enum hws_clock clock);

/* ------------------------------------------------------------------------
 * Our dispatcher.
 *
 * A turn is: wait in the kernel, read the clock, call the ready watches, then
 * the due timers in the order of their deadlines. Watches come first so that
 * bytes which already wait in the kernel are read before a deadline of silence
 * is judged. A watch that joins during a turn is called in the next at the
 * earliest, even when it takes over a descriptor number.
 *
 * `urgent` watches and timers go before all that, and do not wait behind a
 * turn that takes long: once the other watches of a turn have been called for
 * HWS_LOOP_SLICE, what is urgent and ready or due by then is called in between,
 * and so again after every further slice. The calls of other threads and
 * signals are urgent by themselves. Only what takes little time should be, and
 * never a timer that judges a silence. `background` and `urgent` stand still
 * while the watch or timer is in use; other hosts may ignore `urgent`.
 *
 * A watched descriptor that was closed by mistake: poll and select report it
 * as ready for all of its interest, so that its owner meets EBADF; epoll
 * cannot see it, and reports nothing.
 */

/* Bulk is served at most so long before what is urgent is looked after. A
 * single callback is not cut short. */
#define HWS_LOOP_SLICE HWS_MS(1)

/*
 * The pollers compiled in, the default first; NULL ends. Of "epoll" (Linux),
 * "kqueue" (the BSDs, macOS), "poll", "select" (descriptors below FD_SETSIZE),
 * "io_uring" (Linux 5.13, when built with liburing; never the default).
 */
HWS_API const char *const *hws_loop_pollers(void);

/*
 * A dispatcher on the first of `pollers` that works here: names by falling
 * preference, such as "io_uring,epoll,poll". A name from the list above that
 * this build or this kernel lacks is passed over, so that a list of one is
 * strict; a name that is none is refused. NULL: the default.
 *
 * Fails:  NULL, with `fault` (may be NULL): HWS_E_SUPPORT for a name that is
 *         none, or when none of them works here (the text says why the last
 *         does not), HWS_E_SYSTEM, HWS_E_MEMORY.
 * Owns:   the caller; free it after all its clients, on its thread.
 */
HWS_API struct hws_loop *hws_loop_new(const char *pollers,
                                      struct hws_fault *fault);
HWS_API void hws_loop_free(struct hws_loop *loop);
/* The name of the poller that was chosen. */
HWS_API const char *hws_loop_poller(const struct hws_loop *loop);

/*
 * Dispatch until hws_loop_stop(), or until nothing is left that keeps the loop
 * running: no watch but background ones, no armed timer, no posted call.
 * Signals keep nothing running. Waits in the kernel, never polls.
 *
 * Fails:  HWS_E_STATE when called from a callback of this very loop (it would
 *         be called again inside itself; another loop may be run there),
 *         HWS_E_FORK in a child after fork, HWS_E_SYSTEM.
 */
HWS_API int hws_loop_run(struct hws_loop *loop);
/*
 * One turn: wait until something is ready or due, `deadline` at the latest
 * (a past one: do not wait), dispatch it, return. 0, or as hws_loop_run().
 */
HWS_API int hws_loop_run_once(struct hws_loop *loop, hws_time deadline);
/* Make run() return after the present turn; when it is not running, the next
 * run() returns at once. Safe from any thread. */
HWS_API void hws_loop_stop(struct hws_loop *loop);

/*
 * Call `call(context)` on the loop's thread, in the order of posting. Safe
 * from any thread, not from a signal handler; wakes the loop. What is posted
 * from such a call runs in the next turn. What still waits when the loop is
 * freed is dropped uncalled.
 *
 * Fails:  HWS_E_MEMORY, HWS_E_FULL when 64 MiB of calls wait, HWS_E_STATE
 *         once the loop is being freed, HWS_E_FORK in a child after fork.
 * Cost:   no allocation in steady state.
 */
HWS_API int hws_loop_post(struct hws_loop *loop, void (*call)(void *context),
                          void *context);

/*
 * To turn this loop inside another one, which can watch one descriptor and
 * wait until one deadline: watch hws_loop_fd() for reading until
 * hws_loop_deadline(), call hws_loop_run_once() with a past deadline when
 * either has come, again while it dispatches something, then ask both anew.
 * What a call from outside a turn sets (a close delay) moves the deadline, too:
 * ask it anew after such calls.
 */
/* Readable while something is ready or posted; the loop's own, for watching
 * only. -1: this poller has none ("epoll" and "kqueue" do). */
HWS_API int hws_loop_fd(const struct hws_loop *loop);
/* When the first timer falls due; HWS_NEVER: none is armed. Loop's thread. */
HWS_API hws_time hws_loop_deadline(const struct hws_loop *loop);

/*
 * A signal that is handled in turn, not in a handler. Embedded in its owner,
 * who sets `caught` and zeroes the rest before first use. Works on any host
 * loop. A child after fork catches nothing of its parent's, and ignores what
 * it handled until it forgets it.
 */
struct hws_signal {
    void (*caught)(struct hws_signal *signal, int number, hws_time now);
    int number;              /* the loop's */
    struct hws_loop *loop;   /* the loop's */
    struct hws_signal *next; /* the loop's */
};
/*
 * Handle signal `number` (SIGINT, ...) through `signal`. Several signals and
 * several loops may handle the same number. Comes from the loop's thread, as
 * does forgetting, which must be done before the loop is freed.
 *
 * Fails:  HWS_E_ARGUMENT for a number that is none or cannot be caught,
 *         HWS_E_STATE when `signal` is in use, HWS_E_SYSTEM, HWS_E_MEMORY,
 *         HWS_E_FORK.
 */
HWS_API int hws_signal_watch(struct hws_loop *loop, struct hws_signal *signal,
                             int number);
/* Stop handling; the previous disposition returns with the last one. */
HWS_API void hws_signal_forget(struct hws_signal *signal);

/* What the dispatcher has done since it was made. */
struct hws_loop_stats {
    uint64_t turns;      /* returns from the kernel wait */
    uint64_t idle_turns; /* turns in which nothing was ready or due */
    uint64_t ready;      /* ready() calls */
    uint64_t due;        /* due() calls */
    hws_time busy;       /* time spent outside the kernel wait */
};
HWS_API void hws_loop_get_stats(const struct hws_loop *loop,
                                struct hws_loop_stats *stats);

#ifdef __cplusplus
}
#endif
#endif
