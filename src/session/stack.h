/*
 * Which layers a URL asks for, from the bottom up: TCP or a Unix socket, and
 * TLS over it.
 */
#ifndef HWI_STACK_H
#define HWI_STACK_H

#include "base/url.h"
#include "hawser/client.h"
#include "session/commons.h"

/* NULL: no memory, or the TLS settings are unusable; see `fault`. */
struct hws_link *hwi_stack_new(struct hws_commons *commons,
                               const struct hwi_url *url,
                               const struct hws_client_options *options,
                               struct hws_fault *fault);

#endif
