/*
 * The name that a certificate is checked against: what is no name must end
 * with a clear fault, and never with a check that was left out.
 */
#include "ends.h"

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
        RUN(fault_36_verifying_without_a_name_is_refused),
        RUN(fault_36_empty_name_is_refused),
        RUN(fault_36_name_that_begins_with_a_dot_is_refused),
        RUN(fault_36_name_longer_than_a_name_can_be_is_refused),
        RUN(fault_36_percent_does_not_end_a_name),
        RUN(scope_of_an_address_is_not_looked_for_in_the_certificate),
    };
    return cmocka_run_group_tests(tests, NULL, ends_certs_remove);
}
