/*
 * TLS over the layer below, both roles. It moves plain bytes through OpenSSL,
 * which meets the wire only through tls_bio. It knows no socket.
 *
 * A failure or end is final: it is kept and answered from then on.
 */
#include "link/tls.h"

#include "base/deadline.h"
#include "base/mem.h"
#include "link/tls_layer.h"

#include <openssl/err.h>
#include <stdio.h>
#include <string.h>

/* A call that moves less than this says that the line is calm: OpenSSL may
 * then give its buffers back, which would cost an allocation for every record
 * of a busy one. */
#define TLS_CALM_SIZE 4096
#define TLS_RECORD_DATA ((size_t)16384)

static void resume(struct hwi_tls *t)
{
    SSL_SESSION *session = NULL;
    if (t->name && !t->context->server)
        session = hwi_tls_sessions_get(&t->context->sessions,
                                       hwi_tls_place_of(t), &t->until);
    if (session)
        SSL_set_session(t->ssl, session);
    SSL_SESSION_free(session);
}

static int open_below(struct hwi_tls *t, hws_time now)
{
    int status = hws_link_open(t->link.below, now);
    if (status < 0)
        return status == HWS_E_AGAIN ? status : hwi_tls_fail_below(t, status);
    memcpy(t->link.fault.peer, hws_link_peer(t->link.below),
           sizeof(t->link.fault.peer));
    t->state = TLS_HANDSHAKE;
    resume(t);
    t->handshake_deadline = hwi_deadline_limit(now, t->handshake_delay);
    return 0;
}

static void enter_open(struct hwi_tls *t)
{
    t->state = TLS_OPEN;
    snprintf(t->text, sizeof(t->text), "%s %s%s", SSL_get_version(t->ssl),
             SSL_get_cipher_name(t->ssl),
             SSL_session_reused(t->ssl) ? " resumed" : "");
}

static int handshake(struct hwi_tls *t)
{
    ERR_clear_error();
    hwi_tls_bio_begin(&t->bio);
    int answer = SSL_do_handshake(t->ssl);
    int status = answer == 1 ? 0 : hwi_tls_status(t, answer);
    /* An alert that explains a failure leaves here, too. */
    int flushed = hwi_tls_bio_end(&t->bio);
    if (status == HWS_E_AGAIN && flushed < 0 && flushed != HWS_E_AGAIN)
        return hwi_tls_fail_below(t, flushed);
    hwi_tls_bio_trim(&t->bio);
    return status;
}

static int tls_open(struct hws_link *link, hws_time now)
{
    struct hwi_tls *t = hwi_tls_of(link);
    if (link->fault.status || t->state == TLS_OPEN)
        return link->fault.status;
    int status = t->state == TLS_BELOW ? open_below(t, now) : 0;
    if (status == 0)
        status = handshake(t);
    if (status == 0)
        enter_open(t);
    else if (status == HWS_E_AGAIN && t->state == TLS_HANDSHAKE &&
             now >= t->handshake_deadline)
        return hwi_tls_fail_late(t);
    else if (status != HWS_E_AGAIN && t->state == TLS_HANDSHAKE && t->name)
        hwi_tls_sessions_drop(&t->context->sessions, hwi_tls_place_of(t));
    return status;
}

static void tune_memory(struct hwi_tls *t, size_t moved)
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
static size_t read_records(struct hwi_tls *t, uint8_t *bytes, size_t size,
                           int *status)
{
    size_t done = 0;
    while (done < size) {
        size_t got = 0;
        int answer = SSL_read_ex(t->ssl, bytes + done, size - done, &got);
        if (answer != 1) {
            *status = hwi_tls_status(t, answer);
            break;
        }
        done += got;
    }
    return done;
}

static ptrdiff_t tls_read(struct hws_link *link, uint8_t *bytes, size_t size)
{
    struct hwi_tls *t = hwi_tls_of(link);
    int status = HWS_E_AGAIN;
    if (t->read_end)
        return t->read_end;
    ERR_clear_error();
    hwi_tls_bio_begin(&t->bio);
    size_t done = read_records(t, bytes, size, &status);
    if (status != HWS_E_AGAIN) {
        t->read_end = status;
        link->ended = true;
    }
    /* Answers of TLS's own (key updates, alerts) leave here. A failure to
     * write is told by the next write: what came can still be read. */
    hwi_tls_bio_end(&t->bio);
    tune_memory(t, done);
    return done ? (ptrdiff_t)done : status;
}

/* Encrypt as much as one scratch of records holds. */
static size_t write_records(struct hwi_tls *t, const uint8_t *bytes,
                            size_t size, int *status)
{
    size_t done = 0;
    while (done < size && hwi_tls_bio_has_room(&t->bio)) {
        size_t part = size - done;
        size_t put = 0;
        if (part > TLS_RECORD_DATA)
            part = TLS_RECORD_DATA;
        int answer = SSL_write_ex(t->ssl, bytes + done, part, &put);
        if (answer != 1) {
            *status = hwi_tls_status(t, answer);
            break;
        }
        done += put;
    }
    return done;
}

static ptrdiff_t write_all(struct hwi_tls *t, const uint8_t *bytes, size_t size)
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
        return hwi_tls_fail_below(t, status);
    return done ? (ptrdiff_t)done : status;
}

static ptrdiff_t tls_write(struct hws_link *link, const uint8_t *bytes,
                           size_t size)
{
    struct hwi_tls *t = hwi_tls_of(link);
    ERR_clear_error();
    hwi_tls_bio_begin(&t->bio);
    bool held = hwi_tls_bio_holds(&t->bio);
    int status = held ? hwi_tls_bio_flush(&t->bio) : t->bio.out_status;
    if (status < 0)
        return status == HWS_E_AGAIN ? status : hwi_tls_fail_below(t, status);
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
    struct hwi_tls *t = hwi_tls_of(link);
    ERR_clear_error();
    hwi_tls_bio_begin(&t->bio);
    if (t->state == TLS_OPEN && !t->broken &&
        !(SSL_get_shutdown(t->ssl) & SSL_SENT_SHUTDOWN))
        SSL_shutdown(t->ssl);
    ERR_clear_error();
    int status = hwi_tls_bio_end(&t->bio);
    if (status < 0)
        return status == HWS_E_AGAIN ? status : hwi_tls_fail_below(t, status);
    return hws_link_shut(link->below);
}

static size_t tls_wants(const struct hws_link *link, struct hws_want *wants)
{
    const struct hwi_tls *t = hwi_tls_of(link);
    size_t count = hws_link_wants(link->below, wants);
    if (t->state != TLS_BELOW && count && hwi_tls_bio_holds(&t->bio))
        wants[0].interest |= HWS_WRITE;
    return count;
}

static hws_time tls_deadline(const struct hws_link *link)
{
    const struct hwi_tls *t = hwi_tls_of(link);
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
    struct hwi_tls *t = hwi_tls_of(link);
    /* OpenSSL's own cache, which only a server has, forgets the session of a
     * line that ended without close_notify: the very one to be resumed. */
    if (t->ssl && !t->broken)
        SSL_set_shutdown(t->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(t->ssl);
    hwi_tls_bio_release(&t->bio);
    hws_link_free(link->below);
    sk_X509_pop_free(t->chain, X509_free);
    hws_tls_context_free(t->context);
    hwi_free(t->name);
    hwi_free(t);
}

const struct hws_link_ops hwi_tls_ops = {
    .name = "tls",
    .open = tls_open,
    .read = tls_read,
    .write = tls_write,
    .shut = tls_shut,
    .wants = tls_wants,
    .deadline = tls_deadline,
    .free = tls_free,
};

const char *hwi_tls_text(const struct hws_link *link)
{
    return link->ops == &hwi_tls_ops ? hwi_tls_of(link)->text : NULL;
}
