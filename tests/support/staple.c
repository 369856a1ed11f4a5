#include "support/staple.h"

#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

static X509 *read_cert(const char *path)
{
    FILE *f = fopen(path, "r");
    X509 *cert = f ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;
    if (f)
        fclose(f);
    return cert;
}

static EVP_PKEY *read_key(const char *path)
{
    FILE *f = fopen(path, "r");
    EVP_PKEY *key = f ? PEM_read_PrivateKey(f, NULL, NULL, NULL) : NULL;
    if (f)
        fclose(f);
    return key;
}

static int add_status(OCSP_BASICRESP *basic, const struct test_staple *r)
{
    X509 *about = read_cert(r->about);
    X509 *issuer = read_cert(r->issuer);
    ASN1_TIME *from = X509_gmtime_adj(NULL, r->from);
    ASN1_TIME *until = r->until ? X509_gmtime_adj(NULL, r->until) : NULL;
    ASN1_TIME *revoked = X509_gmtime_adj(NULL, -3600);
    OCSP_CERTID *id =
        about && issuer ? OCSP_cert_to_id(EVP_sha256(), about, issuer) : NULL;
    int added = id && OCSP_basic_add1_status(basic, id, r->status, r->reason,
                                             revoked, from, until);
    OCSP_CERTID_free(id);
    ASN1_TIME_free(revoked);
    ASN1_TIME_free(until);
    ASN1_TIME_free(from);
    X509_free(issuer);
    X509_free(about);
    return added;
}

static int sign(OCSP_BASICRESP *basic, const struct test_staple *r)
{
    X509 *signer = read_cert(r->signer);
    EVP_PKEY *key = read_key(r->signer_key);
    /* Who is known already need not come along. */
    unsigned long flags = strcmp(r->signer, r->issuer) ? 0 : OCSP_NOCERTS;
    int signed_it =
        signer && key &&
        OCSP_basic_sign(basic, signer, key, EVP_sha256(), NULL, flags);
    EVP_PKEY_free(key);
    X509_free(signer);
    return signed_it;
}

unsigned char *test_staple_make(const struct test_staple *r, int *size)
{
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
    OCSP_RESPONSE *response = NULL;
    unsigned char *der = NULL;
    if (r->refusal)
        response = OCSP_response_create(r->refusal, NULL);
    else if (basic && add_status(basic, r) && sign(basic, r))
        response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
    if (response)
        *size = i2d_OCSP_RESPONSE(response, &der);
    OCSP_RESPONSE_free(response);
    OCSP_BASICRESP_free(basic);
    return der;
}
