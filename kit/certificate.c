/*
 * A certificate that lives as long as a scenario: made, written, read by the
 * two contexts, and its files taken away again. No key is kept anywhere.
 */
#include "server.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#define PATH_SIZE 256

static int name_it(X509 *cert)
{
    X509V3_CTX context;
    X509_NAME *name = X509_get_subject_name(cert);
    X509V3_set_ctx(&context, cert, cert, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(
        NULL, &context, NID_subject_alt_name, "IP:127.0.0.1");
    int added = e && X509_add_ext(cert, e, -1);
    X509_EXTENSION_free(e);
    return added &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                      (const unsigned char *)"loop kit", -1, -1,
                                      0) &&
           X509_set_issuer_name(cert, name);
}

/* Signed by itself; its peers are told to trust it. */
static X509 *make(EVP_PKEY *key)
{
    X509 *cert = X509_new();
    if (cert && X509_set_version(cert, X509_VERSION_3) &&
        ASN1_INTEGER_set(X509_get_serialNumber(cert), 1) &&
        X509_gmtime_adj(X509_getm_notBefore(cert), -3600) &&
        X509_gmtime_adj(X509_getm_notAfter(cert), 86400) &&
        X509_set_pubkey(cert, key) && name_it(cert) &&
        X509_sign(cert, key, EVP_sha256()))
        return cert;
    FAIL("OpenSSL makes no certificate");
}

static void write_files(const char *cert_path, const char *key_path)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    CHECK(key != NULL);
    X509 *cert = make(key);
    FILE *f = fopen(cert_path, "w");
    CHECK(f && PEM_write_X509(f, cert) && fclose(f) == 0);
    f = fopen(key_path, "w");
    CHECK(f && PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL) &&
          fclose(f) == 0);
    X509_free(cert);
    EVP_PKEY_free(key);
}

void kit_certificate(struct hws_tls_context **server,
                     struct hws_tls_context **client)
{
    const char *base = getenv("TMPDIR");
    char folder[PATH_SIZE - 16], cert[PATH_SIZE], key[PATH_SIZE];
    struct hws_tls_options options;
    struct hws_fault fault = {.text = ""};
    snprintf(folder, sizeof(folder), "%s/hawser-loopkit-XXXXXX",
             base ? base : "/tmp");
    CHECK(mkdtemp(folder) != NULL);
    snprintf(cert, sizeof(cert), "%s/cert.pem", folder);
    snprintf(key, sizeof(key), "%s/key.pem", folder);
    write_files(cert, key);

    hws_tls_options_init(&options);
    options.ca_file = cert;
    *client = hws_tls_context_new(&options, false, &fault);
    hws_tls_options_init(&options);
    options.certificate = cert;
    options.private_key = key;
    *server = hws_tls_context_new(&options, true, &fault);
    unlink(cert);
    unlink(key);
    rmdir(folder);
    if (!*client || !*server)
        FAIL("the kit's certificate: %s", fault.text);
}
