/*
 * The poller over kqueue, for the BSDs and macOS: the kernel keeps an interest
 * a filter, so that a descriptor that is waited for in both directions is told
 * of twice; `places` puts the two together again.
 *
 * Not yet run on a real kqueue: the tests run it on an imitation over epoll.
 */
#undef _POSIX_C_SOURCE /* the BSDs hide kqueue from who names it */
#include "loop/poller.h"

#include "base/mem.h"
#include "base/status.h"
#include "loop/fork.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/types.h>

#include <sys/event.h>
#include <unistd.h>

/* Found in one wait at most. The next one finds what is left. */
#define BATCH_MAX 256
#define PLACES_FIRST 32

struct kqueue_poller {
    struct hwi_poller poller;
    int fd;
    unsigned generation; /* a child has no queue, and its number may be taken */
    int *places;         /* by descriptor: where in the batch it was put */
    size_t place_count;
    struct kevent events[BATCH_MAX];
    struct hwi_ready batch[BATCH_MAX];
};

static void kqueue_free(struct hwi_poller *p)
{
    struct kqueue_poller *k = (struct kqueue_poller *)p;
    if (!hwi_fork_since(k->generation))
        close(k->fd);
    hwi_free(k->places);
    hwi_free(k);
}

static struct hwi_poller *kqueue_new(struct hws_fault *fault)
{
    struct kqueue_poller *k = hwi_alloc_zero(sizeof(*k));
    if (!k) {
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                      "cannot make a 'kqueue' poller: no memory");
        return NULL;
    }
    k->poller.ops = &hwi_poller_kqueue;
    k->poller.batch = k->batch;
    k->generation = hwi_fork_generation();
    k->fd = kqueue();
    if (k->fd < 0) {
        hwi_fault_os(fault, HWS_PHASE_LOCAL, errno,
                     "cannot make a 'kqueue' poller");
        hwi_free(k);
        return NULL;
    }
    fcntl(k->fd, F_SETFD, FD_CLOEXEC);
    return &k->poller;
}

/* ---- interests */

static int reserve(struct kqueue_poller *k, int fd)
{
    size_t needed = (size_t)fd + 1;
    if (needed <= k->place_count)
        return 0;
    size_t count = k->place_count ? k->place_count : PLACES_FIRST;
    while (count < needed)
        count *= 2;
    int *places = hwi_resize(k->places, count * sizeof(*places));
    if (!places)
        return HWS_E_MEMORY;
    memset(places + k->place_count, 0,
           (count - k->place_count) * sizeof(*places));
    k->places = places;
    k->place_count = count;
    return 0;
}

static int change(struct kqueue_poller *k, int fd, short filter,
                  unsigned short flags)
{
    struct kevent one;
    EV_SET(&one, (uintptr_t)fd, filter, flags, 0, 0, 0);
    if (kevent(k->fd, &one, 1, NULL, 0, NULL) == 0)
        return 0;
    if (errno == ENOMEM)
        return HWS_E_MEMORY;
    /* What these say of a descriptor is that no filter is made for it. */
    bool has_no_filter = errno == EINVAL || errno == EPERM || errno == ENODEV ||
                         errno == EOPNOTSUPP;
    return has_no_filter ? HWS_E_SUPPORT : HWS_E_SYSTEM;
}

static int set_filter(struct kqueue_poller *k, int fd, short filter,
                      bool was_wanted, bool is_wanted)
{
    if (was_wanted == is_wanted)
        return 0;
    if (is_wanted)
        return change(k, fd, filter, EV_ADD);
    /* Closed already (EBADF), or its number is another's (ENOENT): the filter
     * left the queue by itself. */
    change(k, fd, filter, EV_DELETE);
    return 0;
}

static int kqueue_set(struct hwi_poller *p, int fd, unsigned old,
                      unsigned interest)
{
    struct kqueue_poller *k = (struct kqueue_poller *)p;
    if (reserve(k, fd) != 0)
        return interest ? HWS_E_MEMORY : 0;
    int status =
        set_filter(k, fd, EVFILT_READ, old & HWS_READ, interest & HWS_READ);
    if (status)
        return status;
    status =
        set_filter(k, fd, EVFILT_WRITE, old & HWS_WRITE, interest & HWS_WRITE);
    if (status)
        set_filter(k, fd, EVFILT_READ, interest & HWS_READ, old & HWS_READ);
    return status;
}

/* ---- waiting */

/* The end of reading may be the peer's half alone; an error, and the end of
 * writing, is the end of both. */
static unsigned ready_of(const struct kevent *event)
{
    bool is_read = event->filter == EVFILT_READ;
    bool has_ended = event->flags & EV_EOF;
    if (has_ended && (event->fflags != 0 || !is_read))
        return HWI_READY_ALL;
    return is_read ? HWS_READ : HWS_WRITE;
}

/* Put `event` to what the batch of `count` has of its descriptor already, or
 * at the end. The new count. */
static int note(struct kqueue_poller *k, int count, const struct kevent *event)
{
    int fd = (int)event->ident;
    int place = k->places[fd];
    if (place >= count || k->batch[place].fd != fd) {
        place = k->places[fd] = count++;
        k->batch[place] = (struct hwi_ready){.fd = fd};
    }
    k->batch[place].ready |= ready_of(event);
    return count;
}

static int kqueue_wait(struct hwi_poller *p, hws_time delay)
{
    struct kqueue_poller *k = (struct kqueue_poller *)p;
    struct timespec room;
    int count = 0;
    int found = kevent(k->fd, NULL, 0, k->events, BATCH_MAX,
                       hwi_poller_timespec(delay, &room));
    if (found < 0)
        return errno == EINTR ? 0 : HWS_E_SYSTEM;
    for (int i = 0; i < found; i++)
        count = note(k, count, &k->events[i]);
    k->poller.is_partial = found == BATCH_MAX;
    return count;
}

static int kqueue_fd(const struct hwi_poller *p)
{
    return ((const struct kqueue_poller *)p)->fd;
}

const struct hwi_poller_ops hwi_poller_kqueue = {
    .name = "kqueue",
    .new = kqueue_new,
    .free = kqueue_free,
    .set = kqueue_set,
    .wait = kqueue_wait,
    .fd = kqueue_fd,
};
