/*
 * Which proxy a URL is reached through: by the options, or by the environment
 * if they allow it, read once. docs/PROXIES.md has the order.
 */
#ifndef HWI_PROXIES_H
#define HWI_PROXIES_H

#include "base/url.h"
#include "hawser/client.h"
#include "session/environment.h"
#include "session/proxy_url.h"

struct hwi_proxies {
    struct hwi_proxy_url plain, tls; /* for ws and for wss */
    char *no_proxy;                  /* NULL: every target needs the proxy */
    bool from_environment;           /* then this machine needs none */
    bool ruled_out;                  /* the option says that there is none */
    /* The variables that were read; NULL: none was, or the option counts. */
    const char *plain_variable, *tls_variable, *no_proxy_variable;
};

/*
 * Read what there is to be read. The fault names the option or the variable.
 *
 * Fails:  HWS_E_ARGUMENT, HWS_E_MEMORY.
 * Owns:   hwi_proxies_release(), also after a failure.
 */
int hwi_proxies_init(struct hwi_proxies *p,
                     const struct hws_client_options *options,
                     hwi_environment *environment, struct hws_fault *fault);
void hwi_proxies_release(struct hwi_proxies *p);

/* The proxy for `url`, or NULL: none. Lends: until release. */
const struct hwi_proxy_url *hwi_proxies_find(const struct hwi_proxies *p,
                                             const struct hwi_url *url);

/* The same for people: which one, and who says so. */
void hwi_proxies_tell(const struct hwi_proxies *p, const struct hwi_url *url,
                      struct hws_way *way);

/* Whether some URL is reached through a proxy that is spoken to by TLS. */
static inline bool hwi_proxies_use_tls(const struct hwi_proxies *p)
{
    return p->plain.tls || p->tls.tls;
}

#endif
