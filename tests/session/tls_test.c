/* TLS over the life of a client: sessions taken up again, and verdicts on
 * certificates in between. */
#include "base/starved.h"
#include "tls_line.h"

TEST(every_reconnect_after_a_cut_resumes_the_session)
{
    static const int versions[] = {0x0303, 0x0304};
    for (int v = 0; v < 2; v++) {
        struct line l;
        line_begin(&l);
        l.options.tls.version_max = versions[v];
        line_open(&l);
        line_wait_up(&l);
        assert_false(l.info.resumed);
        for (int i = 0; i < 20; i++) {
            line_cut(&l);
            line_wait_up(&l);
            assert_true(l.info.resumed);
            assert_true(l.info.verified);
        }
        assert_int_equal(l.warnings, 0);
        line_end(&l);
    }
}

TEST(server_that_was_restarted_is_met_by_a_full_handshake)
{
    struct hws_tls_options same = line_server_of(line_certs.leaf);
    struct line l;
    line_begin(&l);
    line_open(&l);
    line_wait_up(&l);
    line_serve_with(&l, &same);
    line_wait_up(&l);
    assert_false(l.info.resumed);
    line_cut(&l);
    line_wait_up(&l);
    assert_true(l.info.resumed);
    line_end(&l);
}

TEST(clients_of_two_ports_keep_their_own_sessions)
{
    struct line a, b;
    line_begin(&a);
    line_begin(&b);
    line_open(&a);
    line_wait_up(&a);
    hws_loop_free(b.loop);
    b.loop = a.loop; /* one loop, one cache of contexts */
    line_open(&b);
    line_wait_up(&b);
    assert_false(b.info.resumed);
    line_cut(&a);
    line_wait_up(&a);
    assert_true(a.info.resumed);
    hws_client_free(b.client);
    host_end(&b.host);
    line_end(&a);
}

TEST(fault_36_certificate_expired_in_between_is_refused)
{
    struct hws_tls_options late = line_server_of(line_certs.expired);
    struct hws_tls_options renewed = line_server_of(line_certs.leaf);
    struct line l;
    line_begin(&l);
    line_open(&l);
    line_wait_up(&l);
    line_serve_with(&l, &late);
    line_wait_beyond(&l, &l.downs, l.downs + 1); /* the cut, and a refusal */
    while (l.fault.status != HWS_E_CERTIFICATE)
        line_wait_beyond(&l, &l.downs, l.downs);
    assert_int_equal(l.fault.phase, HWS_PHASE_TLS);
    assert_int_equal(l.fault.tls_verify, 10);
    line_serve_with(&l, &renewed);
    line_wait_up(&l);
    line_end(&l);
}

/* The client wants to speak before the server has judged: the request is on
 * its way when the alert comes, and a reset behind it. */
TEST(fault_36_missing_client_certificate_is_told_as_such_by_the_client)
{
    static const int versions[] = {0x0303, 0x0304};
    for (int v = 0; v < 2; v++) {
        struct hws_tls_options asking = line_server_of(line_certs.leaf);
        struct line l;
        line_begin(&l);
        asking.client_ca = line_certs.ca;
        asking.version_max = versions[v];
        line_serve_with(&l, &asking);
        line_open(&l);
        for (unsigned i = 0; i < 20; i++) {
            line_wait_beyond(&l, &l.downs, i);
            assert_int_equal(l.fault.status, HWS_E_TLS);
            assert_int_equal(l.fault.phase, HWS_PHASE_TLS);
            assert_non_null(
                strstr(l.fault.text, "the server wants a client certificate"));
        }
        assert_int_equal(l.ups, 0);
        line_end(&l);
    }
}

TEST(options_that_openssl_refuses_are_told_by_the_constructor)
{
    static const char *const pins[] = {"sha256//nothing"};
    struct hws_fault fault = {0};
    struct line l;
    line_begin(&l);
    l.options.tls.pins = pins;
    l.options.tls.pin_count = 1;
    assert_null(hws_client_new(l.loop, &l.options, &fault));
    assert_int_equal(fault.status, HWS_E_ARGUMENT);
    assert_non_null(strstr(fault.text, "'sha256//nothing'"));
    l.options.tls.pins = NULL;
    assert_null(hws_client_new(l.loop, &l.options, &fault));
    assert_int_equal(fault.status, HWS_E_ARGUMENT);
    line_end(&l);
}

TEST(no_memory_for_tls_options_is_told_and_leaks_nothing)
{
    static const char *const pins[] = {
        "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="};
    struct line l;
    int failures = 0;
    line_begin(&l);
    l.options.tls.pins = pins;
    l.options.tls.pin_count = 1;
    l.options.tls.groups = "P-256";
    l.options.tls.certificate = line_certs.leaf;
    l.options.tls.private_key = line_certs.key;
    for (int allowed = 0;; allowed++) {
        struct hws_fault fault = {0};
        struct hws_loop *loop = hws_loop_new(NULL, NULL);
        starve_after(allowed);
        struct hws_client *c = hws_client_new(loop, &l.options, &fault);
        starve_no_more();
        hws_client_free(c);
        hws_loop_free(loop);
        if (c)
            break;
        assert_int_equal(fault.status, HWS_E_MEMORY);
        failures++;
    }
    assert_true(failures > 15);
    line_end(&l);
}

/* All that the options point at is gone when the client uses it. */
TEST(copies_of_tls_options_survive_the_callers)
{
    struct hws_tls_certificate c;
    struct line l;
    char pin[64], suites[] = "TLS_AES_128_GCM_SHA256", groups[] = "P-256";
    char password[] = TEST_CERTS_PASSWORD;
    line_begin(&l);
    line_open(&l);
    line_wait_up(&l);
    assert_int_equal(
        hws_link_tls_certificate(hws_client_get_link(l.client), 0, &c), 0);
    hws_client_free(l.client);
    snprintf(pin, sizeof(pin), "%s", c.pin);
    const char *pins[] = {pin};
    l.options.tls.pins = pins;
    l.options.tls.pin_count = 1;
    l.options.tls.ciphersuites = suites;
    l.options.tls.groups = groups;
    l.options.tls.key_password = password;
    l.options.tls.certificate = line_certs.leaf;
    l.options.tls.private_key = line_certs.locked_key;
    line_open(&l);
    memset(pin, '#', sizeof(pin) - 1);
    pins[0] = NULL;
    memset(suites, '#', sizeof(suites) - 1);
    memset(groups, '#', sizeof(groups) - 1);
    memset(password, '#', sizeof(password) - 1);
    line_wait_up(&l);
    assert_string_equal(l.info.cipher, "TLS_AES_128_GCM_SHA256");
    /* A changed file has the context made again, of the copies. */
    line_replace(l.trust, line_certs.ca);
    line_cut(&l);
    line_wait_up(&l);
    assert_false(l.info.resumed);
    assert_int_equal(l.warnings, 0);
    line_end(&l);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RUN(every_reconnect_after_a_cut_resumes_the_session),
        RUN(server_that_was_restarted_is_met_by_a_full_handshake),
        RUN(clients_of_two_ports_keep_their_own_sessions),
        RUN(fault_36_certificate_expired_in_between_is_refused),
        RUN(fault_36_missing_client_certificate_is_told_as_such_by_the_client),
        RUN(options_that_openssl_refuses_are_told_by_the_constructor),
        RUN(no_memory_for_tls_options_is_told_and_leaks_nothing),
        RUN(copies_of_tls_options_survive_the_callers),
    };
    return cmocka_run_group_tests(tests, line_make_certs, line_remove_certs);
}
