/*
 * Dialing as a whole: what it connects to, how it fails, what it leaves.
 */
#include "dialing.h"

#include <errno.h>
#include <sys/resource.h>

TEST(ip_literals_need_no_name_server)
{
    static const char *const hosts[] = {"127.0.0.1", "::1"};
    static const char *const peers[] = {"127.0.0.1", "[::1]"};
    struct port p;
    port_init(&p);
    listen(p.v4, 5);
    listen(p.v6, 5);
    for (int i = 0; i < 2; i++) {
        struct hws_dial_options o = options_for(hosts[i], p.number, NULL);
        struct hws_link *link = dial_new(&o);
        assert_int_equal(run_out(link, NULL), 0);
        expect_peer(link, peers[i], p.number);
        assert_int_equal(hws_link_deadline(link), HWS_NEVER);
        struct hws_want wants[HWS_WANTS_MAX];
        assert_int_equal(hws_link_wants(link, wants), 1);
        assert_int_equal(wants[0].interest, HWS_READ);
        hws_link_free(link);
    }
    port_free(&p);
}

TEST(refused_names_host_port_errno_and_count)
{
    struct scene s;
    char text[192];
    struct name_rule rules[] = {
        {.name = "feed.example", .addresses = "127.0.0.1 ::1"},
    };
    scene_init(&s, rules, 1); /* bound, but neither listens */
    unsigned before = open_descriptors();
    struct hws_link *link = dial_new(&s.options);
    assert_int_equal(run_out(link, &s.server), HWS_E_CONNECT);
    assert_int_equal(open_descriptors(), before);
    assert_int_equal(link->fault.os_error, ECONNREFUSED);
    assert_int_equal(link->fault.phase, HWS_PHASE_TCP);
    snprintf(text, sizeof(text),
             "cannot connect to 'feed.example:%u': ", s.port.number);
    assert_memory_equal(link->fault.text, text, strlen(text));
    assert_non_null(strstr(link->fault.text, "refused (111), 2 addresses "));
    expect_peer(link, "[::1]", s.port.number);
    hws_link_free(link);
    scene_free(&s);
}

/* HWS_NEVER and 0 are "no limit" wherever a delay is one; nothing may be added
 * to them. */
TEST(delays_without_a_limit_wait_for_what_comes)
{
    struct scene s;
    struct name_rule rules[] = {
        {.name = "feed.example", .type = DNS_A, .addresses = "127.0.0.1"},
        {.name = "feed.example", .type = DNS_AAAA, .hold = true},
    };
    scene_init(&s, rules, 2);
    listen(s.port.v4, 5);
    s.options.resolve_delay = s.options.connect_delay = HWS_NEVER;
    s.options.attempt_delay = s.options.aaaa_delay = HWS_NEVER;
    struct hws_link *link = dial_new(&s.options);
    assert_int_equal(run(link, &s.server, BEGIN + HWS_MS(900)), HWS_E_AGAIN);
    name_server_release(&s.server);
    assert_int_equal(run(link, &s.server, now), 0);
    expect_peer(link, "127.0.0.1", s.port.number);
    hws_link_free(link);
    scene_free(&s);
}

/* From here on no descriptor is to be had, until `kept` is set again. */
static void exhaust(struct rlimit *kept)
{
    getrlimit(RLIMIT_NOFILE, kept);
    int lowest = dup(0);
    assert_true(lowest >= 0);
    close(lowest);
    struct rlimit none = {.rlim_cur = (rlim_t)lowest,
                          .rlim_max = kept->rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
}

TEST(fault_42_no_descriptor_for_a_connection_is_a_fault_with_errno)
{
    struct rlimit kept;
    struct hws_dial_options o = options_for("127.0.0.1", 9, NULL);
    struct hws_link *link = dial_new(&o);
    exhaust(&kept);
    int status = hws_link_open(link, now);
    setrlimit(RLIMIT_NOFILE, &kept);
    assert_int_equal(status, HWS_E_CONNECT);
    assert_int_equal(link->fault.os_error, EMFILE);
    assert_int_equal(hws_link_deadline(link), HWS_NEVER);
    hws_link_free(link);
}

TEST(fault_42_no_descriptor_for_a_name_is_a_fault_with_errno)
{
    struct rlimit kept;
    struct hws_dial_options o = options_for("feed.example", 9, NULL);
    struct hws_link *link = dial_new(&o);
    exhaust(&kept);
    int status = run_out(link, NULL);
    setrlimit(RLIMIT_NOFILE, &kept);
    assert_int_equal(status, HWS_E_RESOLVE);
    assert_int_equal(link->fault.os_error, EMFILE);
    hws_link_free(link);
}

TEST(dial_freed_at_any_point_leaves_nothing)
{
    struct scene s;
    struct name_rule rules[] = {
        {.name = "feed.example", .addresses = "127.0.0.1 ::1"},
    };
    scene_init(&s, rules, 1);
    port_hole(&s.port);
    unsigned before = open_descriptors();
    for (int turns = 0; turns < 4; turns++) {
        struct hws_link *link = dial_new(&s.options);
        for (int i = 0; i < turns; i++) {
            assert_int_equal(hws_link_open(link, now), HWS_E_AGAIN);
            name_server_turn(&s.server);
        }
        hws_link_free(link);
        assert_int_equal(open_descriptors(), before);
    }
    scene_free(&s);
}

#define STORY(name) cmocka_unit_test_setup(name, dialing_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(ip_literals_need_no_name_server),
        STORY(refused_names_host_port_errno_and_count),
        STORY(delays_without_a_limit_wait_for_what_comes),
        STORY(fault_42_no_descriptor_for_a_connection_is_a_fault_with_errno),
        STORY(fault_42_no_descriptor_for_a_name_is_a_fault_with_errno),
        STORY(dial_freed_at_any_point_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
