/*
 * Why TLS ended, as faults with the first cause: OpenSSL's, the certificate's,
 * or the layer's below.
 */
#include "link/tls_layer.h"

#include "base/status.h"

#include <openssl/err.h>
#include <stdarg.h>
#include <stdio.h>

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

void hwi_tls_refuse(struct hwi_tls *t, long verify, const char *format, ...)
{
    struct hws_fault *fault = &t->link.fault;
    char why[sizeof(fault->text)];
    va_list list;
    va_start(list, format);
    vsnprintf(why, sizeof(why), format, list);
    va_end(list);
    hwi_fault_set(fault, HWS_PHASE_TLS, HWS_E_CERTIFICATE,
                  "certificate of '%s' is %s", subject(t), why);
    fault->tls_verify = verify;
}

/* The alert that the peer sent, by its number in RFC 8446 section 6; -1: what
 * failed was no alert. */
static int alert_of(unsigned long code)
{
    int reason = ERR_GET_REASON(code);
    if (ERR_GET_LIB(code) != ERR_LIB_SSL || reason < SSL_AD_REASON_OFFSET)
        return -1;
    return reason - SSL_AD_REASON_OFFSET;
}

/* What the server thinks of the certificate that it asked us for. */
static const char *own_certificate(const struct hwi_tls *t, int alert)
{
    bool about = alert == SSL_AD_HANDSHAKE_FAILURE ||
                 alert == SSL_AD_CERTIFICATE_REQUIRED ||
                 alert == SSL_AD_ACCESS_DENIED ||
                 (alert >= SSL_AD_BAD_CERTIFICATE &&
                  alert <= SSL_AD_CERTIFICATE_UNKNOWN) ||
                 alert == SSL_AD_UNKNOWN_CA;
    if (!about || !t->certificate_asked)
        return "";
    return t->context->has_own
               ? "the server does not accept our client certificate: "
               : "the server wants a client certificate and none is set: ";
}

static int fail_tls(struct hwi_tls *t)
{
    struct hws_fault *fault = &t->link.fault;
    char reason[HWI_TLS_REASON];
    unsigned long code = hwi_tls_reason(reason);
    int alert = alert_of(code);
    t->broken = true;
    if (t->name)
        hwi_tls_sessions_drop(&t->context->sessions, hwi_tls_place_of(t));
    /* The peer's own word says why the line broke while we were writing. */
    if (fault->status && alert < 0)
        return fault->status;
    hwi_fault_set(fault, HWS_PHASE_TLS, HWS_E_TLS,
                  "tls %swith '%s' failed: %s%s",
                  t->state == TLS_OPEN ? "" : "handshake ", subject(t),
                  own_certificate(t, alert), reason);
    fault->tls_error = code;
    return HWS_E_TLS;
}

/* Our own verdict on the certificate stands, whatever happened after it. */
static int fail_refused(struct hwi_tls *t)
{
    t->link.fault.tls_error = ERR_peek_error();
    ERR_clear_error();
    t->broken = true;
    return t->link.fault.status;
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
    if (t->link.fault.status == HWS_E_CERTIFICATE)
        return fail_refused(t);
    if (error == SSL_ERROR_SSL && alert_of(ERR_peek_error()) >= 0)
        return fail_tls(t);
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
