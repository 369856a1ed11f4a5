/*
 * What connections share: OpenSSL's settings, the BIO method, the sessions
 * and the key log. Counted; any thread may give its share back.
 */
#ifndef HWI_TLS_CONTEXT_H
#define HWI_TLS_CONTEXT_H

#include "link/tls_session.h"

#include "hawser/link.h"

#include <openssl/ssl.h>
#include <stdatomic.h>

struct hws_tls_context {
    atomic_uint shares;
    bool server;
    bool verify;
    SSL_CTX *ssl;
    BIO_METHOD *method;
    int key_log; /* descriptor, or -1 */
    struct hwi_tls_sessions sessions;
};

struct hws_tls_context *hwi_tls_context_share(struct hws_tls_context *c);

/* Sessions are kept under the name that is the app data of the SSL; without
 * one they are not kept. */

#define HWI_TLS_REASON 96
/* OpenSSL's first cause as a short text. Returns its code, which may be 0, and
 * empties OpenSSL's queue. */
unsigned long hwi_tls_reason(char text[HWI_TLS_REASON]);

#endif
