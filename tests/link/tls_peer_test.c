/*
 * Our client against a TLS server that is not ours: what it is told in the
 * handshake, and what a server may do in the middle of a stream.
 */
#include "ends.h"
#include "raw_tls.h"

#include <openssl/err.h>
#include <stdlib.h>

struct line {
    struct hws_link *client;
    struct hws_link *wires[2];
    struct hws_tls_context *context;
    struct hws_scratch in, out;
    struct raw_tls server;
};

static void line_init(struct line *l, const char *name, int version_min,
                      int version_max)
{
    struct hws_tls_options o;
    hws_tls_options_init(&o);
    o.ca_file = ends_certs()->ca;
    o.version_min = version_min;
    l->context = hws_tls_context_new(&o, false, NULL);
    l->in = (struct hws_scratch){malloc(SCRATCH_SIZE), SCRATCH_SIZE};
    l->out = (struct hws_scratch){malloc(SCRATCH_SIZE), SCRATCH_SIZE};
    assert_int_equal(hws_pair_new(NULL, l->wires), 0);
    l->client =
        hws_tls_new(l->context, l->wires[0], name, HWS_S(5), l->in, l->out);
    raw_tls_init(&l->server, l->wires[1], version_max);
}

static int line_open(struct line *l)
{
    int status = HWS_E_AGAIN;
    for (int turn = 0; turn < 100 && status == HWS_E_AGAIN; turn++) {
        status = hws_link_open(l->client, 0);
        raw_tls_turn(&l->server);
    }
    return status;
}

static void line_free(struct line *l)
{
    raw_tls_free(&l->server);
    hws_link_free(l->client);
    hws_link_free(l->wires[1]);
    hws_tls_context_free(l->context);
    free(l->in.data);
    free(l->out.data);
}

static void expect_from_client(struct line *l, const char *text)
{
    char got[64] = "";
    size_t size = strlen(text);
    assert_int_equal(hws_link_write(l->client, (const uint8_t *)text, size),
                     size);
    assert_int_equal(raw_tls_read(&l->server, got, sizeof(got)), size);
    assert_string_equal(got, text);
}

static void expect_from_server(struct line *l, const char *text)
{
    uint8_t got[64];
    raw_tls_write(&l->server, text);
    assert_int_equal(hws_link_read(l->client, got, sizeof(got)), strlen(text));
    assert_memory_equal(got, text, strlen(text));
}

TEST(server_is_told_the_name_and_the_protocol)
{
    struct line l;
    const unsigned char *alpn;
    unsigned alpn_size;
    line_init(&l, "feed.example", 0, 0);
    assert_int_equal(line_open(&l), 0);
    assert_string_equal(
        SSL_get_servername(l.server.ssl, TLSEXT_NAMETYPE_host_name),
        "feed.example");
    SSL_get0_alpn_selected(l.server.ssl, &alpn, &alpn_size);
    assert_int_equal(alpn_size, 8);
    assert_memory_equal(alpn, "http/1.1", 8);
    line_free(&l);
}

TEST(fault_36_ip_literal_is_not_told_as_a_name)
{
    struct line l;
    line_init(&l, "127.0.0.1", 0, 0);
    assert_int_equal(line_open(&l), 0);
    assert_null(SSL_get_servername(l.server.ssl, TLSEXT_NAMETYPE_host_name));
    line_free(&l);
}

static int know_nobody(SSL *ssl, int *alert, void *user)
{
    (void)ssl;
    (void)user;
    *alert = SSL_AD_UNRECOGNIZED_NAME;
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

TEST(fault_36_server_that_does_not_know_the_name_is_told)
{
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    for (int i = 0; i < 2; i++) {
        struct line l;
        line_init(&l, "feed.example", 0, versions[i]);
        SSL_CTX_set_tlsext_servername_callback(l.server.context, know_nobody);
        assert_int_equal(line_open(&l), HWS_E_TLS);
        assert_int_equal(l.client->fault.phase, HWS_PHASE_TLS);
        assert_string_equal(l.client->fault.text,
                            "tls handshake with 'feed.example' failed: tlsv1 "
                            "unrecognized name");
        line_free(&l);
    }
}

TEST(tls12_is_spoken_unless_the_minimum_forbids_it)
{
    struct line l;
    line_init(&l, "feed.example", 0, TLS1_2_VERSION);
    assert_int_equal(line_open(&l), 0);
    assert_memory_equal(hws_link_tls_text(l.client), "TLSv1.2 ", 8);
    line_free(&l);

    line_init(&l, "feed.example", TLS1_3_VERSION, TLS1_2_VERSION);
    assert_int_equal(line_open(&l), HWS_E_TLS);
    assert_non_null(strstr(l.client->fault.text, "protocol version"));
    line_free(&l);
}

TEST(fault_32_renegotiation_is_declined_and_data_goes_on)
{
    struct line l;
    uint8_t byte;
    line_init(&l, "feed.example", 0, TLS1_2_VERSION);
    assert_int_equal(line_open(&l), 0);
    assert_int_equal(SSL_renegotiate(l.server.ssl), 1);
    raw_tls_turn(&l.server); /* the request leaves */
    ptrdiff_t got = hws_link_read(l.client, &byte, 1);
    assert_int_equal(got, HWS_E_AGAIN);
    assert_int_equal(hws_link_write(l.client, (const uint8_t *)"x", 1), 1);
    assert_int_equal(l.client->fault.status, HWS_OK);
    /* The warning that declines it reached the server. */
    char text[8];
    int answer = raw_tls_read(&l.server, text, sizeof(text));
    assert_true(answer == 1 ||
                ERR_GET_REASON(ERR_peek_error()) == SSL_R_NO_RENEGOTIATION);
    ERR_clear_error();
    line_free(&l);
}

/* OpenSSL may want to read before it goes on writing; what was given to it
 * must leave all the same, and once. */
TEST(fault_32_write_goes_on_while_the_server_wants_to_renegotiate)
{
    static uint8_t sent[40000];
    static char got[sizeof(sent) + 1];
    struct line l;
    line_init(&l, "feed.example", 0, TLS1_2_VERSION);
    assert_int_equal(line_open(&l), 0);
    for (size_t i = 0; i < sizeof(sent); i++)
        sent[i] = (uint8_t)(i * 7 + (i >> 8));
    assert_int_equal(SSL_renegotiate(l.server.ssl), 1);
    raw_tls_turn(&l.server); /* the request leaves, and is not read yet */
    size_t put = 0;
    size_t came = 0;
    for (int turn = 0; turn < 100 && came < sizeof(sent); turn++) {
        ptrdiff_t n = hws_link_write(l.client, sent + put, sizeof(sent) - put);
        put += n > 0 ? (size_t)n : 0;
        int m = raw_tls_read(&l.server, got + came, (int)(sizeof(got) - came));
        came += m > 0 ? (size_t)m : 0;
        ERR_clear_error();
    }
    assert_int_equal(came, sizeof(sent));
    assert_memory_equal(got, sent, sizeof(sent));
    line_free(&l);
}

/* A server that asks for new keys without end and reads none of our answers:
 * what is held for it stays bounded, and when it reads again all goes on. */
TEST(fault_32_flood_of_key_updates_is_answered_within_bounds)
{
    struct line l;
    uint8_t got[64];
    char text[64] = "";
    line_init(&l, "feed.example", 0, 0);
    assert_int_equal(line_open(&l), 0);
    for (int i = 0; i < 5000; i++) {
        assert_int_equal(SSL_key_update(l.server.ssl, SSL_KEY_UPDATE_REQUESTED),
                         1);
        raw_tls_write(&l.server, "x");
        assert_int_equal(hws_link_read(l.client, got, sizeof(got)), 1);
    }
    assert_int_equal(l.client->fault.status, HWS_OK);
    /* Our answers fill the wire and wait behind it; then they are read. */
    const uint8_t *more = (const uint8_t *)"still here";
    ptrdiff_t put = hws_link_write(l.client, more, 10);
    assert_int_equal(put, HWS_E_AGAIN);
    for (int turn = 0; turn < 100 && text[0] == '\0'; turn++) {
        raw_tls_read(&l.server, text, sizeof(text));
        if (put < 0)
            put = hws_link_write(l.client, more, 10);
    }
    assert_string_equal(text, "still here");
    line_free(&l);
}

TEST(fault_32_key_updates_in_the_middle_lose_nothing)
{
    struct line l;
    line_init(&l, "feed.example", 0, 0);
    assert_int_equal(line_open(&l), 0);
    for (int i = 0; i < 3; i++) {
        expect_from_server(&l, "before");
        assert_int_equal(SSL_key_update(l.server.ssl, SSL_KEY_UPDATE_REQUESTED),
                         1);
        expect_from_server(&l, "after");
        expect_from_client(&l, "with the new key");
    }
    line_free(&l);
}

TEST(fault_32_session_tickets_in_the_middle_lose_nothing)
{
    struct line l;
    line_init(&l, "feed.example", 0, 0);
    assert_int_equal(line_open(&l), 0);
    expect_from_server(&l, "before");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(SSL_new_session_ticket(l.server.ssl), 1);
        expect_from_server(&l, "after");
        expect_from_client(&l, "still here");
    }
    line_free(&l);
}

/* The wire says nothing more after it, so whoever reads must learn that there
 * is something to learn. */
TEST(fault_31_close_notify_behind_the_last_bytes_is_told_with_them)
{
    struct line l;
    uint8_t got[64];
    line_init(&l, "feed.example", 0, 0);
    assert_int_equal(line_open(&l), 0);
    expect_from_server(&l, "first");
    assert_false(l.client->ended);
    SSL_write(l.server.ssl, "last", 4);
    SSL_shutdown(l.server.ssl);
    raw_tls_turn(&l.server);
    assert_int_equal(hws_link_read(l.client, got, sizeof(got)), 4);
    assert_int_equal(hws_pair_ready(l.wires[0]) & HWS_READ, 0);
    assert_true(l.client->ended);
    assert_int_equal(hws_link_read(l.client, got, sizeof(got)), HWS_E_EOF);
    assert_false(l.client->truncated);
    line_free(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(server_is_told_the_name_and_the_protocol),
        RUN(fault_36_ip_literal_is_not_told_as_a_name),
        RUN(fault_36_server_that_does_not_know_the_name_is_told),
        RUN(tls12_is_spoken_unless_the_minimum_forbids_it),
        RUN(fault_32_renegotiation_is_declined_and_data_goes_on),
        RUN(fault_32_write_goes_on_while_the_server_wants_to_renegotiate),
        RUN(fault_32_flood_of_key_updates_is_answered_within_bounds),
        RUN(fault_32_key_updates_in_the_middle_lose_nothing),
        RUN(fault_32_session_tickets_in_the_middle_lose_nothing),
        RUN(fault_31_close_notify_behind_the_last_bytes_is_told_with_them),
    };
    return cmocka_run_group_tests(tests, NULL, ends_certs_remove);
}
