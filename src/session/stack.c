#include "session/stack.h"

#include "base/status.h"
#include "session/tls_cache.h"

static struct hws_link *no_memory(struct hws_fault *fault)
{
    hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                  "cannot begin to connect: no memory");
    return NULL;
}

struct hws_link *hwi_stack_new(struct hwi_way *way, const struct hwi_url *url,
                               const struct hws_client_options *options,
                               struct hws_fault *fault)
{
    struct hws_commons *commons = way->commons;
    struct hws_scratch in, out;

    if (url->tls &&
        !hwi_commons_tls_scratch(commons, HWI_TLS_OF_TARGET, &in, &out))
        return no_memory(fault);
    struct hws_link *link = hwi_way_new(way, url, fault);
    if (!link || !url->tls)
        return link;
    /* After the way to it: a proxy's settings may be the same ones, and then
     * a look at its files could replace a context that was lent before. */
    struct hws_tls_context *context = options->tls_context;
    if (!context)
        context = hwi_tls_cache_get(&commons->tls_cache, &options->tls, fault);
    if (!context) {
        hws_link_free(link);
        return NULL;
    }
    link = hws_tls_new(context, link, url->host, HWI_TLS_DELAY, in, out);
    if (!link)
        return no_memory(fault);
    hws_tls_set_port(link, url->port);
    return link;
}
