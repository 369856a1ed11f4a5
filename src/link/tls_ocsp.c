#include "link/tls_ocsp.h"

#include "link/tls_layer.h"
#include "link/tls_time.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <time.h>

/* So far may the clocks of the responder and ours be apart. */
#define LEEWAY_S 300
/* A response that does not say when the next one is due is believed so long. */
#define AGE_MAX_S (7L * 86400)

/* What a response is judged against. */
struct subject {
    struct hwi_tls *tls;
    X509 *leaf, *issuer;
    STACK_OF(X509) * chain; /* as it was verified */
};

static int refuse(struct hwi_tls *t, int verify, const char *why)
{
    char reason[HWI_TLS_REASON] = "";
    bool known = ERR_peek_error() != 0;
    if (known)
        hwi_tls_reason(reason);
    t->staple = HWS_STAPLE_UNUSABLE;
    hwi_tls_refuse(t, verify, "not accepted: its ocsp response %s%s%s", why,
                   known ? ": " : "", reason);
    return 0;
}

/* RFC 7633: the certificate itself says that a response comes with it. */
static bool promises_staple(X509 *leaf)
{
    TLS_FEATURE *features = X509_get_ext_d2i(leaf, NID_tlsfeature, NULL, NULL);
    bool found = false;
    for (int i = 0; i < sk_ASN1_INTEGER_num(features); i++)
        found = found || ASN1_INTEGER_get(sk_ASN1_INTEGER_value(features, i)) ==
                             TLSEXT_TYPE_status_request;
    TLS_FEATURE_free(features);
    return found;
}

static int judge_none(struct hwi_tls *t, X509 *leaf)
{
    bool promised = promises_staple(leaf);
    ERR_clear_error();
    if (!promised && t->context->ocsp != HWS_OCSP_REQUIRE)
        return 1;
    hwi_tls_refuse(t, X509_V_ERR_OCSP_VERIFY_NEEDED,
                   "not accepted: no ocsp response is stapled, and %s",
                   promised ? "the certificate promises one"
                            : "one is required");
    return 0;
}

static bool is_about(OCSP_SINGLERESP *single, const struct subject *s)
{
    const OCSP_CERTID *id = OCSP_SINGLERESP_get0_id(single);
    ASN1_OBJECT *hash = NULL;
    OCSP_id_get0_info(NULL, &hash, NULL, NULL, (OCSP_CERTID *)(uintptr_t)id);
    const EVP_MD *digest = EVP_get_digestbyobj(hash);
    OCSP_CERTID *wanted =
        digest ? OCSP_cert_to_id(digest, s->leaf, s->issuer) : NULL;
    bool same = wanted && OCSP_id_cmp(id, wanted) == 0;
    OCSP_CERTID_free(wanted);
    return same;
}

static OCSP_SINGLERESP *find(OCSP_BASICRESP *basic, const struct subject *s)
{
    for (int i = 0; i < OCSP_resp_count(basic); i++) {
        OCSP_SINGLERESP *single = OCSP_resp_get0(basic, i);
        if (is_about(single, s))
            return single;
    }
    return NULL;
}

static int refuse_revoked(struct hwi_tls *t, const ASN1_GENERALIZEDTIME *when,
                          int reason)
{
    struct tm tm = {0};
    char since[32] = "";
    if (when && ASN1_TIME_to_tm(when, &tm))
        strftime(since, sizeof(since), " since %Y-%m-%d %H:%M:%SZ", &tm);
    t->staple = HWS_STAPLE_REVOKED;
    hwi_tls_refuse(t, X509_V_ERR_CERT_REVOKED,
                   "revoked%s, says its ocsp response (reason: %s)", since,
                   reason < 0 ? "none given" : OCSP_crl_reason_str(reason));
    return 0;
}

static int approve(struct hwi_tls *t, const ASN1_GENERALIZEDTIME *next)
{
    t->staple = HWS_STAPLE_GOOD;
    t->staple_until = hwi_tls_time(next);
    if (t->staple_until < t->until)
        t->until = t->staple_until;
    return 1;
}

/* A revocation counts also when it is told late. */
static int judge_single(const struct subject *s, OCSP_SINGLERESP *single)
{
    int reason = -1;
    ASN1_GENERALIZEDTIME *when = NULL, *this = NULL, *next = NULL;
    int status = OCSP_single_get0_status(single, &reason, &when, &this, &next);
    if (status == V_OCSP_CERTSTATUS_REVOKED)
        return refuse_revoked(s->tls, when, reason);
    if (!OCSP_check_validity(this, next, LEEWAY_S, next ? -1 : AGE_MAX_S))
        return refuse(s->tls, X509_V_ERR_OCSP_VERIFY_FAILED, "is out of time");
    if (status != V_OCSP_CERTSTATUS_GOOD)
        return refuse(s->tls, X509_V_ERR_OCSP_CERT_UNKNOWN,
                      "does not know the certificate");
    return approve(s->tls, next);
}

static int judge_basic(const struct subject *s, OCSP_BASICRESP *basic)
{
    X509_STORE *store = SSL_CTX_get_cert_store(s->tls->context->ssl);
    if (!basic)
        return refuse(s->tls, X509_V_ERR_OCSP_VERIFY_FAILED, "cannot be read");
    if (OCSP_basic_verify(basic, s->chain, store, 0) <= 0)
        return refuse(s->tls, X509_V_ERR_OCSP_VERIFY_FAILED,
                      "is not signed by its authority");
    OCSP_SINGLERESP *single = find(basic, s);
    if (!single)
        return refuse(s->tls, X509_V_ERR_OCSP_VERIFY_FAILED,
                      "is about another certificate");
    return judge_single(s, single);
}

static int judge(const struct subject *s, const unsigned char *bytes, long size)
{
    OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &bytes, size);
    int status = response ? OCSP_response_status(response) : -1;
    if (response && status != OCSP_RESPONSE_STATUS_SUCCESSFUL) {
        char why[32];
        snprintf(why, sizeof(why), "is only '%s'",
                 OCSP_response_status_str(status));
        OCSP_RESPONSE_free(response);
        return refuse(s->tls, X509_V_ERR_OCSP_VERIFY_FAILED, why);
    }
    OCSP_BASICRESP *basic =
        response ? OCSP_response_get1_basic(response) : NULL;
    int good = judge_basic(s, basic);
    OCSP_BASICRESP_free(basic);
    OCSP_RESPONSE_free(response);
    return good;
}

/* Called when the server's certificate has been accepted. */
static int check(SSL *ssl, void *unused)
{
    struct hwi_tls *t = SSL_get_app_data(ssl);
    STACK_OF(X509) *chain = SSL_get0_verified_chain(ssl);
    int count = sk_X509_num(chain);
    const unsigned char *bytes = NULL;
    (void)unused;
    if (SSL_session_reused(ssl))
        return 1; /* it was judged when the session began */
    long size = SSL_get_tlsext_status_ocsp_resp(ssl, &bytes);
    X509 *leaf = SSL_get0_peer_certificate(ssl);
    ERR_clear_error();
    if (!bytes || size <= 0)
        return judge_none(t, leaf);
    /* A leaf that is trusted by itself is its own issuer. */
    struct subject s = {t, leaf, sk_X509_value(chain, count > 1), chain};
    int good = judge(&s, bytes, size);
    ERR_clear_error();
    return good;
}

bool hwi_tls_ocsp_set(SSL_CTX *context)
{
    return SSL_CTX_set_tlsext_status_type(context, TLSEXT_STATUSTYPE_ocsp) &&
           SSL_CTX_set_tlsext_status_cb(context, check);
}
