/*
 * CONNECT: a tunnel through an HTTP proxy (RFC 9110 section 9.3.6). It sends
 * one request and reads answers until one is final.
 */
#include "link/http_proxy.h"

#include "base/host.h"
#include "base/mem.h"

#include <stdio.h>

#define HEADERS_MAX 256
#define SKIPPED_MAX 16 /* 1xx answers before the one that counts */
#define READ_SIZE ((size_t)4096)

int hwi_http_proxy_ask(struct hwi_http_proxy *p)
{
    struct hwi_tunnel *t = &p->tunnel;
    p->part = PART_HEAD;
    p->scan = (struct hwi_http_scan){0};
    if (hwi_buf_format(&t->out,
                       "CONNECT %s HTTP/1.1\r\nHost: %s\r\n"
                       "User-Agent: hawser/" HWS_VERSION "\r\n",
                       p->target, p->target) != 0)
        return hwi_tunnel_fail_memory(t);
    int status = hwi_http_login_write(p);
    if (status)
        return status;
    return hwi_buf_text(&t->out, "\r\n") ? hwi_tunnel_fail_memory(t) : 0;
}

static int begin(struct hwi_tunnel *t)
{
    struct hwi_http_proxy *p = hwi_http_proxy_of(t);
    p->reused = false;
    p->skipped = 0;
    return hwi_http_proxy_ask(p);
}

/* What a proxy adds in its own words: RFC 9209, or squid's. */
static struct hws_span detail_of(const struct hwi_http_head *head)
{
    const struct hwi_http_header *h = hwi_http_get(head, "Proxy-Status");
    if (!h)
        h = hwi_http_get(head, "X-Squid-Error");
    return h ? h->value : hwi_span("", 0);
}

static int refuse(struct hwi_http_proxy *p, const struct hwi_http_head *head)
{
    struct hwi_tunnel *t = &p->tunnel;
    struct hws_span detail = detail_of(head);
    if (head->status == 401)
        hwi_tunnel_fail(t, HWS_E_REFUSED,
                        "answers 401 %.*s where a proxy would say 407: is it "
                        "a proxy?",
                        SHORT(head->reason, 32));
    else
        hwi_tunnel_fail(
            t, HWS_E_REFUSED, "refuses a tunnel to '%.64s': %d %.*s%s%.*s%s",
            p->target, head->status, SHORT(head->reason, 48),
            detail.size ? " (" : "", SHORT(detail, 48), detail.size ? ")" : "");
    t->link.fault.http_status = head->status;
    return HWS_E_REFUSED;
}

static int skip_answer(struct hwi_http_proxy *p)
{
    p->scan = (struct hwi_http_scan){0};
    if (++p->skipped <= SKIPPED_MAX)
        return HWS_E_AGAIN;
    return hwi_tunnel_fail(&p->tunnel, HWS_E_HTTP,
                           "sends 1xx answers without end");
}

static int on_answer(struct hwi_http_proxy *p, const struct hwi_http_head *head)
{
    if (head->status >= 200 && head->status < 300)
        return 0;
    if (head->status < 200 && head->status != 101)
        return skip_answer(p);
    return head->status == 407 ? hwi_http_login_begin(p, head)
                               : refuse(p, head);
}

static int fail_http(struct hwi_http_proxy *p, int status, const char *why)
{
    return hwi_tunnel_fail(&p->tunnel, status,
                           "gives no usable HTTP answer to CONNECT: %s", why);
}

static int split(struct hwi_http_proxy *p, size_t size)
{
    struct hwi_http_header headers[HEADERS_MAX];
    struct hwi_http_head head = {.headers = headers, .header_max = HEADERS_MAX};
    const char *why = "";
    struct hws_span bytes = hwi_span_part(hwi_buf_span(&p->tunnel.in), 0, size);
    int status = hwi_http_split_answer(&head, bytes, &why);
    if (status)
        return fail_http(p, status, why);
    status = on_answer(p, &head);
    hwi_buf_take(&p->tunnel.in, size);
    return status;
}

/* What speaks another language is known by its first word, and need not be
 * waited for: its head may have no end. */
static int check_begin(struct hwi_http_proxy *p, struct hws_span bytes)
{
    static const char begin[] = "HTTP/";
    size_t size = bytes.size < 5 ? bytes.size : 5;
    if (size == 0 || memcmp(bytes.data, begin, size) == 0)
        return 0;
    return hwi_tunnel_fail(&p->tunnel, HWS_E_HTTP,
                           "does not speak HTTP, it begins with '%.*s'",
                           SHORT(bytes, 24));
}

static int listen_head(struct hwi_http_proxy *p)
{
    const char *why = "";
    struct hws_span bytes = hwi_buf_span(&p->tunnel.in);
    int status = check_begin(p, bytes);
    if (status)
        return status;
    ptrdiff_t size =
        hwi_http_find(&p->scan, bytes, HWI_TUNNEL_IN_MAX, HEADERS_MAX, &why);
    if (size > 0)
        return split(p, (size_t)size);
    return size == HWS_E_AGAIN ? HWS_E_AGAIN : fail_http(p, (int)size, why);
}

/* Several answers may have come in one read. */
static int listen_all(struct hwi_tunnel *t)
{
    struct hwi_http_proxy *p = hwi_http_proxy_of(t);
    for (;;) {
        enum hwi_http_part part = p->part;
        size_t size = hwi_buf_size(&t->in);
        int status =
            part == PART_HEAD ? listen_head(p) : hwi_http_login_listen(p);
        bool moved = p->part != part || hwi_buf_size(&t->in) != size;
        if (status != HWS_E_AGAIN || !moved)
            return status;
    }
}

static size_t wanted(const struct hwi_tunnel *t)
{
    size_t room = HWI_TUNNEL_IN_MAX - hwi_buf_size(&t->in);
    return room < READ_SIZE ? room : READ_SIZE;
}

/* A connection that was kept alive may end at any moment (RFC 9112 section
 * 9.5): that is no answer, and asking once more on another one is in order. */
static int ended(struct hwi_tunnel *t, int status)
{
    struct hwi_http_proxy *p = hwi_http_proxy_of(t);
    if (p->part == PART_BODY)
        return hwi_http_login_leave(p);
    bool silent = hwi_buf_size(&t->in) == 0;
    if (p->reused && silent && hwi_tunnel_may_redial(t))
        return HWI_TUNNEL_REDIAL;
    return hwi_tunnel_fail_ended(t, status);
}

static void http_free(struct hws_link *link)
{
    struct hwi_http_proxy *p = hwi_http_proxy_of(hwi_tunnel_of(link));
    hwi_auth_release(&p->auth);
    hwi_free(p->target);
    hwi_tunnel_release(&p->tunnel);
    hwi_free(p);
}

static const struct hws_link_ops http_proxy_ops = {
    .name = "http-proxy",
    .open = hwi_tunnel_open,
    .read = hwi_tunnel_read,
    .write = hwi_tunnel_write,
    .shut = hwi_tunnel_shut,
    .wants = hwi_tunnel_wants,
    .deadline = hwi_tunnel_deadline,
    .free = http_free,
};

static const struct hwi_speech speech = {
    .begin = begin,
    .listen = listen_all,
    .wanted = wanted,
    .ended = ended,
};

void hws_http_proxy_options_init(struct hws_http_proxy_options *options)
{
    *options = (struct hws_http_proxy_options){0};
    hwi_tunnel_options_init(&options->tunnel);
}

/* A literal stands in brackets (RFC 9110 section 7.1). */
static char *make_target(const struct hws_tunnel_options *o)
{
    const char *host = o->host ? o->host : "";
    bool literal = hwi_host_refuse_ipv6(hws_span_text(host)) == NULL;
    size_t size = strlen(host) + sizeof("[]:65535");
    char *target = hwi_alloc(size);
    if (target)
        snprintf(target, size, literal ? "[%s]:%u" : "%s:%u", host, o->port);
    return target;
}

struct hws_link *
hws_http_proxy_new(const struct hws_http_proxy_options *options,
                   struct hws_link *below)
{
    struct hwi_http_proxy *p = hwi_alloc_zero(sizeof(*p));
    if (!p) {
        hws_link_free(below);
        return NULL;
    }
    int status = hwi_tunnel_init(&p->tunnel, &http_proxy_ops, &speech,
                                 &options->tunnel, below);
    p->random = options->random;
    p->target = make_target(&options->tunnel);
    if (status == 0 && p->target)
        return &p->tunnel.link;
    http_free(&p->tunnel.link);
    return NULL;
}
