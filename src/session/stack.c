#include "session/stack.h"

#include "base/status.h"
#include "session/tls_cache.h"

/* The TLS handshake alone; the whole attempt has its own deadline. */
#define TLS_DELAY HWS_S(5)

static struct hws_link *bottom(const struct hwi_url *url,
                               const struct hws_client_options *options)
{
    if (url->is_unix)
        return hws_unix_new(url->host);
    struct hws_dial_options dial = options->dial;
    dial.host = url->host;
    dial.port = url->port;
    return hws_dial_new(&dial);
}

static struct hws_link *no_memory(struct hws_fault *fault)
{
    hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                  "cannot begin to connect: no memory");
    return NULL;
}

struct hws_link *hwi_stack_new(struct hws_commons *commons,
                               const struct hwi_url *url,
                               const struct hws_client_options *options,
                               struct hws_fault *fault)
{
    struct hws_scratch in, out;
    struct hws_tls_context *context = options->tls_context;

    if (url->tls && !context) {
        context = hwi_tls_cache_get(&commons->tls_cache, &options->tls, fault);
        if (!context)
            return NULL;
    }
    if (url->tls && !hwi_commons_tls_scratch(commons, &in, &out))
        return no_memory(fault);
    struct hws_link *link = bottom(url, options);
    if (link && url->tls)
        link = hws_tls_new(context, link, url->host, TLS_DELAY, in, out);
    return link ? link : no_memory(fault);
}
