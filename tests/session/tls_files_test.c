/* Certificate files that change while a line is up: what is read again, what
 * is warned of, and what is used on. */
#include "base/starved.h"
#include "session/tls_cache.h"
#include "tls_line.h"

#include <stdlib.h>
#include <unistd.h>

TEST(fault_36_rotated_authority_is_read_at_the_next_attempt)
{
    struct hws_tls_options rotated = line_server_of(line_certs.rotated);
    struct line l;
    line_begin(&l);
    line_open(&l);
    line_wait_up(&l);
    line_serve_with(&l, &rotated);
    while (l.fault.status != HWS_E_CERTIFICATE)
        line_wait_beyond(&l, &l.downs, l.downs);
    line_replace(l.trust, line_certs.other_ca);
    line_wait_up(&l);
    assert_int_equal(l.warnings, 0);
    line_end(&l);
}

TEST(fault_36_rotated_authority_of_the_system_is_read_again)
{
    struct hws_tls_options rotated = line_server_of(line_certs.rotated);
    struct line l;
    line_begin(&l);
    assert_int_equal(setenv("SSL_CERT_FILE", l.trust, 1), 0);
    l.options.tls.ca_file = NULL;
    line_open(&l);
    line_wait_up(&l);
    line_serve_with(&l, &rotated);
    while (l.fault.status != HWS_E_CERTIFICATE)
        line_wait_beyond(&l, &l.downs, l.downs);
    line_replace(l.trust, line_certs.other_ca);
    line_wait_up(&l);
    assert_int_equal(unsetenv("SSL_CERT_FILE"), 0);
    line_end(&l);
}

/* Whoever takes an authority out of the file means it: the session that was
 * begun under it is not resumed. */
TEST(fault_36_authority_that_was_removed_is_not_trusted_by_a_session)
{
    struct line l;
    line_begin(&l);
    line_open(&l);
    line_wait_up(&l);
    line_cut(&l);
    line_wait_up(&l);
    assert_true(l.info.resumed);
    line_replace(l.trust, line_certs.other_ca);
    line_cut(&l);
    while (l.fault.status != HWS_E_CERTIFICATE)
        line_wait_beyond(&l, &l.downs, l.downs);
    line_end(&l);
}

TEST(fault_36_authorities_that_cannot_be_read_are_warned_of_once)
{
    struct line l;
    line_begin(&l);
    line_open(&l);
    line_wait_up(&l);
    line_replace(l.trust, line_certs.key); /* no certificate in it */
    for (int i = 0; i < 3; i++) {
        line_cut(&l);
        line_wait_up(&l);
        assert_true(l.info.resumed); /* what was loaded before goes on */
    }
    assert_int_equal(l.warnings, 1);
    assert_int_equal(l.warning.status, HWS_E_TLS);
    assert_int_equal(l.warning.phase, HWS_PHASE_LOCAL);
    assert_non_null(strstr(l.warning.text, l.trust));
    assert_non_null(
        strstr(l.warning.text, "; what was loaded before is used on"));

    unlink(l.trust);
    line_cut(&l);
    line_wait_up(&l);
    assert_int_equal(l.warnings, 2);
    assert_non_null(strstr(l.warning.text, "no such file"));

    line_replace(l.trust, line_certs.ca);
    line_cut(&l);
    line_wait_up(&l);
    assert_int_equal(l.warnings, 2);
    assert_false(l.info.resumed); /* a context of its own */
    line_end(&l);
}

TEST(client_may_be_freed_inside_a_warning)
{
    struct line l;
    line_begin(&l);
    line_open(&l);
    line_wait_up(&l);
    line_replace(l.trust, line_certs.key);
    l.free_when_warned = true;
    line_cut(&l);
    line_wait_beyond(&l, &l.warnings, 0);
    assert_int_equal(hws_loop_run_once(l.loop, 0), 0);
    line_end(&l);
}

TEST(renewed_client_certificate_is_shown_at_the_next_attempt)
{
    struct hws_tls_options asking = line_server_of(line_certs.leaf);
    struct line l;
    line_begin(&l);
    asking.client_ca = line_certs.ca;
    line_serve_with(&l, &asking);
    line_replace(l.own, line_certs.expired);
    line_replace(l.own_key, line_certs.key);
    l.options.tls.certificate = l.own;
    l.options.tls.private_key = l.own_key;
    line_open(&l);
    line_wait_beyond(&l, &l.downs, 0);
    assert_int_equal(l.fault.status, HWS_E_TLS);
    assert_int_equal(l.fault.phase, HWS_PHASE_TLS);
    assert_non_null(strstr(l.fault.text, "does not accept our client"));
    line_replace(l.own, line_certs.leaf);
    line_wait_up(&l);
    assert_int_equal(l.warnings, 0);
    line_end(&l);
}

/* The certificate comes first, its key a moment later. */
TEST(certificate_without_its_key_waits_for_the_key)
{
    struct hws_tls_options asking = line_server_of(line_certs.leaf);
    struct line l;
    line_begin(&l);
    asking.client_ca = line_certs.ca;
    line_serve_with(&l, &asking);
    line_replace(l.own, line_certs.leaf);
    line_replace(l.own_key, line_certs.key);
    l.options.tls.certificate = l.own;
    l.options.tls.private_key = l.own_key;
    line_open(&l);
    line_wait_up(&l);
    line_replace(l.own_key, line_certs.ca_key);
    line_cut(&l);
    line_wait_up(&l);
    assert_int_equal(l.warnings, 1);
    assert_non_null(strstr(l.warning.text, "does not fit the certificate"));
    line_replace(l.own_key, line_certs.key);
    line_cut(&l);
    line_wait_up(&l);
    assert_int_equal(l.warnings, 1);
    line_end(&l);
}

/* A context that could not be made anew for want of memory is tried again. */
TEST(changed_file_without_memory_is_read_at_the_attempt_after)
{
    struct hwi_tls_entry *cache = NULL;
    struct hws_fault fault = {0};
    struct line l;
    line_begin(&l);
    struct hws_tls_context *first =
        hwi_tls_cache_get(&cache, &l.options.tls, &fault);
    assert_non_null(first);
    assert_ptr_equal(hwi_tls_cache_get(&cache, &l.options.tls, &fault), first);
    line_replace(l.trust, line_certs.other_ca);
    starve_after(0);
    assert_ptr_equal(hwi_tls_cache_get(&cache, &l.options.tls, &fault), first);
    starve_no_more();
    assert_true(hwi_tls_cache_warning(cache, &l.options.tls, &fault));
    assert_int_equal(fault.status, HWS_E_MEMORY);
    assert_false(hwi_tls_cache_warning(cache, &l.options.tls, &fault));
    /* It is tried again, and is another one then; the old one is gone. */
    assert_non_null(hwi_tls_cache_get(&cache, &l.options.tls, &fault));
    assert_false(hwi_tls_cache_warning(cache, &l.options.tls, &fault));
    line_replace(l.trust, line_certs.key);
    assert_non_null(hwi_tls_cache_get(&cache, &l.options.tls, &fault));
    assert_true(hwi_tls_cache_warning(cache, &l.options.tls, &fault));
    assert_int_equal(fault.status, HWS_E_TLS);
    hwi_tls_cache_free(cache);
    line_end(&l);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RUN(fault_36_rotated_authority_is_read_at_the_next_attempt),
        RUN(fault_36_rotated_authority_of_the_system_is_read_again),
        RUN(fault_36_authority_that_was_removed_is_not_trusted_by_a_session),
        RUN(fault_36_authorities_that_cannot_be_read_are_warned_of_once),
        RUN(client_may_be_freed_inside_a_warning),
        RUN(renewed_client_certificate_is_shown_at_the_next_attempt),
        RUN(certificate_without_its_key_waits_for_the_key),
        RUN(changed_file_without_memory_is_read_at_the_attempt_after),
    };
    return cmocka_run_group_tests(tests, line_make_certs, line_remove_certs);
}
