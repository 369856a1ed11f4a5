/*
 * TLS contexts of one loop, so that a thousand clients with the same settings
 * load the trust store once and share their sessions. A file that has changed
 * since is read again; when it cannot be used, the context of before stays.
 */
#ifndef HWI_TLS_CACHE_H
#define HWI_TLS_CACHE_H

#include "hawser/tls.h"

struct hwi_tls_entry;

/*
 * The client context for `options`, made when `*cache` has none yet, and made
 * anew when a file that it was made of has changed. Lends: until the next call
 * with these options, or until the cache is freed. NULL, with `fault`, as
 * hws_tls_context_new().
 */
struct hws_tls_context *hwi_tls_cache_get(struct hwi_tls_entry **cache,
                                          const struct hws_tls_options *options,
                                          struct hws_fault *fault);
/*
 * Whether files changed and could not be used, since the last call that told
 * so; `fault` says what is wrong with them.
 */
bool hwi_tls_cache_warning(struct hwi_tls_entry *cache,
                           const struct hws_tls_options *options,
                           struct hws_fault *fault);
void hwi_tls_cache_free(struct hwi_tls_entry *cache);

#endif
