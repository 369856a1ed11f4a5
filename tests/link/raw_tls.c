#include "raw_tls.h"

#include "ends.h"

static int choose_alpn(SSL *ssl, const unsigned char **out, unsigned char *size,
                       const unsigned char *in, unsigned in_size, void *user)
{
    (void)ssl;
    (void)user;
    assert_int_equal(in_size, 9); /* http/1.1 and nothing else */
    *size = in[0];
    *out = in + 1;
    return SSL_TLSEXT_ERR_OK;
}

void raw_tls_init(struct raw_tls *r, struct hws_link *wire, int version_max)
{
    r->wire = wire;
    r->context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_max_proto_version(r->context, version_max);
    SSL_CTX_set_alpn_select_cb(r->context, choose_alpn, NULL);
    assert_int_equal(
        SSL_CTX_use_certificate_chain_file(r->context, ends_certs()->leaf), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey_file(r->context, ends_certs()->key,
                                                 SSL_FILETYPE_PEM),
                     1);
    r->ssl = SSL_new(r->context);
    SSL_set_bio(r->ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_accept_state(r->ssl);
}

static void carry_in(struct raw_tls *r)
{
    uint8_t bytes[4096];
    ptrdiff_t got;
    while ((got = hws_link_read(r->wire, bytes, sizeof(bytes))) > 0)
        BIO_write(SSL_get_rbio(r->ssl), bytes, (int)got);
}

static void carry_out(struct raw_tls *r)
{
    uint8_t bytes[4096];
    int got;
    while ((got = BIO_read(SSL_get_wbio(r->ssl), bytes, sizeof(bytes))) > 0)
        assert_int_equal(hws_link_write(r->wire, bytes, (size_t)got), got);
}

void raw_tls_turn(struct raw_tls *r)
{
    carry_in(r);
    SSL_do_handshake(r->ssl);
    carry_out(r);
}

void raw_tls_write(struct raw_tls *r, const char *text)
{
    int size = (int)strlen(text);
    assert_int_equal(SSL_write(r->ssl, text, size), size);
    carry_out(r);
}

int raw_tls_read(struct raw_tls *r, char *text, int size)
{
    carry_in(r);
    int got = SSL_read(r->ssl, text, size);
    carry_out(r);
    return got;
}

void raw_tls_free(struct raw_tls *r)
{
    SSL_free(r->ssl);
    SSL_CTX_free(r->context);
}
