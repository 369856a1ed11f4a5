/*
 * The bottom of a stack: bytes over one connected stream socket. It never
 * blocks and never raises SIGPIPE. Dialing layers embed it as their head and
 * share its movers, so that a layer that reads through hwi_socket_read() is
 * known to stand on a descriptor.
 */
#ifndef HWI_SOCKET_H
#define HWI_SOCKET_H

#include "hawser/link.h"

#include <errno.h>

struct hwi_socket {
    struct hws_link link;
    int fd; /* -1 until connected */
    bool stamps;
    struct hws_arrival arrival; /* of the last read, when it `stamps` */
};

void hwi_socket_init(struct hwi_socket *s, const struct hws_link_ops *ops);
/* Take a connected descriptor and learn the peer's address. */
void hwi_socket_adopt(struct hwi_socket *s, int fd);
/* Close the descriptor, once. */
void hwi_socket_release(struct hwi_socket *s);

/* Non-blocking, not inherited by programs that are started, no SIGPIPE. */
int hwi_socket_prepare(int fd); /* 0 or -1 with errno */
/* A new stream socket, prepared. -1 with errno. */
int hwi_socket_create(int family);
/* Whether errno says that there is nothing now. */
static inline bool hwi_socket_is_again(int os_error)
{
    return os_error == EAGAIN || os_error == EWOULDBLOCK;
}
/* close() that keeps errno. */
void hwi_socket_close(int fd);

ptrdiff_t hwi_socket_read(struct hws_link *link, uint8_t *bytes, size_t size);
ptrdiff_t hwi_socket_write(struct hws_link *link, const uint8_t *bytes,
                           size_t size);
int hwi_socket_shut(struct hws_link *link);
size_t hwi_socket_wants(const struct hws_link *link, struct hws_want *wants);

/* The socket that a layer stands on directly, or NULL. */
struct hwi_socket *hwi_socket_of(const struct hws_link *link);
size_t hwi_socket_queue(const struct hwi_socket *s); /* FIONREAD */
void hwi_socket_linger_not(const struct hwi_socket *s);

#endif
