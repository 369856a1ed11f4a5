/*
 * Whether a text can be the host of a URL. Syntax only; nothing is resolved.
 */
#ifndef HWI_HOST_H
#define HWI_HOST_H

#include "base/span.h"

/* Each returns NULL for a good one, or what is wrong with it (a constant). */
const char *hwi_host_refuse_name(struct hws_span s);
/* The text between the brackets (RFC 4291 section 2.2); no zone id. */
const char *hwi_host_refuse_ipv6(struct hws_span s);

/* Whether it is an IPv4 or (without brackets) IPv6 address and no name. */
bool hwi_host_is_literal(struct hws_span s);

#endif
