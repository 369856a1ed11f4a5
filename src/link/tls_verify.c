#include "link/tls_verify.h"

#include "base/status.h"
#include "link/tls_layer.h"
#include "link/tls_time.h"

#include <openssl/x509v3.h>

static void keep_chain(struct hwi_tls *t, STACK_OF(X509) * sent)
{
    sk_X509_pop_free(t->chain, X509_free);
    t->chain = sent ? X509_chain_up_ref(sent) : NULL;
}

/* Until when all of these certificates hold. */
static hws_time end_of(const STACK_OF(X509) * chain)
{
    hws_time end = HWS_NEVER;
    for (int i = 0; i < sk_X509_num(chain); i++) {
        hws_time after =
            hwi_tls_time(X509_get0_notAfter(sk_X509_value(chain, i)));
        end = after < end ? after : end;
    }
    return end;
}

/* Another than the leaf is named: the one who runs the server must know which
 * certificate of the chain to renew. */
static int refuse_chain(struct hwi_tls *t, const X509_STORE_CTX *store)
{
    int verify = X509_STORE_CTX_get_error(store);
    int depth = X509_STORE_CTX_get_error_depth(store);
    const X509 *at = X509_STORE_CTX_get_current_cert(store);
    const char *why = X509_verify_cert_error_string(verify);
    char name[96] = "";
    if (depth > 0 && at)
        X509_NAME_oneline(X509_get_subject_name(at), name, sizeof(name));
    if (name[0])
        hwi_tls_refuse(t, verify, "not accepted: %s, at depth %d: '%s'", why,
                       depth, name);
    else
        hwi_tls_refuse(t, verify, "not accepted: %s", why);
    return 0;
}

static int refuse_key(struct hwi_tls *t, X509_STORE_CTX *store, const char *pin)
{
    X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
    hwi_tls_refuse(t, X509_V_ERR_APPLICATION_VERIFICATION,
                   "not accepted: its key is '%s', which is not pinned", pin);
    return 0;
}

static int check_pin(struct hwi_tls *t, X509_STORE_CTX *store)
{
    char pin[HWI_TLS_PIN] = "";
    X509 *leaf = X509_STORE_CTX_get0_cert(store);
    if (t->context->pins.count == 0)
        return 1;
    if (leaf && hwi_tls_pin_of(leaf, pin) &&
        hwi_tls_pins_have(&t->context->pins, pin))
        return 1;
    return refuse_key(t, store, pin);
}

int hwi_tls_verify(X509_STORE_CTX *store, void *unused)
{
    (void)unused;
    const SSL *ssl =
        X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct hwi_tls *t = SSL_get_app_data(ssl);
    keep_chain(t, X509_STORE_CTX_get0_untrusted(store));
    if (t->context->verify && X509_verify_cert(store) <= 0)
        return refuse_chain(t, store);
    if (t->context->verify)
        t->until = end_of(X509_STORE_CTX_get0_chain(store));
    return check_pin(t, store);
}
