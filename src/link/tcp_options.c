#include "link/tcp_options.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

void hwi_tcp_options_init(struct hws_tcp_options *options)
{
    *options = (struct hws_tcp_options){
        .no_delay = true,
        .keep_alive = true,
        .keep_idle = HWS_S(30),
        .keep_interval = HWS_S(10),
        .keep_count = 3,
        .user_timeout = HWS_S(20),
    };
}

static void set_number(int fd, int level, int option, int value)
{
    (void)setsockopt(fd, level, option, &value, sizeof(value));
}

/* A delay in `unit`s, at least one of them; 0 and HWS_NEVER set nothing. */
static void set_delay(int fd, int option, hws_time delay, hws_time unit)
{
    if (delay <= 0 || delay == HWS_NEVER)
        return;
    hws_time count = (delay + unit - 1) / unit;
    set_number(fd, IPPROTO_TCP, option,
               count > 32767000 ? 32767000 : (int)count);
}

static void set_keep_alive(const struct hws_tcp_options *o, int fd)
{
    set_number(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
#if defined(TCP_KEEPIDLE)
    set_delay(fd, TCP_KEEPIDLE, o->keep_idle, HWS_S(1));
#elif defined(TCP_KEEPALIVE)
    set_delay(fd, TCP_KEEPALIVE, o->keep_idle, HWS_S(1));
#endif
#ifdef TCP_KEEPINTVL
    set_delay(fd, TCP_KEEPINTVL, o->keep_interval, HWS_S(1));
#endif
#ifdef TCP_KEEPCNT
    if (o->keep_count > 0)
        set_number(fd, IPPROTO_TCP, TCP_KEEPCNT, o->keep_count);
#endif
}

void hwi_tcp_options_apply(const struct hws_tcp_options *o, int fd)
{
    if (o->no_delay)
        set_number(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    if (o->keep_alive)
        set_keep_alive(o, fd);
#ifdef TCP_USER_TIMEOUT
    set_delay(fd, TCP_USER_TIMEOUT, o->user_timeout, HWS_MS(1));
#endif
    if (o->receive_buffer > 0)
        set_number(fd, SOL_SOCKET, SO_RCVBUF, o->receive_buffer);
    if (o->send_buffer > 0)
        set_number(fd, SOL_SOCKET, SO_SNDBUF, o->send_buffer);
}

void hwi_tcp_options_no_signal(int fd)
{
#ifdef SO_NOSIGPIPE
    set_number(fd, SOL_SOCKET, SO_NOSIGPIPE, 1);
#else
    (void)fd;
#endif
}
