#include "link/routes.h"

#ifdef __linux__

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int hwi_routes_open(void)
{
    const struct sockaddr_nl wanted = {
        .nl_family = AF_NETLINK,
        .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE |
                     RTMGRP_IPV6_IFADDR | RTMGRP_IPV6_ROUTE};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
                    NETLINK_ROUTE);
    if (fd >= 0 &&
        bind(fd, (const struct sockaddr *)&wanted, sizeof(wanted)) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* A link that is as it was is told of for its counters. Routes of other tables
 * than the main one, and copies of a route, are nobody's way. */
static bool is_change(const struct nlmsghdr *head, const uint8_t *body,
                      size_t size)
{
    struct ifinfomsg link;
    struct rtmsg route;
    switch (head->nlmsg_type) {
    case RTM_NEWLINK:
    case RTM_DELLINK:
        if (size < sizeof(link))
            return false;
        memcpy(&link, body, sizeof(link));
        return link.ifi_change != 0;
    case RTM_NEWADDR:
    case RTM_DELADDR:
        return true;
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
        if (size < sizeof(route))
            return false;
        memcpy(&route, body, sizeof(route));
        return route.rtm_table == RT_TABLE_MAIN &&
               !(route.rtm_flags & RTM_F_CLONED);
    default:
        return false;
    }
}

bool hwi_routes_is_change(struct hws_span datagram)
{
    struct nlmsghdr head;
    while (datagram.size >= sizeof(head)) {
        memcpy(&head, datagram.data, sizeof(head));
        if (head.nlmsg_len < sizeof(head) || head.nlmsg_len > datagram.size)
            return false;
        if (is_change(&head, datagram.data + sizeof(head),
                      head.nlmsg_len - sizeof(head)))
            return true;
        size_t step = NLMSG_ALIGN(head.nlmsg_len);
        step = step < datagram.size ? step : datagram.size;
        datagram.data += step;
        datagram.size -= step;
    }
    return false;
}

/* What was lost for want of room may have been a change. */
bool hwi_routes_changed(int fd)
{
    uint8_t bytes[8192];
    bool changed = false;
    ssize_t got;
    do {
        got = recv(fd, bytes, sizeof(bytes), 0);
        if (got > 0)
            changed |=
                hwi_routes_is_change((struct hws_span){bytes, (size_t)got});
        else
            changed |= got < 0 && errno == ENOBUFS;
    } while (got > 0 || (got < 0 && (errno == EINTR || errno == ENOBUFS)));
    return changed;
}

#else

int hwi_routes_open(void)
{
    return -1;
}

bool hwi_routes_changed(int fd)
{
    (void)fd;
    return false;
}

bool hwi_routes_is_change(struct hws_span datagram)
{
    (void)datagram;
    return false;
}

#endif
