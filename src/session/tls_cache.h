/*
 * TLS contexts of one loop, so that a thousand clients with the same settings
 * load the trust store once and share their sessions.
 */
#ifndef HWI_TLS_CACHE_H
#define HWI_TLS_CACHE_H

#include "hawser/link.h"

struct hwi_tls_entry;

/*
 * The client context for `options`, made when `*cache` has none yet. Lends:
 * until the cache is freed. NULL, with `fault`, as hws_tls_context_new().
 */
struct hws_tls_context *hwi_tls_cache_get(struct hwi_tls_entry **cache,
                                          const struct hws_tls_options *options,
                                          struct hws_fault *fault);
void hwi_tls_cache_free(struct hwi_tls_entry *cache);

#endif
