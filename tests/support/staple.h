/*
 * OCSP responses as an authority of the tests signs them: good ones, and such
 * as a client must refuse.
 */
#ifndef TEST_STAPLE_H
#define TEST_STAPLE_H

#include <stddef.h>

struct test_staple {
    const char *about;      /* PEM of the certificate */
    const char *issuer;     /* PEM of its authority */
    const char *signer;     /* PEM of who signs */
    const char *signer_key; /* PEM */
    int status;             /* V_OCSP_CERTSTATUS_... */
    int reason;             /* OCSP_REVOKED_STATUS_... */
    long from, until;       /* seconds from now; until 0: not said */
    int refusal; /* OCSP_RESPONSE_STATUS_... in place of an answer, or 0 */
};

/* DER, for OPENSSL_free(). NULL: it could not be made. */
unsigned char *test_staple_make(const struct test_staple *recipe, int *size);

#endif
