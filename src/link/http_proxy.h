/*
 * The CONNECT layer's own structure, shared by the two files that it is made
 * of: http_proxy.c asks and reads answers, http_login.c answers a 407.
 */
#ifndef HWI_HTTP_PROXY_H
#define HWI_HTTP_PROXY_H

#include "base/http.h"
#include "base/http_auth.h"
#include "link/tunnel.h"

enum hwi_http_part { PART_HEAD, PART_BODY };

struct hwi_http_proxy {
    struct hwi_tunnel tunnel; /* first: the layer is a tunnel */
    struct hws_random random;
    struct hwi_auth auth;
    char *target; /* "feed.example:443", "[::1]:443" */
    enum hwi_http_part part;
    struct hwi_http_scan scan;
    enum hwi_http_body framing; /* of the body that is read over */
    struct hwi_http_chunked chunked;
    uint64_t body_left; /* of a counted one */
    size_t body_size;   /* of a chunked one, so far */
    unsigned skipped, stales;
    bool reused; /* this connection has brought an answer before */
};

static inline struct hwi_http_proxy *hwi_http_proxy_of(struct hwi_tunnel *t)
{
    return (struct hwi_http_proxy *)t;
}

/* printf's "%.*s" for a span, of which `max` bytes are enough. */
#define SHORT(span, max) \
    (int)((span).size < (max) ? (span).size : (max)), (const char *)(span).data

/* Queue a request, with credentials if a challenge was answered. 0, or the
 * failure; as all below, with the link's fault. */
int hwi_http_proxy_ask(struct hwi_http_proxy *p);

/* http_login.c */
/* Append the header with the credentials, if any. 0, or the failure. */
int hwi_http_login_write(struct hwi_http_proxy *p);
/* A 407: HWS_E_AGAIN: its body follows; HWI_TUNNEL_REDIAL; or a failure. */
int hwi_http_login_begin(struct hwi_http_proxy *p,
                         const struct hwi_http_head *head);
/* Read over that body, and ask again. As begin(). */
int hwi_http_login_listen(struct hwi_http_proxy *p);
/* The connection is of no use for the answer to the 407. */
int hwi_http_login_leave(struct hwi_http_proxy *p);

#endif
