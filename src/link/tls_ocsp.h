/*
 * The stapled OCSP response (RFC 6066 section 8, RFC 6960): whether it is
 * about the certificate that came, signed by its authority or a responder of
 * that, within its time, and good. It asks no responder over the network.
 */
#ifndef HWI_TLS_OCSP_H
#define HWI_TLS_OCSP_H

#include <openssl/ssl.h>
#include <stdbool.h>

/* Ask for a response in every handshake of a client's context, and judge it.
 * False: no memory. */
bool hwi_tls_ocsp_set(SSL_CTX *context);

#endif
