/*
 * An imitation of the BSDs' <sys/event.h>, as far as src/loop/kqueue.c uses
 * it: the names, types and rules of kqueue(2), over epoll. For tests on
 * machines without a kqueue.
 */
#ifndef SYS_EVENT_H
#define SYS_EVENT_H

#include <stdint.h>
#include <time.h>

struct kevent {
    uintptr_t ident;
    short filter;
    unsigned short flags;
    unsigned int fflags;
    int64_t data;
    void *udata;
};

#define EV_SET(event, ident_, filter_, flags_, fflags_, data_, udata_) \
    (*(event) = (struct kevent){.ident = (ident_),                     \
                                .filter = (filter_),                   \
                                .flags = (flags_),                     \
                                .fflags = (fflags_),                   \
                                .data = (data_),                       \
                                .udata = (void *)(uintptr_t)(udata_)})

#define EVFILT_READ (-1)
#define EVFILT_WRITE (-2)

#define EV_ADD 0x0001
#define EV_DELETE 0x0002
#define EV_EOF 0x8000

int kqueue(void);
int kevent(int queue, const struct kevent *changes, int change_count,
           struct kevent *events, int event_count,
           const struct timespec *timeout);

#endif
