/*
 * TLS over the layer below, both roles. It moves plain bytes through OpenSSL,
 * which meets the wire only through tls_bio. It knows no socket.
 *
 * A failure or end is final: it is kept and answered from then on.
 */
#include "link/tls.h"

#include "base/mem.h"
#include "base/status.h"
#include "link/tls_bio.h"
#include "link/tls_context.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

/* A call that moves less than this says that the line is calm: OpenSSL may
 * then give its buffers back, which would cost an allocation for every record
 * of a busy one. */
#define TLS_CALM_SIZE 4096
#define TLS_RECORD_DATA ((size_t)16384)

enum tls_state { TLS_BELOW, TLS_HANDSHAKE, TLS_OPEN };

struct tls {
    struct hws_link link;
    enum tls_state state;
    struct hws_tls_context *context;
    SSL *ssl;
    struct hwi_tls_bio bio;
    char *name; /* NULL in the server role when none was given */
    hws_time handshake_delay, handshake_deadline;
    int read_end; /* how reading ended for good, or 0 */
    bool broken;  /* the TLS state itself failed: the session is no good */
    bool busy;    /* the last read was no calm one */
    char text[80];
};

static struct tls *self(const struct hws_link *link)
{
    return (struct tls *)(uintptr_t)link;
}

static const char *subject(const struct tls *t)
{
    return t->name ? t->name : t->link.fault.peer;
}

/* Take over the first cause that the layer below met. */
static int fail_below(struct tls *t, int status)
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

static int fail_certificate(struct tls *t, long verify)
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

static int fail_tls(struct tls *t)
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

static int fail_ended(struct tls *t)
{
    ERR_clear_error();
    t->broken = true;
    return hwi_fault_set(&t->link.fault, HWS_PHASE_TLS, HWS_E_TLS,
                         "tls handshake with '%s' failed: the peer ended the "
                         "connection",
                         subject(t));
}

/* Why an OpenSSL call made no progress. HWS_E_AGAIN, or an end for good. */
static int status_of(struct tls *t, int answer)
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
        return fail_below(t, t->bio.in_status ? t->bio.in_status
                                              : t->bio.out_status);
    }
    return fail_tls(t);
}

static int open_below(struct tls *t, hws_time now)
{
    int status = hws_link_open(t->link.below, now);
    if (status < 0)
        return status == HWS_E_AGAIN ? status : fail_below(t, status);
    memcpy(t->link.fault.peer, hws_link_peer(t->link.below),
           sizeof(t->link.fault.peer));
    t->state = TLS_HANDSHAKE;
    if (t->handshake_delay > 0 && t->handshake_delay < HWS_NEVER - now)
        t->handshake_deadline = now + t->handshake_delay;
    return 0;
}

static void enter_open(struct tls *t)
{
    t->state = TLS_OPEN;
    snprintf(t->text, sizeof(t->text), "%s %s%s", SSL_get_version(t->ssl),
             SSL_get_cipher_name(t->ssl),
             SSL_session_reused(t->ssl) ? " resumed" : "");
}

static int handshake(struct tls *t)
{
    ERR_clear_error();
    hwi_tls_bio_begin(&t->bio);
    int answer = SSL_do_handshake(t->ssl);
    int status = answer == 1 ? 0 : status_of(t, answer);
    /* An alert that explains a failure leaves here, too. */
    int flushed = hwi_tls_bio_end(&t->bio);
    if (status == HWS_E_AGAIN && flushed < 0 && flushed != HWS_E_AGAIN)
        return fail_below(t, flushed);
    hwi_tls_bio_trim(&t->bio);
    return status;
}

static int fail_late(struct tls *t)
{
    return hwi_fault_set(&t->link.fault, HWS_PHASE_TLS, HWS_E_TIMEOUT,
                         "tls handshake with '%s' not done within %.1f s",
                         subject(t), (double)t->handshake_delay / 1e9);
}

static int tls_open(struct hws_link *link, hws_time now)
{
    struct tls *t = self(link);
    if (link->fault.status || t->state == TLS_OPEN)
        return link->fault.status;
    int status = t->state == TLS_BELOW ? open_below(t, now) : 0;
    if (status == 0)
        status = handshake(t);
    if (status == 0)
        enter_open(t);
    else if (status == HWS_E_AGAIN && t->state == TLS_HANDSHAKE &&
             now >= t->handshake_deadline)
        return fail_late(t);
    else if (status != HWS_E_AGAIN && t->state == TLS_HANDSHAKE && t->name)
        hwi_tls_sessions_drop(&t->context->sessions, t->name);
    return status;
}

static void tune_memory(struct tls *t, size_t moved)
{
    t->busy = moved >= TLS_CALM_SIZE;
    if (t->busy)
        SSL_clear_mode(t->ssl, SSL_MODE_RELEASE_BUFFERS);
    else
        SSL_set_mode(t->ssl, SSL_MODE_RELEASE_BUFFERS);
    if (!t->busy)
        hwi_tls_bio_trim(&t->bio);
}

/* Decrypt until `bytes` is full or nothing more is there. *status says why it
 * stopped early. */
static size_t read_records(struct tls *t, uint8_t *bytes, size_t size,
                           int *status)
{
    size_t done = 0;
    while (done < size) {
        size_t got = 0;
        int answer = SSL_read_ex(t->ssl, bytes + done, size - done, &got);
        if (answer != 1) {
            *status = status_of(t, answer);
            break;
        }
        done += got;
    }
    return done;
}

static ptrdiff_t tls_read(struct hws_link *link, uint8_t *bytes, size_t size)
{
    struct tls *t = self(link);
    int status = HWS_E_AGAIN;
    if (t->read_end)
        return t->read_end;
    ERR_clear_error();
    hwi_tls_bio_begin(&t->bio);
    size_t done = read_records(t, bytes, size, &status);
    if (status != HWS_E_AGAIN)
        t->read_end = status;
    /* Answers of TLS's own (key updates, alerts) leave here. A failure to
     * write is told by the next write: what came can still be read. */
    hwi_tls_bio_end(&t->bio);
    tune_memory(t, done);
    return done ? (ptrdiff_t)done : status;
}

/* Encrypt as much as one scratch of records holds. */
static size_t write_records(struct tls *t, const uint8_t *bytes, size_t size,
                            int *status)
{
    size_t done = 0;
    while (done < size && hwi_tls_bio_has_room(&t->bio)) {
        size_t part = size - done;
        size_t put = 0;
        if (part > TLS_RECORD_DATA)
            part = TLS_RECORD_DATA;
        int answer = SSL_write_ex(t->ssl, bytes + done, part, &put);
        if (answer != 1) {
            *status = status_of(t, answer);
            break;
        }
        done += put;
    }
    return done;
}

static ptrdiff_t write_all(struct tls *t, const uint8_t *bytes, size_t size)
{
    size_t done = 0;
    int status = 0;
    while (done < size && status == 0) {
        done += write_records(t, bytes + done, size - done, &status);
        int flushed = hwi_tls_bio_flush(&t->bio);
        if (flushed < 0 && (status == 0 || status == HWS_E_AGAIN))
            status = flushed;
    }
    if (status < 0 && status != HWS_E_AGAIN)
        return fail_below(t, status);
    return done ? (ptrdiff_t)done : status;
}

static ptrdiff_t tls_write(struct hws_link *link, const uint8_t *bytes,
                           size_t size)
{
    struct tls *t = self(link);
    ERR_clear_error();
    hwi_tls_bio_begin(&t->bio);
    bool held = hwi_tls_bio_holds(&t->bio);
    int status = held ? hwi_tls_bio_flush(&t->bio) : t->bio.out_status;
    if (status < 0)
        return status == HWS_E_AGAIN ? status : fail_below(t, status);
    if (size == 0)
        return hws_link_write(link->below, NULL, 0);
    ptrdiff_t done = write_all(t, bytes, size);
    int kept = hwi_tls_bio_end(&t->bio);
    if (kept == 0 && !held && !t->busy)
        hwi_tls_bio_trim(&t->bio);
    return done;
}

static int tls_shut(struct hws_link *link)
{
    struct tls *t = self(link);
    ERR_clear_error();
    hwi_tls_bio_begin(&t->bio);
    if (t->state == TLS_OPEN && !t->broken &&
        !(SSL_get_shutdown(t->ssl) & SSL_SENT_SHUTDOWN))
        SSL_shutdown(t->ssl);
    ERR_clear_error();
    int status = hwi_tls_bio_end(&t->bio);
    if (status < 0)
        return status == HWS_E_AGAIN ? status : fail_below(t, status);
    return hws_link_shut(link->below);
}

static size_t tls_wants(const struct hws_link *link, struct hws_want *wants)
{
    const struct tls *t = self(link);
    size_t count = hws_link_wants(link->below, wants);
    if (t->state != TLS_BELOW && count && hwi_tls_bio_holds(&t->bio))
        wants[0].interest |= HWS_WRITE;
    return count;
}

static hws_time tls_deadline(const struct hws_link *link)
{
    const struct tls *t = self(link);
    switch (t->state) {
    case TLS_BELOW:
        return hws_link_deadline(link->below);
    case TLS_HANDSHAKE:
        return t->handshake_deadline;
    case TLS_OPEN:
        break;
    }
    return HWS_NEVER;
}

static void tls_free(struct hws_link *link)
{
    struct tls *t = self(link);
    /* OpenSSL forgets the session of a connection that ended without
     * close_notify. A line that was cut is the very one to be resumed. */
    if (t->ssl && !t->broken)
        SSL_set_shutdown(t->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(t->ssl);
    hwi_tls_bio_release(&t->bio);
    hws_link_free(link->below);
    hws_tls_context_free(t->context);
    hwi_free(t->name);
    hwi_free(t);
}

static const struct hws_link_ops tls_ops = {
    .name = "tls",
    .open = tls_open,
    .read = tls_read,
    .write = tls_write,
    .shut = tls_shut,
    .wants = tls_wants,
    .deadline = tls_deadline,
    .free = tls_free,
};

static bool is_literal(const char *name)
{
    struct in6_addr any;
    return inet_pton(AF_INET, name, &any) == 1 ||
           inet_pton(AF_INET6, name, &any) == 1;
}

/* The name as certificates have it: no scope, no dot at the end. */
static char *copy_name(const char *name)
{
    char *copy = hwi_copy_text(name);
    if (!copy)
        return NULL;
    copy[strcspn(copy, "%")] = '\0';
    size_t length = strlen(copy);
    if (length && copy[length - 1] == '.')
        copy[length - 1] = '\0';
    return copy;
}

static bool expect_name(struct tls *t)
{
    X509_VERIFY_PARAM *param = SSL_get0_param(t->ssl);
    X509_VERIFY_PARAM_set_hostflags(param,
                                    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (is_literal(t->name))
        return X509_VERIFY_PARAM_set1_ip_asc(param, t->name) == 1;
    return SSL_set1_host(t->ssl, t->name) == 1 &&
           SSL_set_tlsext_host_name(t->ssl, t->name) == 1;
}

static bool set_client(struct tls *t)
{
    SSL_set_connect_state(t->ssl);
    if (!t->name)
        return !t->context->verify;
    if (!expect_name(t))
        return false;
    SSL_set_app_data(t->ssl, t->name);
    SSL_SESSION *session = hwi_tls_sessions_get(&t->context->sessions, t->name);
    if (session)
        SSL_set_session(t->ssl, session);
    SSL_SESSION_free(session);
    return true;
}

static bool set_up(struct tls *t, const char *name)
{
    t->name = name ? copy_name(name) : NULL;
    t->ssl = SSL_new(t->context->ssl);
    BIO *bio = BIO_new(t->context->method);
    if (!t->ssl || !bio || (name && !t->name)) {
        BIO_free(bio);
        return false;
    }
    BIO_set_data(bio, &t->bio);
    SSL_set_bio(t->ssl, bio, bio);
    if (!t->context->server)
        return set_client(t);
    SSL_set_accept_state(t->ssl);
    return true;
}

struct hws_link *hws_tls_new(struct hws_tls_context *context,
                             struct hws_link *below, const char *name,
                             hws_time handshake_delay, struct hws_scratch in,
                             struct hws_scratch out)
{
    struct tls *t = hwi_alloc_zero(sizeof(*t));
    if (!t) {
        hws_link_free(below);
        return NULL;
    }
    t->link.ops = &tls_ops;
    t->link.below = below;
    t->context = hwi_tls_context_share(context);
    t->handshake_delay = handshake_delay;
    t->handshake_deadline = HWS_NEVER;
    hwi_tls_bio_init(&t->bio, below, in, out);
    if (set_up(t, name))
        return &t->link;
    ERR_clear_error();
    tls_free(&t->link);
    return NULL;
}

const char *hwi_tls_text(const struct hws_link *link)
{
    return link->ops == &tls_ops ? self(link)->text : NULL;
}
