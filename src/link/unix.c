/*
 * Connect to a Unix stream socket. It connects at once or not at all, except
 * while the server's backlog is full: then nothing becomes ready, and asking
 * again later is the only way.
 */
#include "link/unix.h"

#include "base/mem.h"
#include "base/status.h"
#include "link/socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define UNIX_RETRY_DELAY HWS_MS(10)
#define UNIX_CONNECT_DELAY HWS_S(5)

struct unix_dial {
    struct hwi_socket socket; /* first: the layer is a socket once open */
    hws_time retry_deadline;
    hws_time connect_deadline; /* HWS_NEVER before the first try */
    char path[];
};

bool hwi_unix_address(const char *path, struct sockaddr_un *un, socklen_t *size)
{
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof(un->sun_path))
        return false;
    memset(un, 0, sizeof(*un));
    un->sun_family = AF_UNIX;
    memcpy(un->sun_path, path, length);
    bool abstract = path[0] == '@';
    if (abstract)
        un->sun_path[0] = '\0';
    *size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length +
                        (abstract ? 0 : 1));
    return true;
}

static struct unix_dial *self(const struct hws_link *link)
{
    return (struct unix_dial *)(uintptr_t)link;
}

static int fail(struct unix_dial *d, int os_error)
{
    struct hws_fault *fault = &d->socket.link.fault;
    hwi_fault_os(fault, HWS_PHASE_TCP, os_error, "cannot connect to '%s'",
                 d->path);
    fault->status = HWS_E_CONNECT;
    return HWS_E_CONNECT;
}

static int fail_late(struct unix_dial *d)
{
    return hwi_fault_set(&d->socket.link.fault, HWS_PHASE_TCP, HWS_E_TIMEOUT,
                         "cannot connect to '%s': no answer within %.1f s",
                         d->path, (double)UNIX_CONNECT_DELAY / 1e9);
}

static int wait_for_backlog(struct unix_dial *d, hws_time now)
{
    if (d->connect_deadline == HWS_NEVER)
        d->connect_deadline = now + UNIX_CONNECT_DELAY;
    if (now >= d->connect_deadline)
        return fail_late(d);
    d->retry_deadline = now + UNIX_RETRY_DELAY;
    return HWS_E_AGAIN;
}

/* 0 or errno; EAGAIN means a full backlog. */
static int connect_once(struct unix_dial *d)
{
    struct sockaddr_un un;
    socklen_t size;
    if (!hwi_unix_address(d->path, &un, &size))
        return ENAMETOOLONG;
    int fd = hwi_socket_create(AF_UNIX);
    if (fd < 0)
        return errno;
    int done;
    do {
        done = connect(fd, (struct sockaddr *)&un, size);
    } while (done < 0 && errno == EINTR);
    if (done < 0) {
        hwi_socket_close(fd);
        return errno;
    }
    hwi_socket_adopt(&d->socket, fd);
    return 0;
}

static int unix_open(struct hws_link *link, hws_time now)
{
    struct unix_dial *d = self(link);
    if (link->fault.status || d->socket.fd >= 0)
        return link->fault.status;
    if (d->retry_deadline != HWS_NEVER && now < d->retry_deadline)
        return HWS_E_AGAIN;
    int os_error = connect_once(d);
    d->retry_deadline = HWS_NEVER;
    if (os_error == EAGAIN)
        return wait_for_backlog(d, now);
    return os_error ? fail(d, os_error) : 0;
}

static size_t unix_wants(const struct hws_link *link, struct hws_want *wants)
{
    return self(link)->socket.fd < 0 ? 0 : hwi_socket_wants(link, wants);
}

static hws_time unix_deadline(const struct hws_link *link)
{
    return self(link)->retry_deadline;
}

static void unix_free(struct hws_link *link)
{
    hwi_socket_release(&self(link)->socket);
    hwi_free(link);
}

static const struct hws_link_ops unix_ops = {
    .name = "unix",
    .open = unix_open,
    .read = hwi_socket_read,
    .write = hwi_socket_write,
    .shut = hwi_socket_shut,
    .wants = unix_wants,
    .deadline = unix_deadline,
    .free = unix_free,
};

struct hws_link *hws_unix_new(const char *path)
{
    size_t size = strlen(path) + 1;
    struct unix_dial *d = hwi_alloc(sizeof(*d) + size);
    if (!d)
        return NULL;
    hwi_socket_init(&d->socket, &unix_ops);
    d->retry_deadline = d->connect_deadline = HWS_NEVER;
    memcpy(d->path, path, size);
    snprintf(d->socket.link.fault.peer, sizeof(d->socket.link.fault.peer), "%s",
             path);
    return &d->socket.link;
}
