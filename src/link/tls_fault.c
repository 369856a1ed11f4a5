/*
 * Why TLS ended, as faults with the first cause: OpenSSL's, the certificate's,
 * or the layer's below.
 */
#include "link/tls_layer.h"

#include "base/status.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

static const char *subject(const struct hwi_tls *t)
{
    return t->name ? t->name : t->link.fault.peer;
}

int hwi_tls_fail_below(struct hwi_tls *t, int status)
{
    if (t->link.fault.status)
        return t->link.fault.status;
    t->link.fault = t->link.below->fault;
    if (t->link.fault.status == HWS_OK)
        return hwi_fault_set(&t->link.fault, HWS_PHASE_TLS, status,
                             "tls with '%s' failed: %s", subject(t),
                             hws_status_name(status));
    if (t->state == TLS_HANDSHAKE)
        t->link.fault.phase = HWS_PHASE_TLS;
    return status;
}

static int fail_certificate(struct hwi_tls *t, long verify)
{
    struct hws_fault *fault = &t->link.fault;
    hwi_fault_set(fault, HWS_PHASE_TLS, HWS_E_CERTIFICATE,
                  "certificate of '%s' is not accepted: %s", subject(t),
                  X509_verify_cert_error_string(verify));
    fault->tls_verify = verify;
    fault->tls_error = ERR_peek_error();
    ERR_clear_error();
    return HWS_E_CERTIFICATE;
}

static int fail_tls(struct hwi_tls *t)
{
    struct hws_fault *fault = &t->link.fault;
    long verify = SSL_get_verify_result(t->ssl);
    t->broken = true;
    if (fault->status)
        return fault->status;
    if (t->context->verify && t->state == TLS_HANDSHAKE && verify != X509_V_OK)
        return fail_certificate(t, verify);

    char reason[HWI_TLS_REASON];
    unsigned long code = hwi_tls_reason(reason);
    hwi_fault_set(fault, HWS_PHASE_TLS, HWS_E_TLS, "tls %swith '%s' failed: %s",
                  t->state == TLS_OPEN ? "" : "handshake ", subject(t), reason);
    fault->tls_error = code;
    return HWS_E_TLS;
}

static int fail_ended(struct hwi_tls *t)
{
    ERR_clear_error();
    t->broken = true;
    return hwi_fault_set(&t->link.fault, HWS_PHASE_TLS, HWS_E_TLS,
                         "tls handshake with '%s' failed: the peer ended the "
                         "connection",
                         subject(t));
}

int hwi_tls_status(struct hwi_tls *t, int answer)
{
    int error = SSL_get_error(t->ssl, answer);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
        return HWS_E_AGAIN;
    if (error == SSL_ERROR_ZERO_RETURN)
        return HWS_E_EOF;
    if (t->bio.in_status == HWS_E_EOF && t->state == TLS_HANDSHAKE)
        return fail_ended(t);
    if (t->bio.in_status == HWS_E_EOF) {
        ERR_clear_error();
        t->link.truncated = true;
        return HWS_E_EOF;
    }
    if (t->bio.in_status || t->bio.out_status) {
        ERR_clear_error();
        return hwi_tls_fail_below(t, t->bio.in_status ? t->bio.in_status
                                                      : t->bio.out_status);
    }
    return fail_tls(t);
}

int hwi_tls_fail_late(struct hwi_tls *t)
{
    return hwi_fault_set(&t->link.fault, HWS_PHASE_TLS, HWS_E_TIMEOUT,
                         "tls handshake with '%s' not done within %.1f s",
                         subject(t), (double)t->handshake_delay / 1e9);
}
