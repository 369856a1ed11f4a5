/*
 * What the options ask for, told to OpenSSL: versions and algorithms, our own
 * certificate, the authorities. Each refusal names the option or the file.
 */
#ifndef HWI_TLS_SETTINGS_H
#define HWI_TLS_SETTINGS_H

#include "link/tls_context.h"

/* 0; HWS_E_ARGUMENT, HWS_E_TLS or HWS_E_MEMORY with `fault` (may be NULL). */
int hwi_tls_settings_apply(struct hws_tls_context *c,
                           const struct hws_tls_options *options,
                           struct hws_fault *fault);

#endif
