/*
 * A queue is an epoll set and a note of each descriptor's filters. As with the
 * real one, a descriptor that is closed takes its filters along: to delete one
 * of them is EBADF then, or ENOENT when the number is another's.
 */
#define _GNU_SOURCE /* ppoll */
#include <sys/event.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define NUMBERS_MAX 65536

/* By queue, then by descriptor: its epoll events. */
static uint8_t *notes[NUMBERS_MAX];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

int kqueue(void)
{
    int queue = epoll_create1(0);
    if (queue < 0)
        return -1;
    pthread_mutex_lock(&lock);
    if (!notes[queue])
        notes[queue] = malloc(NUMBERS_MAX);
    memset(notes[queue], 0, NUMBERS_MAX);
    pthread_mutex_unlock(&lock);
    return queue;
}

static uint8_t *note_of(int queue, int fd)
{
    pthread_mutex_lock(&lock);
    uint8_t *note = &notes[queue][fd];
    pthread_mutex_unlock(&lock);
    return note;
}

static int apply(int queue, int fd, uint8_t events)
{
    uint8_t *note = note_of(queue, fd);
    struct epoll_event event = {.events = events, .data.fd = fd};
    int status = epoll_ctl(queue, EPOLL_CTL_MOD, fd, &event);
    if (status != 0 && errno == ENOENT && events)
        status = epoll_ctl(queue, EPOLL_CTL_ADD, fd, &event);
    if (status == 0 && !events)
        status = epoll_ctl(queue, EPOLL_CTL_DEL, fd, &event);
    *note = status == 0 ? events : 0;
    return status;
}

static int change(int queue, const struct kevent *change)
{
    int fd = (int)change->ident;
    uint8_t events = *note_of(queue, fd);
    uint8_t filter = change->filter == EVFILT_READ ? EPOLLIN : EPOLLOUT;
    if (fcntl(fd, F_GETFD) < 0)
        return -1; /* EBADF */
    if (change->flags & EV_ADD)
        return apply(queue, fd, events | filter);
    if (events & filter)
        return apply(queue, fd, (uint8_t)(events & ~filter));
    errno = ENOENT;
    return -1;
}

static unsigned error_of(int fd)
{
    int error = 0;
    socklen_t size = sizeof(error);
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    return (unsigned)error;
}

static void fill(struct kevent *event, int fd, short filter, uint32_t found)
{
    bool has_ended = filter == EVFILT_READ ? found & (EPOLLHUP | EPOLLRDHUP)
                                           : found & (EPOLLHUP | EPOLLERR);
    EV_SET(event, (uintptr_t)fd, filter, has_ended ? EV_EOF : 0,
           has_ended && (found & EPOLLERR) ? error_of(fd) : 0, 1, NULL);
}

/* One filter after the other, as long as there is room. */
static int tell(int queue, const struct epoll_event *found,
                struct kevent *events, int room)
{
    int fd = found->data.fd, count = 0;
    uint8_t wanted = *note_of(queue, fd);
    uint32_t ended = EPOLLHUP | EPOLLERR;
    if ((wanted & EPOLLIN) && (found->events & (EPOLLIN | ended)) &&
        count < room)
        fill(&events[count++], fd, EVFILT_READ, found->events);
    if ((wanted & EPOLLOUT) && (found->events & (EPOLLOUT | ended)) &&
        count < room)
        fill(&events[count++], fd, EVFILT_WRITE, found->events);
    return count;
}

int kevent(int queue, const struct kevent *changes, int change_count,
           struct kevent *events, int event_count,
           const struct timespec *timeout)
{
    struct epoll_event found[256];
    int count = 0;
    for (int i = 0; i < change_count; i++)
        if (change(queue, &changes[i]) != 0)
            return -1;
    if (event_count == 0)
        return 0;
    int room = event_count < 256 ? event_count : 256;
    /* The set itself is readable when it has something to tell. */
    struct pollfd set = {.fd = queue, .events = POLLIN};
    int all = ppoll(&set, 1, timeout, NULL);
    if (all > 0)
        all = epoll_wait(queue, found, room, 0);
    if (all < 0)
        return -1;
    for (int i = 0; i < all; i++)
        count += tell(queue, &found[i], events + count, event_count - count);
    return count;
}
