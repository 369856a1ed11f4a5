/*
 * What programs want from a loop beyond its two verbs: repeating timers,
 * events that share a descriptor, and bounded writing. All of it stands on
 * struct hws_loop_ops alone, so that it works on any host loop as on ours.
 *
 * Everything here belongs to its loop's thread. Inside any callback all is
 * allowed: deleting, adding, freeing, the very one that is being called too.
 * What is embedded by its owner is zeroed before first use, save for the
 * members that are marked as the owner's.
 */
#ifndef HAWSER_EVENT_H
#define HAWSER_EVENT_H

#include "hawser/loop.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------------
 * An interval: called again and again.
 *
 * It does not drift: each deadline is the one before plus the period, however
 * late a call came. Ticks that have wholly passed by the time of a call are not
 * made up for; the call tells how many there were.
 */
struct hws_interval {
    /* The owner's. `missed`: ticks between the last call and this one. */
    void (*tick)(struct hws_interval *interval, uint64_t missed, hws_time now);
    bool urgent;       /* the owner's: as in struct hws_timer */
    hws_time period;   /* ours from here on; 0: not running */
    hws_time deadline; /* of the next tick */
    struct hws_timer timer;
    struct hws_loop *loop;
};

/*
 * Tick at the deadline `first`, then every `period`. One that runs is started
 * anew. A tick whose interval could not be armed again is its last one, and
 * sees period 0; our dispatcher always can, a host loop may lack memory.
 *
 * Fails:  HWS_E_ARGUMENT for a period that is not above 0 or a first tick that
 *         never comes, HWS_E_MEMORY. It does not run then.
 */
HWS_API int hws_interval_start(struct hws_loop *loop,
                               struct hws_interval *interval, hws_time first,
                               hws_time period);
/* Harmless when it does not run. */
HWS_API void hws_interval_stop(struct hws_interval *interval);

/* ------------------------------------------------------------------------
 * A hub lets many sources share one loop's descriptors. A watch has its
 * descriptor for itself; sources of one hub may wait for the same one, each
 * for its own events.
 */
enum hws_source_events {
    HWS_EV_TIMEOUT = 1,
    HWS_EV_READ = 2,
    HWS_EV_WRITE = 4,
    HWS_EV_SIGNAL = 8,
    HWS_EV_PERSIST = 16, /* stays added when it is called */
    HWS_EV_ERROR = 32,   /* an error or a hang-up */
};

struct hws_hub;

/* One thing to wait for. Embedded in its owner. */
struct hws_source {
    /*
     * `what` of its events happened. One without HWS_EV_PERSIST was deleted
     * before the call, and may be added again within it.
     */
    void (*happened)(struct hws_source *source, unsigned what, hws_time now);
    unsigned events; /* the owner's: HWS_EV_..., fixed while added */
    int handle;      /* the owner's: descriptor, or signal number */
    bool urgent;     /* the owner's: as in struct hws_watch and hws_timer; for a
                        descriptor its first source decides */
    struct hws_hub *hub; /* the hub's from here on; NULL: not added */
    struct hws_source *next, **link;
    void *slot;
    uint64_t since;
    hws_time delay;    /* HWS_NEVER: no timeout */
    hws_time deadline; /* of its timeout, or HWS_NEVER */
    struct hws_timer timer;
    struct hws_signal signal;
};

/*
 * Fails:  NULL, with `fault` (may be NULL): HWS_E_MEMORY.
 * Owns:   the caller; free it before the loop. Its sources stay the caller's
 *         and are deleted, not called.
 */
HWS_API struct hws_hub *hws_hub_new(struct hws_loop *loop,
                                    struct hws_fault *fault);
HWS_API void hws_hub_free(struct hws_hub *hub);

/*
 * Wait for the events of `source`. With READ, WRITE or ERROR its handle is a
 * descriptor, which must be deleted before it is closed; with SIGNAL the number
 * of a signal.
 *
 * `delay` (HWS_NEVER: none) calls it with HWS_EV_TIMEOUT when nothing else
 * happened for so long; a persistent one then starts to wait anew. Without any
 * other event it is a timer: a persistent one does not drift, and ticks that it
 * missed are dropped. One that is added already gets the new delay, no more.
 *
 * Errors and hang-ups are told to all sources of a descriptor: to readers and
 * writers as readiness, so that they meet the end, and as HWS_EV_ERROR to those
 * that ask for it. An ERROR source on a descriptor that nobody reads or writes
 * must look through unread bytes, which it does once a second.
 *
 * Fails:  HWS_E_ARGUMENT: no event at all (and no delay), a signal together
 *         with a descriptor, a negative descriptor; HWS_E_STATE: added to
 *         another hub; and as hws_loop_watch(), hws_loop_timer(),
 *         hws_signal_watch(). Nothing has changed then.
 */
HWS_API int hws_source_add(struct hws_hub *hub, struct hws_source *source,
                           hws_time delay);
/* Stop waiting; it is not touched or called again. Harmless when not added. */
HWS_API void hws_source_delete(struct hws_source *source);
/* What it waits for: its events but PERSIST, TIMEOUT while it has a deadline;
 * 0 when it is not added. */
HWS_API unsigned hws_source_pending(const struct hws_source *source);
/* How many sources wait for any of `events`. Cost: looks at every one. */
HWS_API size_t hws_hub_count(const struct hws_hub *hub, unsigned events);

/* Abort: delete all sources, so that nothing of the hub keeps its loop. */
HWS_API void hws_hub_abort(struct hws_hub *hub);
/*
 * Abort the branch: from inside a call, let nobody else hear of what happened
 * on this descriptor now. All sources stay as they are; what is still so in the
 * next turn is told then. No effect outside of calls.
 */
HWS_API void hws_hub_abort_branch(struct hws_hub *hub);

/* ------------------------------------------------------------------------
 * A writer: bytes for a descriptor that does not block, bounded.
 *
 * It tries first, keeps what the kernel did not take, and waits for writability
 * only while something is left. Its hub may have other sources on the same
 * descriptor, such as a reader. hws_hub_abort() stops it, too; the next write
 * goes on.
 */
struct hws_writer;

struct hws_writer_options {
    size_t queue_max;  /* bytes; default 4 MiB */
    size_t high_water; /* bytes; default 3/4 of queue_max */
    size_t low_water;  /* bytes, at most high_water; default 1/4 of it */

    /*
     * How bytes leave: more than 0 taken, HWS_E_AGAIN, or another status.
     * NULL: send() without SIGPIPE on a socket, write() on anything else.
     */
    ptrdiff_t (*write)(void *user, int fd, const uint8_t *bytes, size_t size);

    /* All may be NULL. Each is the last that the writer does in its call. */
    void (*on_high)(struct hws_writer *writer, void *user);    /* rose above */
    void (*on_low)(struct hws_writer *writer, void *user);     /* fell again */
    void (*on_drained)(struct hws_writer *writer, void *user); /* all is out */
    /* Writing failed; the queue is dropped, and all further writes fail. */
    void (*on_failed)(struct hws_writer *writer, const struct hws_fault *fault,
                      void *user);
    void *user;
};

/* Fill in the defaults. */
HWS_API void hws_writer_options_init(struct hws_writer_options *options);

/*
 * A writer for `fd`, which stays the caller's: free the writer before it is
 * closed, and before the hub.
 *
 * Fails:  NULL, with `fault` (may be NULL): HWS_E_ARGUMENT for a negative
 *         descriptor or marks out of order, HWS_E_MEMORY.
 */
HWS_API struct hws_writer *
hws_writer_new(struct hws_hub *hub, int fd,
               const struct hws_writer_options *options,
               struct hws_fault *fault);
/* Drops what is still queued; what hws_writer_queued() tells. */
HWS_API void hws_writer_free(struct hws_writer *writer);

/*
 * Write `bytes`, or queue what cannot be written now: all of them or, when it
 * fails, none that were not handed to the kernel before.
 *
 * Fails:  HWS_E_FULL when they do not fit into the queue now (wait for on_low
 *         or on_drained), HWS_E_TOO_BIG when they never will, HWS_E_MEMORY;
 *         HWS_E_RESET, HWS_E_SYSTEM or what options->write said once writing
 *         has failed. One that fails in this call is returned and not told by
 *         on_failed.
 */
HWS_API int hws_writer_write(struct hws_writer *writer, struct hws_span bytes);
/* Bytes that wait. */
HWS_API size_t hws_writer_queued(const struct hws_writer *writer);
/* Why writing failed; status HWS_OK while it did not. */
HWS_API const struct hws_fault *
hws_writer_fault(const struct hws_writer *writer);

#ifdef __cplusplus
}
#endif
#endif
