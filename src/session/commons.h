/*
 * What the connections of one loop share: the receive buffer, the scratch of
 * TLS, the pool of random bytes, the mailbox, and the list of connections that
 * have something to settle when the present wake-up ends. It knows the owner
 * thread of the loop; it knows no policy.
 */
#ifndef HWI_COMMONS_H
#define HWI_COMMONS_H

#include "base/list.h"
#include "base/rng.h"
#include "hawser/link.h"
#include "hawser/loop.h"
#include "loop/fork.h"
#include "loop/mailbox.h"
#include "session/this_thread.h"

#include <stdatomic.h>

/* Larger receive buffers gained nothing where it was measured; but a message of
 * 64 KiB fits with its header, and is neither copied nor received in two. */
#define HWI_READ_SIZE ((size_t)64 * 1024 + 256)

/* Changes of routes come in swarms: the first one is told at once, others after
 * such a while. */
#define HWI_ROUTES_DELAY HWS_S(2)

/* Below this a shift of the clocks against each other is no sleep. */
#define HWI_SLEEP_MIN HWS_S(1)

/* A call from another thread that cannot be lost: unlike mail it needs no
 * memory, and there is one of each kind. */
struct hwi_last {
    struct hwi_last *older;
    void (*call)(struct hwi_last *last);
};

struct hws_commons {
    struct hws_loop *loop;
    uint8_t *read_buffer; /* HWI_READ_SIZE; borrowed within one read */
    uint8_t *tls[2][2];   /* in and out, allocated with the first TLS link */
    struct hwi_rng rng;
    struct hwi_mailbox mailbox;
    _Atomic(struct hwi_last *) lasts; /* newest first */
    struct hws_watch mail_watch;
    struct hws_timer alive;  /* armed far ahead while there are `lines` */
    struct hwi_list lines;   /* connections that have not ended, see hwi_line */
    struct hwi_list clients; /* all that are not freed, by `in_loop` */
    uint64_t clients_made;
    struct hwi_list dirty;  /* connections to settle, see hwi_dirt */
    unsigned depth;         /* dispatches on the stack, and open batches */
    unsigned batches;       /* begun and not ended */
    uint64_t wakes;         /* wake-ups so far */
    hws_time now;           /* of the present wake-up, while depth > 0 */
    hws_time turn_at;       /* the same, as the loop gave it */
    hws_time turn_before;   /* of the wake-ups before that one */
    hws_time busy_until;    /* callbacks of messages last returned */
    hws_time busy_total;    /* time spent in them */
    atomic_uintptr_t owner; /* 0 before the first turn */
    unsigned fork_generation;
    hws_time looked_at;    /* when we last looked for a suspension */
    hws_time sleep_offset; /* boot time minus monotonic, then */
    unsigned sleeps;       /* suspensions noticed so far, and new routes */
    struct hws_watch routes_watch; /* of hwi_routes_open() */
    struct hws_timer routes_timer; /* they changed again, too soon */
    hws_time routes_told_at;       /* the lines were; HWS_NEVER: never yet */
    struct hwi_tls_entry *tls_cache;
};

/* A place in the list of those who have something to settle. */
struct hwi_dirt {
    struct hwi_list link;
    void (*settle)(struct hwi_dirt *dirt, hws_time now);
};

/* A place in the list of all connections that have not ended. */
struct hwi_line {
    struct hwi_list link;
    /* The machine did, or it stands elsewhere in the network; within a
     * wake-up. */
    void (*slept)(struct hwi_line *line);
};

/* The commons of `loop`, made when there are none. NULL: no memory, or the
 * mailbox could not be made; `fault` (may be NULL) says which. */
struct hws_commons *hwi_commons_of(struct hws_loop *loop,
                                   struct hws_fault *fault);

/*
 * Around every callback from the loop. What was marked dirty in between is
 * settled by the outermost leave().
 */
void hwi_commons_enter(struct hws_commons *m);
void hwi_commons_leave(struct hws_commons *m, hws_time now);
/* Whether a wake-up is under way, of ours or (as far as the host loop says so)
 * of anybody's on this loop: sends can wait for its end. */
static inline bool hwi_commons_dispatching(const struct hws_commons *m)
{
    return m->depth > 0 || m->loop->in_turn;
}
/* The time of that wake-up. */
static inline hws_time hwi_commons_now(const struct hws_commons *m)
{
    return m->depth > 0 ? m->now : m->loop->turn_at;
}
/* The loop woke us at `now`, be it for several connections. */
static inline void hwi_commons_woken(struct hws_commons *m, hws_time now)
{
    m->now = now;
    if (now == m->turn_at)
        return;
    m->turn_before = m->turn_at;
    m->turn_at = now;
}
static inline void hwi_commons_mark(struct hws_commons *m,
                                    struct hwi_dirt *dirt)
{
    if (hwi_list_empty(&dirt->link))
        hwi_list_push(&m->dirty, &dirt->link);
}

/* The calling thread is the loop's from now on: for callers that know it
 * before the loop has run there. */
void hwi_commons_adopt(struct hws_commons *m);
/* Whether the caller runs on the loop's thread. */
static inline bool hwi_commons_is_owner(const struct hws_commons *m)
{
    return atomic_load_explicit(&m->owner, memory_order_relaxed) ==
           hwi_this_thread();
}
/* Whether the loop has not turned yet: which thread it will be nobody knows. */
static inline bool hwi_commons_is_early(const struct hws_commons *m)
{
    return atomic_load(&m->owner) == 0;
}
/* Whether this process is a child of the one that made the commons. */
static inline bool hwi_commons_forked(const struct hws_commons *m)
{
    return hwi_fork_since(m->fork_generation);
}
/* Look whether the machine slept since the last look; counts `sleeps` and tells
 * every line. Within a wake-up. */
void hwi_commons_look_for_sleep(struct hws_commons *m, hws_time now);
/* The same, but not more often than sleep can be told from a shift of clocks:
 * for every wake-up. */
static inline void hwi_commons_glance_for_sleep(struct hws_commons *m,
                                                hws_time now)
{
    if (now - m->looked_at >= HWI_SLEEP_MIN)
        hwi_commons_look_for_sleep(m, now);
}

/* Make `last->call` on the loop's thread, after the mail that was posted before
 * it. Safe from any thread; cannot fail. */
void hwi_commons_call_last(struct hws_commons *m, struct hwi_last *last);

/*
 * A connection keeps its loop running until it has ended, also while it is
 * paused and waits for nothing but another thread's call. join() fails with
 * HWS_E_MEMORY.
 */
int hwi_commons_join(struct hws_commons *m, struct hwi_line *line,
                     hws_time now);
void hwi_commons_part(struct hws_commons *m, struct hwi_line *line);

/* TLS inside TLS needs scratch of its own. */
enum hwi_tls_place { HWI_TLS_OF_TARGET, HWI_TLS_OF_PROXY };
/* The scratch of TLS layers. False: no memory. */
bool hwi_commons_tls_scratch(struct hws_commons *m, enum hwi_tls_place place,
                             struct hws_scratch *in, struct hws_scratch *out);

#endif
