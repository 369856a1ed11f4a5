/*
 * The way to a target, up to where its own TLS or HTTP begins: a socket, or a
 * tunnel through a proxy. It lives as long as the links that were made with
 * it, for a proxy may have to be dialed again.
 */
#ifndef HWI_WAY_H
#define HWI_WAY_H

#include "base/url.h"
#include "hawser/client.h"
#include "session/commons.h"
#include "session/proxy_url.h"

struct hwi_way {
    struct hws_commons *commons;
    const struct hws_client_options *options;
    const struct hwi_proxy_url *proxy; /* NULL: none */
    struct hws_random random;
};

/* The TLS handshake alone; the whole attempt has its own deadline. */
#define HWI_TLS_DELAY HWS_S(5)

/* NULL: no memory, or the TLS settings for the proxy are unusable; see
 * `fault`. */
struct hws_link *hwi_way_new(struct hwi_way *way, const struct hwi_url *url,
                             struct hws_fault *fault);

/* Whether the settings for a proxy that is spoken to by TLS are usable. */
int hwi_way_try_tls(struct hws_commons *commons,
                    const struct hws_client_options *options,
                    struct hws_fault *fault);

#endif
