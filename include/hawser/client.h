/*
 * The long-lived connection: it dials, keeps alive, measures, loses and takes
 * up again, by a policy that its options state. States: IDLE DIALING OPENING
 * UP CLOSING WAITING STOPPED.
 *
 * Threads: a client belongs to the thread that runs its loop. send, ping,
 * close, reconnect, pause, resume and free are safe from any thread; from
 * another one they take effect on the next turn, in the order of the calls.
 * After free no further call is allowed, from any thread. Whoever makes and
 * opens a client on one thread and runs the loop on another may go on calling
 * from the first: before the loop's first turn nothing can be sent
 * (HWS_E_STATE), close finds the client before its first attempt, and free
 * alone must wait until the loop turns, unless nobody is about to run it.
 */
#ifndef HAWSER_CLIENT_H
#define HAWSER_CLIENT_H

#include "hawser/conn.h"
#include "hawser/cookies.h"
#include "hawser/tls.h"

#ifdef __cplusplus
extern "C" {
#endif

struct hws_client;

enum hws_client_state {
    HWS_CLIENT_IDLE,    /* never opened */
    HWS_CLIENT_DIALING, /* resolving, connecting, TLS */
    HWS_CLIENT_OPENING, /* HTTP upgrade */
    HWS_CLIENT_UP,
    HWS_CLIENT_CLOSING, /* a close frame was sent or came */
    HWS_CLIENT_WAITING, /* for the next attempt */
    HWS_CLIENT_STOPPED, /* final: closed by the caller, or given up */
};
HWS_API const char *hws_client_state_name(enum hws_client_state state);

/* `event` is lent until the callback returns. Any call on the client, its
 * free included, is allowed inside. */
typedef void hws_client_callback(struct hws_client *client,
                                 const struct hws_event *event, void *user);

/* The headers of one attempt, built by a callback. */
struct hws_headers;
/* Append a header; both texts are copied. Fails: HWS_E_ARGUMENT (bytes that
 * would break the request), HWS_E_MEMORY. */
HWS_API int hws_headers_add(struct hws_headers *headers, const char *name,
                            const char *value);

/* When and how often to try again. */
struct hws_retry {
    bool enabled;          /* true */
    hws_time delay_min;    /* first upper bound of the jitter; 250 ms */
    hws_time delay_max;    /* the cap; 30 s */
    hws_time stable;       /* UP so long: start over from delay_min; 60 s */
    hws_time after_max;    /* the most that a Retry-After may ask for; 1 h */
    unsigned attempts_max; /* failures in a row until it is final; 0: no end */
};
/*
 * The delay before attempt n (from 1) is uniform in [delay_min / 2, bound],
 * bound = min(delay_max, delay_min * 2^n): full jitter with a floor, never 0.
 * Refusals that must not be hammered (close 1008, 1013, 4000-4999 and HTTP
 * 4xx that are retried) wait at least delay_max / 2. A Retry-After takes the
 * place of that: it is waited for, up to after_max, and a tenth of it and
 * delay_min are spread behind it. docs/RECONNECT.md has the whole table.
 */

/*
 * What to do when the server answers that it is elsewhere (HTTP 301, 302, 303,
 * 307, 308; RFC 9110 section 15.4). The attempt goes on there, within its
 * `open_delay`, after a REDIRECT event; the next attempt begins at the URL of
 * the options again. docs/HTTP.md says what goes along.
 */
struct hws_redirects {
    unsigned max;  /* followed within one attempt, 50 at most; 5; 0: none */
    bool insecure; /* follow from wss to ws, too; false */
    bool trusted;  /* send headers, login, on_headers' and the client
                      certificate to other origins, too; false */
};

/* Who asks: the Authorization header. User and password (RFC 7617) or a token
 * (RFC 6750), or all NULL. */
struct hws_login {
    const char *user; /* without a colon */
    const char *password;
    const char *bearer; /* printable, without spaces */
};

/*
 * Limits while UP. What is above one twice in a row, a quarter of a second
 * apart, is told as ALARM with `raised`; what is below half of it twice, as
 * ALARM without. All off; 0 means off.
 */
struct hws_alarms {
    hws_time lag;         /* total, or without `lag_field` from the kernel to
                             the end of the callback; ns */
    size_t receive_queue; /* bytes */
    size_t send_queue;    /* bytes */
    unsigned spin;        /* wake-ups a second without progress */
    bool reconnect;       /* one that is raised ends the connection, with
                             HWS_E_STALE, to be taken up again; false */
};

/* A message that is sent again after each UP, before on_event(UP). */
struct hws_opening {
    enum hws_opcode opcode; /* HWS_TEXT or HWS_BINARY */
    struct hws_span data;
};

/* What is to be done about an end that asks for a decision. */
enum hws_verdict_retry { HWS_RETRY_DEFAULT, HWS_RETRY_YES, HWS_RETRY_NO };

struct hws_client_options {
    size_t size; /* set by init */

    const char *url; /* ws://, wss:// or ws+unix:///path:/target; required
                        unless `urls` is given */
    const char *const *urls; /* endpoints: the first is preferred, the others
                                are tried in turn after failures */
    size_t url_count;
    hws_time return_delay; /* up on another endpoint than the first for so
                              long: the next reconnect tries the first again;
                              5 min */

    const struct hws_header *headers; /* for every attempt */
    size_t header_count;
    /* More headers, asked for before every handshake (signed headers): at the
     * begin of an attempt and after redirects within its origin;
     * hws_client_get_url() says where it goes. A negative return ends the
     * attempt with that status. With it, 401 and 403 are not final: it is
     * asked again, twice in a row. */
    int (*on_headers)(struct hws_client *client, struct hws_headers *headers,
                      unsigned attempt, void *user);
    struct hws_login login; /* for every endpoint; userinfo in a URL outweighs
                               it, an Authorization header both */
    struct hws_redirects redirects;
    struct hws_cookies *cookies; /* kept and sent, may be shared; NULL: none.
                                    A Cookie header takes their place */
    const char *const *subprotocols;
    size_t subprotocol_count;
    const struct hws_opening *openings;
    size_t opening_count;

    struct hws_limits limits;
    struct hws_delays delays;
    struct hws_deflate deflate; /* compression; offered by default */
    hws_time open_delay;        /* one attempt as a whole; 15 s */
    hws_time stale_delay; /* up, and no message (or chunk of one) came for so
                             long, pings or not: STALE is told, once, and FRESH
                             before the message that ends it. Time in which
                             the client is paused does not count; HWS_NEVER */
    bool stale_reconnect; /* and the connection ends with HWS_E_STALE, to be
                             taken up again; false */
    const char *channel_field; /* the same for each channel of the feed: told
                                  apart by what stands at this JSON pointer,
                                  such as "/symbol", and expected from its
                                  first message on, over reconnects, until
                                  hws_client_forget_channel(). One silence of
                                  a channel ends one connection at most. 4,096
                                  channels are known; NULL */
    struct hws_retry retry;
    /* Overrule the table of what is retried; may be NULL. `event` is a DOWN. */
    enum hws_verdict_retry (*on_retry)(struct hws_client *client,
                                       const struct hws_event *event,
                                       void *user);
    struct hws_dial_options dial; /* host and port come from the URL */
    struct hws_tls_options tls;
    struct hws_tls_context *tls_context; /* instead of `tls`, shared; may be
                                            NULL */

    /*
     * The way out, for ws and wss (never ws+unix): "http://u:p@host:3128", or
     * https, socks4, socks4a, socks5, socks5h; without a scheme http. "" or
     * "direct": none. NULL: none, or the environment's if it is allowed.
     * docs/PROXIES.md has the order, and who resolves names.
     */
    const char *proxy;
    /* Targets that need none: "feed.example,10.0.0.0/8,[::1]:443", or "*".
     * NULL: none of them, or the environment's if it is allowed. */
    const char *no_proxy;
    /* Read http_proxy, https_proxy, all_proxy and no_proxy, once, when the
     * client is made; false. */
    bool proxy_from_environment;
    hws_time proxy_delay; /* from the connection to the proxy until the tunnel
                             stands; 5 s */
    struct hws_tls_options proxy_tls;          /* of an https proxy */
    struct hws_tls_context *proxy_tls_context; /* instead, as above */

    struct hws_alarms alarms;
    const char *lag_field;       /* "/data/T:ms" or "@8:u64be:ns", see
                                    hws_time_field_new(); NULL */
    hws_time_reader *lag_reader; /* finds the event time, in place of
                                    `lag_field`; called with `user`; NULL */
    bool measure; /* the stages of lag, see hws_health_measure(); true */
    bool judge;   /* say who holds the data back: VERDICT events, told while UP,
                     and in snapshots. Looks four times a second while there
                     is data, asks TCP each time, and pings the peer when it
                     is in doubt; false */

    /* Other transports: build the link for `url` of this attempt, proxies
     * included. NULL: by the URL's scheme. A NULL answer fails the attempt. */
    struct hws_link *(*on_link)(struct hws_client *client, const char *url,
                                void *user);
    /* A layer of the caller's on top of each link that was built: to look at
     * the bytes of a connection, and at `link` when it failed to open. Takes
     * `link`, also on failure; a NULL answer fails the attempt. May be NULL. */
    struct hws_link *(*on_wrap)(struct hws_client *client,
                                struct hws_link *link, void *user);
    struct hws_random random; /* keys, nonces and jitter; NULL fill: the
                                 system's generator */

    hws_client_callback *on_event;
    void *user;
};

/* Defaults for everything; only `url` (or `urls`) and `on_event` are missing.
 */
HWS_API void hws_client_options_init(struct hws_client_options *options);

/*
 * Make a client for `loop`; it does nothing until hws_client_open(). All texts
 * and lists of the options are copied.
 *
 * Fails:  NULL, with `fault` (may be NULL): HWS_E_ARGUMENT names the option
 *         and its place, HWS_E_TLS a certificate file, HWS_E_MEMORY.
 * Owns:   the caller; hws_client_free().
 */
HWS_API struct hws_client *
hws_client_new(struct hws_loop *loop, const struct hws_client_options *options,
               struct hws_fault *fault);
/* No callback runs after it returns (other threads: after the present one). */
HWS_API void hws_client_free(struct hws_client *client);

/*
 * Start, or start again after STOPPED. Events come from the loop only.
 *
 * Fails:  HWS_E_STATE in any other state, HWS_E_MEMORY, HWS_E_FORK.
 */
HWS_API int hws_client_open(struct hws_client *client);

/*
 * Send a message. On the owner's thread outside callbacks it leaves at once;
 * inside a callback with the others of this wake-up; from another thread by
 * way of the mailbox.
 *
 * Fails:  HWS_E_STATE while not UP (from another thread: counted as unsent),
 *         HWS_E_FULL (from another thread: as the queue stood when the loop
 *         last looked, plus all that was posted since), HWS_E_TOO_BIG,
 * HWS_E_UTF8, HWS_E_MEMORY, HWS_E_FORK.
 */
HWS_API int hws_client_send(struct hws_client *client, enum hws_opcode opcode,
                            struct hws_span data);
/* A part of a message, as hws_proto_send(). Owner's thread only. */
HWS_API int hws_client_send_part(struct hws_client *client,
                                 enum hws_opcode opcode, struct hws_span data,
                                 bool last);
HWS_API int hws_client_ping(struct hws_client *client, struct hws_span data);
/*
 * Close for good: the closing handshake when UP, at once otherwise; DOWN with
 * `final` follows, then nothing. A second call does nothing; before the first
 * open there is no DOWN.
 *
 * Fails:  HWS_E_ARGUMENT, and nothing is closed, as hws_proto_close().
 *         HWS_E_FORK.
 */
HWS_API int hws_client_close(struct hws_client *client, unsigned code,
                             struct hws_span reason);
/* Cut the connection (or the waiting) and dial at once. */
HWS_API int hws_client_reconnect(struct hws_client *client);
/*
 * Stop and start reading messages; not counted. A pause outlives reconnects:
 * connections come up, and deliver nothing until resume. While paused nothing
 * is read, so that pings of the peer go unanswered and its end is found on
 * resume; it is never called silent.
 */
HWS_API void hws_client_pause(struct hws_client *client);
HWS_API void hws_client_resume(struct hws_client *client);
/* Expect nothing of this channel (see `channel_field`) until it brings
 * something again. Owner's thread only. False: it is not known. */
HWS_API bool hws_client_forget_channel(struct hws_client *client,
                                       struct hws_span name);
/* Write what is queued now, even inside a callback. Owner's thread only. */
HWS_API void hws_client_flush(struct hws_client *client);

/* The questions below are the owner's thread's only. */
HWS_API enum hws_client_state hws_client_get_state(const struct hws_client *c);
/* The endpoint in use (where a redirect led, too), or the next, without
 * userinfo. Lends: until the next event. */
HWS_API const char *hws_client_get_url(const struct hws_client *client);
/* By which way that is reached: at the next attempt, or by this one. */
struct hws_way {
    char proxy[128]; /* "socks5h://p.example:1080", never its login; "": none */
    char why[128];   /* "option 'proxy'", "environment variable 'no_proxy'" */
};
/* As the proxy options have it; on_link may go another way. */
HWS_API void hws_client_get_way(const struct hws_client *client,
                                struct hws_way *way);
HWS_API void hws_client_snapshot(const struct hws_client *client,
                                 struct hws_snapshot *snapshot);
HWS_API const struct hws_health *
hws_client_get_health(const struct hws_client *client);
/* The transport of the present connection, or NULL. */
HWS_API const struct hws_link *
hws_client_get_link(const struct hws_client *client);

#ifdef __cplusplus
}
#endif
#endif
