/*
 * What one handshake asks for: where, and with which headers. Away from the
 * origin that a redirect left behind, secrets stay behind.
 */
#include "base/status.h"
#include "session/client.h"
#include "session/login.h"

/* What of the caller's headers is no secret for sure. Any other may be one,
 * whatever its name. */
static const char *const harmless[] = {"user-agent", "origin",
                                       "accept-language"};

const struct hwi_url *hwi_client_url(const struct hws_client *c)
{
    return c->redirect.hops ? &c->redirect.url
                            : hwi_endpoints_now(&c->endpoints);
}

bool hwi_client_is_home(const struct hws_client *c)
{
    return !c->redirect.strayed || c->options.redirects.trusted;
}

struct hws_random hwi_client_chance(const struct hws_client *c)
{
    return c->options.random.fill ? c->options.random
                                  : hwi_rng_random(&c->commons->rng);
}

void hwi_client_proto_options(const struct hws_client *c,
                              const struct hws_headers *headers,
                              struct hws_proto_options *proto)
{
    const struct hwi_url *url = hwi_client_url(c);
    hws_proto_options_init(proto);
    proto->role = HWS_CLIENT;
    proto->limits = c->options.limits;
    proto->delays = c->options.delays;
    proto->deflate = c->options.deflate;
    proto->random = hwi_client_chance(c);
    proto->host = url->authority;
    proto->target = url->target;
    proto->headers = headers->list;
    proto->header_count = headers->count;
    proto->subprotocols = c->options.subprotocols;
    proto->subprotocol_count = c->options.subprotocol_count;
}

static bool is_harmless(const char *name)
{
    for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
        if (hwi_span_is_nocase(hws_span_text(name), harmless[i]))
            return true;
    }
    return false;
}

/* A Host header names the place that was left. */
static bool may_go_along(const struct hws_client *c, const char *name)
{
    if (!c->redirect.strayed || is_harmless(name))
        return true;
    return hwi_client_is_home(c) &&
           !hwi_span_is_nocase(hws_span_text(name), "host");
}

static int add_fixed(struct hws_client *c, struct hws_headers *headers)
{
    const struct hws_client_options *o = &c->options;
    int status = 0;
    for (size_t i = 0; i < o->header_count && status == 0; i++) {
        const struct hws_header *fixed = &o->headers[i];
        if (may_go_along(c, fixed->name))
            status = hws_headers_add(headers, fixed->name, fixed->value);
    }
    return status;
}

static int add_cookies(struct hws_client *c, struct hws_headers *headers)
{
    struct hwi_buf line;
    if (!c->cookies || hwi_headers_have(headers, "cookie"))
        return 0;
    hwi_buf_init(&line, HWI_COOKIE_HEADER_MAX + 1);
    hws_time realtime = hws_loop_clock(c->loop, HWS_CLOCK_REALTIME);
    int status =
        hwi_cookies_write(c->cookies, hwi_client_url(c), realtime, &line);
    if (status == 0 && hwi_buf_size(&line)) {
        status = hwi_buf_push(&line, hwi_span("", 1));
        if (status == 0)
            status = hws_headers_add(headers, "Cookie",
                                     (const char *)hwi_buf_span(&line).data);
    }
    hwi_buf_release(&line);
    return status;
}

int hwi_client_collect_headers(struct hws_client *c,
                               struct hws_headers *headers)
{
    const struct hws_client_options *o = &c->options;
    bool home = hwi_client_is_home(c);
    int status = add_fixed(c, headers);
    if (status == 0 && home && o->on_headers)
        status = o->on_headers(c, headers, c->attempt, o->user);
    if (status < 0)
        return status;
    status = 0;
    /* The caller's own words take the place of ours, as with Host. */
    if (home)
        status = hwi_login_add(
            &o->login, hwi_endpoints_now(&c->endpoints)->userinfo, headers);
    return status ? status : add_cookies(c, headers);
}
