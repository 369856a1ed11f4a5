/*
 * What connections share: OpenSSL's settings, the BIO method, the sessions
 * and the key log. Counted; any thread may give its share back.
 */
#ifndef HWI_TLS_CONTEXT_H
#define HWI_TLS_CONTEXT_H

#include "hawser/tls.h"
#include "link/tls_pin.h"
#include "link/tls_session.h"

#include <openssl/ssl.h>
#include <stdatomic.h>

struct hws_tls_context {
    atomic_uint shares;
    bool server;
    bool verify;  /* the peer's certificate; a server: only when it asks */
    bool has_own; /* a certificate of ours to show */
    enum hws_ocsp ocsp;
    struct hwi_tls_pins pins;
    SSL_CTX *ssl;
    BIO_METHOD *method;
    int key_log; /* descriptor, or -1 */
    struct hwi_tls_sessions sessions;
};

struct hws_tls_context *hwi_tls_context_share(struct hws_tls_context *c);

/* The app data of an SSL is its layer, struct hwi_tls. */

#define HWI_TLS_REASON 96
/* OpenSSL's first cause as a short text. Returns its code, which may be 0, and
 * empties OpenSSL's queue. */
unsigned long hwi_tls_reason(char text[HWI_TLS_REASON]);
/* "cannot load authorities 'FILE': no such file". Returns HWS_E_TLS. */
int hwi_tls_fail_file(struct hws_fault *fault, const char *what,
                      const char *file);

#endif
