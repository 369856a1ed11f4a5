/* The poller over select: descriptors below FD_SETSIZE only. */
#include "loop/poller.h"

#include "base/mem.h"
#include "base/status.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/select.h>

struct select_poller {
    struct hwi_poller poller;
    fd_set read, write; /* the interests */
    int end;            /* above the highest descriptor in them */
    struct hwi_ready batch[FD_SETSIZE];
};

static void select_free(struct hwi_poller *p)
{
    hwi_free(p);
}

static struct hwi_poller *select_new(struct hws_fault *fault)
{
    struct select_poller *s = hwi_alloc_zero(sizeof(*s));
    if (!s) {
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                      "cannot make a 'select' poller: no memory");
        return NULL;
    }
    s->poller.ops = &hwi_poller_select;
    s->poller.batch = s->batch;
    FD_ZERO(&s->read);
    FD_ZERO(&s->write);
    return &s->poller;
}

static void put(fd_set *set, int fd, bool is_wanted)
{
    if (is_wanted)
        FD_SET(fd, set);
    else
        FD_CLR(fd, set);
}

static bool is_in(const struct select_poller *s, int fd)
{
    return FD_ISSET(fd, &s->read) || FD_ISSET(fd, &s->write);
}

static int select_set(struct hwi_poller *p, int fd, unsigned old,
                      unsigned interest)
{
    (void)old;
    struct select_poller *s = (struct select_poller *)p;
    if (fd >= FD_SETSIZE)
        return HWS_E_SUPPORT;
    put(&s->read, fd, interest & HWS_READ);
    put(&s->write, fd, interest & HWS_WRITE);
    if (interest && fd >= s->end)
        s->end = fd + 1;
    while (s->end > 0 && !is_in(s, s->end - 1))
        s->end--;
    return 0;
}

/*
 * Some watched descriptor was closed, and select names none. Move the closed
 * ones from the sets to the batch, so that the rest can be asked again.
 */
static int take_closed(struct select_poller *s, fd_set *read, fd_set *write)
{
    int count = 0;
    for (int fd = 0; fd < s->end; fd++) {
        if (!is_in(s, fd) || fcntl(fd, F_GETFD) >= 0)
            continue;
        FD_CLR(fd, read);
        FD_CLR(fd, write);
        s->batch[count++] = (struct hwi_ready){fd, HWI_READY_ALL};
    }
    return count;
}

static int take_ready(struct select_poller *s, int count, const fd_set *read,
                      const fd_set *write)
{
    for (int fd = 0; fd < s->end; fd++) {
        unsigned ready = 0;
        if (FD_ISSET(fd, read))
            ready |= HWS_READ;
        if (FD_ISSET(fd, write))
            ready |= HWS_WRITE;
        if (ready)
            s->batch[count++] = (struct hwi_ready){fd, ready};
    }
    return count;
}

static int select_wait(struct hwi_poller *p, hws_time delay)
{
    struct select_poller *s = (struct select_poller *)p;
    fd_set read = s->read, write = s->write;
    struct timespec room;
    int count = 0;
    int found = pselect(s->end, &read, &write, NULL,
                        hwi_poller_timespec(delay, &room), NULL);
    if (found < 0 && errno == EBADF) {
        read = s->read;
        write = s->write;
        count = take_closed(s, &read, &write);
        found = pselect(s->end, &read, &write, NULL,
                        hwi_poller_timespec(0, &room), NULL);
    }
    if (found < 0)
        return errno == EINTR ? count : HWS_E_SYSTEM;
    return found ? take_ready(s, count, &read, &write) : count;
}

const struct hwi_poller_ops hwi_poller_select = {
    .name = "select",
    .new = select_new,
    .free = select_free,
    .set = select_set,
    .wait = select_wait,
};
