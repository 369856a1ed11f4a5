/*
 * What an open layer, and one that failed, tell about the peer.
 */
#include "ends.h"

static struct hws_tls_certificate certificate(const struct hws_link *link,
                                              size_t index)
{
    struct hws_tls_certificate c;
    assert_int_equal(hws_link_tls_certificate(link, index, &c), 0);
    return c;
}

TEST(open_layer_tells_algorithms_and_checks)
{
    struct hws_tls_info info;
    struct ends e;
    ends_up(&e, &(struct ends_options){0});
    assert_int_equal(hws_link_tls_info(e.client, &info), 0);
    assert_string_equal(info.version, "TLSv1.3");
    assert_memory_equal(info.cipher, "TLS_", 4);
    assert_string_not_equal(info.group, "");
    assert_string_equal(info.alpn, "http/1.1");
    assert_false(info.resumed);
    assert_true(info.verified);
    assert_int_equal(info.verify, 0);
    assert_int_equal(info.staple, HWS_STAPLE_NONE);
    assert_int_equal(info.staple_until, HWS_NEVER);
    assert_int_equal(info.certificates, 1);
    ends_free(&e);
}

TEST(certificates_of_the_chain_are_told_one_by_one)
{
    struct ends_options o = {.certificate = ends_certs()->chained};
    struct hws_tls_certificate c;
    struct hws_tls_info info;
    struct ends e;
    hws_time now = hws_clock_now(HWS_CLOCK_REALTIME);
    ends_up(&e, &o);
    assert_int_equal(hws_link_tls_info(e.client, &info), 0);
    assert_int_equal(info.certificates, 2);

    c = certificate(e.client, 0);
    assert_string_equal(c.subject, "CN=feed.example");
    assert_string_equal(c.issuer, "CN=in between");
    assert_string_equal(c.names,
                        "localhost, feed.example, *.wild.example, "
                        "127.0.0.1, ::1");
    assert_string_equal(c.key, "EC 256 bits");
    assert_memory_equal(c.pin, "sha256//", 8);
    assert_int_equal(strlen(c.pin), 52);
    assert_true(c.not_before > now - HWS_S(3660));
    assert_true(c.not_before < now - HWS_S(3540));
    assert_true(c.not_after > now + HWS_S(86340));
    assert_true(c.not_after < now + HWS_S(86460));

    c = certificate(e.client, 1);
    assert_string_equal(c.subject, "CN=in between");
    assert_string_equal(c.issuer, "CN=test authority");
    assert_string_equal(c.names, "");
    assert_int_equal(hws_link_tls_certificate(e.client, 2, &c), HWS_E_ARGUMENT);
    ends_free(&e);
}

TEST(resumed_layer_tells_what_was_kept)
{
    struct ends_options o = {.certificate = ends_certs()->chained};
    struct hws_tls_info info;
    struct ends e;
    ends_up(&e, &o);
    ends_pass(&e, e.server, e.client, 10);
    ends_disconnect(&e);
    ends_connect(&e, &o);
    assert_int_equal(ends_open(&e), 0);
    assert_int_equal(hws_link_tls_info(e.client, &info), 0);
    assert_true(info.resumed);
    assert_true(info.verified);
    assert_int_equal(info.certificates, 2);
    assert_string_equal(certificate(e.client, 1).subject, "CN=in between");
    ends_free(&e);
}

/* The chain that was sent explains why it was refused. */
static void expect_explained(const struct ends_options *o, long verify,
                             size_t certificates, const char *text)
{
    struct hws_tls_info info;
    struct ends e;
    ends_make(&e, o);
    ends_connect(&e, o);
    assert_int_equal(ends_open(&e), HWS_E_CERTIFICATE);
    assert_string_equal(e.client->fault.text, text);
    assert_int_equal(hws_link_tls_info(e.client, &info), 0);
    assert_false(info.verified);
    assert_int_equal(info.verify, verify);
    assert_string_equal(info.version, "TLSv1.3");
    assert_int_equal(info.certificates, certificates);
    for (size_t i = 0; i < certificates; i++)
        assert_string_not_equal(certificate(e.client, i).subject, "");
    ends_free(&e);
}

TEST(fault_36_refused_chain_is_told)
{
    struct ends_options o = {.certificate = ends_certs()->expired};
    expect_explained(&o, 10, 1,
                     "certificate of 'feed.example' is not accepted: "
                     "certificate has expired");
    o.certificate = ends_certs()->wrong_name;
    expect_explained(&o, 62, 1,
                     "certificate of 'feed.example' is not accepted: "
                     "hostname mismatch");
    o.certificate = ends_certs()->chained;
    o.ca = ends_certs()->other_ca;
    expect_explained(&o, 20, 2,
                     "certificate of 'feed.example' is not accepted: unable "
                     "to get local issuer certificate, at depth 1: "
                     "'/CN=in between'");
}

TEST(fault_36_expired_certificate_in_between_is_named)
{
    struct ends_options o = {.certificate = ends_certs()->gap};
    expect_explained(&o, 10, 2,
                     "certificate of 'feed.example' is not accepted: "
                     "certificate has expired, at depth 1: '/CN=in between'");
}

TEST(questions_that_have_no_answer_yet_are_refused)
{
    struct hws_tls_certificate c;
    struct hws_tls_info info;
    struct ends e;
    struct ends_options o = {0};
    ends_make(&e, &o);
    ends_connect(&e, &o);
    assert_int_equal(hws_link_tls_info(e.client, &info), HWS_E_STATE);
    assert_int_equal(hws_link_tls_certificate(e.client, 0, &c), HWS_E_STATE);
    assert_int_equal(hws_link_tls_info(e.wires[0], &info), HWS_E_SUPPORT);
    assert_int_equal(hws_link_tls_certificate(e.wires[0], 0, &c),
                     HWS_E_SUPPORT);
    assert_int_equal(hws_link_open(e.client, 0), HWS_E_AGAIN);
    assert_int_equal(hws_link_tls_info(e.client, &info), 0);
    assert_string_equal(info.version, "");
    assert_string_equal(info.cipher, "");
    assert_int_equal(info.certificates, 0);
    assert_int_equal(hws_link_tls_certificate(e.client, 0, &c), HWS_E_ARGUMENT);
    ends_free(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(open_layer_tells_algorithms_and_checks),
        RUN(certificates_of_the_chain_are_told_one_by_one),
        RUN(resumed_layer_tells_what_was_kept),
        RUN(fault_36_refused_chain_is_told),
        RUN(fault_36_expired_certificate_in_between_is_named),
        RUN(questions_that_have_no_answer_yet_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, ends_certs_remove);
}
