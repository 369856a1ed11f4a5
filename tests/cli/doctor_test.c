/* What the doctor says about facts that are made up. */
#include "doctor_facts.h"
#include "doctor_head.h"
#include "support/test.h"

#include <errno.h>
#include <stdlib.h>

#define DAY HWS_S(24 * 3600)
#define TODAY (20000 * DAY)

static struct doctor_facts facts;
static struct doctor_sheet sheet;

/* A connection that was up and ended in order. */
static int begin(void **state)
{
    (void)state;
    memset(&facts, 0, sizeof facts);
    memset(&sheet, 0, sizeof sheet);
    facts.was_up = facts.clean = true;
    facts.up = HWS_S(1);
    facts.wire.opened = facts.wire.ended_at = HWS_S(1);
    facts.close_asked = HWS_S(4);
    facts.down = HWS_S(4) + HWS_MS(3);
    facts.received_code = 1000;
    facts.first_message = HWS_NEVER;
    facts.has_socket = true;
    facts.socket = (struct hws_socket_info){.is_tcp = true,
                                            .receive_buffer = 1000,
                                            .send_buffer = 1000,
                                            .round_trip = HWS_MS(1)};
    facts.dial.v6.at = facts.dial.v4.at = HWS_NEVER;
    return 0;
}

static void expect(enum doctor_mark mark, const char *text, const char *advice)
{
    const struct doctor_finding *f = &sheet.items[0];
    assert_int_equal(sheet.count, 1);
    if (!strstr(f->text, text))
        fail_msg("'%s' is not in '%s'", text, f->text);
    if (!strstr(f->advice, advice) || (!advice[0] && f->advice[0]))
        fail_msg("'%s' is not '%s'", advice, f->advice);
    assert_int_equal(f->mark, mark);
    sheet.count = 0;
}

/* ---- names and addresses */

static void resolve(size_t v6, size_t v4, hws_time took)
{
    facts.dial.source = HWS_NAME_SERVER;
    facts.dial.begun = 0;
    snprintf(facts.dial.host, sizeof facts.dial.host, "feed.example");
    snprintf(facts.dial.server, sizeof facts.dial.server, "192.0.2.53:53");
    facts.dial.v6 = (struct doctor_family){.at = took, .count = v6};
    facts.dial.v4 = (struct doctor_family){.at = took, .count = v4};
    if (!v6)
        strcpy(facts.dial.v6.reason, "no address");
    if (!v4)
        strcpy(facts.dial.v4.reason, "no such name");
}

TEST(name_with_both_families_is_good)
{
    resolve(2, 10, HWS_MS(12));
    doctor_judge_names(&facts, &sheet);
    expect(DOCTOR_GOOD,
           "'feed.example': 2 of IPv6, 10 of IPv4, in 12.0 ms, by "
           "192.0.2.53:53",
           "");
    assert_non_null(strstr(sheet.items[0].details, " and 2 more"));
}

TEST(missing_family_is_worth_a_look)
{
    resolve(0, 1, HWS_MS(1));
    doctor_judge_names(&facts, &sheet);
    expect(DOCTOR_WARN, "0 of IPv6", "no address for IPv6 (no address): ");
    facts.dial.v6.at = HWS_NEVER; /* not answered when IPv4 had won */
    doctor_judge_names(&facts, &sheet);
    expect(DOCTOR_GOOD, "0 of IPv6", "");
    resolve(0, 1, HWS_MS(1));
    facts.dial.source = HWS_NAME_HOSTS;
    doctor_judge_names(&facts, &sheet);
    expect(DOCTOR_GOOD, "from the hosts file", "");
}

TEST(name_without_any_address_is_bad)
{
    resolve(0, 0, HWS_MS(1));
    doctor_judge_names(&facts, &sheet);
    expect(DOCTOR_BAD, "0 of IPv6, 0 of IPv4", "no such name: check");
}

TEST(slow_names_are_worth_a_look)
{
    resolve(1, 1, HWS_MS(499));
    doctor_judge_names(&facts, &sheet);
    expect(DOCTOR_GOOD, "in 499", "");
    resolve(1, 1, HWS_MS(500));
    doctor_judge_names(&facts, &sheet);
    expect(DOCTOR_WARN, "in 500", "slow names");
}

static void try_address(const char *address, enum hws_dial_step end, int error)
{
    struct doctor_attempt *a = &facts.dial.attempts[facts.dial.tried++];
    snprintf(a->address, sizeof a->address, "%s", address);
    a->end = end;
    a->ended = HWS_MS(250);
    a->os_error = error;
    facts.dial.connected = end == HWS_DIAL_DONE ? HWS_MS(250) : HWS_NEVER;
}

TEST(loser_of_the_race_is_named_with_its_reason)
{
    facts.dial.v6.count = facts.dial.v4.count = 1;
    try_address("[2001:db8::1]:443", HWS_DIAL_LEAVE, 0);
    try_address("192.0.2.1:443", HWS_DIAL_DONE, 0);
    doctor_judge_race(&facts, &sheet);
    expect(DOCTOR_WARN, "192.0.2.1:443 won in 250.0 ms, 2 of 2 tried",
           "[2001:db8::1]:443 is slow or silent");
    facts.dial.attempts[0].end = HWS_DIAL_FAIL;
    facts.dial.attempts[0].os_error = ENETUNREACH;
    doctor_judge_race(&facts, &sheet);
    expect(DOCTOR_WARN, "won", "(Network is unreachable)");
}

TEST(race_that_nobody_wins_is_told_by_its_cause)
{
    facts.dial.port = 443;
    try_address("192.0.2.1:443", HWS_DIAL_FAIL, ECONNREFUSED);
    doctor_judge_race(&facts, &sheet);
    expect(DOCTOR_BAD, "none of 1 address connected", "refused: ");
    facts.dial.attempts[0].os_error = EHOSTUNREACH;
    doctor_judge_race(&facts, &sheet);
    expect(DOCTOR_BAD, "none", "no route");
    facts.dial.attempts[0].end = HWS_DIAL_LEAVE;
    facts.dial.attempts[0].os_error = 0;
    doctor_judge_race(&facts, &sheet);
    expect(DOCTOR_BAD, "none", "firewall that drops port 443");
}

/* ---- TCP and the kernel */

TEST(lost_segments_and_long_paths_are_worth_a_look)
{
    doctor_judge_tcp(&facts, &sheet);
    expect(DOCTOR_GOOD, "round trip 1.0 ms", "");
    facts.socket.retransmits = 1;
    doctor_judge_tcp(&facts, &sheet);
    expect(DOCTOR_WARN, "", "1 segment had to be sent again");
    facts.socket.retransmits = 0;
    facts.socket.round_trip = HWS_MS(300);
    doctor_judge_tcp(&facts, &sheet);
    expect(DOCTOR_WARN, "", "the path is long");
}

TEST(receive_buffer_that_ran_half_full_is_worth_a_look)
{
    facts.receive_queue_max = 500;
    doctor_judge_kernel(&facts, &sheet);
    expect(DOCTOR_GOOD, "unread at most 500 B", "");
    facts.receive_queue_max = 501;
    doctor_judge_kernel(&facts, &sheet);
    expect(DOCTOR_WARN, "", "half full");
}

/* ---- TLS */

static void certify(hws_time left)
{
    facts.tls.known = facts.tls.info.verified = true;
    facts.tls.count = facts.tls.info.certificates = 1;
    facts.tls.chain[0].not_after = TODAY + left;
}

TEST(certificate_that_is_about_to_expire_is_worth_a_look)
{
    certify(14 * DAY);
    doctor_judge_certificate(&facts, TODAY, &sheet);
    expect(DOCTOR_GOOD, "chain and name hold, 14 days left", "");
    certify(7 * DAY - 1);
    doctor_judge_certificate(&facts, TODAY, &sheet);
    expect(DOCTOR_WARN, "6 days left",
           "certificate expires in 6 days: renew it");
    certify(DAY - 1);
    doctor_judge_certificate(&facts, TODAY, &sheet);
    expect(DOCTOR_WARN, "less than a day left", "within a day");
    certify(-1); /* not checked: --insecure */
    doctor_judge_certificate(&facts, TODAY, &sheet);
    expect(DOCTOR_BAD, "1 day over", "certificate expired 1 day ago");
}

TEST(certificate_without_an_end_never_expires)
{
    certify(0);
    facts.tls.chain[0].not_after = HWS_NEVER;
    doctor_judge_certificate(&facts, TODAY, &sheet);
    expect(DOCTOR_GOOD, "without an end", "");
}

TEST(revoked_certificate_is_bad_even_unchecked)
{
    certify(90 * DAY);
    facts.tls.info.staple = HWS_STAPLE_REVOKED;
    doctor_judge_certificate(&facts, TODAY, &sheet);
    expect(DOCTOR_BAD, "OCSP revoked", "was revoked");
}

TEST(old_tls_is_worth_a_look)
{
    certify(90 * DAY);
    facts.dial.connected = HWS_S(1) - HWS_MS(7);
    strcpy(facts.tls.info.version, "TLSv1.2");
    doctor_judge_tls(&facts, &sheet);
    expect(DOCTOR_WARN, "TLSv1.2, , in 7.0 ms", "no TLS 1.3");
}

TEST(session_that_is_not_resumed_is_worth_a_look)
{
    facts.again = facts.again_tls.known = true;
    facts.again_open = HWS_MS(2);
    doctor_judge_resumption(&facts, &sheet);
    expect(DOCTOR_WARN, "does not resume the session, TLS in 2.0 ms",
           "full handshake");
    facts.again_tls.info.resumed = true;
    doctor_judge_resumption(&facts, &sheet);
    expect(DOCTOR_GOOD, "resumes the session", "");
}

/* ---- after the handshake */

static void exchange_heads(const char *offer, const char *answer)
{
    snprintf(facts.wire.request, sizeof facts.wire.request,
             "GET / HTTP/1.1\r\n%s\r\n", offer);
    snprintf(facts.wire.answer, sizeof facts.wire.answer,
             "HTTP/1.1 101 Ok\r\n%s\r\n", answer);
}

#define EXTENSION "Sec-WebSocket-Extensions: permessage-deflate\r\n"

TEST(compression_is_measured_on_real_messages)
{
    exchange_heads(EXTENSION, EXTENSION);
    facts.messages = 20;
    facts.message_bytes = 10240;
    facts.wire_bytes = 2048;
    doctor_judge_compression(&facts, &sheet);
    expect(DOCTOR_GOOD, "10.0 KiB came as 2.0 KiB, 5.0 to 1", "");
    facts.wire_bytes = 9800;
    doctor_judge_compression(&facts, &sheet);
    expect(DOCTOR_WARN, "1.0 to 1", "saves nothing");
    exchange_heads(EXTENSION, "");
    doctor_judge_compression(&facts, &sheet);
    expect(DOCTOR_NONE, "not taken by the server", "");
}

static void ping(unsigned sent, unsigned answered, hws_time first,
                 hws_time rest)
{
    facts.pings = sent;
    facts.pongs = answered;
    for (unsigned i = 0; i < answered; i++)
        facts.round_trips[i] = i ? rest : first;
}

TEST(pings_are_summed_up_by_least_middle_and_most)
{
    ping(5, 5, HWS_MS(9), HWS_MS(2));
    doctor_judge_ping(&facts, &sheet);
    expect(DOCTOR_GOOD, "5 of 5: min 2.0 ms, median 2.0 ms, max 9.0 ms", "");
    ping(5, 5, HWS_MS(50), HWS_MS(2));
    doctor_judge_ping(&facts, &sheet);
    expect(DOCTOR_WARN, "max 50.0 ms", "uneven");
    ping(5, 5, HWS_MS(310), HWS_MS(300));
    doctor_judge_ping(&facts, &sheet);
    expect(DOCTOR_WARN, "", "slow");
    ping(5, 4, HWS_MS(2), HWS_MS(2));
    doctor_judge_ping(&facts, &sheet);
    expect(DOCTOR_WARN, "4 of 5", "must answer every ping");
    ping(5, 0, 0, 0);
    doctor_judge_ping(&facts, &sheet);
    expect(DOCTOR_BAD, "none of 5 answered", "must answer every ping");
}

TEST(clock_is_told_by_the_least_lag_less_half_a_round_trip)
{
    ping(2, 2, HWS_MS(40), HWS_MS(60));
    facts.lag_count = 7;
    facts.lag_min = HWS_MS(120);
    doctor_judge_clock(&facts, &sheet);
    expect(DOCTOR_GOOD, "100.0 ms ahead of the feed's: least lag of 7 ", "");
    facts.lag_min = HWS_MS(121);
    doctor_judge_clock(&facts, &sheet);
    expect(DOCTOR_WARN, "101.0 ms ahead", "sends each message late");
    facts.lag_min = -HWS_MS(200);
    doctor_judge_clock(&facts, &sheet);
    expect(DOCTOR_WARN, "220.0 ms behind the feed's", "the feed's is fast");
}

TEST(date_tells_whole_seconds_and_no_more)
{
    const hws_time date = HWS_S(784887151);
    exchange_heads("", "Date: Tue, 15 Nov 1994 08:12:31 GMT\r\n");
    facts.up_realtime = date + HWS_MS(1900);
    doctor_judge_clock(&facts, &sheet);
    expect(DOCTOR_GOOD, "to the second that it can tell", "");
    facts.up_realtime = date + HWS_MS(2100);
    doctor_judge_clock(&facts, &sheet);
    expect(DOCTOR_WARN, "1.6 s ahead of the server's by its Date", "NTP");
    facts.up_realtime = date - HWS_S(60);
    doctor_judge_clock(&facts, &sheet);
    expect(DOCTOR_WARN, "60.5 s behind the server's", "NTP");
}

TEST(goodbye_is_judged_to_the_end_of_the_stream)
{
    doctor_judge_close(&facts, &sheet);
    expect(DOCTOR_GOOD, "answered with 1000, over in 3.0 ms", "");
    facts.truncated = true;
    doctor_judge_close(&facts, &sheet);
    expect(DOCTOR_WARN, "", "without a close_notify");
    facts.wire.ended_at = HWS_NEVER;
    doctor_judge_close(&facts, &sheet);
    expect(DOCTOR_WARN, "", "has to close first");
    facts.clean = false;
    doctor_judge_close(&facts, &sheet);
    expect(DOCTOR_BAD, "no close frame came back", "section 5.5.1");
}

TEST(server_that_closes_first_is_judged_by_its_code)
{
    facts.close_asked = HWS_NEVER;
    facts.received_code = 1001;
    doctor_judge_close(&facts, &sheet);
    expect(DOCTOR_WARN, "lost after", "closed with 1001: ");
    facts.received_code = 4001;
    strcpy(facts.reason, "no token");
    doctor_judge_close(&facts, &sheet);
    expect(DOCTOR_BAD, "lost after", "closed with 4001 no token: ");
}

/* ---- refusals */

TEST(each_refusal_has_a_next_step_of_its_own)
{
    static const struct {
        int status;
        const char *advice;
    } rows[] = {
        {200, "ordinary page"}, {302, "--redirects"}, {400, "read the upgrade"},
        {401, "--user"},        {403, "Origin"},      {404, "path"},
        {426, "'Upgrade'"},     {429, "wait"},        {500, "own failure"},
        {503, "gateway"},       {418, "who runs"},
    };
    facts.was_up = false;
    facts.up = HWS_NEVER;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        facts.fault = (struct hws_fault){.status = HWS_E_REFUSED,
                                         .phase = HWS_PHASE_HTTP,
                                         .http_status = rows[i].status};
        doctor_judge_handshake(&facts, &sheet);
        expect(DOCTOR_BAD, "", rows[i].advice);
    }
}

/* Whatever happens, a failed attempt has a bad line. */
TEST(every_failure_is_bad_somewhere)
{
    for (int phase = HWS_PHASE_NONE; phase <= HWS_PHASE_IDLE; phase++) {
        for (int status = HWS_E_COMPRESSION; status < 0; status++) {
            begin(NULL);
            facts.was_up = false;
            facts.is_tls = status % 2;
            facts.up = facts.wire.opened = HWS_NEVER;
            facts.dial.begun = facts.dial.connected = HWS_NEVER;
            facts.fault.phase = (enum hws_phase)phase;
            facts.fault.status = (enum hws_status)status;
            doctor_judge(&facts, TODAY, &sheet);
            assert_int_equal(doctor_worst(&sheet), DOCTOR_BAD);
        }
    }
}

/* ---- heads */

TEST(headers_are_found_whatever_their_case)
{
    char value[32];
    const char *head = "HTTP/1.1 101 Ok\r\nA: 1\r\nb:2\r\na:  3\r\n\r\n";
    assert_int_equal(doctor_head_get(head, "a", value, sizeof value), 2);
    assert_string_equal(value, "1, 3");
    assert_int_equal(doctor_head_get(head, "B", value, sizeof value), 1);
    assert_string_equal(value, "2");
    assert_int_equal(doctor_head_get(head, "c", value, sizeof value), 0);
    assert_string_equal(value, "");
    doctor_head_get("x: 0123456789\r\n", "X", value, 5);
    assert_string_equal(value, "0123");
}

TEST(dates_are_read_over_leap_years)
{
    hws_time date;
    assert_true(doctor_date_read("Thu, 01 Jan 1970 00:00:00 GMT", &date));
    assert_int_equal(date, 0);
    assert_true(doctor_date_read("Tue, 29 Feb 2000 12:00:01 GMT", &date));
    assert_int_equal(date, HWS_S(951825601));
    assert_true(doctor_date_read("Fri, 01 Mar 2024 00:00:00 GMT", &date));
    assert_int_equal(date, HWS_S(1709251200));
    assert_false(doctor_date_read("Fri, 01 Nix 2024 00:00:00 GMT", &date));
    assert_false(doctor_date_read("Fri, 01 Mar 2024 00:00:00", &date));
    assert_false(doctor_date_read("", &date));
}

/* RFC 6455 section 1.3 */
TEST(accept_is_that_of_the_standard)
{
    char accept[32];
    assert_true(doctor_accept_of("dGhlIHNhbXBsZSBub25jZQ==", accept));
    assert_string_equal(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

#define STORY(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(name_with_both_families_is_good),
        STORY(missing_family_is_worth_a_look),
        STORY(name_without_any_address_is_bad),
        STORY(slow_names_are_worth_a_look),
        STORY(loser_of_the_race_is_named_with_its_reason),
        STORY(race_that_nobody_wins_is_told_by_its_cause),
        STORY(lost_segments_and_long_paths_are_worth_a_look),
        STORY(receive_buffer_that_ran_half_full_is_worth_a_look),
        STORY(certificate_that_is_about_to_expire_is_worth_a_look),
        STORY(certificate_without_an_end_never_expires),
        STORY(revoked_certificate_is_bad_even_unchecked),
        STORY(old_tls_is_worth_a_look),
        STORY(session_that_is_not_resumed_is_worth_a_look),
        STORY(compression_is_measured_on_real_messages),
        STORY(pings_are_summed_up_by_least_middle_and_most),
        STORY(clock_is_told_by_the_least_lag_less_half_a_round_trip),
        STORY(date_tells_whole_seconds_and_no_more),
        STORY(goodbye_is_judged_to_the_end_of_the_stream),
        STORY(server_that_closes_first_is_judged_by_its_code),
        STORY(each_refusal_has_a_next_step_of_its_own),
        STORY(every_failure_is_bad_somewhere),
        STORY(headers_are_found_whatever_their_case),
        STORY(dates_are_read_over_leap_years),
        STORY(accept_is_that_of_the_standard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
