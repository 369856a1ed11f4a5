/*
 * Our own certificate and its private key, of a server always, of a client to
 * show when it is asked. Nobody is asked for a password at a terminal.
 */
#ifndef HWI_TLS_OWN_H
#define HWI_TLS_OWN_H

#include "link/tls_context.h"

/* 0; HWS_E_ARGUMENT, or HWS_E_TLS with the file's name and what is wrong. */
int hwi_tls_own_load(struct hws_tls_context *c,
                     const struct hws_tls_options *options,
                     struct hws_fault *fault);

#endif
