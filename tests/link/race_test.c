/*
 * Happy Eyeballs: which address wins, and when the next one is tried.
 */
#include "dialing.h"

#include <errno.h>

/* Both families answer at once; IPv6 never connects. */
TEST(fault_37_ipv6_black_hole_costs_one_attempt_delay)
{
    struct scene s;
    struct name_rule rules[] = {
        {.name = "feed.example", .addresses = "127.0.0.1 ::1"},
    };
    scene_init(&s, rules, 1);
    listen(s.port.v4, 5);
    port_hole(&s.port);
    unsigned before = open_descriptors();
    struct hws_link *link = dial_new(&s.options);
    assert_int_equal(run(link, &s.server, BEGIN + HWS_MS(249)), HWS_E_AGAIN);
    assert_int_equal(hws_link_deadline(link), BEGIN + HWS_MS(250));
    now = BEGIN + HWS_MS(250);
    assert_int_equal(run(link, &s.server, now), 0);
    expect_peer(link, "127.0.0.1", s.port.number);
    assert_int_equal(open_descriptors(), before + 1); /* losers are closed */
    hws_link_free(link);
    scene_free(&s);
}

TEST(refused_first_address_starts_the_next_at_once)
{
    struct scene s;
    struct name_rule rules[] = {
        {.name = "feed.example", .addresses = "127.0.0.1 ::1"},
    };
    scene_init(&s, rules, 1);
    listen(s.port.v4, 5);
    struct hws_link *link = dial_new(&s.options);
    assert_int_equal(run_out(link, &s.server), 0);
    assert_int_equal(now, BEGIN);
    expect_peer(link, "127.0.0.1", s.port.number);
    hws_link_free(link);
    scene_free(&s);
}

TEST(late_aaaa_is_awaited_for_its_delay_and_no_longer)
{
    struct scene s;
    struct name_rule rules[] = {
        {.name = "feed.example", .type = DNS_A, .addresses = "127.0.0.1"},
        {.name = "feed.example", .type = DNS_AAAA, .hold = true},
    };
    scene_init(&s, rules, 2);
    listen(s.port.v4, 5);
    struct hws_link *link = dial_new(&s.options);
    assert_int_equal(run(link, &s.server, BEGIN + HWS_MS(49)), HWS_E_AGAIN);
    assert_int_equal(hws_link_deadline(link), BEGIN + HWS_MS(50));
    now = BEGIN + HWS_MS(50);
    assert_int_equal(run(link, &s.server, now), 0);
    expect_peer(link, "127.0.0.1", s.port.number);
    hws_link_free(link);
    scene_free(&s);
}

TEST(aaaa_that_comes_within_its_delay_goes_first)
{
    struct scene s;
    struct name_rule rules[] = {
        {.name = "feed.example", .type = DNS_A, .addresses = "127.0.0.1"},
        {.name = "feed.example",
         .type = DNS_AAAA,
         .addresses = "::1",
         .hold = true},
    };
    scene_init(&s, rules, 2);
    listen(s.port.v4, 5);
    listen(s.port.v6, 5);
    struct hws_link *link = dial_new(&s.options);
    assert_int_equal(run(link, &s.server, BEGIN + HWS_MS(49)), HWS_E_AGAIN);
    name_server_release(&s.server);
    assert_int_equal(run(link, &s.server, now), 0);
    expect_peer(link, "[::1]", s.port.number);
    hws_link_free(link);
    scene_free(&s);
}

/* IPv4 was refused already when the IPv6 answer comes. */
TEST(aaaa_that_comes_after_its_delay_joins_the_race)
{
    struct scene s;
    struct name_rule rules[] = {
        {.name = "feed.example", .type = DNS_A, .addresses = "127.0.0.1"},
        {.name = "feed.example",
         .type = DNS_AAAA,
         .addresses = "::1",
         .hold = true},
    };
    scene_init(&s, rules, 2);
    listen(s.port.v6, 5);
    struct hws_link *link = dial_new(&s.options);
    assert_int_equal(run(link, &s.server, BEGIN + HWS_S(1)), HWS_E_AGAIN);
    name_server_release(&s.server);
    assert_int_equal(run(link, &s.server, now), 0);
    expect_peer(link, "[::1]", s.port.number);
    hws_link_free(link);
    scene_free(&s);
}

TEST(aaaa_that_never_comes_leaves_the_refusal_as_the_fault)
{
    struct scene s;
    struct name_rule rules[] = {
        {.name = "feed.example", .type = DNS_A, .addresses = "127.0.0.1"},
        {.name = "feed.example", .type = DNS_AAAA, .hold = true},
    };
    scene_init(&s, rules, 2);
    struct hws_link *link = dial_new(&s.options);
    assert_int_equal(run_out(link, &s.server), HWS_E_CONNECT);
    assert_int_equal(link->fault.os_error, ECONNREFUSED);
    assert_true(now >= BEGIN + HWS_S(5) && now <= BEGIN + HWS_MS(5050));
    hws_link_free(link);
    scene_free(&s);
}

TEST(fault_37_last_of_64_records_is_found)
{
    struct scene s;
    char addresses[64 * 16] = "";
    for (int i = 2; i <= 64; i++)
        snprintf(addresses + strlen(addresses),
                 sizeof(addresses) - strlen(addresses), "127.0.0.%d ", i);
    strcat(addresses, "127.0.0.1");
    struct name_rule rules[] = {
        {.name = "feed.example", .addresses = addresses},
    };
    scene_init(&s, rules, 1);
    listen(s.port.v4, 5);
    struct hws_link *link = dial_new(&s.options);
    assert_int_equal(run_out(link, &s.server), 0);
    expect_peer(link, "127.0.0.1", s.port.number);
    hws_link_free(link);
    scene_free(&s);
}

TEST(fault_37_64_black_holes_are_all_tried_within_the_delay)
{
    struct scene s;
    struct name_rule rules[] = {
        {.name = "feed.example", .addresses = "::1", .repeat = 64},
    };
    scene_init(&s, rules, 1);
    port_hole(&s.port);
    unsigned before = open_descriptors();
    struct hws_link *link = dial_new(&s.options);
    assert_int_equal(run(link, &s.server, BEGIN + HWS_MS(4990)), HWS_E_AGAIN);
    assert_true(open_descriptors() <= before + 8);
    assert_int_equal(run_out(link, &s.server), HWS_E_TIMEOUT);
    assert_int_equal(now, BEGIN + HWS_S(5));
    assert_non_null(
        strstr(link->fault.text, "no answer within 5.0 s, 64 addresses tried"));
    assert_int_equal(open_descriptors(), before);
    hws_link_free(link);
    scene_free(&s);
}

TEST(rotation_begins_with_a_later_address)
{
    struct scene s;
    struct name_rule rules[] = {
        {.name = "feed.example", .addresses = "127.0.0.1 ::1"},
    };
    scene_init(&s, rules, 1);
    listen(s.port.v4, 5);
    listen(s.port.v6, 5);
    for (s.options.rotate = 0; s.options.rotate < 4; s.options.rotate++) {
        struct hws_link *link = dial_new(&s.options);
        assert_int_equal(run_out(link, &s.server), 0);
        expect_peer(link, s.options.rotate % 2 ? "127.0.0.1" : "[::1]",
                    s.port.number);
        hws_link_free(link);
    }
    scene_free(&s);
}

#define STORY(name) cmocka_unit_test_setup(name, dialing_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(fault_37_ipv6_black_hole_costs_one_attempt_delay),
        STORY(refused_first_address_starts_the_next_at_once),
        STORY(late_aaaa_is_awaited_for_its_delay_and_no_longer),
        STORY(aaaa_that_comes_within_its_delay_goes_first),
        STORY(aaaa_that_comes_after_its_delay_joins_the_race),
        STORY(aaaa_that_never_comes_leaves_the_refusal_as_the_fault),
        STORY(fault_37_last_of_64_records_is_found),
        STORY(fault_37_64_black_holes_are_all_tried_within_the_delay),
        STORY(rotation_begins_with_a_later_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
