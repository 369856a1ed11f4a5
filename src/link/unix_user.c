/*
 * Who is at the other end of a Unix socket.
 */
#ifdef __linux__
#define _GNU_SOURCE /* struct ucred */
#endif

#include "link/link.h"
#include "link/socket.h"

#include <sys/socket.h>
#include <unistd.h>

bool hwi_link_is_of_own_user(const struct hws_link *link)
{
    const struct hwi_socket *s = hwi_socket_of(hwi_link_bottom(link));
#ifdef SO_PEERCRED
    struct ucred peer;
    socklen_t size = sizeof(peer);
    if (!s || getsockopt(s->fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return false;
    return peer.uid == geteuid() || peer.uid == 0;
#else
    return s != NULL;
#endif
}
