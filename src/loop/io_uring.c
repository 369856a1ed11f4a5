/*
 * The poller over io_uring: interests are poll requests, which leave together
 * in the very system call that waits. A request answers once and is asked
 * again with the next wait, so that what is still ready is told again: the
 * kernel looks when it takes the request. (Multishot requests tell changes
 * only: docs/decisions/010-io-uring-one-shot.md.)
 *
 * Every request has its number: an answer to an older one, of an interest that
 * was changed or forgotten since, is dropped. Requests belong to the thread
 * that made them and end with it, so that a ring whose loop went to another
 * thread is made anew.
 *
 * Invariant between waits: a place with an interest is armed (its request is
 * with the kernel) or queued (to be armed by the next wait).
 */
#define _GNU_SOURCE /* what liburing.h needs of <sched.h> */
#include "loop/poller.h"

#include "base/mem.h"
#include "base/status.h"
#include "loop/pollfd.h"

#include <errno.h>
#include <liburing.h>
#include <string.h>

#define ENTRIES 256 /* of requests; a fuller wait hands over several times */
#define ANSWERS 4096
#define PLACES_FIRST 32

/* The number of answers that are nobody's: those to cancelling itself. */
#define NOBODY UINT64_MAX

struct place {
    uint32_t number; /* of its last request */
    uint8_t interest;
    bool is_armed;
    bool is_queued;
};

struct uring_poller {
    struct hwi_poller poller;
    struct io_uring ring;
    const void *owner;    /* the thread that the ring belongs to */
    bool is_lost;         /* there is no ring: making it anew has failed */
    struct place *places; /* by descriptor */
    int *queue; /* descriptors; it and the batch have room for every place */
    size_t place_count, queue_count;
    bool has_cancelled; /* since the last wait: answers of nobody's will come */
};

static _Thread_local char self;

/* ---- the ring */

/*
 * With DEFER_TASKRUN (Linux 6.1) the kernel looks at a descriptor again when
 * we wait, not when something happens to it: what was read meanwhile wakes
 * nobody.
 */
static int open_ring(struct uring_poller *u)
{
    const unsigned flags[] = {IORING_SETUP_SINGLE_ISSUER |
                                  IORING_SETUP_DEFER_TASKRUN |
                                  IORING_SETUP_TASKRUN_FLAG,
                              0};
    int status = -EINVAL;
    for (size_t i = 0; i < 2 && status == -EINVAL; i++) {
        struct io_uring_params params = {
            .flags = flags[i] | IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP,
            .cq_entries = ANSWERS};
        status = io_uring_queue_init_params(ENTRIES, &u->ring, &params);
    }
    u->is_lost = status != 0;
    u->owner = &self;
    return status;
}

static bool is_usable(const struct io_uring *ring)
{
    unsigned needed = IORING_FEAT_NODROP | IORING_FEAT_EXT_ARG;
    return (ring->features & needed) == needed;
}

static void queue_place(struct uring_poller *u, int fd)
{
    if (u->places[fd].is_queued)
        return;
    u->places[fd].is_queued = true;
    u->queue[u->queue_count++] = fd;
}

/* No request of the old ring will be answered: ask all of them again. */
static int renew_ring(struct uring_poller *u)
{
    if (!u->is_lost)
        io_uring_queue_exit(&u->ring);
    u->has_cancelled = false;
    for (size_t fd = 0; fd < u->place_count; fd++) {
        u->places[fd].is_armed = false;
        if (u->places[fd].interest)
            queue_place(u, (int)fd);
    }
    return open_ring(u);
}

static bool is_ours(const struct uring_poller *u)
{
    return u->owner == &self && !u->is_lost;
}

/* ---- requests */

static uint64_t name_of(const struct uring_poller *u, int fd)
{
    return (uint64_t)u->places[fd].number << 32 | (uint32_t)fd;
}

/* Room for one more; hands over those before it when there is none. */
static struct io_uring_sqe *take_entry(struct uring_poller *u)
{
    struct io_uring_sqe *entry = io_uring_get_sqe(&u->ring);
    while (!entry) {
        io_uring_submit(&u->ring);
        entry = io_uring_get_sqe(&u->ring);
    }
    return entry;
}

static void arm(struct uring_poller *u, int fd)
{
    struct place *place = &u->places[fd];
    place->is_queued = false;
    if (!place->interest || place->is_armed)
        return;
    struct io_uring_sqe *entry = take_entry(u);
    io_uring_prep_poll_add(
        entry, fd, (unsigned short)hwi_pollfd(fd, place->interest).events);
    place->number++;
    entry->user_data = name_of(u, fd);
    place->is_armed = true;
}

/* Its answer, if one is under way, becomes nobody's. */
static void cancel(struct uring_poller *u, int fd)
{
    struct io_uring_sqe *entry = take_entry(u);
    io_uring_prep_poll_remove(entry, name_of(u, fd));
    entry->user_data = NOBODY;
    u->places[fd].is_armed = false;
    u->places[fd].number++;
}

/*
 * Hand over what was prepared, and wait for `count` answers. 0, or HWS_E_SYSTEM
 * with errno.
 */
static int enter(struct uring_poller *u, unsigned count, hws_time delay)
{
    struct io_uring_cqe *answer;
    struct __kernel_timespec limit = {delay / HWS_S(1), delay % HWS_S(1)};
    int status = io_uring_submit_and_wait_timeout(
        &u->ring, &answer, count, delay == HWS_NEVER ? NULL : &limit, NULL);
    /* EBUSY: answers wait for room, which reading them makes. */
    if (status >= 0 || status == -ETIME || status == -EINTR || status == -EBUSY)
        return 0;
    errno = -status;
    return HWS_E_SYSTEM;
}

/* The kernel looks at a few descriptors (20) at a time, and at more only for
 * who waits for more: ask for all, and do not wait for them. */
static int look(struct uring_poller *u)
{
    return enter(u, ANSWERS, 0);
}

static int wait_for_one(struct uring_poller *u, hws_time delay)
{
    if (delay == 0)
        return look(u);
    int status = enter(u, 1, delay);
    bool is_more_there = __atomic_load_n(u->ring.sq.kflags, __ATOMIC_RELAXED) &
                         IORING_SQ_TASKRUN;
    return status == 0 && is_more_there ? look(u) : status;
}

/* ---- interests */

static int reserve(struct uring_poller *u, int fd)
{
    size_t needed = (size_t)fd + 1;
    if (needed <= u->place_count)
        return 0;
    size_t count = u->place_count ? u->place_count : PLACES_FIRST;
    while (count < needed)
        count *= 2;
    int *queue = hwi_resize(u->queue, count * sizeof(*queue));
    if (!queue)
        return HWS_E_MEMORY;
    u->queue = queue;
    struct hwi_ready *batch =
        hwi_resize(u->poller.batch, count * sizeof(*batch));
    if (!batch)
        return HWS_E_MEMORY;
    u->poller.batch = batch;
    struct place *places = hwi_resize(u->places, count * sizeof(*places));
    if (!places)
        return HWS_E_MEMORY;
    memset(places + u->place_count, 0,
           (count - u->place_count) * sizeof(*places));
    u->places = places;
    u->place_count = count;
    return 0;
}

/* A request holds its file open: let go of it before its owner closes it. */
static void forget(struct uring_poller *u, int fd)
{
    u->places[fd].interest = 0;
    if (!u->places[fd].is_armed)
        return;
    if (!is_ours(u)) {
        renew_ring(u);
        return;
    }
    cancel(u, fd);
    look(u);
}

static int uring_set(struct hwi_poller *p, int fd, unsigned old,
                     unsigned interest)
{
    struct uring_poller *u = (struct uring_poller *)p;
    (void)old;
    if (interest == 0) {
        forget(u, fd);
        return 0;
    }
    if (reserve(u, fd) != 0)
        return HWS_E_MEMORY;
    u->places[fd].interest = (uint8_t)interest;
    if (u->places[fd].is_armed && is_ours(u)) {
        cancel(u, fd);
        u->has_cancelled = true;
    }
    queue_place(u, fd);
    return 0;
}

/* ---- waiting */

static void arm_queued(struct uring_poller *u)
{
    for (size_t i = 0; i < u->queue_count; i++)
        arm(u, u->queue[i]);
    u->queue_count = 0;
}

/* The descriptor that `answer` is about, or -1 when nobody asks any more. */
static int asked_for(const struct uring_poller *u,
                     const struct io_uring_cqe *answer)
{
    uint32_t fd = (uint32_t)answer->user_data;
    if (answer->user_data == NOBODY || fd >= u->place_count ||
        !u->places[fd].is_armed || answer->user_data != name_of(u, (int)fd))
        return -1;
    return (int)fd;
}

/*
 * Fill the batch from all answers that are there: one that was left for the
 * next wait would no longer be true then. Those for which the ring had no room
 * come when it is empty.
 */
static int take_answers(struct uring_poller *u)
{
    struct io_uring_cqe *answer;
    int count = 0;
    while (io_uring_peek_cqe(&u->ring, &answer) == 0) {
        int fd = asked_for(u, answer);
        int events = answer->res;
        io_uring_cqe_seen(&u->ring, answer);
        if (fd < 0)
            continue;
        u->places[fd].is_armed = false;
        queue_place(u, fd);
        /* The thread that had asked is gone; we ask again. */
        if (events == -ECANCELED)
            continue;
        /* As poll tells of a descriptor that was closed by mistake. */
        unsigned ready =
            events < 0 ? HWI_READY_ALL : hwi_pollfd_readiness((short)events);
        u->poller.batch[count++] = (struct hwi_ready){fd, ready};
    }
    return count;
}

static int uring_wait(struct hwi_poller *p, hws_time delay)
{
    struct uring_poller *u = (struct uring_poller *)p;
    int status = is_ours(u) ? 0 : renew_ring(u);
    if (status) {
        errno = -status;
        return HWS_E_SYSTEM;
    }
    arm_queued(u);
    /* What is nobody's must not end the wait: take it out first. */
    bool is_littered = u->has_cancelled || io_uring_cq_ready(&u->ring) > 0;
    u->has_cancelled = false;
    if (wait_for_one(u, is_littered ? 0 : delay) != 0)
        return HWS_E_SYSTEM;
    int count = take_answers(u);
    if (count || !is_littered || delay == 0)
        return count;
    return wait_for_one(u, delay) == 0 ? take_answers(u) : HWS_E_SYSTEM;
}

/* ---- made and freed */

static void uring_free(struct hwi_poller *p)
{
    struct uring_poller *u = (struct uring_poller *)p;
    if (!u->is_lost)
        io_uring_queue_exit(&u->ring);
    hwi_free(u->poller.batch);
    hwi_free(u->places);
    hwi_free(u->queue);
    hwi_free(u);
}

static void note_fault(struct hws_fault *fault, int error)
{
    const char *reason = NULL;
    if (error == 0)
        reason = "this kernel's is older than Linux 5.11's";
    else if (error == ENOSYS || error == EPERM || error == EACCES)
        reason = error == ENOSYS ? "this kernel has none"
                                 : "it is forbidden on this machine";
    if (reason)
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_SUPPORT,
                      "cannot make an 'io_uring' poller: %s", reason);
    else
        hwi_fault_os(fault, HWS_PHASE_LOCAL, error,
                     "cannot make an 'io_uring' poller");
}

static struct hwi_poller *uring_new(struct hws_fault *fault)
{
    struct uring_poller *u = hwi_alloc_zero(sizeof(*u));
    if (!u) {
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                      "cannot make an 'io_uring' poller: no memory");
        return NULL;
    }
    u->poller.ops = &hwi_poller_io_uring;
    int status = open_ring(u);
    if (status == 0 && is_usable(&u->ring))
        return &u->poller;
    note_fault(fault, -status);
    uring_free(&u->poller);
    return NULL;
}

const struct hwi_poller_ops hwi_poller_io_uring = {
    .name = "io_uring",
    .new = uring_new,
    .free = uring_free,
    .set = uring_set,
    .wait = uring_wait,
};
