#include "session/way.h"

#include "base/status.h"
#include "session/tls_cache.h"

static struct hws_link *no_memory(struct hws_fault *fault)
{
    hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                  "cannot begin to connect: no memory");
    return NULL;
}

static struct hws_link *dial(const struct hws_client_options *options,
                             const char *host, uint16_t port)
{
    struct hws_dial_options o = options->dial;
    o.host = host;
    o.port = port;
    return hws_dial_new(&o);
}

static struct hws_tls_context *
tls_context(struct hws_commons *commons,
            const struct hws_client_options *options, struct hws_fault *fault)
{
    if (options->proxy_tls_context)
        return options->proxy_tls_context;
    return hwi_tls_cache_get(&commons->tls_cache, &options->proxy_tls, fault);
}

int hwi_way_try_tls(struct hws_commons *commons,
                    const struct hws_client_options *options,
                    struct hws_fault *fault)
{
    struct hws_fault why = {.status = HWS_E_MEMORY};
    if (tls_context(commons, options, &why))
        return 0;
    if (fault)
        *fault = why;
    return (int)why.status;
}

/* A connection to the proxy itself. */
static struct hws_link *reach_proxy(struct hwi_way *way,
                                    struct hws_fault *fault)
{
    const struct hwi_proxy_url *proxy = way->proxy;
    struct hws_tls_context *context = NULL;
    struct hws_scratch in, out;
    if (proxy->tls) {
        context = tls_context(way->commons, way->options, fault);
        if (!context)
            return NULL;
        if (!hwi_commons_tls_scratch(way->commons, HWI_TLS_OF_PROXY, &in, &out))
            return no_memory(fault);
    }
    struct hws_link *link = dial(way->options, proxy->host, proxy->port);
    if (link && context)
        link = hws_tls_new(context, link, proxy->host, HWI_TLS_DELAY, in, out);
    if (link && context)
        hws_tls_set_port(link, proxy->port);
    return link ? link : no_memory(fault);
}

static struct hws_link *redial(void *user)
{
    return reach_proxy(user, NULL);
}

static void describe(struct hwi_way *way, const struct hwi_url *url,
                     struct hws_tunnel_options *o)
{
    o->proxy = way->proxy->name;
    o->host = url->host;
    o->port = url->port;
    o->user = way->proxy->user;
    o->password = way->proxy->password;
    o->delay = way->options->proxy_delay;
    o->redial = redial;
    o->redial_user = way;
}

static struct hws_link *tunnel(struct hwi_way *way, const struct hwi_url *url,
                               struct hws_link *below)
{
    struct hws_http_proxy_options http;
    struct hws_socks_options socks;
    if (!way->proxy->socks) {
        hws_http_proxy_options_init(&http);
        describe(way, url, &http.tunnel);
        http.random = way->random;
        return hws_http_proxy_new(&http, below);
    }
    hws_socks_options_init(&socks);
    describe(way, url, &socks.tunnel);
    socks.version = way->proxy->version;
    socks.nameservers = way->options->dial.nameservers;
    socks.resolve_delay = way->options->dial.resolve_delay;
    return hws_socks_new(&socks, below);
}

struct hws_link *hwi_way_new(struct hwi_way *way, const struct hwi_url *url,
                             struct hws_fault *fault)
{
    struct hws_link *link;
    if (way->proxy) {
        link = reach_proxy(way, fault);
        if (!link)
            return NULL;
        link = tunnel(way, url, link);
    } else if (url->is_unix) {
        link = hws_unix_new(url->host);
    } else {
        link = dial(way->options, url->host, url->port);
    }
    return link ? link : no_memory(fault);
}
