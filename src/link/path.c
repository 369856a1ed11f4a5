/*
 * What Linux tells of a connection's way: its whole struct tcp_info, of which
 * the libc's header has the beginning only. The two headers exclude each other.
 */
#include "link/link.h"
#include "link/socket.h"

static void know_nothing(struct hws_path *path)
{
    *path = (struct hws_path)HWS_PATH_UNKNOWN;
}

#ifdef __linux__

#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

/* Whether this kernel filled the member: older ones know fewer. */
#define HAS(size, member)                                      \
    ((size) >= (socklen_t)(offsetof(struct tcp_info, member) + \
                           sizeof(((struct tcp_info *)0)->member)))

static void take(const struct tcp_info *t, socklen_t size,
                 struct hws_path *path)
{
    path->round_trip = HWS_US(t->tcpi_rtt);
    path->retransmits = t->tcpi_total_retrans;
    path->unacknowledged = t->tcpi_unacked;
    path->receive_window = t->tcpi_rcv_space;
    if (HAS(size, tcpi_min_rtt) && t->tcpi_min_rtt != UINT32_MAX)
        path->round_trip_min = HWS_US(t->tcpi_min_rtt);
    if (HAS(size, tcpi_delivery_rate))
        path->delivery_rate = (int64_t)t->tcpi_delivery_rate;
}

int hws_link_path(const struct hws_link *link, struct hws_path *path)
{
    const struct hwi_socket *s = hwi_socket_of(hwi_link_bottom(link));
    struct tcp_info info = {0};
    socklen_t size = sizeof(info);
    know_nothing(path);
    if (!s || s->fd < 0 ||
        getsockopt(s->fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
        return HWS_E_SUPPORT;
    take(&info, size, path);
    return 0;
}

#else

int hws_link_path(const struct hws_link *link, struct hws_path *path)
{
    (void)link;
    know_nothing(path);
    return HWS_E_SUPPORT;
}

#endif
