/*
 * A TLS server made of OpenSSL alone, at one end of a pair: it can do what our
 * layer never does (renegotiate, update keys) and tells what came.
 */
#ifndef LINK_RAW_TLS_H
#define LINK_RAW_TLS_H

#include "hawser/link.h"

#include <openssl/ssl.h>

struct raw_tls {
    struct hws_link *wire; /* lent */
    SSL_CTX *context;
    SSL *ssl;
};

void raw_tls_init(struct raw_tls *r, struct hws_link *wire, int version_max);
/* Carry bytes both ways and go on with the handshake. */
void raw_tls_turn(struct raw_tls *r);
void raw_tls_write(struct raw_tls *r, const char *text);
/* Decrypt what came; -1: nothing. */
int raw_tls_read(struct raw_tls *r, char *text, int size);
void raw_tls_free(struct raw_tls *r);

#endif
