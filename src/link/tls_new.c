/*
 * Making a TLS layer: whom it expects at the other end.
 */
#include "link/tls_layer.h"

#include "base/mem.h"
#include "base/status.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

static bool is_literal(const char *name)
{
    struct in6_addr any;
    return inet_pton(AF_INET, name, &any) == 1 ||
           inet_pton(AF_INET6, name, &any) == 1;
}

/* The name as certificates have it: an address without its scope, a host
 * without the dot at its end. */
static char *copy_name(const char *name)
{
    char *copy = hwi_copy_text(name);
    if (!copy)
        return NULL;
    char *scope = strchr(copy, '%');
    if (scope && strchr(copy, ':'))
        *scope = '\0';
    size_t length = strlen(copy);
    if (length && copy[length - 1] == '.')
        copy[length - 1] = '\0';
    return copy;
}

/* OpenSSL takes an empty name for "check none", and one that begins with a dot
 * for "any name below". */
static bool is_name(const char *name)
{
    return name[0] != '\0' && name[0] != '.' &&
           strlen(name) <= TLSEXT_MAXLEN_host_name;
}

static bool expect_name(struct hwi_tls *t)
{
    X509_VERIFY_PARAM *param = SSL_get0_param(t->ssl);
    X509_VERIFY_PARAM_set_hostflags(param,
                                    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (is_literal(t->name))
        return X509_VERIFY_PARAM_set1_ip_asc(param, t->name) == 1;
    return SSL_set1_host(t->ssl, t->name) == 1 &&
           SSL_set_tlsext_host_name(t->ssl, t->name) == 1;
}

/* What cannot be checked is not dialed: open() answers with the fault. */
static bool set_client(struct hwi_tls *t, const char *name)
{
    struct hws_fault *fault = &t->link.fault;
    SSL_set_connect_state(t->ssl);
    if (!name && t->context->verify)
        hwi_fault_set(fault, HWS_PHASE_TLS, HWS_E_ARGUMENT,
                      "tls cannot check a certificate without a name");
    else if (name && !is_name(t->name))
        hwi_fault_set(fault, HWS_PHASE_TLS, HWS_E_ARGUMENT,
                      "tls cannot expect the name '%s'", name);
    if (!name || fault->status)
        return true;
    return expect_name(t);
}

static bool set_up(struct hwi_tls *t, const char *name)
{
    t->name = name ? copy_name(name) : NULL;
    t->ssl = SSL_new(t->context->ssl);
    BIO *bio = BIO_new(t->context->method);
    if (!t->ssl || !bio || (name && !t->name)) {
        BIO_free(bio);
        return false;
    }
    BIO_set_data(bio, &t->bio);
    SSL_set_app_data(t->ssl, t);
    SSL_set_bio(t->ssl, bio, bio);
    if (!t->context->server)
        return set_client(t, name);
    SSL_set_accept_state(t->ssl);
    return true;
}

struct hws_link *hws_tls_new(struct hws_tls_context *context,
                             struct hws_link *below, const char *name,
                             hws_time handshake_delay, struct hws_scratch in,
                             struct hws_scratch out)
{
    struct hwi_tls *t = hwi_alloc_zero(sizeof(*t));
    if (!t) {
        hws_link_free(below);
        return NULL;
    }
    t->link.ops = &hwi_tls_ops;
    t->link.below = below;
    t->context = hwi_tls_context_share(context);
    t->handshake_delay = handshake_delay;
    t->handshake_deadline = HWS_NEVER;
    t->until = t->staple_until = HWS_NEVER;
    hwi_tls_bio_init(&t->bio, below, in, out);
    if (set_up(t, name))
        return &t->link;
    ERR_clear_error();
    hwi_tls_ops.free(&t->link);
    return NULL;
}

void hws_tls_set_port(struct hws_link *link, uint16_t port)
{
    if (link->ops == &hwi_tls_ops)
        hwi_tls_of(link)->port = port;
}
