/*
 * TLS settings as values: copied whole, compared whole.
 */
#ifndef HWI_TLS_OPTIONS_H
#define HWI_TLS_OPTIONS_H

#include "hawser/tls.h"
#include "session/keep.h"

/* Replace what `options` points at by copies that live as long as `keep`.
 * HWS_E_MEMORY: some are not. */
int hwi_tls_options_keep(struct hwi_keep *keep,
                         struct hws_tls_options *options);
bool hwi_tls_options_same(const struct hws_tls_options *a,
                          const struct hws_tls_options *b);

#endif
