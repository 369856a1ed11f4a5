#include "link/tls_context.h"

#include "base/mem.h"
#include "base/status.h"
#include "link/tls_bio.h"
#include "link/tls_layer.h"
#include "link/tls_settings.h"
#include "link/tls_verify.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static const uint8_t alpn[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

void hws_tls_options_init(struct hws_tls_options *options)
{
    *options = (struct hws_tls_options){
        .verify = true,
        .version_min = TLS1_2_VERSION,
    };
}

unsigned long hwi_tls_reason(char text[HWI_TLS_REASON])
{
    unsigned long code = ERR_get_error();
    const char *reason = ERR_reason_error_string(code);
    ERR_clear_error();
    snprintf(text, HWI_TLS_REASON, "%s", reason ? reason : "no reason given");
    if (ERR_SYSTEM_ERROR(code))
        strerror_r(ERR_GET_REASON(code), text, HWI_TLS_REASON);
    hwi_reason_lower(text);
    return code;
}

int hwi_tls_fail_file(struct hws_fault *fault, const char *what,
                      const char *file)
{
    char reason[HWI_TLS_REASON];
    unsigned long code = hwi_tls_reason(reason);
    hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_TLS, "%s '%s': %s", what, file,
                  reason);
    if (fault)
        fault->tls_error = code;
    return HWS_E_TLS;
}

/* One line in one write, so that programs may share the file. */
static void log_key(const SSL *ssl, const char *line)
{
    const struct hws_tls_context *c =
        SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    struct iovec parts[2] = {
        {.iov_base = (void *)(uintptr_t)line, .iov_len = strlen(line)},
        {.iov_base = (void *)(uintptr_t) "\n", .iov_len = 1},
    };
    ssize_t put = writev(c->key_log, parts, 2);
    (void)put; /* a full disk must not end a connection */
}

static int open_key_log(struct hws_tls_context *c, const char *file,
                        struct hws_fault *fault)
{
    if (!file)
        return 0;
    c->key_log = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (c->key_log < 0)
        return hwi_fault_os(fault, HWS_PHASE_LOCAL, errno,
                            "cannot open key log '%s'", file);
    SSL_CTX_set_keylog_callback(c->ssl, log_key);
    return 0;
}

static int select_alpn(SSL *ssl, const unsigned char **chosen,
                       unsigned char *chosen_size, const unsigned char *offer,
                       unsigned int offer_size, void *user)
{
    unsigned char *found;
    (void)ssl;
    (void)user;
    if (SSL_select_next_proto(&found, chosen_size, alpn, sizeof(alpn), offer,
                              offer_size) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

/* Takes no share of OpenSSL's: the sessions keep copies. */
static int keep_session(SSL *ssl, SSL_SESSION *session)
{
    const struct hwi_tls *t = SSL_get_app_data(ssl);
    if (t->name)
        hwi_tls_sessions_push(&t->context->sessions, hwi_tls_place_of(t),
                              session, t->until);
    return 0;
}

static int note_request(SSL *ssl, void *unused)
{
    struct hwi_tls *t = SSL_get_app_data(ssl);
    (void)unused;
    t->certificate_asked = true;
    return 1;
}

static void set_role(struct hws_tls_context *c)
{
    static const unsigned char id[] = "hawser";
    if (c->server) {
        SSL_CTX_set_alpn_select_cb(c->ssl, select_alpn, NULL);
        SSL_CTX_set_session_id_context(c->ssl, id, sizeof(id) - 1);
        return;
    }
    SSL_CTX_set_alpn_protos(c->ssl, alpn, sizeof(alpn));
    SSL_CTX_set_session_cache_mode(c->ssl, SSL_SESS_CACHE_CLIENT |
                                               SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(c->ssl, keep_session);
    SSL_CTX_set_cert_cb(c->ssl, note_request, NULL);
}

static int set_up(struct hws_tls_context *c, const struct hws_tls_options *o,
                  struct hws_fault *fault)
{
    SSL_CTX_set_mode(c->ssl, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                 SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_options(c->ssl,
                        SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_app_data(c->ssl, c);
    SSL_CTX_set_cert_verify_callback(c->ssl, hwi_tls_verify, NULL);
    set_role(c);
    int status = hwi_tls_settings_apply(c, o, fault);
    return status ? status : open_key_log(c, o->key_log, fault);
}

static struct hws_tls_context *context_new(const struct hws_tls_options *o,
                                           bool server)
{
    struct hws_tls_context *c = hwi_alloc_zero(sizeof(*c));
    if (!c)
        return NULL;
    atomic_init(&c->shares, 1);
    c->server = server;
    c->verify = server ? o->client_ca != NULL : o->verify;
    c->key_log = -1;
    hwi_tls_sessions_init(&c->sessions);
    c->method = hwi_tls_bio_method();
    c->ssl = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
    if (c->method && c->ssl)
        return c;
    hws_tls_context_free(c);
    return NULL;
}

struct hws_tls_context *
hws_tls_context_new(const struct hws_tls_options *options, bool server,
                    struct hws_fault *fault)
{
    ERR_clear_error();
    struct hws_tls_context *c = context_new(options, server);
    if (!c) {
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                      "no memory for tls settings");
        return NULL;
    }
    if (set_up(c, options, fault) < 0) {
        hws_tls_context_free(c);
        return NULL;
    }
    return c;
}

struct hws_tls_context *hwi_tls_context_share(struct hws_tls_context *c)
{
    atomic_fetch_add_explicit(&c->shares, 1, memory_order_relaxed);
    return c;
}

void hws_tls_context_free(struct hws_tls_context *c)
{
    if (!c ||
        atomic_fetch_sub_explicit(&c->shares, 1, memory_order_acq_rel) != 1)
        return;
    SSL_CTX_free(c->ssl);
    BIO_meth_free(c->method);
    hwi_tls_sessions_release(&c->sessions);
    hwi_tls_pins_release(&c->pins);
    if (c->key_log >= 0)
        close(c->key_log);
    hwi_free(c);
}
