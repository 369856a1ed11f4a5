/* Names of statuses, and the texts of faults. */
#include "support/test.h"

#include "base/status.h"
#include "base/utf8.h"

#include <errno.h>
#include <limits.h>

TEST(every_status_has_a_name_of_its_own)
{
    for (int a = HWS_E_COMPRESSION; a <= HWS_OK; a++) {
        assert_string_not_equal(hws_status_name(a), "unknown");
        for (int b = HWS_E_COMPRESSION; b < a; b++)
            assert_string_not_equal(hws_status_name(a), hws_status_name(b));
    }
}

TEST(numbers_beyond_are_unknown)
{
    assert_string_equal(hws_status_name(HWS_E_COMPRESSION - 1), "unknown");
    assert_string_equal(hws_status_name(1), "unknown");
    assert_string_equal(hws_status_name(INT_MIN), "unknown");
    assert_string_equal(hws_phase_name((enum hws_phase)99), "unknown");
    assert_string_equal(hws_event_name((enum hws_event_kind)0), "unknown");
    assert_string_equal(hws_event_name((enum hws_event_kind)99), "unknown");
}

TEST(every_phase_and_event_has_a_name)
{
    for (int i = HWS_PHASE_NONE; i <= HWS_PHASE_IDLE; i++)
        assert_string_not_equal(hws_phase_name((enum hws_phase)i), "unknown");
    for (int i = HWS_UP; i <= HWS_FRESH; i++)
        assert_string_not_equal(hws_event_name((enum hws_event_kind)i),
                                "unknown");
}

TEST(fault_is_filled_anew_but_the_peer_stays)
{
    struct hws_fault f = {.os_error = 5, .close_code = 1000, .http_status = 3};
    strcpy(f.peer, "192.0.2.1:443");
    int status = hwi_fault_set(&f, HWS_PHASE_DNS, HWS_E_RESOLVE,
                               "cannot resolve '%s'", "feed.example");
    assert_int_equal(status, HWS_E_RESOLVE);
    assert_int_equal(f.status, HWS_E_RESOLVE);
    assert_int_equal(f.phase, HWS_PHASE_DNS);
    assert_int_equal(f.os_error, 0);
    assert_int_equal(f.close_code, 0);
    assert_int_equal(f.http_status, 0);
    assert_string_equal(f.peer, "192.0.2.1:443");
    assert_string_equal(f.text, "cannot resolve 'feed.example'");
}

TEST(fault_may_be_missing)
{
    assert_int_equal(hwi_fault_set(NULL, HWS_PHASE_DNS, HWS_E_EOF, "x"),
                     HWS_E_EOF);
    assert_int_equal(hwi_fault_os(NULL, HWS_PHASE_TCP, EIO, "x"), HWS_E_SYSTEM);
}

static const char *text_of(const char *bytes)
{
    static struct hws_fault f;
    hwi_fault_set(&f, HWS_PHASE_HTTP, HWS_E_HTTP, "%s", bytes);
    return f.text;
}

TEST(terminal_controls_are_hidden)
{
    assert_string_equal(text_of("a\x1b[2Jb\nc\x7f"), "a?[2Jb?c?");
    assert_string_equal(text_of("a\xc2\x9b"
                                "b"),
                        "a??b");
    assert_string_equal(text_of("a\xc2\xa0\xe4\xb8\xad"),
                        "a\xc2\xa0\xe4\xb8\xad");
}

TEST(wrong_bytes_are_hidden)
{
    assert_string_equal(text_of("a\xff\xe4\xb8z\x80"), "a???z?");
    assert_string_equal(text_of("\xed\xa0\x80"), "???");
}

TEST(long_text_is_cut_at_a_whole_character)
{
    char longer[400];
    for (size_t lead = 0; lead < 4; lead++) {
        memset(longer, 'a', sizeof(longer));
        for (size_t i = lead; i + 3 < sizeof(longer); i += 3)
            memcpy(longer + i, "\xe4\xb8\xad", 3);
        longer[sizeof(longer) - 1] = '\0';
        const char *text = text_of(longer);
        assert_true(hwi_utf8_valid(hws_span_text(text)));
        assert_true(strlen(text) > 191 - 3 && strlen(text) <= 191);
    }
}

TEST(whole_character_at_the_very_end_stays)
{
    char exact[256];
    memset(exact, 'a', sizeof(exact));
    memcpy(exact + 191 - 3,
           "\xe4\xb8\xad"
           "b",
           5);
    assert_int_equal(strlen(text_of(exact)), 191);
}

TEST(old_text_may_be_part_of_the_new)
{
    struct hws_fault f = {0};
    hwi_fault_set(&f, HWS_PHASE_TLS, HWS_E_TLS, "bad record");
    hwi_fault_set(&f, HWS_PHASE_TLS, HWS_E_TLS, "proxy 'p': %s", f.text);
    assert_string_equal(f.text, "proxy 'p': bad record");
}

TEST(system_fault_ends_with_reason_and_number)
{
    struct hws_fault f = {0};
    int status =
        hwi_fault_os(&f, HWS_PHASE_TCP, EADDRINUSE, "cannot listen on 'x'");
    char end[16];
    snprintf(end, sizeof(end), "(%d)", EADDRINUSE);
    assert_int_equal(status, HWS_E_SYSTEM);
    assert_int_equal(f.os_error, EADDRINUSE);
    assert_non_null(strstr(f.text, "cannot listen on 'x': a"));
    assert_non_null(strstr(f.text, end));
}

TEST(reason_of_the_system_survives_a_long_subject)
{
    struct hws_fault f = {0};
    char subject[300];
    memset(subject, 's', sizeof(subject));
    subject[299] = '\0';
    hwi_fault_os(&f, HWS_PHASE_TCP, EACCES, "cannot open '%s'", subject);
    assert_int_equal(strlen(f.text), sizeof(f.text) - 1);
    assert_non_null(strstr(f.text, " ("));
    assert_int_equal(f.text[strlen(f.text) - 1], ')');
}

TEST(version_is_that_of_the_header)
{
    assert_string_equal(hws_version(), HWS_VERSION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(every_status_has_a_name_of_its_own),
        RUN(numbers_beyond_are_unknown),
        RUN(every_phase_and_event_has_a_name),
        RUN(fault_is_filled_anew_but_the_peer_stays),
        RUN(fault_may_be_missing),
        RUN(terminal_controls_are_hidden),
        RUN(wrong_bytes_are_hidden),
        RUN(long_text_is_cut_at_a_whole_character),
        RUN(whole_character_at_the_very_end_stays),
        RUN(old_text_may_be_part_of_the_new),
        RUN(system_fault_ends_with_reason_and_number),
        RUN(reason_of_the_system_survives_a_long_subject),
        RUN(version_is_that_of_the_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
