/*
 * Transports as a stack of small layers. A layer opens, reads, writes and
 * shuts; below it stands the next one. Layers never block, know neither loop
 * nor WebSocket, and are told the time.
 *
 * A life:  new -> open* until 0 -> [read | write]* -> shut -> free
 * Between calls, hws_link_wants() says which descriptors to wait for and
 * hws_link_deadline() when to call again in any case.
 */
#ifndef HAWSER_LINK_H
#define HAWSER_LINK_H

#include "hawser/types.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { HWS_READ = 1, HWS_WRITE = 2 };

/* One descriptor to wait for, and for what (HWS_READ | HWS_WRITE). */
struct hws_want {
    int fd;
    unsigned interest;
};

/* The most descriptors that one stack ever wants at once. */
#define HWS_WANTS_MAX 16

struct hws_link;

/* What a layer implements. All of it; there are no optional members. */
struct hws_link_ops {
    const char *name; /* "tcp", "tls", "pair", ... */

    /*
     * Make progress towards an open layer; opens the layer below first.
     * 0: open. HWS_E_AGAIN: call again when a wanted descriptor is ready or
     * the deadline passed. Anything else: failed for good, see link->fault.
     */
    int (*open)(struct hws_link *link, hws_time now);

    /*
     * Read up to `size` bytes (size > 0). Fewer bytes than `size` mean that
     * nothing more is there at the moment, in this layer or below; unless
     * link->ended, for no descriptor becomes ready for that. HWS_E_AGAIN:
     * nothing now. HWS_E_EOF: the peer ended in order. Else see link->fault.
     */
    ptrdiff_t (*read)(struct hws_link *link, uint8_t *bytes, size_t size);

    /*
     * Write up to `size` bytes. Bytes once taken are the layer's to deliver:
     * while it still holds some, wants() has HWS_WRITE, and write with size 0
     * flushes them (0: flushed, HWS_E_AGAIN: not yet).
     */
    ptrdiff_t (*write)(struct hws_link *link, const uint8_t *bytes,
                       size_t size);

    /*
     * Say the end of our direction (FIN, close_notify), reading stays
     * possible. 0, or HWS_E_AGAIN: call again when writable.
     */
    int (*shut)(struct hws_link *link);

    /* Fill `wants` (HWS_WANTS_MAX entries); returns how many. Once open, it is
     * exactly one descriptor, and HWS_READ is always in its interest. */
    size_t (*wants)(const struct hws_link *link, struct hws_want *wants);

    /* When open() must be called in any case; HWS_NEVER once open. */
    hws_time (*deadline)(const struct hws_link *link);

    /* Free this layer and all below; closes descriptors, never blocks. */
    void (*free)(struct hws_link *link);
};

/* The head of every layer's own structure. */
struct hws_link {
    const struct hws_link_ops *ops;
    struct hws_link *below; /* owned; NULL at the bottom */
    struct hws_fault fault; /* first cause; valid after a failure */
    bool truncated;         /* TLS ended without close_notify */
    bool ended;             /* reading is over; the next read says how */
};

static inline int hws_link_open(struct hws_link *l, hws_time now)
{
    return l->ops->open(l, now);
}
static inline ptrdiff_t hws_link_read(struct hws_link *l, uint8_t *bytes,
                                      size_t size)
{
    return l->ops->read(l, bytes, size);
}
static inline ptrdiff_t hws_link_write(struct hws_link *l, const uint8_t *bytes,
                                       size_t size)
{
    return l->ops->write(l, bytes, size);
}
static inline int hws_link_shut(struct hws_link *l)
{
    return l->ops->shut(l);
}
static inline size_t hws_link_wants(const struct hws_link *l,
                                    struct hws_want *wants)
{
    return l->ops->wants(l, wants);
}
static inline hws_time hws_link_deadline(const struct hws_link *l)
{
    return l->ops->deadline(l);
}
/* NULL is allowed. */
static inline void hws_link_free(struct hws_link *l)
{
    if (l)
        l->ops->free(l);
}

/* Memory that layers use within one call and share between connections. */
struct hws_scratch {
    uint8_t *data;
    size_t size; /* at least 17 KiB; 64 KiB is meant */
};

/* TCP options. 0 or HWS_NEVER leave the system's default. */
struct hws_tcp_options {
    bool no_delay;          /* TCP_NODELAY; true */
    bool keep_alive;        /* SO_KEEPALIVE; true */
    hws_time keep_idle;     /* TCP_KEEPIDLE; 30 s */
    hws_time keep_interval; /* TCP_KEEPINTVL; 10 s */
    int keep_count;         /* TCP_KEEPCNT; 3 */
    hws_time user_timeout;  /* TCP_USER_TIMEOUT (Linux); 20 s */
    int receive_buffer;     /* SO_RCVBUF, bytes; 0 */
    int send_buffer;        /* SO_SNDBUF, bytes; 0 */
};

/* What dialing did, for who wants to know why it takes its time. */
enum hws_dial_step {
    HWS_DIAL_BEGIN,  /* nothing was done yet */
    HWS_DIAL_ANSWER, /* one family is resolved, or will not be */
    HWS_DIAL_TRY,    /* connecting to `address` begins */
    HWS_DIAL_FAIL,   /* `address` failed with `os_error` */
    HWS_DIAL_LEAVE,  /* `address` has not answered, and is given up */
    HWS_DIAL_DONE,   /* `address` is connected */
};

/* Who knew the addresses of a name. */
enum hws_name_source {
    HWS_NAME_LITERAL, /* the host is an address */
    HWS_NAME_HOSTS,   /* the hosts file, or RFC 6761 for localhost */
    HWS_NAME_SERVER,  /* name servers */
};

struct hws_dial_note {
    enum hws_dial_step step;
    hws_time at;      /* as it was told to open() */
    const char *host; /* of the options */
    uint16_t port;
    bool ipv6; /* the family of an ANSWER or an `address` */

    /* ANSWER */
    enum hws_name_source source;
    const char *server;           /* that was heard last, or "" */
    const char *const *addresses; /* with the port, best first */
    size_t address_count;
    const char *reason; /* why there is none: "no such name"; else NULL */

    /* TRY, FAIL, LEAVE, DONE */
    const char *address; /* with the port */
    int os_error;        /* FAIL */
};
/* `note` and all in it is lent until the return. Called within open(), or, for
 * what is left, as the layer is freed; the layer must stand when it returns. */
typedef void hws_dial_observer(const struct hws_dial_note *note, void *user);

struct hws_dial_options {
    const char *host; /* name or IP literal, without brackets */
    uint16_t port;
    struct hws_tcp_options tcp;
    hws_time resolve_delay; /* DNS as a whole; 5 s */
    hws_time connect_delay; /* all TCP attempts together; 5 s */
    hws_time
        attempt_delay;   /* RFC 8305 section 5, to the next address; 250 ms */
    hws_time aaaa_delay; /* RFC 8305 section 3, wait for AAAA; 50 ms */
    const char *nameservers; /* "127.0.0.1:5353,..." instead of the system's */
    unsigned rotate; /* start the address race this many addresses later */
    hws_dial_observer *on_step; /* NULL */
    void *user;                 /* for on_step */
};
HWS_API void hws_dial_options_init(struct hws_dial_options *options);

/*
 * Resolve and connect by Happy Eyeballs (RFC 8305).
 *
 * Fails:  NULL only for HWS_E_MEMORY; the rest surfaces in open(): phase DNS
 *         (HWS_E_RESOLVE, HWS_E_TIMEOUT) or TCP (HWS_E_CONNECT, HWS_E_TIMEOUT),
 *         the first address's errno kept.
 */
HWS_API struct hws_link *hws_dial_new(const struct hws_dial_options *options);

/* Connect to a Unix stream socket. A path beginning with '@' is abstract. */
HWS_API struct hws_link *hws_unix_new(const char *path);

/*
 * A stream socket that is connected already (or accepted). Made non-blocking.
 *
 * Owns:   takes `fd`, also on failure; the layer closes it.
 * Fails:  NULL for HWS_E_MEMORY.
 */
HWS_API struct hws_link *hws_socket_new(int fd);

/*
 * A further connection to the proxy, for a layer whose proxy hung up before
 * the tunnel stood: with its question for a password, or with the news that an
 * address did not answer. Called within open(); NULL: no memory.
 */
typedef struct hws_link *hws_redial(void *user);

/* What every layer that goes through a proxy is told. Texts are copied. */
struct hws_tunnel_options {
    const char *proxy;    /* what faults call it, "p.example:3128"; required */
    const char *host;     /* of the target: name or IP literal, no brackets */
    uint16_t port;        /* of the target */
    const char *user;     /* NULL: log in to the proxy without a name */
    const char *password; /* NULL: an empty one */
    hws_time delay;       /* from the connection to the proxy until the tunnel
                             stands, for each connection; 0: no limit; 5 s */
    hws_redial *redial;   /* NULL: the connection `below` is the only one */
    void *redial_user;    /* lent: outlives the layer */
};

struct hws_http_proxy_options {
    struct hws_tunnel_options tunnel;
    struct hws_random random; /* for digest; NULL fill: digest is not used */
};
HWS_API void
hws_http_proxy_options_init(struct hws_http_proxy_options *options);

/*
 * A tunnel through an HTTP proxy (CONNECT, RFC 9110 section 9.3.6) over
 * `below`: TCP, or TLS for a proxy that is reached by https. The proxy
 * resolves the target's name. User and password leave only when the proxy
 * asks for them, by the strongest scheme that it offers: Digest with SHA-256
 * or MD5 (RFC 7616), Basic (RFC 7617) at last. What comes behind the proxy's
 * answer belongs to the tunnel.
 *
 * hws_link_peer() is "feed.example:443 via 192.0.2.1:3128" once it stands.
 *
 * Owns:   takes `below`, also on failure.
 * Fails:  NULL for HWS_E_MEMORY. open(): what `below` failed with, its text
 *         after "cannot reach the proxy: "; else phase PROXY: HWS_E_REFUSED
 *         with the proxy's http_status, HWS_E_HTTP, HWS_E_EOF, HWS_E_RESET,
 *         HWS_E_TIMEOUT, HWS_E_ARGUMENT (a target or a user that cannot be
 *         sent), HWS_E_SUPPORT (MD5 where the system forbids it).
 */
HWS_API struct hws_link *
hws_http_proxy_new(const struct hws_http_proxy_options *options,
                   struct hws_link *below);

enum hws_socks {
    HWS_SOCKS4,  /* IPv4 only; names are resolved here */
    HWS_SOCKS4A, /* IPv4 or a name, which the proxy resolves */
    HWS_SOCKS5,  /* RFC 1928; names are resolved here */
    HWS_SOCKS5H, /* RFC 1928; names are resolved by the proxy */
};

struct hws_socks_options {
    struct hws_tunnel_options tunnel;
    enum hws_socks version;  /* HWS_SOCKS5H */
    const char *nameservers; /* where names are resolved here, as in
                                hws_dial_options */
    hws_time resolve_delay;  /* 5 s */
};
HWS_API void hws_socks_options_init(struct hws_socks_options *options);

/*
 * A tunnel through a SOCKS proxy over `below`. With SOCKS 5, user and password
 * (RFC 1929) are offered beside no login, and are not encrypted; with SOCKS 4
 * the user is the ident and there is no password. A name that is resolved here
 * is resolved before `below` is opened; its addresses are tried in turn, IPv4
 * first, each on a connection of its own, at most 4 of them.
 *
 * hws_link_peer() is "feed.example:443 via 192.0.2.1:1080" once it stands.
 *
 * Owns:   takes `below`, also on failure.
 * Fails:  NULL for HWS_E_MEMORY. open(): what `below` failed with, its text
 *         after "cannot reach the proxy: "; phase DNS; else phase PROXY:
 *         HWS_E_CONNECT (the proxy cannot reach the target), HWS_E_REFUSED (it
 *         will not), HWS_E_PROTOCOL, HWS_E_EOF, HWS_E_RESET, HWS_E_TIMEOUT,
 *         HWS_E_ARGUMENT (a target or a login that this version cannot carry).
 */
HWS_API struct hws_link *hws_socks_new(const struct hws_socks_options *options,
                                       struct hws_link *below);

/* The peer's address as text, or "". Through a proxy it is the target's name
 * and the proxy's address. Lends: until the link is freed. */
HWS_API const char *hws_link_peer(const struct hws_link *link);

/*
 * Bytes in the kernel's receive queue of an open link: FIONREAD. 0 where it
 * cannot be told.
 */
HWS_API size_t hws_link_receive_queue(const struct hws_link *link);
/* Bytes that the kernel took from us and the peer's has not acknowledged:
 * SIOCOUTQ. -1 where it cannot be told. */
HWS_API int64_t hws_link_send_queue(const struct hws_link *link);

/* The socket below a stack, as the kernel has it now. */
struct hws_socket_info {
    char local[64]; /* "192.0.2.7:51234"; "" for a Unix socket without name */
    char peer[64];  /* of the socket: with a proxy, the proxy's */
    bool is_tcp;    /* the rest but buffers and queues is of TCP only */
    int receive_buffer; /* SO_RCVBUF, SO_SNDBUF in bytes. Linux tells twice of
                         */
    int send_buffer;    /* what was asked for, and grows it by itself if not */
    size_t receive_queue; /* bytes that were not read */
    int send_queue;  /* bytes that the peer has not acknowledged; -1: unknown */
    bool no_delay;   /* TCP_NODELAY */
    bool keep_alive; /* SO_KEEPALIVE */
    int keep_idle;   /* s before the first probe; -1: none, or unknown */
    char congestion[16]; /* "cubic", or "" */
    /* Linux only; HWS_NEVER or -1 elsewhere */
    hws_time round_trip; /* smoothed, of segments and their acknowledgements */
    int segment_max;     /* bytes sent in one segment */
    int retransmits;     /* segments that were sent again */
};
/*
 * Fails:  HWS_E_SUPPORT: no socket is below. HWS_E_STATE: not connected.
 */
HWS_API int hws_link_socket_info(const struct hws_link *link,
                                 struct hws_socket_info *info);

/*
 * What TCP knows of the way. One system call, on Linux; nothing is known
 * elsewhere, and not of Unix sockets: HWS_E_SUPPORT, with `path` filled all
 * the same.
 */
HWS_API int hws_link_path(const struct hws_link *link, struct hws_path *path);

/* When bytes came, as the last read that found some was told. */
struct hws_arrival {
    hws_time at; /* realtime: the newest of them reached this machine, or
                    earlier; HWS_NEVER: the kernel did not say */
    int left;    /* bytes that the kernel still holds; -1: it did not say */
};
/*
 * Let every read from now on tell its arrival: SO_TIMESTAMPING (software,
 * nothing to be allowed) and TCP_INQ, on Linux and TCP. Costs no further
 * system call. Bytes that had come before are not stamped.
 *
 * Fails:  HWS_E_SUPPORT: no socket is below, or the kernel cannot.
 */
HWS_API int hws_link_stamp(struct hws_link *link);
/* Of the last read from the kernel; bytes that a layer kept come from it, or
 * from earlier ones. Lends: until the link is freed. NULL: not stamped. */
HWS_API const struct hws_arrival *hws_link_arrival(const struct hws_link *link);

/* Close with a reset when freed: nothing lingers (SO_LINGER 0). */
HWS_API void hws_link_abort(struct hws_link *link);

/* Two ends in memory, for tests and for programs that talk to themselves. */
struct hws_pair_options {
    size_t capacity;  /* bytes in flight per direction; 64 KiB */
    size_t read_max;  /* most bytes one read returns; 0: no limit */
    size_t write_max; /* most bytes one write takes; 0: no limit */
};
/*
 * Both ends are open. Their wants() name descriptors that are only numbers
 * (1 << 20 and above); hws_pair_ready() tells whether one is ready.
 *
 * Fails:  HWS_E_MEMORY.
 */
HWS_API int hws_pair_new(const struct hws_pair_options *options,
                         struct hws_link *ends[2]);
/* What `end` is ready for now: HWS_READ | HWS_WRITE. */
HWS_API unsigned hws_pair_ready(const struct hws_link *end);
/*
 * The end's descriptor number; and the end of a number, or NULL once freed.
 * Numbers are never used twice within a process.
 */
HWS_API int hws_pair_fd(const struct hws_link *end);
HWS_API struct hws_link *hws_pair_of(int fd);
/* Make `end` fail: its peer sees a reset; `silent` drops all bytes instead. */
HWS_API void hws_pair_break(struct hws_link *end, bool silent);

/* A listening socket. */
struct hws_listener;

/*
 * Listen on an IP literal ("127.0.0.1", "::1") and port (0: any free one), or
 * with port 0 and a `host` beginning with '/' or '@' on a Unix socket.
 *
 * Fails:  NULL, with `fault`.
 */
HWS_API struct hws_listener *hws_listener_new(const char *host, uint16_t port,
                                              int backlog,
                                              struct hws_fault *fault);
HWS_API int hws_listener_fd(const struct hws_listener *listener);
HWS_API uint16_t hws_listener_port(const struct hws_listener *listener);
/*
 * Accept one connection. HWS_E_AGAIN: none waits. HWS_E_SYSTEM: one waited, but
 * the process has no descriptor left; HWS_E_MEMORY: no memory. Either way that
 * peer is dropped, so that the listener does not stay ready for ever; unless
 * another thread takes the one descriptor that is kept for this.
 */
HWS_API int hws_listener_accept(struct hws_listener *listener,
                                struct hws_link **link);
HWS_API void hws_listener_free(struct hws_listener *listener);

#ifdef __cplusplus
}
#endif
#endif
