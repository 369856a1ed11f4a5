/*
 * TLS settings: what they refuse, and the key log.
 */
#include "ends.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct hws_fault refuse(const struct hws_tls_options *o, bool server)
{
    struct hws_fault fault = {0};
    assert_null(hws_tls_context_new(o, server, &fault));
    assert_null(hws_tls_context_new(o, server, NULL));
    assert_int_equal(fault.phase, HWS_PHASE_LOCAL);
    return fault;
}

TEST(missing_files_are_named_with_the_reason)
{
    struct hws_tls_options o;
    hws_tls_options_init(&o);
    o.ca_file = "/nowhere/ca.pem";
    struct hws_fault f = refuse(&o, false);
    assert_int_equal(f.status, HWS_E_TLS);
    assert_int_not_equal(f.tls_error, 0);
    assert_non_null(
        strstr(f.text, "cannot load authorities '/nowhere/ca.pem': no such"));

    hws_tls_options_init(&o);
    o.certificate = "/nowhere/leaf.pem";
    o.private_key = ends_certs()->key;
    f = refuse(&o, true);
    assert_non_null(
        strstr(f.text, "cannot load certificate '/nowhere/leaf.pem'"));
}

TEST(server_needs_a_certificate_and_the_key_that_fits)
{
    struct hws_tls_options o;
    hws_tls_options_init(&o);
    assert_int_equal(refuse(&o, true).status, HWS_E_ARGUMENT);
    o.certificate = ends_certs()->leaf;
    assert_int_equal(refuse(&o, true).status, HWS_E_ARGUMENT);
    o.private_key = ends_certs()->ca;
    assert_non_null(strstr(refuse(&o, true).text, "cannot load private key"));
}

TEST(unknown_version_is_refused)
{
    struct hws_tls_options o;
    hws_tls_options_init(&o);
    o.version_min = 0x1234;
    assert_int_equal(refuse(&o, false).status, HWS_E_ARGUMENT);
}

TEST(versions_between_minimum_and_maximum_are_spoken)
{
    static const int versions[] = {0x0303, 0x0304};
    for (int i = 0; i < 2; i++) {
        struct hws_tls_options client = ends_client_tls();
        struct ends_options o = {.client_tls = &client};
        struct ends e;
        client.version_min = client.version_max = versions[i];
        ends_up(&e, &o);
        assert_memory_equal(hws_link_tls_text(e.client),
                            i ? "TLSv1.3 " : "TLSv1.2 ", 8);
        ends_free(&e);
    }
    struct hws_tls_options o = ends_client_tls();
    o.version_min = 0x0304;
    o.version_max = 0x0303;
    assert_string_equal(refuse(&o, false).text,
                        "tls option 'version_max' (0x0303) is below "
                        "'version_min' (0x0304)");
    o.version_min = 0;
    o.version_max = 0x1234;
    assert_string_equal(refuse(&o, false).text,
                        "tls version 0x1234 is not known");
}

TEST(chosen_algorithms_are_used)
{
    struct hws_tls_options client = ends_client_tls();
    struct ends_options o = {.client_tls = &client};
    struct hws_tls_info info;
    struct ends e;
    client.ciphersuites = "TLS_CHACHA20_POLY1305_SHA256";
    client.groups = "P-384";
    ends_up(&e, &o);
    assert_int_equal(hws_link_tls_info(e.client, &info), 0);
    assert_string_equal(info.cipher, "TLS_CHACHA20_POLY1305_SHA256");
    assert_string_equal(info.group, "secp384r1");
    ends_free(&e);

    client = ends_client_tls();
    client.version_max = 0x0303;
    client.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256";
    ends_up(&e, &o);
    assert_int_equal(hws_link_tls_info(e.client, &info), 0);
    assert_string_equal(info.cipher, "ECDHE-ECDSA-AES128-GCM-SHA256");
    ends_free(&e);
}

static void expect_bad_list(size_t offset, const char *name, const char *list)
{
    struct hws_tls_options o = ends_client_tls();
    memcpy((char *)&o + offset, &list, sizeof(list));
    struct hws_fault f = refuse(&o, false);
    char text[200];
    snprintf(text, sizeof(text),
             "tls option '%s': OpenSSL can use nothing, or not all, of '%s'",
             name, list);
    assert_int_equal(f.status, HWS_E_ARGUMENT);
    assert_string_equal(f.text, text);
}

TEST(lists_that_name_nothing_usable_are_named)
{
    expect_bad_list(offsetof(struct hws_tls_options, ciphers), "ciphers",
                    "NO-SUCH-CIPHER");
    expect_bad_list(offsetof(struct hws_tls_options, ciphers), "ciphers", "");
    expect_bad_list(offsetof(struct hws_tls_options, ciphersuites),
                    "ciphersuites", "TLS_NO_SUCH_SUITE");
    expect_bad_list(offsetof(struct hws_tls_options, groups), "groups",
                    "X25519:no-such-group");
}

TEST(options_of_the_other_role_are_refused)
{
    static const char *const pins[] = {"x"};
    struct hws_tls_options o = ends_server_tls();
    o.pins = pins;
    o.pin_count = 1;
    assert_string_equal(refuse(&o, true).text,
                        "tls option 'pins' is for clients");
    o = ends_client_tls();
    o.client_ca = ends_certs()->ca;
    assert_string_equal(refuse(&o, false).text,
                        "tls option 'client_ca' is for servers");
    o = ends_server_tls();
    o.client_ca = "/nowhere/ca.pem";
    assert_non_null(strstr(refuse(&o, true).text,
                           "cannot load authorities '/nowhere/ca.pem'"));
}

TEST(keys_are_logged_for_the_owner_alone)
{
    struct hws_tls_options o;
    struct ends e;
    struct ends_options usual = {0};
    char file[300], line[256];
    struct stat about;
    snprintf(file, sizeof(file), "%s/keys", ends_certs()->dir);
    ends_make(&e, &usual);
    hws_tls_context_free(e.client_context);
    hws_tls_options_init(&o);
    o.ca_file = ends_certs()->ca;
    o.key_log = file;
    e.client_context = hws_tls_context_new(&o, false, NULL);
    assert_non_null(e.client_context);
    ends_connect(&e, &usual);
    assert_int_equal(ends_open(&e), 0);
    ends_free(&e);

    FILE *f = fopen(file, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof(line), f));
    assert_non_null(strstr(line, "_SECRET "));
    assert_int_equal(line[strlen(line) - 1], '\n');
    fclose(f);
    assert_int_equal(stat(file, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    unlink(file);
}

TEST(key_log_that_cannot_be_opened_is_named)
{
    struct hws_tls_options o;
    hws_tls_options_init(&o);
    o.key_log = "/nowhere/keys";
    struct hws_fault f = refuse(&o, false);
    assert_int_equal(f.status, HWS_E_SYSTEM);
    assert_non_null(strstr(f.text, "cannot open key log '/nowhere/keys'"));
}

TEST(without_verification_any_certificate_is_accepted)
{
    struct hws_tls_options o;
    struct ends e;
    struct ends_options expired = {.certificate = ends_certs()->expired,
                                   .name = "elsewhere.example"};
    ends_make(&e, &expired);
    hws_tls_context_free(e.client_context);
    hws_tls_options_init(&o);
    o.verify = false;
    e.client_context = hws_tls_context_new(&o, false, NULL);
    ends_connect(&e, &expired);
    assert_int_equal(ends_open(&e), 0);
    ends_free(&e);
}

/* One more name than the context keeps: the oldest makes room. */
TEST(sessions_of_many_names_stay_bounded)
{
    struct ends e;
    struct ends_options o = {0};
    char name[64];
    ends_make(&e, &o);
    o.name = name;
    for (int i = 0; i < 17; i++) {
        snprintf(name, sizeof(name), "n%d.wild.example", i);
        ends_connect(&e, &o);
        assert_int_equal(ends_open(&e), 0);
        ends_pass(&e, e.server, e.client, 1);
        ends_disconnect(&e);
    }
    for (int i = 0; i < 17; i += 8) {
        snprintf(name, sizeof(name), "n%d.wild.example", i);
        ends_connect(&e, &o);
        assert_int_equal(ends_open(&e), 0);
        bool resumed = strstr(hws_link_tls_text(e.client), "resumed");
        assert_int_equal(resumed, i > 0);
        ends_disconnect(&e);
    }
    ends_free(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(missing_files_are_named_with_the_reason),
        RUN(server_needs_a_certificate_and_the_key_that_fits),
        RUN(unknown_version_is_refused),
        RUN(versions_between_minimum_and_maximum_are_spoken),
        RUN(chosen_algorithms_are_used),
        RUN(lists_that_name_nothing_usable_are_named),
        RUN(options_of_the_other_role_are_refused),
        RUN(keys_are_logged_for_the_owner_alone),
        RUN(key_log_that_cannot_be_opened_is_named),
        RUN(without_verification_any_certificate_is_accepted),
        RUN(sessions_of_many_names_stay_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, ends_certs_remove);
}
