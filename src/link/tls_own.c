#include "link/tls_own.h"

#include "base/status.h"

#include <openssl/err.h>
#include <string.h>

/* What opens the private key, for the time of loading it. */
struct secret {
    const char *password;
    bool asked;
};

static int tell_password(char *bytes, int size, int writing, void *user)
{
    struct secret *secret = user;
    size_t length = secret->password ? strlen(secret->password) : 0;
    (void)writing;
    secret->asked = true;
    if (!secret->password || length > (size_t)size)
        return -1;
    memcpy(bytes, secret->password, length);
    return (int)length;
}

static int refuse(struct hws_fault *fault, const char *file, const char *what)
{
    unsigned long code = ERR_peek_error();
    ERR_clear_error();
    hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_TLS, "private key '%s' %s",
                  file, what);
    if (fault)
        fault->tls_error = code;
    return HWS_E_TLS;
}

static int refuse_key(const struct secret *secret, const char *file,
                      struct hws_fault *fault)
{
    if (secret->asked && !secret->password)
        return refuse(fault, file,
                      "is encrypted, and option 'key_password' is not set");
    if (secret->asked)
        return refuse(fault, file, "is not opened by 'key_password'");
    if (ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH)
        return refuse(fault, file, "does not fit the certificate");
    return hwi_tls_fail_file(fault, "cannot load private key", file);
}

static int load_key(SSL_CTX *ssl, const struct hws_tls_options *o,
                    struct hws_fault *fault)
{
    struct secret secret = {.password = o->key_password};
    SSL_CTX_set_default_passwd_cb(ssl, tell_password);
    SSL_CTX_set_default_passwd_cb_userdata(ssl, &secret);
    int loaded =
        SSL_CTX_use_PrivateKey_file(ssl, o->private_key, SSL_FILETYPE_PEM);
    SSL_CTX_set_default_passwd_cb_userdata(ssl, NULL);
    SSL_CTX_set_default_passwd_cb(ssl, NULL);
    return loaded == 1 ? 0 : refuse_key(&secret, o->private_key, fault);
}

int hwi_tls_own_load(struct hws_tls_context *c, const struct hws_tls_options *o,
                     struct hws_fault *fault)
{
    if (!o->certificate && !o->private_key && !c->server)
        return 0;
    if (!o->certificate || !o->private_key)
        return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT,
                             "tls needs a certificate and its private key");
    if (SSL_CTX_use_certificate_chain_file(c->ssl, o->certificate) != 1)
        return hwi_tls_fail_file(fault, "cannot load certificate",
                                 o->certificate);
    int status = load_key(c->ssl, o, fault);
    c->has_own = status == 0;
    return status;
}
