#include "link/tls_settings.h"

#include "base/status.h"
#include "link/tls_ocsp.h"
#include "link/tls_own.h"

#include <openssl/err.h>

static int bad(struct hws_fault *fault, const char *what)
{
    return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT,
                         "tls option %s", what);
}

/* Options that would be passed over in silence are refused. */
static int check_role(const struct hws_tls_context *c,
                      const struct hws_tls_options *o, struct hws_fault *fault)
{
    if (c->server && o->pin_count)
        return bad(fault, "'pins' is for clients");
    if (c->server && o->ocsp != HWS_OCSP_OFF)
        return bad(fault, "'ocsp' is for clients");
    if (!c->server && o->client_ca)
        return bad(fault, "'client_ca' is for servers");
    if (!c->server && !o->verify && o->ocsp != HWS_OCSP_OFF)
        return bad(fault, "'ocsp' needs 'verify'");
    if (o->ocsp < HWS_OCSP_OFF || o->ocsp > HWS_OCSP_REQUIRE)
        return bad(fault, "'ocsp' is none of enum hws_ocsp");
    return 0;
}

static int set_versions(struct hws_tls_context *c,
                        const struct hws_tls_options *o,
                        struct hws_fault *fault)
{
    int least = o->version_min ? o->version_min : TLS1_2_VERSION;
    int most = o->version_max;
    if (SSL_CTX_set_min_proto_version(c->ssl, least) != 1)
        most = least;
    else if (most && most < least)
        return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT,
                             "tls option 'version_max' (0x%04x) is below "
                             "'version_min' (0x%04x)",
                             (unsigned)most, (unsigned)least);
    else if (SSL_CTX_set_max_proto_version(c->ssl, most) == 1)
        return 0;
    return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT,
                         "tls version 0x%04x is not known", (unsigned)most);
}

static int bad_list(struct hws_fault *fault, const char *option,
                    const char *list)
{
    ERR_clear_error();
    return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT,
                         "tls option '%s': OpenSSL can use nothing, or not "
                         "all, of '%s'",
                         option, list);
}

static int set_algorithms(struct hws_tls_context *c,
                          const struct hws_tls_options *o,
                          struct hws_fault *fault)
{
    if (o->ciphers && SSL_CTX_set_cipher_list(c->ssl, o->ciphers) != 1)
        return bad_list(fault, "ciphers", o->ciphers);
    if (o->ciphersuites &&
        SSL_CTX_set_ciphersuites(c->ssl, o->ciphersuites) != 1)
        return bad_list(fault, "ciphersuites", o->ciphersuites);
    if (o->groups && SSL_CTX_set1_groups_list(c->ssl, o->groups) != 1)
        return bad_list(fault, "groups", o->groups);
    return 0;
}

static int load_system_authorities(struct hws_tls_context *c)
{
    SSL_CTX_set_default_verify_paths(c->ssl);
    ERR_clear_error(); /* without any, each certificate is refused by name */
    return 0;
}

static int load_authorities(struct hws_tls_context *c,
                            const struct hws_tls_options *o,
                            struct hws_fault *fault)
{
    const char *file = c->server ? o->client_ca : o->ca_file;
    const char *path = c->server ? NULL : o->ca_path;
    if (!c->verify)
        return 0;
    if (!file && !path)
        return load_system_authorities(c);
    if (file && SSL_CTX_load_verify_file(c->ssl, file) != 1)
        return hwi_tls_fail_file(fault, "cannot load authorities", file);
    if (path && SSL_CTX_load_verify_dir(c->ssl, path) != 1)
        return hwi_tls_fail_file(fault, "cannot load authorities", path);
    return 0;
}

/* Tell clients whose certificates are accepted, so that they can choose. */
static int name_authorities(struct hws_tls_context *c,
                            const struct hws_tls_options *o,
                            struct hws_fault *fault)
{
    if (!c->server || !c->verify)
        return 0;
    STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(o->client_ca);
    if (!names)
        return hwi_tls_fail_file(fault, "cannot load authorities",
                                 o->client_ca);
    SSL_CTX_set_client_CA_list(c->ssl, names);
    return 0;
}

static int set_checks(struct hws_tls_context *c,
                      const struct hws_tls_options *o, struct hws_fault *fault)
{
    int status = hwi_tls_pins_init(&c->pins, o, fault);
    if (status)
        return status;
    if (c->verify || c->pins.count)
        SSL_CTX_set_verify(
            c->ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    c->ocsp = o->ocsp;
    if (c->ocsp == HWS_OCSP_OFF || hwi_tls_ocsp_set(c->ssl))
        return 0;
    return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                         "no memory for tls settings");
}

int hwi_tls_settings_apply(struct hws_tls_context *c,
                           const struct hws_tls_options *o,
                           struct hws_fault *fault)
{
    int status = check_role(c, o, fault);
    if (status == 0)
        status = set_versions(c, o, fault);
    if (status == 0)
        status = set_algorithms(c, o, fault);
    if (status == 0)
        status = hwi_tls_own_load(c, o, fault);
    if (status == 0)
        status = load_authorities(c, o, fault);
    if (status == 0)
        status = name_authorities(c, o, fault);
    return status ? status : set_checks(c, o, fault);
}
