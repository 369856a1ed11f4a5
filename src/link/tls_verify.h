/*
 * Judging the peer's certificates: chain and name by OpenSSL, then the pins.
 * It keeps what the peer sent, also when it is refused, so that the fault can
 * be explained.
 */
#ifndef HWI_TLS_VERIFY_H
#define HWI_TLS_VERIFY_H

#include <openssl/ssl.h>

/* For SSL_CTX_set_cert_verify_callback(). */
int hwi_tls_verify(X509_STORE_CTX *store, void *unused);

#endif
