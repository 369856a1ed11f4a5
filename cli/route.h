/*
 * By which way tail, echo and send reach their peers: directly or through a
 * proxy. Other than the library, the command reads the environment.
 */
#ifndef CLI_ROUTE_H
#define CLI_ROUTE_H

#include "hawser/client.h"
#include "options.h"

struct route {
    const char *proxy; /* as given: a URL, 'direct' or '@FILE' */
    const char *no_proxy;
    const char *ca_file; /* NULL: that of the target */
    char *proxy_text;    /* made by route_apply() */
};

extern const struct option_row route_rows[];

void route_release(struct route *route);
/* After the options of TLS were set, which count for the proxy, too. What
 * `options` points at lives as long as `route`. OPTIONS_GOOD, or an exit code
 * after a complaint. */
int route_apply(struct route *route, const char *command,
                struct hws_client_options *options);

#endif
