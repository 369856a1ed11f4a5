/*
 * What a handshake told about the peer, as plain values: of an open layer, and
 * of one whose handshake failed.
 */
#include "link/tls_layer.h"
#include "link/tls_time.h"
#include "link/tunnel.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

/* Names as RFC 4514 has them, but with letters of all scripts left alone. */
#define NAME_FLAGS                                              \
    ((XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) | \
     ASN1_STRFLGS_UTF8_CONVERT)

static const struct hwi_tls *find(const struct hws_link *link, int *status)
{
    const struct hwi_tls *t = NULL;
    while (link && link->ops != &hwi_tls_ops)
        link = hwi_tunnel_is(link) ? NULL : link->below;
    *status = HWS_E_SUPPORT;
    if (link)
        t = hwi_tls_of(link);
    if (t)
        *status = t->state == TLS_BELOW ? HWS_E_STATE : 0;
    return t;
}

static size_t held_by(const struct hwi_tls *t)
{
    return (size_t)SSL_pending(t->ssl) + t->bio.part +
           hwi_buf_size(&t->bio.kept_in);
}

size_t hws_link_tls_pending(const struct hws_link *link)
{
    size_t pending = 0;
    for (; link; link = link->below) {
        const struct hwi_tls *t = hwi_tls_of(link);
        if (link->ops == &hwi_tls_ops && t->ssl)
            pending += held_by(t);
    }
    return pending;
}

/* All that the peer sent; of a resumed session, what was kept with it. A
 * server's ticket keeps but the leaf. */
static size_t count_certificates(const struct hwi_tls *t)
{
    STACK_OF(X509) *kept = SSL_get_peer_cert_chain(t->ssl);
    if (t->chain)
        return (size_t)sk_X509_num(t->chain);
    if (!t->context->server && kept)
        return (size_t)sk_X509_num(kept);
    return SSL_get0_peer_certificate(t->ssl) ? 1 : 0;
}

static X509 *certificate_at(const struct hwi_tls *t, size_t index)
{
    STACK_OF(X509) *kept = SSL_get_peer_cert_chain(t->ssl);
    if (index >= count_certificates(t))
        return NULL;
    if (t->chain)
        return sk_X509_value(t->chain, (int)index);
    if (!t->context->server && kept)
        return sk_X509_value(kept, (int)index);
    return SSL_get0_peer_certificate(t->ssl);
}

static void copy_text(char *to, size_t size, const char *text)
{
    snprintf(to, size, "%s", text ? text : "");
}

static void tell_algorithms(const struct hwi_tls *t, struct hws_tls_info *info)
{
    const unsigned char *alpn = NULL;
    unsigned alpn_size = 0;
    if (!SSL_get_current_cipher(t->ssl))
        return;
    copy_text(info->version, sizeof(info->version), SSL_get_version(t->ssl));
    copy_text(info->cipher, sizeof(info->cipher), SSL_get_cipher_name(t->ssl));
    int group = (int)SSL_get_negotiated_group(t->ssl);
    if (group)
        copy_text(info->group, sizeof(info->group),
                  SSL_group_to_name(t->ssl, group));
    SSL_get0_alpn_selected(t->ssl, &alpn, &alpn_size);
    if (alpn_size < sizeof(info->alpn))
        memcpy(info->alpn, alpn ? (const char *)alpn : "", alpn_size);
}

int hws_link_tls_info(const struct hws_link *link, struct hws_tls_info *info)
{
    int status;
    const struct hwi_tls *t = find(link, &status);
    *info = (struct hws_tls_info){.staple_until = HWS_NEVER};
    if (status)
        return status;
    tell_algorithms(t, info);
    info->resumed = SSL_session_reused(t->ssl);
    info->verified = t->context->verify && t->state == TLS_OPEN;
    info->verify = t->link.fault.tls_verify;
    info->staple = t->staple;
    info->staple_until = t->staple_until;
    info->certificates = count_certificates(t);
    ERR_clear_error();
    return 0;
}

static void tell_name(char *text, size_t size, const X509_NAME *name)
{
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio && X509_NAME_print_ex(bio, name, 0, NAME_FLAGS) >= 0) {
        int got = BIO_read(bio, text, (int)size - 1);
        text[got > 0 ? got : 0] = '\0';
    }
    BIO_free(bio);
}

/* A name of the certificate in the form that it is looked for, or "". What a
 * stranger wrote must not drive a terminal. */
static void tell_general_name(char *text, size_t size, const GENERAL_NAME *name)
{
    int type;
    const ASN1_STRING *value = GENERAL_NAME_get0_value(name, &type);
    int length =
        type == GEN_DNS || type == GEN_IPADD ? ASN1_STRING_length(value) : 0;
    text[0] = '\0';
    if (type == GEN_DNS)
        snprintf(text, size, "%.*s", length, ASN1_STRING_get0_data(value));
    else if (length == 4 || length == 16)
        inet_ntop(length == 4 ? AF_INET : AF_INET6,
                  ASN1_STRING_get0_data(value), text, (socklen_t)size);
    for (char *at = text; *at; at++)
        *at = *at > ' ' && *at < 0x7f ? *at : '?';
}

static void tell_names(char *text, size_t size, const X509 *certificate)
{
    GENERAL_NAMES *names =
        X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    size_t used = 0;
    for (int i = 0; i < sk_GENERAL_NAME_num(names) && used < size; i++) {
        char name[256];
        tell_general_name(name, sizeof(name), sk_GENERAL_NAME_value(names, i));
        if (name[0])
            used += (size_t)snprintf(text + used, size - used, "%s%s",
                                     used ? ", " : "", name);
    }
    GENERAL_NAMES_free(names);
}

static void tell_key(char *text, size_t size, const X509 *certificate)
{
    const EVP_PKEY *key = X509_get0_pubkey(certificate);
    const char *kind = key ? EVP_PKEY_get0_type_name(key) : NULL;
    if (kind)
        snprintf(text, size, "%s %d bits", kind, EVP_PKEY_get_bits(key));
}

int hws_link_tls_certificate(const struct hws_link *link, size_t index,
                             struct hws_tls_certificate *c)
{
    int status;
    const struct hwi_tls *t = find(link, &status);
    *c = (struct hws_tls_certificate){.not_after = HWS_NEVER};
    if (status)
        return status;
    X509 *x = certificate_at(t, index);
    if (!x)
        return HWS_E_ARGUMENT;
    tell_name(c->subject, sizeof(c->subject), X509_get_subject_name(x));
    tell_name(c->issuer, sizeof(c->issuer), X509_get_issuer_name(x));
    tell_names(c->names, sizeof(c->names), x);
    tell_key(c->key, sizeof(c->key), x);
    c->not_before = hwi_tls_time(X509_get0_notBefore(x));
    c->not_after = hwi_tls_time(X509_get0_notAfter(x));
    bool told = hwi_tls_pin_of(x, c->pin);
    ERR_clear_error();
    return told ? 0 : HWS_E_MEMORY;
}
