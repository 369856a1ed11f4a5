/* Interest and readiness in the words of poll(), for those who call it. */
#ifndef HWI_POLLFD_H
#define HWI_POLLFD_H

#include "loop/poller.h"

#include <poll.h>

static inline struct pollfd hwi_pollfd(int fd, unsigned interest)
{
    short events = 0;
    if (interest & HWS_READ)
        events |= POLLIN;
    if (interest & HWS_WRITE)
        events |= POLLOUT;
    return (struct pollfd){.fd = fd, .events = events};
}

static inline unsigned hwi_pollfd_readiness(short events)
{
    if (events & (POLLERR | POLLHUP | POLLNVAL))
        return HWI_READY_ALL;
    unsigned ready = 0;
    if (events & POLLIN)
        ready |= HWS_READ;
    if (events & POLLOUT)
        ready |= HWS_WRITE;
    return ready;
}

static inline struct hwi_ready hwi_pollfd_ready(const struct pollfd *entry)
{
    return (struct hwi_ready){entry->fd, hwi_pollfd_readiness(entry->revents)};
}

#endif
