#include "link/resolve.h"

#include "base/status.h"
#include "link/hosts.h"
#include "link/socket.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

/* A lost datagram is asked for again after this part of the whole delay, or
 * after the most; c-ares doubles the wait with each further try. */
#define RESOLVE_TRY_PARTS 4
#define RESOLVE_TRY_MAX HWS_S(5)
#define RESOLVE_TRIES 3

/* RFC 1035 section 4.1.1 */
#define DNS_HEADER 12
#define DNS_SERVFAIL 2
#define DNS_REFUSED 5

static void start_library(void)
{
    ares_library_init(ARES_LIB_INIT_ALL);
}

/* c-ares makes its sockets through these, so that the cause is known when one
 * cannot be made, and none is inherited by programs that are started. */
static ares_socket_t make_socket(int family, int type, int protocol, void *user)
{
    struct hwi_resolve *r = user;
    int fd = socket(family, type, protocol);
    if (fd >= 0 && hwi_socket_prepare(fd) == 0)
        return fd;
    if (r->os_error == 0)
        r->os_error = errno;
    if (fd >= 0)
        hwi_socket_close(fd);
    return ARES_SOCKET_BAD;
}

static int close_socket(ares_socket_t fd, void *user)
{
    (void)user;
    return close(fd);
}

static int connect_socket(ares_socket_t fd, const struct sockaddr *to,
                          ares_socklen_t size, void *user)
{
    (void)user;
    return connect(fd, to, size);
}

/* c-ares hides that a server answered with a failure and calls it a refused
 * connection; so the code is noted here. Only datagrams have a `from`. */
static void note_server(struct hwi_resolve *r, ares_socket_t fd)
{
    struct sockaddr_storage peer = {0};
    socklen_t size = sizeof(peer);
    if (getpeername(fd, (struct sockaddr *)&peer, &size) == 0)
        hwi_address_text((struct sockaddr *)&peer, size, r->server);
}

static ares_ssize_t receive(ares_socket_t fd, void *bytes, size_t size,
                            int flags, struct sockaddr *from,
                            ares_socklen_t *from_size, void *user)
{
    struct hwi_resolve *r = user;
    ssize_t got = recvfrom(fd, bytes, size, flags, from, from_size);
    if (got > 0)
        note_server(r, fd);
    if (from && got >= DNS_HEADER)
        r->rcode = ((const uint8_t *)bytes)[3] & 15;
    return got;
}

/* Not writev(), which would raise SIGPIPE on a closed TCP connection. */
static ares_ssize_t transmit(ares_socket_t fd, const struct iovec *parts,
                             int count, void *user)
{
    struct msghdr message = {0};
    (void)user;
    message.msg_iov = (struct iovec *)(uintptr_t)parts;
    message.msg_iovlen = (size_t)count;
    return sendmsg(fd, &message, MSG_NOSIGNAL);
}

static const struct ares_socket_functions socket_functions = {
    .asocket = make_socket,
    .aclose = close_socket,
    .aconnect = connect_socket,
    .arecvfrom = receive,
    .asendv = transmit,
};

static int try_ms(hws_time delay)
{
    hws_time part = delay / RESOLVE_TRY_PARTS;
    bool is_part = part > 0 && part < RESOLVE_TRY_MAX;
    return (int)((is_part ? part : RESOLVE_TRY_MAX) / HWS_MS(1)) + 1;
}

static int make_channel(struct hwi_resolve *r,
                        const struct hwi_resolve_options *options)
{
    struct ares_options o = {
        .timeout = try_ms(options->delay),
        .tries = RESOLVE_TRIES,
        .lookups = (char *)(uintptr_t) "b", /* hosts.c sees to the files */
    };
    int status = ares_init_options(&r->channel, &o,
                                   ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
                                       ARES_OPT_LOOKUPS);
    if (status != ARES_SUCCESS) {
        r->channel = NULL;
        return status == ARES_ENOMEM ? HWS_E_MEMORY : HWS_E_SYSTEM;
    }
    ares_set_socket_functions(r->channel, &socket_functions, r);
    if (options->nameservers &&
        ares_set_servers_ports_csv(r->channel, options->nameservers) !=
            ARES_SUCCESS)
        return HWS_E_ARGUMENT;
    return 0;
}

static void take(struct hwi_answer *a, const struct ares_addrinfo *found)
{
    for (struct ares_addrinfo_node *n = found->nodes; n; n = n->ai_next)
        hwi_answer_add(a, n->ai_addr);
}

static void on_answer(void *user, int status, int timeouts,
                      struct ares_addrinfo *found)
{
    struct hwi_answer *a = user;
    (void)timeouts;
    a->done = true;
    a->status = status;
    if (!found)
        return;
    take(a, found);
    ares_freeaddrinfo(found);
}

static void ask(struct hwi_resolve *r, const char *host, int family,
                struct hwi_answer *a)
{
    struct ares_addrinfo_hints hints = {
        .ai_family = family,
        .ai_socktype = SOCK_STREAM,
    };
    ares_getaddrinfo(r->channel, host, NULL, &hints, on_answer, a);
}

static void set_ports(struct hwi_answer *a, uint16_t port)
{
    for (size_t i = 0; i < a->count; i++)
        hwi_address_set_port(&a->list[i], port);
}

static void end_if_answered(struct hwi_resolve *r)
{
    set_ports(&r->v6, r->port);
    set_ports(&r->v4, r->port);
    if (r->channel && r->v6.done && r->v4.done)
        hwi_resolve_end(r);
}

static void note_deadline(struct hwi_resolve *r, hws_time now)
{
    struct timeval left;
    r->retry_deadline = HWS_NEVER;
    if (!r->channel || !ares_timeout(r->channel, NULL, &left))
        return;
    /* c-ares reads a clock of its own: a moment later is never too early. */
    hws_time delay = HWS_S(left.tv_sec) + HWS_US(left.tv_usec) + HWS_MS(1);
    r->retry_deadline = now + delay;
}

int hwi_resolve_begin(struct hwi_resolve *r,
                      const struct hwi_resolve_options *options, hws_time now)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start_library);
    memset(r, 0, sizeof(*r));
    r->port = options->port;
    r->delay = options->delay;
    int status = make_channel(r, options);
    if (status < 0) {
        hwi_resolve_end(r);
        return status;
    }
    if (hwi_hosts_find(r->channel, options->host, &r->v6, &r->v4)) {
        r->local = r->v6.done = r->v4.done = true;
    } else {
        ask(r, options->host, AF_INET6, &r->v6);
        ask(r, options->host, AF_INET, &r->v4);
    }
    end_if_answered(r);
    note_deadline(r, now);
    return 0;
}

size_t hwi_resolve_wants(const struct hwi_resolve *r, struct hws_want *wants,
                         size_t max)
{
    ares_socket_t fds[ARES_GETSOCK_MAXNUM];
    size_t count = 0;
    if (!r->channel)
        return 0;
    unsigned bits =
        (unsigned)ares_getsock(r->channel, fds, ARES_GETSOCK_MAXNUM);
    for (unsigned i = 0; i < ARES_GETSOCK_MAXNUM && count < max; i++) {
        unsigned interest = 0;
        if (bits >> i & 1u)
            interest |= HWS_READ;
        if (bits >> (i + ARES_GETSOCK_MAXNUM) & 1u)
            interest |= HWS_WRITE;
        if (interest)
            wants[count++] = (struct hws_want){fds[i], interest};
    }
    return count;
}

static short events_of(unsigned interest)
{
    return (short)((interest & HWS_READ ? POLLIN : 0) |
                   (interest & HWS_WRITE ? POLLOUT : 0));
}

/* Descriptors that are ready are handled before what is late, so that an
 * answer that came in time is never asked for again. */
static void process_ready(struct hwi_resolve *r)
{
    struct hws_want wants[HWS_WANTS_MAX];
    struct pollfd polls[HWS_WANTS_MAX];
    size_t count = hwi_resolve_wants(r, wants, HWS_WANTS_MAX);
    for (size_t i = 0; i < count; i++)
        polls[i] =
            (struct pollfd){wants[i].fd, events_of(wants[i].interest), 0};
    if (count == 0 || poll(polls, (nfds_t)count, 0) <= 0)
        return;
    for (size_t i = 0; i < count; i++) {
        short ready = polls[i].revents;
        if (!ready)
            continue;
        ares_process_fd(r->channel,
                        ready & ~POLLOUT ? polls[i].fd : ARES_SOCKET_BAD,
                        ready & POLLOUT ? polls[i].fd : ARES_SOCKET_BAD);
    }
}

void hwi_resolve_step(struct hwi_resolve *r, hws_time now)
{
    if (!r->channel)
        return;
    process_ready(r);
    ares_process_fd(r->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    end_if_answered(r);
    note_deadline(r, now);
}

void hwi_resolve_end(struct hwi_resolve *r)
{
    if (r->channel)
        ares_destroy(r->channel); /* answers what is open as destroyed */
    r->channel = NULL;
    r->retry_deadline = HWS_NEVER;
}

/* What c-ares calls a refused connection, by its true name. */
static int true_status(const struct hwi_resolve *r, int status)
{
    if (status == ARES_ECONNREFUSED && r->rcode == DNS_SERVFAIL)
        return ARES_ESERVFAIL;
    if (status == ARES_ECONNREFUSED && r->rcode == DNS_REFUSED)
        return ARES_EREFUSED;
    return status;
}

/* The family that knows most about the failure: "no address" is the least. */
static int cause(const struct hwi_resolve *r)
{
    return true_status(r, r->v4.status == ARES_ENODATA ? r->v6.status
                                                       : r->v4.status);
}

static const char *reason_of(int status, char room[HWI_REASON_MAX])
{
    switch (status) {
    case ARES_SUCCESS:
    case ARES_ENODATA:
        return "no address";
    case ARES_ENOTFOUND:
        return "no such name";
    case ARES_ESERVFAIL:
        return "the name server failed";
    case ARES_EREFUSED:
        return "the name server refuses";
    case ARES_ECONNREFUSED:
        return "no name server can be reached";
    case ARES_ETIMEOUT:
        return "no answer from any name server";
    case ARES_EBADNAME:
        return "not a name";
    default:
        snprintf(room, HWI_REASON_MAX, "%s", ares_strerror(status));
        hwi_reason_lower(room);
        return room;
    }
}

const char *hwi_resolve_reason(const struct hwi_resolve *r,
                               const struct hwi_answer *a,
                               char room[HWI_REASON_MAX])
{
    if (a->status == ARES_EDESTRUCTION) /* given up by hwi_resolve_end() */
        return "no answer in time";
    return reason_of(true_status(r, a->status), room);
}

int hwi_resolve_fail(const struct hwi_resolve *r, const char *host,
                     struct hws_fault *fault)
{
    char room[HWI_REASON_MAX];
    int status = cause(r);
    if (r->os_error) {
        hwi_fault_os(fault, HWS_PHASE_DNS, r->os_error, "cannot resolve '%s'",
                     host);
        fault->status = HWS_E_RESOLVE;
        return HWS_E_RESOLVE;
    }
    if (status == ARES_EDESTRUCTION) /* given up by hwi_resolve_end() */
        return hwi_fault_set(fault, HWS_PHASE_DNS, HWS_E_TIMEOUT,
                             "cannot resolve '%s': no answer within %.1f s",
                             host, (double)r->delay / 1e9);
    return hwi_fault_set(
        fault, HWS_PHASE_DNS,
        status == ARES_ETIMEOUT ? HWS_E_TIMEOUT : HWS_E_RESOLVE,
        "cannot resolve '%s': %s", host, reason_of(status, room));
}
