/*
 * From a name to its addresses, and why there are none.
 */
#include "dialing.h"

TEST(fault_37_localhost_connects_offline)
{
    static const char *const hosts[] = {"localhost", "feed.localhost."};
    struct port p;
    port_init(&p);
    listen(p.v4, 5);
    for (int i = 0; i < 2; i++) {
        struct hws_dial_options o = options_for(hosts[i], p.number, NULL);
        struct hws_link *link = dial_new(&o);
        assert_int_equal(run_out(link, NULL), 0);
        assert_int_equal(now, BEGIN); /* known at once, no server asked */
        hws_link_free(link);
    }
    port_free(&p);
}

TEST(fault_37_starting_offline_is_a_clear_fault)
{
    struct hws_dial_options o = options_for("feed.example", 443, NULL);
    struct hws_link *link = dial_new(&o);
    assert_int_equal(run_out(link, NULL), HWS_E_RESOLVE);
    assert_int_equal(link->fault.phase, HWS_PHASE_DNS);
    assert_string_equal(link->fault.text,
                        "cannot resolve 'feed.example': no "
                        "name server can be reached");
    assert_int_equal(hws_link_open(link, now), HWS_E_RESOLVE);
    assert_int_equal(hws_link_deadline(link), HWS_NEVER);
    hws_link_free(link);
}

/* Dial feed.example with `rules`; the fault. */
static struct hws_fault refuse(struct name_rule *rules, size_t count)
{
    struct name_server server;
    name_server_init(&server, rules, count);
    struct hws_dial_options o = options_for("feed.example", 443, &server);
    struct hws_link *link = dial_new(&o);
    assert_true(run_out(link, &server) < 0);
    struct hws_fault fault = link->fault;
    assert_int_equal(fault.phase, HWS_PHASE_DNS);
    hws_link_free(link);
    name_server_free(&server);
    return fault;
}

TEST(answers_without_an_address_are_told_apart)
{
    struct name_rule none[] = {{.name = "other.example"}};
    struct name_rule empty[] = {{.name = "feed.example"}};
    struct name_rule broken[] = {
        {.name = "feed.example", .rcode = DNS_SERVFAIL},
    };
    struct hws_fault f = refuse(none, 1);
    assert_int_equal(f.status, HWS_E_RESOLVE);
    assert_string_equal(f.text, "cannot resolve 'feed.example': no such name");
    f = refuse(empty, 1);
    assert_int_equal(f.status, HWS_E_RESOLVE);
    assert_string_equal(f.text, "cannot resolve 'feed.example': no address");
    f = refuse(broken, 1);
    assert_int_equal(f.status, HWS_E_RESOLVE);
    assert_string_equal(
        f.text, "cannot resolve 'feed.example': the name server failed");
}

TEST(fault_37_cname_loop_is_an_error)
{
    struct name_rule rules[] = {
        {.name = "feed.example", .cname = "loop.example"},
        {.name = "loop.example", .cname = "feed.example"},
    };
    struct hws_fault f = refuse(rules, 2);
    assert_int_equal(f.status, HWS_E_RESOLVE);
    assert_string_equal(f.text, "cannot resolve 'feed.example': no address");
}

TEST(fault_37_nxdomain_then_an_answer_connects_the_second_time)
{
    struct scene s;
    struct name_rule rules[] = {
        {.name = "feed.example", .rcode = DNS_NXDOMAIN, .times = 2},
        {.name = "feed.example", .type = DNS_A, .addresses = "127.0.0.1"},
        {.name = "feed.example", .type = DNS_AAAA},
    };
    scene_init(&s, rules, 3);
    listen(s.port.v4, 5);
    struct hws_link *link = dial_new(&s.options);
    assert_int_equal(run_out(link, &s.server), HWS_E_RESOLVE);
    hws_link_free(link);
    link = dial_new(&s.options);
    assert_int_equal(run_out(link, &s.server), 0);
    hws_link_free(link);
    scene_free(&s);
}

TEST(fault_37_name_server_that_hangs_ends_at_the_deadline)
{
    struct name_server server;
    struct name_rule rules[] = {{.name = "feed.example", .hold = true}};
    name_server_init(&server, rules, 1);
    struct hws_dial_options o = options_for("feed.example", 443, &server);
    struct hws_link *link = dial_new(&o);
    assert_int_equal(run(link, &server, BEGIN + HWS_S(5) - 1), HWS_E_AGAIN);
    assert_int_equal(hws_link_open(link, BEGIN + HWS_S(30)), HWS_E_TIMEOUT);
    assert_int_equal(link->fault.phase, HWS_PHASE_DNS);
    assert_string_equal(
        link->fault.text,
        "cannot resolve 'feed.example': no answer within 5.0 s");
    hws_link_free(link);
    name_server_free(&server);
}

/* The answer takes longer than a try of a resolver in a hurry. */
static void expect_patience(hws_time resolve_delay)
{
    struct scene s;
    struct name_rule rules[] = {{.name = "feed.example", .hold = true}};
    scene_init(&s, rules, 1);
    s.options.resolve_delay = resolve_delay;
    struct hws_link *link = dial_new(&s.options);
    assert_int_equal(run(link, &s.server, now + HWS_S(1)), HWS_E_AGAIN);
    assert_int_equal(s.server.questions, 2);
    hws_link_free(link);
    scene_free(&s);
}

TEST(resolving_without_a_limit_does_not_hurry)
{
    expect_patience(HWS_NEVER);
    expect_patience(0);
    expect_patience(HWS_S(3600) * 24 * 365);
}

TEST(name_that_no_server_can_hold_is_a_clear_fault)
{
    char name[302];
    for (size_t i = 0; i < sizeof(name) - 1; i++)
        name[i] = i % 60 == 59 ? '.' : 'n';
    name[sizeof(name) - 1] = '\0';
    struct hws_dial_options o = options_for(name, 443, NULL);
    struct hws_link *link = dial_new(&o);
    assert_int_equal(run_out(link, NULL), HWS_E_RESOLVE);
    assert_int_equal(link->fault.phase, HWS_PHASE_DNS);
    hws_link_free(link);

    o.host = "feed..example";
    link = dial_new(&o);
    assert_int_equal(run_out(link, NULL), HWS_E_RESOLVE);
    assert_string_equal(link->fault.text,
                        "cannot resolve 'feed..example': not a name");
    hws_link_free(link);
}

TEST(name_servers_that_are_none_are_named)
{
    struct hws_dial_options o = options_for("feed.example", 443, NULL);
    o.nameservers = "not an address";
    struct hws_link *link = dial_new(&o);
    assert_int_equal(run_out(link, NULL), HWS_E_ARGUMENT);
    assert_string_equal(
        link->fault.text,
        "cannot ask the name servers 'not an address': not addresses");
    hws_link_free(link);
}

#define STORY(name) cmocka_unit_test_setup(name, dialing_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(fault_37_localhost_connects_offline),
        STORY(fault_37_starting_offline_is_a_clear_fault),
        STORY(answers_without_an_address_are_told_apart),
        STORY(fault_37_cname_loop_is_an_error),
        STORY(fault_37_nxdomain_then_an_answer_connects_the_second_time),
        STORY(fault_37_name_server_that_hangs_ends_at_the_deadline),
        STORY(resolving_without_a_limit_does_not_hurry),
        STORY(name_that_no_server_can_hold_is_a_clear_fault),
        STORY(name_servers_that_are_none_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
