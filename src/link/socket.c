#include "link/socket.h"

#include "base/mem.h"
#include "base/status.h"
#include "link/address.h"
#include "link/arrival.h"
#include "link/tcp_options.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

void hwi_socket_init(struct hwi_socket *s, const struct hws_link_ops *ops)
{
    *s = (struct hwi_socket){.link.ops = ops, .fd = -1};
}

void hwi_socket_adopt(struct hwi_socket *s, int fd)
{
    struct sockaddr_storage peer = {0};
    socklen_t size = sizeof(peer);
    s->fd = fd;
    if (getpeername(fd, (struct sockaddr *)&peer, &size) == 0)
        hwi_address_text((struct sockaddr *)&peer, size, s->link.fault.peer);
}

void hwi_socket_release(struct hwi_socket *s)
{
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
}

int hwi_socket_prepare(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
        return -1;
    hwi_tcp_options_no_signal(fd);
    return fcntl(fd, F_SETFD, FD_CLOEXEC);
}

int hwi_socket_create(int family)
{
    int fd = socket(family, SOCK_STREAM, 0);
    if (fd < 0 || hwi_socket_prepare(fd) == 0)
        return fd;
    hwi_socket_close(fd);
    return -1;
}

void hwi_socket_close(int fd)
{
    int kept = errno;
    close(fd);
    errno = kept;
}

static int status_of(int os_error)
{
    switch (os_error) {
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
        return HWS_E_RESET;
    case ETIMEDOUT:
        return HWS_E_TIMEOUT;
    default:
        return HWS_E_SYSTEM;
    }
}

/*
 * The kernel reports an error once and then pretends an orderly end, so the
 * first one is kept and answered from then on.
 */
static int fail(struct hws_link *link, int os_error)
{
    struct hws_fault *fault = &link->fault;
    if (fault->status)
        return fault->status;
    hwi_fault_os(fault, HWS_PHASE_TCP, os_error, "connection to '%s' failed",
                 fault->peer);
    fault->status = (enum hws_status)status_of(os_error);
    return fault->status;
}

static struct hwi_socket *self(const struct hws_link *link)
{
    return (struct hwi_socket *)(uintptr_t)link;
}

static ssize_t receive(struct hwi_socket *s, uint8_t *bytes, size_t size)
{
    if (s->stamps)
        return hwi_arrival_receive(s->fd, bytes, size, &s->arrival);
    return recv(s->fd, bytes, size, MSG_DONTWAIT);
}

ptrdiff_t hwi_socket_read(struct hws_link *link, uint8_t *bytes, size_t size)
{
    for (;;) {
        ssize_t got = receive(self(link), bytes, size);
        if (got > 0)
            return got;
        if (got == 0)
            return link->fault.status ? (ptrdiff_t)link->fault.status
                                      : HWS_E_EOF;
        if (hwi_socket_is_again(errno))
            return HWS_E_AGAIN;
        if (errno != EINTR)
            return fail(link, errno);
    }
}

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* hwi_tcp_options_no_signal() did it */
#endif

ptrdiff_t hwi_socket_write(struct hws_link *link, const uint8_t *bytes,
                           size_t size)
{
    if (size == 0)
        return 0;
    for (;;) {
        ssize_t put =
            send(self(link)->fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (put >= 0)
            return put;
        if (hwi_socket_is_again(errno))
            return HWS_E_AGAIN;
        if (errno != EINTR)
            return fail(link, errno);
    }
}

int hwi_socket_shut(struct hws_link *link)
{
    if (shutdown(self(link)->fd, SHUT_WR) == 0)
        return 0;
    return fail(link, errno == ENOTCONN ? ECONNRESET : errno);
}

size_t hwi_socket_wants(const struct hws_link *link, struct hws_want *wants)
{
    wants[0] = (struct hws_want){.fd = self(link)->fd, .interest = HWS_READ};
    return 1;
}

struct hwi_socket *hwi_socket_of(const struct hws_link *link)
{
    return link->ops->read == hwi_socket_read ? self(link) : NULL;
}

size_t hwi_socket_queue(const struct hwi_socket *s)
{
    int size = 0;
    if (s->fd < 0 || ioctl(s->fd, FIONREAD, &size) < 0 || size < 0)
        return 0;
    return (size_t)size;
}

void hwi_socket_linger_not(const struct hwi_socket *s)
{
    struct linger none = {.l_onoff = 1, .l_linger = 0};
    if (s->fd >= 0)
        (void)setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
}

static int open_already(struct hws_link *link, hws_time now)
{
    (void)now;
    return link->fault.status;
}

static hws_time no_deadline(const struct hws_link *link)
{
    (void)link;
    return HWS_NEVER;
}

static void socket_free(struct hws_link *link)
{
    hwi_socket_release(self(link));
    hwi_free(link);
}

static const struct hws_link_ops socket_ops = {
    .name = "socket",
    .open = open_already,
    .read = hwi_socket_read,
    .write = hwi_socket_write,
    .shut = hwi_socket_shut,
    .wants = hwi_socket_wants,
    .deadline = no_deadline,
    .free = socket_free,
};

struct hws_link *hws_socket_new(int fd)
{
    struct hwi_socket *s = hwi_alloc(sizeof(*s));
    if (!s) {
        hwi_socket_close(fd);
        return NULL;
    }
    hwi_socket_init(s, &socket_ops);
    hwi_socket_adopt(s, fd);
    if (hwi_socket_prepare(fd) < 0)
        fail(&s->link, errno);
    return &s->link;
}
