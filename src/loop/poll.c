/*
 * The poller over poll: the interests stand in one dense array that each wait
 * hands to the kernel, and `places` finds a descriptor's entry in it.
 */
#define _GNU_SOURCE /* ppoll */
#include "loop/poller.h"

#include "base/mem.h"
#include "base/status.h"
#include "loop/pollfd.h"

#include <errno.h>
#include <poll.h>

struct poll_poller {
    struct hwi_poller poller; /* its batch has room for `capacity` */
    struct pollfd *entries;
    size_t count, capacity;
    size_t *places; /* by descriptor, meant only for those in `entries` */
    size_t place_count;
};

static void poll_free(struct hwi_poller *p)
{
    struct poll_poller *l = (struct poll_poller *)p;
    hwi_free(l->entries);
    hwi_free(l->poller.batch);
    hwi_free(l->places);
    hwi_free(l);
}

static struct hwi_poller *poll_new(struct hws_fault *fault)
{
    struct poll_poller *l = hwi_alloc_zero(sizeof(*l));
    if (!l) {
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                      "cannot make a 'poll' poller: no memory");
        return NULL;
    }
    l->poller.ops = &hwi_poller_poll;
    return &l->poller;
}

/* The batch grows with the entries, so that a wait needs no memory. */
static int reserve_entry(struct poll_poller *l)
{
    if (l->count < l->capacity)
        return 0;
    size_t capacity = l->capacity ? 2 * l->capacity : 16;
    struct hwi_ready *batch =
        hwi_resize(l->poller.batch, capacity * sizeof(*batch));
    if (!batch)
        return HWS_E_MEMORY;
    l->poller.batch = batch;
    struct pollfd *entries =
        hwi_resize(l->entries, capacity * sizeof(*entries));
    if (!entries)
        return HWS_E_MEMORY;
    l->entries = entries;
    l->capacity = capacity;
    return 0;
}

static int reserve_place(struct poll_poller *l, int fd)
{
    size_t needed = (size_t)fd + 1;
    if (needed <= l->place_count)
        return 0;
    size_t count = l->place_count ? l->place_count : 32;
    while (count < needed)
        count *= 2;
    size_t *places = hwi_resize(l->places, count * sizeof(*places));
    if (!places)
        return HWS_E_MEMORY;
    l->places = places;
    l->place_count = count;
    return 0;
}

static void put(struct poll_poller *l, size_t place, struct pollfd entry)
{
    l->entries[place] = entry;
    l->places[entry.fd] = place;
}

static int poll_set(struct hwi_poller *p, int fd, unsigned old,
                    unsigned interest)
{
    struct poll_poller *l = (struct poll_poller *)p;
    if (interest == 0) {
        put(l, l->places[fd], l->entries[l->count - 1]);
        l->count--;
        return 0;
    }
    struct pollfd entry = hwi_pollfd(fd, interest);
    if (old) {
        put(l, l->places[fd], entry);
        return 0;
    }
    if (reserve_entry(l) != 0 || reserve_place(l, fd) != 0)
        return HWS_E_MEMORY;
    put(l, l->count++, entry);
    return 0;
}

static int wait_for_entries(struct poll_poller *l, hws_time delay)
{
#if defined(__linux__) || defined(__FreeBSD__) || defined(__OpenBSD__)
    struct timespec room;
    return ppoll(l->entries, (nfds_t)l->count,
                 hwi_poller_timespec(delay, &room), NULL);
#else
    return poll(l->entries, (nfds_t)l->count, hwi_poller_ms(delay));
#endif
}

static int poll_wait(struct hwi_poller *p, hws_time delay)
{
    struct poll_poller *l = (struct poll_poller *)p;
    int found = wait_for_entries(l, delay);
    if (found < 0)
        return errno == EINTR ? 0 : HWS_E_SYSTEM;
    int count = 0;
    for (size_t i = 0; count < found; i++)
        if (l->entries[i].revents)
            l->poller.batch[count++] = hwi_pollfd_ready(&l->entries[i]);
    return count;
}

const struct hwi_poller_ops hwi_poller_poll = {
    .name = "poll",
    .new = poll_new,
    .free = poll_free,
    .set = poll_set,
    .wait = poll_wait,
};
