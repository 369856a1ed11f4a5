/*
 * Stapled OCSP responses, from a server made of OpenSSL alone: good ones, and
 * all that must be refused by name.
 */
#include "ends.h"
#include "raw_tls.h"
#include "support/staple.h"

#include <openssl/ocsp.h>
#include <stdlib.h>

#define DAY 86400L

struct line {
    struct hws_link *client;
    struct hws_link *wires[2];
    struct hws_tls_context *context;
    struct hws_scratch in, out;
    struct raw_tls server;
    unsigned char *staple; /* what the server staples; NULL: nothing */
    int staple_size;
    int asked; /* how often it was asked to */
};

static int give_staple(SSL *ssl, void *user)
{
    struct line *l = user;
    l->asked++;
    if (!l->staple)
        return SSL_TLSEXT_ERR_NOACK;
    unsigned char *copy = OPENSSL_memdup(l->staple, (size_t)l->staple_size);
    SSL_set_tlsext_status_ocsp_resp(ssl, copy, l->staple_size);
    return SSL_TLSEXT_ERR_OK;
}

static void line_init(struct line *l, enum hws_ocsp ocsp)
{
    struct hws_tls_options o = ends_client_tls();
    memset(l, 0, sizeof(*l));
    o.ocsp = ocsp;
    l->context = hws_tls_context_new(&o, false, NULL);
    assert_non_null(l->context);
    l->in = (struct hws_scratch){malloc(SCRATCH_SIZE), SCRATCH_SIZE};
    l->out = (struct hws_scratch){malloc(SCRATCH_SIZE), SCRATCH_SIZE};
}

/* Each server is a new one; this lets it know the tickets of the last. */
static unsigned char ticket_keys[80];

/* Dial the server, which shows `certificate`. The client's last answer. */
static int line_dial(struct line *l, const char *certificate, int version_max)
{
    int status = HWS_E_AGAIN;
    assert_int_equal(hws_pair_new(NULL, l->wires), 0);
    l->client = hws_tls_new(l->context, l->wires[0], "feed.example", HWS_S(5),
                            l->in, l->out);
    raw_tls_init(&l->server, l->wires[1], version_max);
    SSL_CTX_set_tlsext_ticket_keys(l->server.context, ticket_keys,
                                   sizeof(ticket_keys));
    SSL_CTX_set_tlsext_status_cb(l->server.context, give_staple);
    SSL_CTX_set_tlsext_status_arg(l->server.context, l);
    assert_int_equal(SSL_use_certificate_chain_file(l->server.ssl, certificate),
                     1);
    for (int turn = 0; turn < 100 && status == HWS_E_AGAIN; turn++) {
        status = hws_link_open(l->client, 0);
        raw_tls_turn(&l->server);
    }
    return status;
}

static void line_hang_up(struct line *l)
{
    raw_tls_free(&l->server);
    hws_link_free(l->client);
    hws_link_free(l->wires[1]);
}

static void line_free(struct line *l)
{
    OPENSSL_free(l->staple);
    hws_tls_context_free(l->context);
    free(l->in.data);
    free(l->out.data);
}

/* A response that is as it should be. */
static struct test_staple good(void)
{
    const struct test_certs *c = ends_certs();
    return (struct test_staple){.about = c->leaf,
                                .issuer = c->ca,
                                .signer = c->ca,
                                .signer_key = c->ca_key,
                                .status = V_OCSP_CERTSTATUS_GOOD,
                                .from = -60,
                                .until = DAY};
}

/* What comes of one handshake, in each version of TLS alike. */
static struct hws_fault staple(const struct test_staple *recipe,
                               enum hws_ocsp ocsp, struct hws_tls_info *info)
{
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    struct hws_fault fault[2];
    int size = 0;
    unsigned char *der = recipe ? test_staple_make(recipe, &size) : NULL;
    assert_int_equal(der != NULL, recipe != NULL);
    for (int i = 0; i < 2; i++) {
        struct line l;
        line_init(&l, ocsp);
        l.staple = der;
        l.staple_size = size;
        int status = line_dial(&l, ends_certs()->leaf, versions[i]);
        fault[i] = l.client->fault;
        assert_int_equal(status, fault[i].status);
        assert_int_equal(l.asked, ocsp != HWS_OCSP_OFF);
        assert_int_equal(hws_link_tls_info(l.client, info), 0);
        line_hang_up(&l);
        l.staple = NULL;
        line_free(&l);
    }
    OPENSSL_free(der);
    assert_string_equal(fault[0].text, fault[1].text);
    return fault[1];
}

static void expect_refused(const struct test_staple *recipe, long verify,
                           enum hws_staple staple_is, const char *text)
{
    struct hws_tls_info info;
    struct hws_fault f = staple(recipe, HWS_OCSP_CHECK, &info);
    assert_int_equal(f.status, HWS_E_CERTIFICATE);
    assert_int_equal(f.phase, HWS_PHASE_TLS);
    assert_int_equal(f.tls_verify, verify);
    if (!strstr(f.text, text))
        fail_msg("'%s' is not in '%s'", text, f.text);
    assert_int_equal(info.staple, staple_is);
    assert_int_equal(info.certificates, 1);
    assert_false(info.verified);
    /* It is no better when one is required. */
    assert_int_equal(staple(recipe, HWS_OCSP_REQUIRE, &info).tls_verify,
                     verify);
}

TEST(good_response_is_accepted_and_told)
{
    struct test_staple recipe = good();
    struct hws_tls_info info;
    hws_time now = hws_clock_now(HWS_CLOCK_REALTIME);
    assert_int_equal(staple(&recipe, HWS_OCSP_REQUIRE, &info).status, 0);
    assert_int_equal(info.staple, HWS_STAPLE_GOOD);
    assert_true(info.staple_until > now + HWS_S(DAY - 60));
    assert_true(info.staple_until < now + HWS_S(DAY + 60));
    assert_int_equal(staple(&recipe, HWS_OCSP_CHECK, &info).status, 0);
    assert_int_equal(info.staple, HWS_STAPLE_GOOD);
}

TEST(response_is_not_asked_for_unless_told_to)
{
    struct test_staple recipe = good();
    struct hws_tls_info info;
    recipe.status = V_OCSP_CERTSTATUS_REVOKED;
    assert_int_equal(staple(&recipe, HWS_OCSP_OFF, &info).status, 0);
    assert_int_equal(info.staple, HWS_STAPLE_NONE);
}

TEST(fault_36_revoked_certificate_is_refused_with_time_and_reason)
{
    struct test_staple recipe = good();
    recipe.status = V_OCSP_CERTSTATUS_REVOKED;
    recipe.reason = OCSP_REVOKED_STATUS_KEYCOMPROMISE;
    expect_refused(&recipe, 23, HWS_STAPLE_REVOKED,
                   "certificate of 'feed.example' is revoked since 20");
    expect_refused(&recipe, 23, HWS_STAPLE_REVOKED,
                   "Z, says its ocsp response (reason: keyCompromise)");
    /* An old answer does not make it good again. */
    recipe.from = -2 * DAY;
    recipe.until = -DAY;
    expect_refused(&recipe, 23, HWS_STAPLE_REVOKED, "is revoked since");
}

TEST(fault_36_response_out_of_time_is_refused)
{
    struct test_staple recipe = good();
    recipe.from = -2 * DAY;
    recipe.until = -DAY;
    expect_refused(&recipe, 74, HWS_STAPLE_UNUSABLE,
                   "its ocsp response is out of time: status expired");
    recipe.from = DAY;
    recipe.until = 2 * DAY;
    expect_refused(&recipe, 74, HWS_STAPLE_UNUSABLE, "status not yet valid");
    recipe.from = -8 * DAY;
    recipe.until = 0;
    expect_refused(&recipe, 74, HWS_STAPLE_UNUSABLE, "status too old");
}

TEST(response_that_names_no_end_is_believed_for_a_week)
{
    struct test_staple recipe = good();
    struct hws_tls_info info;
    recipe.from = -6 * DAY;
    recipe.until = 0;
    assert_int_equal(staple(&recipe, HWS_OCSP_REQUIRE, &info).status, 0);
    assert_int_equal(info.staple_until, HWS_NEVER);
}

/* RFC 6960 section 4.2.2.2: an authority may have others answer for it. */
TEST(response_of_a_responder_with_the_authoritys_leave_is_accepted)
{
    struct test_staple recipe = good();
    struct hws_tls_info info;
    recipe.signer = ends_certs()->responder;
    recipe.signer_key = ends_certs()->key;
    assert_int_equal(staple(&recipe, HWS_OCSP_REQUIRE, &info).status, 0);
    assert_int_equal(info.staple, HWS_STAPLE_GOOD);
}

TEST(fault_36_response_signed_by_a_stranger_is_refused)
{
    struct test_staple recipe = good();
    /* A leaf of the same authority may serve, but not speak for it. */
    recipe.signer = ends_certs()->wrong_name;
    recipe.signer_key = ends_certs()->key;
    expect_refused(&recipe, 74, HWS_STAPLE_UNUSABLE,
                   "its ocsp response is not signed by its authority");
    recipe.signer = ends_certs()->rotated;
    expect_refused(&recipe, 74, HWS_STAPLE_UNUSABLE,
                   "its ocsp response is not signed by its authority");
}

TEST(fault_36_response_about_another_certificate_is_refused)
{
    struct test_staple recipe = good();
    recipe.about = ends_certs()->wrong_name;
    expect_refused(&recipe, 74, HWS_STAPLE_UNUSABLE,
                   "its ocsp response is about another certificate");
}

TEST(fault_36_responder_that_knows_nothing_is_refused)
{
    struct test_staple recipe = good();
    recipe.status = V_OCSP_CERTSTATUS_UNKNOWN;
    expect_refused(&recipe, 75, HWS_STAPLE_UNUSABLE,
                   "its ocsp response does not know the certificate");
    recipe.refusal = OCSP_RESPONSE_STATUS_TRYLATER;
    expect_refused(&recipe, 74, HWS_STAPLE_UNUSABLE,
                   "its ocsp response is only 'trylater'");
}

TEST(fault_36_missing_response_is_refused_only_when_it_is_required)
{
    struct hws_tls_info info;
    assert_int_equal(staple(NULL, HWS_OCSP_CHECK, &info).status, 0);
    assert_int_equal(info.staple, HWS_STAPLE_NONE);
    struct hws_fault f = staple(NULL, HWS_OCSP_REQUIRE, &info);
    assert_int_equal(f.tls_verify, 73);
    assert_string_equal(f.text,
                        "certificate of 'feed.example' is not accepted: no "
                        "ocsp response is stapled, and one is required");
}

TEST(fault_36_missing_response_that_was_promised_is_refused)
{
    struct line l;
    line_init(&l, HWS_OCSP_CHECK);
    assert_int_equal(line_dial(&l, ends_certs()->stapled, 0),
                     HWS_E_CERTIFICATE);
    assert_non_null(
        strstr(l.client->fault.text, "and the certificate promises one"));
    line_hang_up(&l);
    struct test_staple recipe = good();
    recipe.about = ends_certs()->stapled;
    l.staple = test_staple_make(&recipe, &l.staple_size);
    assert_int_equal(line_dial(&l, ends_certs()->stapled, 0), 0);
    line_hang_up(&l);
    line_free(&l);
}

TEST(fault_36_response_cut_or_damaged_anywhere_is_refused)
{
    struct test_staple recipe = good();
    struct line l;
    int size;
    line_init(&l, HWS_OCSP_CHECK);
    l.staple = test_staple_make(&recipe, &size);
    for (int at = 1; at < size; at += 7) {
        l.staple_size = at;
        assert_int_equal(line_dial(&l, ends_certs()->leaf, 0),
                         HWS_E_CERTIFICATE);
        line_hang_up(&l);
    }
    l.staple_size = size;
    for (int at = 0; at < size; at += 7) {
        l.staple[at] ^= 0x10;
        int status = line_dial(&l, ends_certs()->leaf, 0);
        if (status != HWS_E_CERTIFICATE)
            fail_msg("byte %d of %d: %d", at, size, status);
        l.staple[at] ^= 0x10;
        line_hang_up(&l);
    }
    line_free(&l);
}

/* The response is within the leeway for clocks, but what it vouched for is
 * over: the next connection asks anew. */
TEST(session_is_not_resumed_beyond_its_response)
{
    struct test_staple recipe = good();
    recipe.from = -DAY;
    recipe.until = -60;
    struct line l;
    uint8_t byte;
    line_init(&l, HWS_OCSP_CHECK);
    for (int late = 0; late < 2; late++) {
        l.staple = test_staple_make(&recipe, &l.staple_size);
        for (int turn = 0; turn < 2; turn++) {
            assert_int_equal(line_dial(&l, ends_certs()->leaf, 0), 0);
            assert_int_equal(hws_link_read(l.client, &byte, 1), HWS_E_AGAIN);
            assert_int_equal(SSL_session_reused(l.server.ssl),
                             late == 1 && turn == 1);
            line_hang_up(&l);
        }
        OPENSSL_free(l.staple);
        l.staple = NULL;
        recipe.until = DAY;
    }
    line_free(&l);
}

TEST(asking_without_verification_or_as_a_server_is_refused)
{
    struct hws_fault fault = {0};
    struct hws_tls_options o = ends_client_tls();
    o.ocsp = HWS_OCSP_CHECK;
    o.verify = false;
    assert_null(hws_tls_context_new(&o, false, &fault));
    assert_int_equal(fault.status, HWS_E_ARGUMENT);
    assert_string_equal(fault.text, "tls option 'ocsp' needs 'verify'");
    o = ends_server_tls();
    o.ocsp = HWS_OCSP_CHECK;
    assert_null(hws_tls_context_new(&o, true, &fault));
    assert_string_equal(fault.text, "tls option 'ocsp' is for clients");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(good_response_is_accepted_and_told),
        RUN(response_is_not_asked_for_unless_told_to),
        RUN(fault_36_revoked_certificate_is_refused_with_time_and_reason),
        RUN(fault_36_response_out_of_time_is_refused),
        RUN(response_that_names_no_end_is_believed_for_a_week),
        RUN(response_of_a_responder_with_the_authoritys_leave_is_accepted),
        RUN(fault_36_response_signed_by_a_stranger_is_refused),
        RUN(fault_36_response_about_another_certificate_is_refused),
        RUN(fault_36_responder_that_knows_nothing_is_refused),
        RUN(fault_36_missing_response_is_refused_only_when_it_is_required),
        RUN(fault_36_missing_response_that_was_promised_is_refused),
        RUN(fault_36_response_cut_or_damaged_anywhere_is_refused),
        RUN(session_is_not_resumed_beyond_its_response),
        RUN(asking_without_verification_or_as_a_server_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, ends_certs_remove);
}
