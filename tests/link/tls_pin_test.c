/*
 * Pinned public keys: the leaf's key must be one of them, with the other
 * checks and without, and a fault tells the key that came.
 */
#include "ends.h"

#define NO_PIN "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

/* The pin of the key of all leaves, as the library tells it. */
static const char *leaf_pin(void)
{
    static struct hws_tls_certificate c;
    struct ends e;
    ends_up(&e, &(struct ends_options){0});
    assert_int_equal(hws_link_tls_certificate(e.client, 0, &c), 0);
    ends_free(&e);
    return c.pin;
}

static struct hws_fault dial(struct hws_tls_options *client,
                             const char *certificate, const char *const *pins,
                             size_t count)
{
    struct hws_fault fault;
    struct ends e;
    client->pins = pins;
    client->pin_count = count;
    struct ends_options o = {.client_tls = client, .certificate = certificate};
    ends_make(&e, &o);
    ends_connect(&e, &o);
    int status = ends_open(&e);
    fault = e.client->fault;
    assert_int_equal(status, fault.status);
    ends_free(&e);
    return fault;
}

/* RFC 7469 by hand: what the command in docs/TLS.md computes. */
TEST(pin_is_the_hash_of_the_public_key_info)
{
    char command[600], line[80] = "";
    snprintf(command, sizeof(command),
             "openssl x509 -in '%s' -noout -pubkey | openssl pkey -pubin "
             "-outform der | openssl dgst -sha256 -binary | openssl base64",
             ends_certs()->leaf);
    FILE *f = popen(command, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof(line), f));
    assert_int_equal(pclose(f), 0);
    line[strcspn(line, "\n")] = '\0';
    assert_memory_equal(leaf_pin(), "sha256//", 8);
    assert_string_equal(leaf_pin() + 8, line);
}

TEST(pinned_key_is_accepted_beside_others)
{
    const char *pins[] = {NO_PIN, leaf_pin()};
    struct hws_tls_options client = ends_client_tls();
    assert_int_equal(dial(&client, NULL, pins, 2).status, 0);
}

TEST(fault_36_key_that_is_not_pinned_is_refused_and_told)
{
    const char *pins[] = {NO_PIN};
    struct hws_tls_options client = ends_client_tls();
    struct hws_fault f = dial(&client, NULL, pins, 1);
    assert_int_equal(f.status, HWS_E_CERTIFICATE);
    assert_int_equal(f.phase, HWS_PHASE_TLS);
    assert_int_equal(f.tls_verify, 50);
    char wanted[256];
    snprintf(wanted, sizeof(wanted),
             "certificate of 'feed.example' is not accepted: its key is '%s', "
             "which is not pinned",
             leaf_pin());
    assert_string_equal(f.text, wanted);
}

TEST(pin_does_not_stand_in_for_the_chain)
{
    const char *pins[] = {leaf_pin()};
    struct hws_tls_options client = ends_client_tls();
    struct hws_fault f = dial(&client, ends_certs()->expired, pins, 1);
    assert_int_equal(f.tls_verify, 10);
}

TEST(pin_is_the_only_check_without_verification)
{
    const char *right[] = {leaf_pin()};
    const char *wrong[] = {NO_PIN};
    struct hws_tls_options client = ends_client_tls();
    client.verify = false;
    const char *certificate = ends_certs()->expired;
    assert_int_equal(dial(&client, certificate, right, 1).status, 0);
    struct hws_fault f = dial(&client, certificate, wrong, 1);
    assert_int_equal(f.status, HWS_E_CERTIFICATE);
    assert_int_equal(f.tls_verify, 50);
}

/* Whoever holds the key of an authority could have any leaf signed. */
TEST(pin_of_the_authority_is_no_pin_of_the_leaf)
{
    struct hws_tls_certificate between;
    struct ends e;
    struct ends_options o = {.certificate = ends_certs()->chained};
    ends_up(&e, &o);
    assert_int_equal(hws_link_tls_certificate(e.client, 1, &between), 0);
    ends_free(&e);
    const char *pins[] = {between.pin};
    struct hws_tls_options client = ends_client_tls();
    assert_int_equal(dial(&client, ends_certs()->chained, pins, 1).tls_verify,
                     50);
}

TEST(what_is_no_pin_is_named)
{
    static const char *const wrong[] = {
        "",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "sha1//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=",
        "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
        "sha256//AAAAAAAAAAAAAAAAAAAA-AAAAAAAAAAAAAAAAAAAAAA=",
        "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= ",
        NULL,
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        const char *pins[] = {NO_PIN, wrong[i]};
        struct hws_fault fault = {0};
        struct hws_tls_options o = ends_client_tls();
        o.pins = pins;
        o.pin_count = 2;
        assert_null(hws_tls_context_new(&o, false, &fault));
        assert_int_equal(fault.status, HWS_E_ARGUMENT);
        assert_non_null(strstr(fault.text, "'pins': '"));
        assert_non_null(strstr(fault.text, "(number 2)"));
        assert_null(hws_tls_context_new(&o, false, NULL));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(pin_is_the_hash_of_the_public_key_info),
        RUN(pinned_key_is_accepted_beside_others),
        RUN(fault_36_key_that_is_not_pinned_is_refused_and_told),
        RUN(pin_does_not_stand_in_for_the_chain),
        RUN(pin_is_the_only_check_without_verification),
        RUN(pin_of_the_authority_is_no_pin_of_the_leaf),
        RUN(what_is_no_pin_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, ends_certs_remove);
}
