/*
 * The answer to a proxy's 407: which scheme, what to send, and whether on this
 * connection or on a fresh one. Each nonce is answered once; a body is read
 * over when it is short, or dialing again is the shorter way.
 */
#include "link/http_proxy.h"

#define STALE_MAX 2 /* nonces that were old when they came back */
#define BODY_MAX ((size_t)64 * 1024)

static int fail_auth(struct hwi_http_proxy *p, int status)
{
    struct hwi_tunnel *t = &p->tunnel;
    const char *name = hwi_auth_name(p->auth.scheme);
    if (status == HWS_E_ARGUMENT)
        return hwi_tunnel_fail(t, status,
                               "asks for %s authentication, which cannot "
                               "carry a user with a ':'",
                               name);
    if (status == HWS_E_SUPPORT)
        return hwi_tunnel_fail(t, status,
                               "asks for %s authentication: this system's "
                               "libcrypto has no such hash",
                               name);
    return hwi_tunnel_fail_memory(t);
}

int hwi_http_login_write(struct hwi_http_proxy *p)
{
    struct hwi_buf *out = &p->tunnel.out;
    const struct hws_tunnel_options *o = &p->tunnel.options;
    struct hwi_auth_request request = {
        .method = "CONNECT",
        .target = p->target,
        .user = o->user,
        .password = o->password ? o->password : "",
        .random = p->random,
    };
    if (p->auth.scheme == HWI_AUTH_NONE)
        return 0;
    int status = hwi_buf_text(out, "Proxy-Authorization: ");
    if (!status)
        status = hwi_auth_write(&p->auth, out, &request);
    if (!status)
        status = hwi_buf_text(out, "\r\n");
    return status ? fail_auth(p, status) : 0;
}

/* Whether the proxy means to hear another request on this connection. */
static bool keeps_alive(const struct hwi_http_head *head)
{
    static const char *const names[] = {"Connection", "Proxy-Connection"};
    bool keeps = head->minor > 0;
    for (size_t i = 0; i < 2; i++) {
        if (hwi_http_has_token(head, names[i], "close"))
            return false;
        keeps = keeps || hwi_http_has_token(head, names[i], "keep-alive");
    }
    return keeps;
}

/* A 407 that cannot be answered. */
#define REFUSE_LOGIN(p, ...)                                    \
    (hwi_tunnel_fail(&(p)->tunnel, HWS_E_REFUSED, __VA_ARGS__), \
     (p)->tunnel.link.fault.http_status = 407, HWS_E_REFUSED)

static int refuse_unknown(struct hwi_http_proxy *p,
                          const struct hwi_http_head *head)
{
    const struct hwi_http_header *h = hwi_http_get(head, "Proxy-Authenticate");
    if (!h)
        return REFUSE_LOGIN(p,
                            "answers 407 and does not say which "
                            "authentication it asks for");
    return REFUSE_LOGIN(p,
                        "asks for '%.*s': only basic and digest "
                        "authentication with MD5 or SHA-256 are known here",
                        SHORT(h->value, 48));
}

/* Choose how to log in. 0, or the fault. */
static int choose(struct hwi_http_proxy *p, const struct hwi_http_head *head)
{
    enum hwi_auth_scheme before = p->auth.scheme;
    int status = hwi_auth_choose(&p->auth, head, "Proxy-Authenticate");
    if (status == HWS_E_MEMORY)
        return hwi_tunnel_fail_memory(&p->tunnel);
    if (status)
        return refuse_unknown(p, head);
    const char *name = hwi_auth_name(p->auth.scheme);
    if (!p->tunnel.options.user)
        return REFUSE_LOGIN(p,
                            "asks for %s authentication: no user and "
                            "password given",
                            name);
    if (before != HWI_AUTH_NONE && !(p->auth.stale && p->stales++ < STALE_MAX))
        return REFUSE_LOGIN(p,
                            "does not accept the user and password, sent "
                            "by %s authentication",
                            hwi_auth_name(before));
    if (p->auth.scheme != HWI_AUTH_BASIC && !p->random.fill)
        return REFUSE_LOGIN(p,
                            "asks for %s authentication: no source of "
                            "random bytes was given for it",
                            name);
    return 0;
}

int hwi_http_login_leave(struct hwi_http_proxy *p)
{
    if (hwi_tunnel_may_redial(&p->tunnel))
        return HWI_TUNNEL_REDIAL;
    return REFUSE_LOGIN(p,
                        "asks for %s authentication and closes the "
                        "connection before it can be given",
                        hwi_auth_name(p->auth.scheme));
}

/* Log in: behind the body that comes with the question, if the connection
 * outlives it and it is soon over. */
int hwi_http_login_begin(struct hwi_http_proxy *p,
                         const struct hwi_http_head *head)
{
    int status = choose(p, head);
    if (status)
        return status;
    p->framing = hwi_http_body(head, &p->body_left);
    p->chunked = (struct hwi_http_chunked){0};
    p->body_size = 0;
    bool bounded = p->framing == HWI_BODY_NONE ||
                   p->framing == HWI_BODY_CHUNKED ||
                   (p->framing == HWI_BODY_LENGTH && p->body_left <= BODY_MAX);
    if (!bounded || !keeps_alive(head))
        return hwi_http_login_leave(p);
    p->part = PART_BODY;
    p->reused = true;
    return HWS_E_AGAIN;
}

/* Read over what is there of the body. True: it is over. */
static bool drain_counted(struct hwi_http_proxy *p)
{
    size_t size = hwi_buf_size(&p->tunnel.in);
    if (size > p->body_left)
        size = (size_t)p->body_left;
    hwi_buf_take(&p->tunnel.in, size);
    p->body_left -= size;
    return p->body_left == 0;
}

/* The same for chunks; *status HWS_E_HTTP: they are no chunks. */
static bool drain_chunked(struct hwi_http_proxy *p, int *status)
{
    uint8_t trash[512];
    struct hws_span in = hwi_buf_span(&p->tunnel.in);
    while (in.size && !p->chunked.done && *status == 0) {
        size_t size = sizeof(trash);
        *status = hwi_http_dechunk(&p->chunked, &in, trash, &size);
        p->body_size += size;
        if (p->body_size > BODY_MAX)
            *status = HWS_E_TOO_BIG;
    }
    hwi_buf_take(&p->tunnel.in, hwi_buf_size(&p->tunnel.in) - in.size);
    return p->chunked.done;
}

int hwi_http_login_listen(struct hwi_http_proxy *p)
{
    int status = 0;
    bool over = p->framing == HWI_BODY_CHUNKED ? drain_chunked(p, &status)
                                               : drain_counted(p);
    if (status)
        return hwi_http_login_leave(p);
    if (!over)
        return HWS_E_AGAIN;
    /* Answers to what was not asked yet: the two are out of step. */
    if (hwi_buf_size(&p->tunnel.in))
        return hwi_http_login_leave(p);
    status = hwi_http_proxy_ask(p);
    return status ? status : HWS_E_AGAIN;
}
