/*
 * Certificates that a client shows, in both versions of TLS: a server asks for
 * one, and what it does not accept must be told by name, not as a reset.
 */
#include "ends.h"

static const int versions[] = {0x0303, 0x0304};
#define VERSIONS (sizeof(versions) / sizeof(versions[0]))

/* A server that accepts clients of the good authority alone. */
static struct hws_tls_options asking(int version)
{
    struct hws_tls_options o = ends_server_tls();
    o.client_ca = ends_certs()->ca;
    o.version_max = version;
    return o;
}

static struct hws_tls_options showing(const char *certificate)
{
    struct hws_tls_options o = ends_client_tls();
    o.certificate = certificate;
    o.private_key = certificate ? ends_certs()->key : NULL;
    return o;
}

TEST(certificate_is_shown_to_a_server_that_asks)
{
    for (size_t i = 0; i < VERSIONS; i++) {
        struct hws_tls_options server = asking(versions[i]);
        struct hws_tls_options client = showing(ends_certs()->leaf);
        struct ends_options o = {.client_tls = &client, .server_tls = &server};
        struct hws_tls_certificate shown;
        struct ends e;
        ends_up(&e, &o);
        ends_pass(&e, e.client, e.server, 100);
        ends_pass(&e, e.server, e.client, 100);
        assert_int_equal(hws_link_tls_certificate(e.server, 0, &shown), 0);
        assert_string_equal(shown.subject, "CN=feed.example");
        ends_free(&e);
    }
}

TEST(certificate_is_not_shown_to_a_server_that_does_not_ask)
{
    struct hws_tls_options client = showing(ends_certs()->leaf);
    struct ends_options o = {.client_tls = &client};
    struct hws_tls_certificate shown;
    struct ends e;
    ends_up(&e, &o);
    assert_int_equal(hws_link_tls_certificate(e.server, 0, &shown),
                     HWS_E_ARGUMENT);
    ends_free(&e);
}

/*
 * Open, send a request and read, as a client does it: with TLS 1.3 the server
 * judges only after the client is open. The server's fault is in *server.
 */
static struct hws_fault be_refused(const struct ends_options *o,
                                   struct hws_fault *server)
{
    struct ends e;
    uint8_t byte = 'x';
    ends_make(&e, o);
    ends_connect(&e, o);
    int status = HWS_E_AGAIN;
    for (int turn = 0; turn < 50 && e.client->fault.status == 0; turn++) {
        status = hws_link_open(e.client, 0);
        if (status == 0)
            status = (int)hws_link_write(e.client, &byte, 1);
        hws_link_open(e.server, 0);
        if (status > 0)
            status = (int)hws_link_read(e.client, &byte, 1);
    }
    struct hws_fault fault = e.client->fault;
    *server = e.server->fault;
    ends_free(&e);
    return fault;
}

TEST(fault_36_missing_client_certificate_is_named_on_both_sides)
{
    for (size_t i = 0; i < VERSIONS; i++) {
        struct hws_tls_options server = asking(versions[i]);
        struct ends_options o = {.server_tls = &server};
        struct hws_fault theirs;
        struct hws_fault f = be_refused(&o, &theirs);
        assert_int_equal(f.status, HWS_E_TLS);
        assert_int_equal(f.phase, HWS_PHASE_TLS);
        assert_non_null(strstr(f.text,
                               "the server wants a client certificate "
                               "and none is set: "));
        assert_int_equal(theirs.status, HWS_E_TLS);
        assert_non_null(strstr(theirs.text, "did not return a certificate"));
    }
}

TEST(fault_36_client_certificate_of_a_stranger_is_named_on_both_sides)
{
    for (size_t i = 0; i < VERSIONS; i++) {
        struct hws_tls_options server = asking(versions[i]);
        struct hws_tls_options client = showing(ends_certs()->rotated);
        struct ends_options o = {.client_tls = &client, .server_tls = &server};
        struct hws_fault theirs;
        struct hws_fault f = be_refused(&o, &theirs);
        assert_int_equal(f.status, HWS_E_TLS);
        assert_non_null(strstr(f.text,
                               "the server does not accept our client "
                               "certificate: "));
        assert_non_null(strstr(f.text, "unknown ca"));
        assert_int_equal(theirs.status, HWS_E_CERTIFICATE);
        assert_non_null(strstr(theirs.text, "unable to get local issuer"));
    }
}

TEST(fault_36_expired_client_certificate_is_named_on_both_sides)
{
    for (size_t i = 0; i < VERSIONS; i++) {
        struct hws_tls_options server = asking(versions[i]);
        struct hws_tls_options client = showing(ends_certs()->expired);
        struct ends_options o = {.client_tls = &client, .server_tls = &server};
        struct hws_fault theirs;
        struct hws_fault f = be_refused(&o, &theirs);
        assert_non_null(strstr(f.text, "client certificate: "));
        assert_non_null(strstr(f.text, "expired"));
        assert_int_equal(theirs.tls_verify, 10);
    }
}

/* The alert came before the reset that its sender caused: it is the cause. */
TEST(alert_is_told_and_not_the_reset_that_a_write_met_first)
{
    struct hws_tls_options server = asking(0x0304);
    struct ends_options o = {.server_tls = &server};
    struct ends e;
    uint8_t byte = 'x';
    ends_make(&e, &o);
    ends_connect(&e, &o);
    assert_int_equal(ends_open(&e), 0);
    assert_int_equal(hws_link_open(e.server, 0), HWS_E_TLS);
    hws_pair_break(e.wires[1], false);
    ptrdiff_t put = hws_link_write(e.client, &byte, 1);
    assert_int_equal(put, HWS_E_RESET);
    assert_int_equal(hws_link_read(e.client, &byte, 1), HWS_E_TLS);
    assert_int_equal(e.client->fault.phase, HWS_PHASE_TLS);
    assert_non_null(strstr(e.client->fault.text, "wants a client certificate"));
    ends_free(&e);
}

TEST(client_certificate_survives_resumption)
{
    for (size_t i = 0; i < VERSIONS; i++) {
        struct hws_tls_options server = asking(versions[i]);
        struct hws_tls_options client = showing(ends_certs()->leaf);
        struct ends_options o = {.client_tls = &client, .server_tls = &server};
        struct hws_tls_certificate shown;
        struct ends e;
        ends_up(&e, &o);
        ends_pass(&e, e.server, e.client, 10);
        ends_disconnect(&e);
        ends_connect(&e, &o);
        assert_int_equal(ends_open(&e), 0);
        ends_pass(&e, e.client, e.server, 10);
        assert_non_null(strstr(hws_link_tls_text(e.server), "resumed"));
        assert_int_equal(hws_link_tls_certificate(e.server, 0, &shown), 0);
        assert_string_equal(shown.subject, "CN=feed.example");
        ends_free(&e);
    }
}

static struct hws_fault load(const char *key, const char *password)
{
    struct hws_fault fault = {0};
    struct hws_tls_options o = showing(ends_certs()->leaf);
    o.private_key = key;
    o.key_password = password;
    struct hws_tls_context *c = hws_tls_context_new(&o, false, &fault);
    assert_int_equal(c == NULL, fault.status != 0);
    hws_tls_context_free(c);
    return fault;
}

TEST(encrypted_key_needs_its_password)
{
    const char *key = ends_certs()->locked_key;
    assert_int_equal(load(key, TEST_CERTS_PASSWORD).status, 0);
    struct hws_fault f = load(key, NULL);
    assert_int_equal(f.status, HWS_E_TLS);
    assert_non_null(strstr(f.text,
                           "locked_key.pem' is encrypted, and option "
                           "'key_password' is not set"));
    f = load(key, "open barley");
    assert_non_null(strstr(f.text, "is not opened by 'key_password'"));
    f = load(key, "");
    assert_non_null(strstr(f.text, "is not opened by 'key_password'"));
}

TEST(key_of_another_certificate_is_named)
{
    struct hws_fault f = load(ends_certs()->ca_key, NULL);
    assert_int_equal(f.status, HWS_E_TLS);
    assert_non_null(strstr(f.text, "ca_key.pem' does not fit the certificate"));
}

TEST(certificate_without_key_and_key_without_certificate_are_refused)
{
    struct hws_fault fault = {0};
    struct hws_tls_options o = showing(ends_certs()->leaf);
    o.private_key = NULL;
    assert_null(hws_tls_context_new(&o, false, &fault));
    assert_int_equal(fault.status, HWS_E_ARGUMENT);
    o.private_key = ends_certs()->key;
    o.certificate = NULL;
    assert_null(hws_tls_context_new(&o, false, &fault));
    assert_int_equal(fault.status, HWS_E_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(certificate_is_shown_to_a_server_that_asks),
        RUN(certificate_is_not_shown_to_a_server_that_does_not_ask),
        RUN(fault_36_missing_client_certificate_is_named_on_both_sides),
        RUN(fault_36_client_certificate_of_a_stranger_is_named_on_both_sides),
        RUN(fault_36_expired_client_certificate_is_named_on_both_sides),
        RUN(alert_is_told_and_not_the_reset_that_a_write_met_first),
        RUN(client_certificate_survives_resumption),
        RUN(encrypted_key_needs_its_password),
        RUN(key_of_another_certificate_is_named),
        RUN(certificate_without_key_and_key_without_certificate_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, ends_certs_remove);
}
