/* The poller over epoll: the kernel keeps the interests. */
#include "loop/poller.h"

#include "base/mem.h"
#include "base/status.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

/* Found in one wait at most. What is left is found by the next one: the
 * kernel goes round its ready list. */
#define BATCH_MAX 256

struct epoll_poller {
    struct hwi_poller poller;
    int fd;
    bool is_coarse; /* the kernel waits in ms only (Linux before 5.11) */
    struct epoll_event events[BATCH_MAX];
    struct hwi_ready batch[BATCH_MAX];
};

static void epoll_free(struct hwi_poller *p)
{
    close(((struct epoll_poller *)p)->fd);
    hwi_free(p);
}

static struct hwi_poller *epoll_new(struct hws_fault *fault)
{
    struct epoll_poller *e = hwi_alloc_zero(sizeof(*e));
    if (!e) {
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                      "cannot make an 'epoll' poller: no memory");
        return NULL;
    }
    e->poller.ops = &hwi_poller_epoll;
    e->poller.batch = e->batch;
    e->fd = epoll_create1(EPOLL_CLOEXEC);
    if (e->fd < 0) {
        hwi_fault_os(fault, HWS_PHASE_LOCAL, errno,
                     "cannot make an 'epoll' poller");
        hwi_free(e);
        return NULL;
    }
    return &e->poller;
}

static int operation(unsigned old, unsigned interest)
{
    if (interest == 0)
        return EPOLL_CTL_DEL;
    return old ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
}

static int epoll_set(struct hwi_poller *p, int fd, unsigned old,
                     unsigned interest)
{
    struct epoll_event event = {.data.fd = fd};
    if (interest & HWS_READ)
        event.events |= EPOLLIN;
    if (interest & HWS_WRITE)
        event.events |= EPOLLOUT;
    int set = ((struct epoll_poller *)p)->fd;
    if (epoll_ctl(set, operation(old, interest), fd, &event) == 0)
        return 0;
    if (interest == 0)
        return 0; /* closed already: it left the set by itself */
    if (errno == EPERM)
        return HWS_E_SUPPORT; /* a plain file */
    return errno == ENOMEM ? HWS_E_MEMORY : HWS_E_SYSTEM;
}

static int wait_for_events(struct epoll_poller *e, hws_time delay)
{
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 35)
    if (!e->is_coarse) {
        struct timespec room;
        int count = epoll_pwait2(e->fd, e->events, BATCH_MAX,
                                 hwi_poller_timespec(delay, &room), NULL);
        /* Old system call filters answer EPERM to what they do not know. */
        if (count >= 0 || (errno != ENOSYS && errno != EPERM))
            return count;
        e->is_coarse = true;
    }
#endif
    return epoll_wait(e->fd, e->events, BATCH_MAX, hwi_poller_ms(delay));
}

static unsigned ready_of(uint32_t events)
{
    if (events & (EPOLLERR | EPOLLHUP))
        return HWI_READY_ALL;
    unsigned ready = 0;
    if (events & EPOLLIN)
        ready |= HWS_READ;
    if (events & EPOLLOUT)
        ready |= HWS_WRITE;
    return ready;
}

static int epoll_wait_ready(struct hwi_poller *p, hws_time delay)
{
    struct epoll_poller *e = (struct epoll_poller *)p;
    int count = wait_for_events(e, delay);
    if (count < 0)
        return errno == EINTR ? 0 : HWS_E_SYSTEM;
    for (int i = 0; i < count; i++)
        e->batch[i] = (struct hwi_ready){e->events[i].data.fd,
                                         ready_of(e->events[i].events)};
    p->is_partial = count == BATCH_MAX;
    return count;
}

static int epoll_fd(const struct hwi_poller *p)
{
    return ((const struct epoll_poller *)p)->fd;
}

const struct hwi_poller_ops hwi_poller_epoll = {
    .name = "epoll",
    .new = epoll_new,
    .free = epoll_free,
    .set = epoll_set,
    .wait = epoll_wait_ready,
    .fd = epoll_fd,
};
