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

/* TLS settings shared by connections; counted, may outlive its makers. */
struct hws_tls_context;

struct hws_tls_options {
    bool verify;             /* chain and name; true */
    const char *ca_file;     /* PEM; NULL: the system's */
    const char *ca_path;     /* hashed directory; NULL */
    const char *certificate; /* PEM chain; required for a server */
    const char *private_key; /* PEM */
    int version_min;         /* 0x0303 TLS 1.2 (default), 0x0304 TLS 1.3 */
    const char *key_log;     /* file to append keys to (NSS format); NULL */
};
HWS_API void hws_tls_options_init(struct hws_tls_options *options);

/*
 * Fails:  NULL; `fault` (may be NULL) names the file and OpenSSL's reason.
 * Owns:   the caller; hws_tls_context_free() gives its share back, layers
 *         made from it keep theirs.
 */
HWS_API struct hws_tls_context *
hws_tls_context_new(const struct hws_tls_options *options, bool server,
                    struct hws_fault *fault);
HWS_API void hws_tls_context_free(struct hws_tls_context *context);

/*
 * TLS over `below`, with an own BIO: one large read below feeds many records.
 * `name` (client role) is for SNI and the certificate check: a host name or an
 * IP literal; the literal is checked against iPAddress entries and not sent as
 * SNI. ALPN offers http/1.1. The context resumes the last session for `name`.
 * A server passes NULL, and so may a client that does not verify.
 *
 * Lends:  `in` and `out` are scratch, used only within calls on this layer;
 *         they must outlive it. TLS inside TLS needs scratch of its own.
 * Owns:   takes `below`, also on failure.
 * Fails:  NULL for HWS_E_MEMORY. open(): phase TLS, HWS_E_CERTIFICATE (with
 *         tls_verify), HWS_E_TLS (with tls_error), HWS_E_TIMEOUT after
 *         `handshake_delay` from the first byte of ours, HWS_E_ARGUMENT for a
 *         `name` that no certificate can carry, or none to verify.
 */
HWS_API struct hws_link *hws_tls_new(struct hws_tls_context *context,
                                     struct hws_link *below, const char *name,
                                     hws_time handshake_delay,
                                     struct hws_scratch in,
                                     struct hws_scratch out);

/* "TLSv1.3 TLS_AES_256_GCM_SHA384 resumed", or "" when `link` is not TLS. */
HWS_API const char *hws_link_tls_text(const struct hws_link *link);

/* The peer's address as text, or "". Lends: until the link is freed. */
HWS_API const char *hws_link_peer(const struct hws_link *link);

/*
 * Bytes in the kernel's receive queue of an open link: FIONREAD. 0 where it
 * cannot be told.
 */
HWS_API size_t hws_link_receive_queue(const struct hws_link *link);

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
