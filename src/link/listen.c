/*
 * A listening socket. One descriptor is kept in reserve: when the process has
 * no other left, it lets a waiting peer be accepted and dropped, so that the
 * listener does not stay ready for ever.
 */
#include "base/mem.h"
#include "base/status.h"
#include "link/address.h"
#include "link/socket.h"
#include "link/tcp_options.h"
#include "link/unix.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct hws_listener {
    int fd;
    int reserve;
    uint16_t port;
    char *path; /* to be removed again, or NULL */
};

static int fail_os(struct hws_fault *fault, const char *host, unsigned port)
{
    return hwi_fault_os(fault, HWS_PHASE_LOCAL, errno,
                        "cannot listen on '%s' port %u", host, port);
}

/* Bind and listen; the descriptor, or -1 with errno. */
static int listen_on(const struct sockaddr *any, socklen_t size, int backlog)
{
    int one = 1;
    int fd = hwi_socket_create(any->sa_family);
    if (fd < 0)
        return -1;
    if (any->sa_family != AF_UNIX)
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(fd, any, size) == 0 && listen(fd, backlog) == 0)
        return fd;
    hwi_socket_close(fd);
    return -1;
}

static int listen_ip(struct hws_listener *l, const char *host, uint16_t port,
                     int backlog)
{
    struct hwi_address a;
    if (!hwi_address_parse(&a, host, port)) {
        errno = EINVAL;
        return -1;
    }
    l->fd = listen_on(&a.any, a.size, backlog);
    if (l->fd < 0)
        return -1;
    a.size = sizeof(a.v6);
    if (getsockname(l->fd, &a.any, &a.size) < 0)
        return -1;
    l->port = hwi_address_port(&a);
    return 0;
}

static int listen_unix(struct hws_listener *l, const char *path, int backlog)
{
    struct sockaddr_un un;
    socklen_t size;
    if (!hwi_unix_address(path, &un, &size)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    l->fd = listen_on((struct sockaddr *)&un, size, backlog);
    if (l->fd < 0)
        return -1;
    if (path[0] == '@')
        return 0;
    l->path = hwi_copy_text(path);
    if (l->path)
        return 0;
    unlink(path);
    errno = ENOMEM;
    return -1;
}

static int take_reserve(void)
{
    return open("/", O_RDONLY | O_CLOEXEC);
}

struct hws_listener *hws_listener_new(const char *host, uint16_t port,
                                      int backlog, struct hws_fault *fault)
{
    struct hws_listener *l = hwi_alloc(sizeof(*l));
    if (!l) {
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                      "no memory to listen on '%s'", host);
        return NULL;
    }
    *l = (struct hws_listener){.fd = -1, .reserve = take_reserve()};
    bool is_unix = host[0] == '/' || host[0] == '@';
    if ((is_unix ? listen_unix(l, host, backlog)
                 : listen_ip(l, host, port, backlog)) < 0) {
        fail_os(fault, host, port);
        hws_listener_free(l);
        return NULL;
    }
    return l;
}

int hws_listener_fd(const struct hws_listener *l)
{
    return l->fd;
}

uint16_t hws_listener_port(const struct hws_listener *l)
{
    return l->port;
}

/* Accept one peer on the reserve and let it go. */
static int drop_one(struct hws_listener *l)
{
    if (l->reserve >= 0)
        close(l->reserve);
    int fd = accept(l->fd, NULL, NULL);
    bool none_waits = fd < 0 && hwi_socket_is_again(errno);
    if (fd >= 0)
        close(fd);
    l->reserve = take_reserve();
    return none_waits ? HWS_E_AGAIN : HWS_E_SYSTEM;
}

/* Another thread may have been quicker when the reserve was taken back. */
static void mend_reserve(struct hws_listener *l)
{
    if (l->reserve < 0)
        l->reserve = take_reserve();
}

static struct hws_link *link_of(int fd)
{
    struct hws_tcp_options options;
    hwi_tcp_options_init(&options);
    hwi_tcp_options_apply(&options, fd);
    return hws_socket_new(fd);
}

int hws_listener_accept(struct hws_listener *l, struct hws_link **link)
{
    for (;;) {
        int fd = accept(l->fd, NULL, NULL);
        if (fd >= 0) {
            mend_reserve(l);
            *link = link_of(fd);
            return *link ? 0 : HWS_E_MEMORY;
        }
        if (hwi_socket_is_again(errno))
            return HWS_E_AGAIN;
        if (errno == EMFILE || errno == ENFILE)
            return drop_one(l);
        /* A peer that was gone before it was accepted is no failure. */
        if (errno != EINTR && errno != ECONNABORTED && errno != EPROTO)
            return HWS_E_SYSTEM;
    }
}

void hws_listener_free(struct hws_listener *l)
{
    if (!l)
        return;
    if (l->fd >= 0)
        close(l->fd);
    if (l->reserve >= 0)
        close(l->reserve);
    if (l->path)
        unlink(l->path);
    hwi_free(l->path);
    hwi_free(l);
}
