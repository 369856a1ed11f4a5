#ifdef __linux__
#define _GNU_SOURCE /* recvmsg() with what <linux/...> names */
#endif

#include "link/arrival.h"

#include <string.h>
#include <sys/socket.h>

#ifdef __linux__

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

/* Since Linux 4.18, and not in every libc's headers. */
#ifndef TCP_INQ
#define TCP_INQ 36
#endif
#ifndef TCP_CM_INQ
#define TCP_CM_INQ TCP_INQ
#endif

bool hwi_arrival_ask(int fd)
{
    int flags = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
    int yes = 1;
    if (setsockopt(fd, IPPROTO_TCP, TCP_INQ, &yes, sizeof(yes)) != 0)
        return false;
    return setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof(flags)) ==
           0;
}

static hws_time time_in(const struct cmsghdr *c)
{
    struct scm_timestamping stamps;
    memcpy(&stamps, CMSG_DATA(c), sizeof(stamps));
    hws_time at = HWS_S(stamps.ts[0].tv_sec) + stamps.ts[0].tv_nsec;
    return at ? at : HWS_NEVER;
}

static void take(const struct cmsghdr *c, struct hws_arrival *arrival)
{
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPING)
        arrival->at = time_in(c);
    else if (c->cmsg_level == IPPROTO_TCP && c->cmsg_type == TCP_CM_INQ)
        memcpy(&arrival->left, CMSG_DATA(c), sizeof(arrival->left));
}

ssize_t hwi_arrival_receive(int fd, uint8_t *bytes, size_t size,
                            struct hws_arrival *arrival)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(struct scm_timestamping)) +
                   CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec vector = {bytes, size};
    struct msghdr m = {
        .msg_iov = &vector,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof(control.bytes),
    };
    ssize_t got = recvmsg(fd, &m, MSG_DONTWAIT);
    if (got <= 0)
        return got;
    *arrival = (struct hws_arrival){.at = HWS_NEVER, .left = -1};
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
        take(c, arrival);
    return got;
}

#else

bool hwi_arrival_ask(int fd)
{
    (void)fd;
    return false;
}

ssize_t hwi_arrival_receive(int fd, uint8_t *bytes, size_t size,
                            struct hws_arrival *arrival)
{
    *arrival = (struct hws_arrival){.at = HWS_NEVER, .left = -1};
    return recv(fd, bytes, size, MSG_DONTWAIT);
}

#endif
