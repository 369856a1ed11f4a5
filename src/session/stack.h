/*
 * Which layers a URL asks for, from the bottom up: the way there, and TLS over
 * it.
 */
#ifndef HWI_STACK_H
#define HWI_STACK_H

#include "base/url.h"
#include "hawser/client.h"
#include "session/way.h"

/* NULL: no memory, or the TLS settings are unusable; see `fault`. */
struct hws_link *hwi_stack_new(struct hwi_way *way, const struct hwi_url *url,
                               const struct hws_client_options *options,
                               struct hws_fault *fault);

#endif
