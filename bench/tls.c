#include "tls.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

static X509 *new_certificate(EVP_PKEY *key)
{
    X509 *x = X509_new();
    X509_NAME *name = X509_get_subject_name(x);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x), 86400);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               (const unsigned char *)"bench", -1, -1, 0);
    X509_set_issuer_name(x, name);
    X509_set_pubkey(x, key);
    X509_sign(x, key, EVP_sha256());
    return x;
}

static SSL_CTX *server_context(void)
{
    static SSL_CTX *context;
    if (context)
        return context;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = new_certificate(key);
    context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    SSL_CTX_use_certificate(context, certificate);
    SSL_CTX_use_PrivateKey(context, key);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return context;
}

int tls_accept(struct wire *wire)
{
    wire->tls = SSL_new(server_context());
    SSL_set_fd(wire->tls, wire->fd);
    return SSL_accept(wire->tls) == 1 ? 0 : -1;
}

int tls_connect(struct wire *wire)
{
    static SSL_CTX *context;
    if (!context) {
        context = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    }
    wire->tls = SSL_new(context);
    SSL_set_fd(wire->tls, wire->fd);
    return SSL_connect(wire->tls) == 1 ? 0 : -1;
}

/* ---- reading from memory, without the copy that BIO_s_mem() makes ---- */

struct feed_source {
    const uint8_t *at;
    size_t left;
};

static int source_read(BIO *bio, char *out, size_t size, size_t *done)
{
    struct feed_source *s = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    *done = size < s->left ? size : s->left;
    if (*done == 0) {
        BIO_set_retry_read(bio);
        return 0;
    }
    memcpy(out, s->at, *done);
    s->at += *done;
    s->left -= *done;
    return 1;
}

static long source_ctrl(BIO *bio, int command, long number, void *pointer)
{
    (void)bio;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH;
}

int tls_feed_init(struct wire *wire)
{
    BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "bench");
    struct feed_source *source = calloc(1, sizeof(*source));
    BIO_meth_set_read_ex(method, source_read);
    BIO_meth_set_ctrl(method, source_ctrl);
    BIO *bio = BIO_new(method);
    if (!bio || !source)
        return -1;
    BIO_set_data(bio, source);
    BIO_set_init(bio, 1);
    SSL_set0_rbio(wire->tls, bio);
    return 0;
}

void tls_feed(struct wire *wire, const uint8_t *bytes, size_t size)
{
    struct feed_source *source = BIO_get_data(SSL_get_rbio(wire->tls));
    /* What the last piece ended in the middle of stays SSL's: it has read
     * every byte before it asked for more. */
    source->at = bytes;
    source->left = size;
}

/* ---- encrypting ahead ---- */

uint8_t *tls_encrypt(struct wire *wire, const uint8_t *block, size_t size,
                     size_t piece, uint64_t count, size_t *out_size)
{
    BIO *sink = BIO_new(BIO_s_mem());
    if (!sink)
        return NULL;
    BIO_up_ref(sink);
    SSL_set0_wbio(wire->tls, sink);
    size_t step = piece ? piece : size;
    for (uint64_t i = 0; i < count; i++) {
        for (size_t at = 0; at < size; at += step) {
            if (SSL_write(wire->tls, block + at, (int)step) <= 0)
                return NULL;
        }
    }
    char *bytes;
    long held = BIO_get_mem_data(sink, &bytes);
    uint8_t *out = malloc((size_t)held);
    if (out)
        memcpy(out, bytes, (size_t)held);
    *out_size = (size_t)held;
    BIO_free(sink);
    return out;
}
