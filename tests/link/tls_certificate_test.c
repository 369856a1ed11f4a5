/*
 * Which certificates are accepted, and for which names: what is no name must
 * end with a clear fault, and never with a check that was left out.
 */
#include "ends.h"

/* Open with options that must be refused; the fault is the client's. */
static struct hws_fault refuse(const struct ends_options *o)
{
    struct ends e;
    ends_make(&e, o);
    ends_connect(&e, o);
    assert_int_not_equal(ends_open(&e), 0);
    struct hws_fault fault = e.client->fault;
    assert_int_equal(fault.phase, HWS_PHASE_TLS);
    assert_string_equal(fault.peer, "pair");
    assert_int_equal(hws_link_open(e.client, e.now), fault.status);
    ends_free(&e);
    return fault;
}

TEST(fault_36_expired_certificate_is_refused)
{
    struct ends_options o = {.certificate = ends_certs()->expired};
    struct hws_fault f = refuse(&o);
    assert_int_equal(f.status, HWS_E_CERTIFICATE);
    assert_int_equal(f.tls_verify, 10);
    assert_string_equal(f.text,
                        "certificate of 'feed.example' is not "
                        "accepted: certificate has expired");
}

TEST(fault_36_wrong_name_is_refused)
{
    struct ends_options o = {.certificate = ends_certs()->wrong_name};
    struct hws_fault f = refuse(&o);
    assert_int_equal(f.status, HWS_E_CERTIFICATE);
    assert_int_equal(f.tls_verify, 62);
    assert_non_null(strstr(f.text, "hostname mismatch"));
}

TEST(fault_36_unknown_authority_is_refused)
{
    struct ends_options o = {.ca = ends_certs()->other_ca};
    struct hws_fault f = refuse(&o);
    assert_int_equal(f.status, HWS_E_CERTIFICATE);
    assert_non_null(strstr(f.text, "unable to get local issuer"));
}

TEST(fault_36_wrong_ip_literal_is_refused)
{
    struct ends_options o = {.name = "127.0.0.2"};
    struct hws_fault f = refuse(&o);
    assert_int_equal(f.status, HWS_E_CERTIFICATE);
    assert_int_equal(f.tls_verify, 64);
}

TEST(fault_36_names_and_literals_of_the_certificate_are_accepted)
{
    static const char *const names[] = {
        "127.0.0.1",      "::1",          "localhost", "localhost.",
        "a.wild.example", "FEED.example",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct ends e;
        struct ends_options o = {.name = names[i]};
        ends_up(&e, &o);
        ends_free(&e);
    }
}

TEST(fault_36_rotated_authority_is_refused_then_accepted)
{
    struct ends e;
    struct ends_options before = {0};
    struct ends_options after = {.certificate = ends_certs()->rotated};
    ends_up(&e, &before);
    ends_free(&e);
    assert_int_equal(refuse(&after).status, HWS_E_CERTIFICATE);
    after.ca = ends_certs()->other_ca;
    ends_up(&e, &after);
    ends_free(&e);
}

/* The server's certificate is another one on reconnect; the session that is
 * kept must not help it past the check. */
TEST(fault_36_certificate_expired_between_reconnects_is_refused)
{
    struct ends e, late;
    struct ends_options before = {0};
    struct ends_options after = {.certificate = ends_certs()->expired};
    ends_up(&e, &before);
    ends_pass(&e, e.server, e.client, 10);
    ends_disconnect(&e);

    ends_make(&late, &after);
    struct hws_tls_context *server = e.server_context;
    e.server_context = late.server_context;
    late.server_context = server;
    ends_connect(&e, &before);
    assert_int_equal(ends_open(&e), HWS_E_CERTIFICATE);
    ends_free(&e);
    ends_free(&late);
}

static void expect_refused(const char *name, const char *text)
{
    struct ends e;
    struct ends_options o = {0};
    ends_make(&e, &o);
    assert_int_equal(hws_pair_new(&o.pair, e.wires), 0);
    e.client =
        hws_tls_new(e.client_context, e.wires[0], name, HWS_S(5), e.in, e.out);
    assert_non_null(e.client);
    assert_int_equal(hws_link_open(e.client, 0), HWS_E_ARGUMENT);
    assert_int_equal(hws_link_open(e.client, 0), HWS_E_ARGUMENT);
    assert_int_equal(e.client->fault.phase, HWS_PHASE_TLS);
    assert_string_equal(e.client->fault.text, text);
    assert_int_equal(hws_pair_ready(e.wires[1]) & HWS_READ, 0);
    hws_link_free(e.wires[1]);
    ends_free(&e);
}

TEST(fault_36_verifying_without_a_name_is_refused)
{
    expect_refused(NULL, "tls cannot check a certificate without a name");
}

TEST(fault_36_empty_name_is_refused)
{
    expect_refused("", "tls cannot expect the name ''");
    expect_refused(".", "tls cannot expect the name '.'");
}

/* OpenSSL takes a leading dot for "any name below". */
TEST(fault_36_name_that_begins_with_a_dot_is_refused)
{
    expect_refused(".example", "tls cannot expect the name '.example'");
}

TEST(fault_36_name_longer_than_a_name_can_be_is_refused)
{
    char name[300], text[400];
    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    snprintf(text, sizeof(text), "tls cannot expect the name '%s'", name);
    text[sizeof(((struct hws_fault *)0)->text) - 1] = '\0';
    expect_refused(name, text);
}

/* Only an address has a scope; in a name it would hide what follows. */
TEST(fault_36_percent_does_not_end_a_name)
{
    struct ends e;
    struct ends_options o = {.name = "feed.example%.other.example"};
    ends_make(&e, &o);
    ends_connect(&e, &o);
    assert_int_equal(ends_open(&e), HWS_E_CERTIFICATE);
    ends_free(&e);
}

TEST(scope_of_an_address_is_not_looked_for_in_the_certificate)
{
    struct ends e;
    struct ends_options o = {.name = "::1%lo"};
    ends_make(&e, &o);
    ends_connect(&e, &o);
    assert_int_equal(ends_open(&e), 0);
    ends_free(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(fault_36_expired_certificate_is_refused),
        RUN(fault_36_wrong_name_is_refused),
        RUN(fault_36_unknown_authority_is_refused),
        RUN(fault_36_wrong_ip_literal_is_refused),
        RUN(fault_36_names_and_literals_of_the_certificate_are_accepted),
        RUN(fault_36_rotated_authority_is_refused_then_accepted),
        RUN(fault_36_certificate_expired_between_reconnects_is_refused),
        RUN(fault_36_verifying_without_a_name_is_refused),
        RUN(fault_36_empty_name_is_refused),
        RUN(fault_36_name_that_begins_with_a_dot_is_refused),
        RUN(fault_36_name_longer_than_a_name_can_be_is_refused),
        RUN(fault_36_percent_does_not_end_a_name),
        RUN(scope_of_an_address_is_not_looked_for_in_the_certificate),
    };
    return cmocka_run_group_tests(tests, NULL, ends_certs_remove);
}
