/*
 * What the kernel tells about the socket at the bottom of a stack. Where a
 * system does not tell, the number is -1 or the text is empty.
 */
#ifdef __linux__
#define _GNU_SOURCE /* struct tcp_info */
#endif

#include "link/address.h"
#include "link/link.h"
#include "link/socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#ifdef __linux__
#include <linux/sockios.h>
#endif

static int number_of(int fd, int level, int option)
{
    int value = 0;
    socklen_t size = sizeof(value);
    return getsockopt(fd, level, option, &value, &size) == 0 ? value : -1;
}

static void tell_addresses(int fd, struct hws_socket_info *info)
{
    struct sockaddr_storage any = {0};
    socklen_t size = sizeof(any);
    if (getsockname(fd, (struct sockaddr *)&any, &size) == 0)
        hwi_address_text((struct sockaddr *)&any, size, info->local);
    info->is_tcp = any.ss_family == AF_INET || any.ss_family == AF_INET6;
    size = sizeof(any);
    if (getpeername(fd, (struct sockaddr *)&any, &size) == 0)
        hwi_address_text((struct sockaddr *)&any, size, info->peer);
}

/* -1: unknown. */
static int send_queue_of(int fd)
{
    int queued = -1;
#ifdef SIOCOUTQ
    if (ioctl(fd, SIOCOUTQ, &queued) < 0)
        queued = -1;
#else
    (void)fd;
#endif
    return queued;
}

static void tell_queues(const struct hwi_socket *s,
                        struct hws_socket_info *info)
{
    info->receive_buffer = number_of(s->fd, SOL_SOCKET, SO_RCVBUF);
    info->send_buffer = number_of(s->fd, SOL_SOCKET, SO_SNDBUF);
    info->receive_queue = hwi_socket_queue(s);
    info->send_queue = send_queue_of(s->fd);
}

static void tell_options(int fd, struct hws_socket_info *info)
{
    info->no_delay = number_of(fd, IPPROTO_TCP, TCP_NODELAY) > 0;
    info->keep_alive = number_of(fd, SOL_SOCKET, SO_KEEPALIVE) > 0;
    info->keep_idle = -1;
#ifdef TCP_KEEPIDLE
    if (info->keep_alive)
        info->keep_idle = number_of(fd, IPPROTO_TCP, TCP_KEEPIDLE);
#endif
#ifdef TCP_CONGESTION
    socklen_t size = sizeof(info->congestion) - 1;
    if (getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, info->congestion, &size))
        info->congestion[0] = '\0';
#endif
}

/* Linux's reading of the path; elsewhere it has other names and fields. */
static void tell_path(int fd, struct hws_socket_info *info)
{
    info->round_trip = HWS_NEVER;
    info->segment_max = info->retransmits = -1;
#ifdef __linux__
    struct tcp_info t = {0};
    socklen_t size = sizeof(t);
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &t, &size) < 0)
        return;
    info->round_trip = HWS_US(t.tcpi_rtt);
    info->segment_max = (int)t.tcpi_snd_mss;
    info->retransmits = (int)t.tcpi_total_retrans;
#endif
}

int64_t hws_link_send_queue(const struct hws_link *link)
{
    const struct hwi_socket *s = hwi_socket_of(hwi_link_bottom(link));
    return s && s->fd >= 0 ? send_queue_of(s->fd) : -1;
}

int hws_link_socket_info(const struct hws_link *link,
                         struct hws_socket_info *info)
{
    const struct hwi_socket *s = hwi_socket_of(hwi_link_bottom(link));
    *info = (struct hws_socket_info){0};
    if (!s || s->fd < 0)
        return s ? HWS_E_STATE : HWS_E_SUPPORT;
    tell_addresses(s->fd, info);
    tell_queues(s, info);
    if (info->is_tcp) {
        tell_options(s->fd, info);
        tell_path(s->fd, info);
    }
    return 0;
}
