#include "support/certs.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define GOOD_NAMES                                       \
    "DNS:localhost,DNS:feed.example,DNS:*.wild.example," \
    "IP:127.0.0.1,IP:::1"

/* Whose certificate is made, and what stands in it. */
struct recipe {
    const char *subject;
    const char *names;   /* NULL: an authority */
    long from, until;    /* seconds from now */
    const char *feature; /* RFC 7633, or NULL */
    const char *usage;   /* extended key usage, or NULL */
};

struct authority {
    X509 *cert;
    EVP_PKEY *key;
};

static int add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    if (!e)
        return 0;
    int added = X509_add_ext(cert, e, -1);
    X509_EXTENSION_free(e);
    return added;
}

static int fill(X509 *cert, const struct recipe *r, EVP_PKEY *key)
{
    static long serial;
    X509_NAME *name = X509_get_subject_name(cert);
    return X509_set_version(cert, X509_VERSION_3) &&
           ASN1_INTEGER_set(X509_get_serialNumber(cert),
                            (long)getpid() * 100 + ++serial) &&
           X509_gmtime_adj(X509_getm_notBefore(cert), r->from) &&
           X509_gmtime_adj(X509_getm_notAfter(cert), r->until) &&
           X509_set_pubkey(cert, key) &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                      (const unsigned char *)r->subject, -1, -1,
                                      0);
}

static int extend(X509 *cert, X509 *issuer, const struct recipe *r)
{
    const char *basic = r->names ? "critical,CA:FALSE" : "critical,CA:TRUE";
    return add_extension(cert, issuer, NID_basic_constraints, basic) &&
           add_extension(cert, issuer, NID_subject_key_identifier, "hash") &&
           add_extension(cert, issuer, NID_authority_key_identifier, "keyid") &&
           (!r->names ||
            add_extension(cert, issuer, NID_subject_alt_name, r->names)) &&
           (!r->feature ||
            add_extension(cert, issuer, NID_tlsfeature, r->feature)) &&
           (!r->usage ||
            add_extension(cert, issuer, NID_ext_key_usage, r->usage));
}

/* A certificate over `key`, signed by `by` (NULL: by itself). */
static X509 *make(const struct recipe *r, EVP_PKEY *key,
                  const struct authority *by)
{
    X509 *cert = X509_new();
    X509 *issuer = by ? by->cert : cert;
    if (cert && fill(cert, r, key) &&
        X509_set_issuer_name(cert, X509_get_subject_name(issuer)) &&
        extend(cert, issuer, r) &&
        X509_sign(cert, by ? by->key : key, EVP_sha256()))
        return cert;
    X509_free(cert);
    return NULL;
}

static int write_cert(const char *path, X509 *cert)
{
    FILE *f = cert ? fopen(path, "w") : NULL;
    if (!f)
        return 0;
    int wrote = PEM_write_X509(f, cert);
    return fclose(f) == 0 && wrote;
}

/* Behind `password`, when there is one. */
static int write_key(const char *path, EVP_PKEY *key, const char *password)
{
    FILE *f = key ? fopen(path, "w") : NULL;
    if (!f)
        return 0;
    int wrote =
        PEM_write_PrivateKey(f, key, password ? EVP_aes_128_cbc() : NULL, NULL,
                             0, NULL, (void *)(uintptr_t)password);
    return fclose(f) == 0 && wrote;
}

static int make_authority(struct authority *a, const char *subject,
                          const char *path)
{
    struct recipe r = {.subject = subject, .from = -7200, .until = 86400};
    a->key = EVP_EC_gen("P-256");
    a->cert = a->key ? make(&r, a->key, NULL) : NULL;
    return write_cert(path, a->cert);
}

static void free_authority(struct authority *a)
{
    X509_free(a->cert);
    EVP_PKEY_free(a->key);
}

static int make_leaf(const char *path, struct recipe r, EVP_PKEY *key,
                     const struct authority *by)
{
    X509 *cert = make(&r, key, by);
    int wrote = write_cert(path, cert);
    X509_free(cert);
    return wrote;
}

/* A leaf with the certificate of the authority in between behind it. */
static int make_chain(const char *path, struct recipe between,
                      const struct recipe *leaf, EVP_PKEY *key,
                      const struct authority *ca)
{
    struct authority middle = {.key = EVP_EC_gen("P-256")};
    middle.cert = middle.key ? make(&between, middle.key, ca) : NULL;
    int wrote = middle.cert && make_leaf(path, *leaf, key, &middle);
    FILE *f = wrote ? fopen(path, "a") : NULL;
    wrote = f && PEM_write_X509(f, middle.cert);
    wrote = f && fclose(f) == 0 && wrote;
    free_authority(&middle);
    return wrote;
}

static int make_leaves(struct test_certs *c, EVP_PKEY *key,
                       const struct authority *ca,
                       const struct authority *other)
{
    struct recipe good = {.subject = "feed.example",
                          .names = GOOD_NAMES,
                          .from = -3600,
                          .until = 86400};
    struct recipe expired = {.subject = "feed.example",
                             .names = GOOD_NAMES,
                             .from = -7200,
                             .until = -3600};
    struct recipe wrong = {.subject = "other.example",
                           .names = "DNS:other.example",
                           .from = -3600,
                           .until = 86400};
    struct recipe between = {
        .subject = "in between", .names = NULL, .from = -7200, .until = 86400};
    struct recipe over = {
        .subject = "in between", .names = NULL, .from = -7200, .until = -3600};
    struct recipe stapled = good;
    struct recipe responder = {.subject = "responder",
                               .names = "DNS:ocsp.example",
                               .from = -3600,
                               .until = 86400,
                               .usage = "OCSPSigning"};
    stapled.feature = "status_request";
    return write_key(c->key, key, NULL) &&
           write_key(c->locked_key, key, TEST_CERTS_PASSWORD) &&
           make_leaf(c->leaf, good, key, ca) &&
           make_leaf(c->expired, expired, key, ca) &&
           make_leaf(c->wrong_name, wrong, key, ca) &&
           make_leaf(c->rotated, good, key, other) &&
           make_leaf(c->stapled, stapled, key, ca) &&
           make_leaf(c->responder, responder, key, ca) &&
           make_chain(c->chained, between, &good, key, ca) &&
           make_chain(c->gap, over, &good, key, ca);
}

static void name_files(struct test_certs *c, const char *dir)
{
    snprintf(c->dir, TEST_CERTS_PATH, "%s", dir);
    snprintf(c->ca, TEST_CERTS_PATH, "%s/ca.pem", dir);
    snprintf(c->ca_key, TEST_CERTS_PATH, "%s/ca_key.pem", dir);
    snprintf(c->other_ca, TEST_CERTS_PATH, "%s/other_ca.pem", dir);
    snprintf(c->key, TEST_CERTS_PATH, "%s/key.pem", dir);
    snprintf(c->locked_key, TEST_CERTS_PATH, "%s/locked_key.pem", dir);
    snprintf(c->leaf, TEST_CERTS_PATH, "%s/leaf.pem", dir);
    snprintf(c->expired, TEST_CERTS_PATH, "%s/expired.pem", dir);
    snprintf(c->wrong_name, TEST_CERTS_PATH, "%s/wrong_name.pem", dir);
    snprintf(c->rotated, TEST_CERTS_PATH, "%s/rotated.pem", dir);
    snprintf(c->stapled, TEST_CERTS_PATH, "%s/stapled.pem", dir);
    snprintf(c->responder, TEST_CERTS_PATH, "%s/responder.pem", dir);
    snprintf(c->chained, TEST_CERTS_PATH, "%s/chained.pem", dir);
    snprintf(c->gap, TEST_CERTS_PATH, "%s/gap.pem", dir);
}

int test_certs_make(struct test_certs *c, const char *dir)
{
    struct authority ca = {0};
    struct authority other = {0};
    EVP_PKEY *key = EVP_EC_gen("P-256");
    name_files(c, dir);
    int made = key && make_authority(&ca, "test authority", c->ca) &&
               write_key(c->ca_key, ca.key, NULL) &&
               make_authority(&other, "other authority", c->other_ca) &&
               make_leaves(c, key, &ca, &other);
    free_authority(&ca);
    free_authority(&other);
    EVP_PKEY_free(key);
    return made ? 0 : -1;
}

int test_certs_new(struct test_certs *c)
{
    const char *base = getenv("TMPDIR");
    char dir[TEST_CERTS_PATH - 32];
    snprintf(dir, sizeof(dir), "%s/hawser-certs-XXXXXX", base ? base : "/tmp");
    return mkdtemp(dir) ? test_certs_make(c, dir) : -1;
}

void test_certs_free(const struct test_certs *c)
{
    const char *files[] = {
        c->ca,      c->ca_key,     c->other_ca, c->key,     c->leaf,
        c->expired, c->wrong_name, c->rotated,  c->stapled, c->chained,
        c->gap,     c->locked_key, c->responder};
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        unlink(files[i]);
    rmdir(c->dir);
}
