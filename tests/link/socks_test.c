/*
 * SOCKS 4, 4a, 5 and 5h against a proxy played by hand: what is said byte for
 * byte, and who resolves the name.
 */
#include "name_server.h"
#include "socks_ends.h"

#include <poll.h>

TEST(socks5h_sends_the_name_to_the_proxy)
{
    begin(HWS_SOCKS5H);
    assert_int_equal(proxying_open(&p), HWS_E_AGAIN);
    EXPECT_SAID("\x05\x01\x00");
    assert_int_equal(hws_link_deadline(p.layer), HWS_S(5));
    assert_int_equal(ANSWER(NO_LOGIN), HWS_E_AGAIN);
    EXPECT_SAID(ASK_NAME);
    assert_int_equal(ANSWER(GRANTED), 0);
    proxying_expect_tunnel(&p, "");
    proxying_end(&p);
}

TEST(user_and_password_are_offered_and_sent_when_asked_for)
{
    prepare(HWS_SOCKS5H, "anna", "secret");
    start();
    assert_int_equal(proxying_open(&p), HWS_E_AGAIN);
    EXPECT_SAID("\x05\x02\x00\x02");
    assert_int_equal(ANSWER("\x05\x02"), HWS_E_AGAIN);
    EXPECT_SAID(
        "\x01\x04"
        "anna"
        "\x06"
        "secret");
    assert_int_equal(ANSWER("\x01\x00"), HWS_E_AGAIN);
    EXPECT_SAID(ASK_NAME);
    assert_int_equal(ANSWER(GRANTED), 0);
    proxying_expect_tunnel(&p, "");
    proxying_end(&p);
}

TEST(user_and_password_stay_here_when_not_asked_for)
{
    prepare(HWS_SOCKS5H, "anna", "secret");
    start();
    assert_int_equal(proxying_open(&p), HWS_E_AGAIN);
    assert_int_equal(ANSWER(NO_LOGIN), HWS_E_AGAIN);
    EXPECT_SAID(ASK_NAME);
    proxying_end(&p);
}

TEST(literals_are_sent_as_addresses_by_every_version)
{
    static const enum hws_socks versions[] = {HWS_SOCKS5, HWS_SOCKS5H};
    for (int i = 0; i < 2; i++) {
        prepare(versions[i], NULL, NULL);
        options.tunnel.host = "192.0.2.1";
        start();
        proxying_open(&p);
        ANSWER(NO_LOGIN);
        EXPECT_SAID("\x05\x01\x00\x01\xc0\x00\x02\x01\x01\xbb");
        proxying_end(&p);
        prepare(versions[i], NULL, NULL);
        options.tunnel.host = "2001:db8::1";
        start();
        proxying_open(&p);
        ANSWER(NO_LOGIN);
        EXPECT_SAID(
            "\x05\x01\x00\x04\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00"
            "\x00\x00\x00\x00\x00\x01\x01\xbb");
        proxying_end(&p);
    }
    prepare(HWS_SOCKS4A, "anna", NULL);
    options.tunnel.host = "192.0.2.1";
    start();
    proxying_open(&p);
    EXPECT_SAID(
        "\x04\x01\x01\xbb\xc0\x00\x02\x01"
        "anna\x00");
    assert_int_equal(ANSWER(OLD_YES), 0);
    proxying_end(&p);
}

TEST(socks4a_sends_the_name_behind_an_impossible_address)
{
    begin(HWS_SOCKS4A);
    assert_int_equal(proxying_open(&p), HWS_E_AGAIN);
    EXPECT_SAID(
        "\x04\x01\x01\xbb\x00\x00\x00\x01\x00"
        "feed.example\x00");
    assert_int_equal(ANSWER(OLD_YES), 0);
    proxying_expect_tunnel(&p, "");
    proxying_end(&p);
}

/* localhost has both addresses, and is known without a name server. */
TEST(socks4_resolves_here_and_sends_ipv4)
{
    prepare(HWS_SOCKS4, NULL, NULL);
    options.tunnel.host = "localhost";
    start();
    assert_int_equal(proxying_open(&p), HWS_E_AGAIN);
    EXPECT_SAID("\x04\x01\x01\xbb\x7f\x00\x00\x01\x00");
    assert_int_equal(ANSWER(OLD_YES), 0);
    proxying_end(&p);
}

TEST(socks5_tries_the_next_address_on_another_connection)
{
    prepare(HWS_SOCKS5, NULL, NULL);
    options.tunnel.host = "localhost";
    start();
    proxying_open(&p);
    ANSWER(NO_LOGIN);
    EXPECT_SAID("\x05\x01\x00\x01\x7f\x00\x00\x01\x01\xbb");
    assert_int_equal(LAST_ANSWER("\x05\x05\x00\x01\x00\x00\x00\x00\x00\x00"),
                     HWS_E_AGAIN);
    assert_int_equal(p.dials, 1);
    EXPECT_SAID("\x05\x01\x00");
    ANSWER(NO_LOGIN);
    EXPECT_SAID(
        "\x05\x01\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
        "\x00\x00\x00\x00\x01\x01\xbb");
    assert_int_equal(ANSWER(GRANTED), 0);
    assert_string_equal(hws_link_peer(p.layer), "localhost:443 via pair");
    proxying_end(&p);
}

TEST(first_refusal_is_told_when_all_addresses_were_refused)
{
    prepare(HWS_SOCKS5, NULL, NULL);
    options.tunnel.host = "localhost";
    start();
    proxying_open(&p);
    ANSWER(NO_LOGIN);
    ANSWER("\x05\x05\x00\x01\x00\x00\x00\x00\x00\x00");
    ANSWER(NO_LOGIN);
    assert_int_equal(ANSWER("\x05\x08\x00\x01\x00\x00\x00\x00\x00\x00"),
                     HWS_E_CONNECT);
    proxying_expect(&p, HWS_E_CONNECT, 0,
                    "proxy 'p.example:3128' refuses a tunnel to "
                    "'localhost:443': connection refused, 2 of 2 addresses "
                    "tried");
    proxying_end(&p);
}

TEST(rule_of_the_proxy_ends_the_search_for_an_address)
{
    prepare(HWS_SOCKS5, NULL, NULL);
    options.tunnel.host = "localhost";
    start();
    proxying_open(&p);
    ANSWER(NO_LOGIN);
    assert_int_equal(ANSWER("\x05\x02\x00\x01\x00\x00\x00\x00\x00\x00"),
                     HWS_E_REFUSED);
    assert_int_equal(p.dials, 0);
    proxying_end(&p);
}

/* Open with a name server that answers by `rules`, until the proxy hears of
 * it or the layer fails. */
static int open_resolving(struct name_rule *rules, size_t count)
{
    struct name_server server;
    int status = HWS_E_AGAIN;
    name_server_init(&server, rules, count);
    options.nameservers = server.address;
    start();
    for (int turn = 0; turn < 1000 && status == HWS_E_AGAIN && !p.said_size;
         turn++) {
        struct pollfd fds[HWS_WANTS_MAX + NAME_SERVER_FDS];
        struct hws_want wants[HWS_WANTS_MAX];
        int asked[NAME_SERVER_FDS];
        size_t n = hws_link_wants(p.layer, wants);
        size_t m = name_server_fds(&server, asked);
        for (size_t i = 0; i < n; i++)
            fds[i] = (struct pollfd){.fd = wants[i].fd, .events = POLLIN};
        for (size_t i = 0; i < m; i++)
            fds[n + i] = (struct pollfd){.fd = asked[i], .events = POLLIN};
        if (turn)
            poll(fds, (nfds_t)(n + m), 20);
        name_server_turn(&server);
        status = proxying_open(&p);
    }
    name_server_free(&server);
    return status;
}

TEST(name_is_resolved_here_before_the_proxy_is_asked)
{
    struct name_rule rules[] = {
        {.name = "feed.example", .type = DNS_A, .addresses = "192.0.2.7"},
        {.name = "feed.example", .type = DNS_AAAA, .addresses = "2001:db8::7"},
    };
    prepare(HWS_SOCKS5, NULL, NULL);
    assert_int_equal(open_resolving(rules, 2), HWS_E_AGAIN);
    EXPECT_SAID("\x05\x01\x00");
    ANSWER(NO_LOGIN);
    EXPECT_SAID("\x05\x01\x00\x01\xc0\x00\x02\x07\x01\xbb");
    proxying_end(&p);
}

TEST(name_without_address_is_a_fault_of_dns)
{
    struct name_rule rules[] = {{.name = "other.example"}};
    prepare(HWS_SOCKS5, NULL, NULL);
    assert_int_equal(open_resolving(rules, 1), HWS_E_RESOLVE);
    assert_int_equal(p.layer->fault.phase, HWS_PHASE_DNS);
    assert_string_equal(p.layer->fault.text,
                        "cannot resolve 'feed.example': no such name");
    assert_int_equal(p.said_size, 0);
    proxying_end(&p);
}

TEST(name_without_ipv4_is_no_target_for_socks4)
{
    struct name_rule rules[] = {
        {.name = "feed.example", .type = DNS_AAAA, .addresses = "2001:db8::7"},
        {.name = "feed.example", .type = DNS_A},
    };
    prepare(HWS_SOCKS4, NULL, NULL);
    assert_int_equal(open_resolving(rules, 2), HWS_E_RESOLVE);
    assert_string_equal(p.layer->fault.text,
                        "cannot resolve 'feed.example': no IPv4 address, and "
                        "SOCKS 4 knows no other");
    proxying_end(&p);
}

TEST(name_server_that_is_silent_is_a_timeout_of_dns)
{
    struct name_rule rules[] = {{.name = "feed.example", .hold = true}};
    struct name_server server;
    name_server_init(&server, rules, 1);
    prepare(HWS_SOCKS5, NULL, NULL);
    options.nameservers = server.address;
    start();
    assert_int_equal(proxying_open(&p), HWS_E_AGAIN);
    assert_true(hws_link_deadline(p.layer) <= HWS_S(5));
    p.now = HWS_S(5);
    assert_int_equal(proxying_open(&p), HWS_E_TIMEOUT);
    assert_int_equal(p.layer->fault.phase, HWS_PHASE_DNS);
    assert_string_equal(p.layer->fault.text,
                        "cannot resolve 'feed.example': no answer within 5.0 "
                        "s");
    proxying_end(&p);
    name_server_free(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(socks5h_sends_the_name_to_the_proxy),
        RUN(user_and_password_are_offered_and_sent_when_asked_for),
        RUN(user_and_password_stay_here_when_not_asked_for),
        RUN(literals_are_sent_as_addresses_by_every_version),
        RUN(socks4a_sends_the_name_behind_an_impossible_address),
        RUN(socks4_resolves_here_and_sends_ipv4),
        RUN(socks5_tries_the_next_address_on_another_connection),
        RUN(first_refusal_is_told_when_all_addresses_were_refused),
        RUN(rule_of_the_proxy_ends_the_search_for_an_address),
        RUN(name_is_resolved_here_before_the_proxy_is_asked),
        RUN(name_without_address_is_a_fault_of_dns),
        RUN(name_without_ipv4_is_no_target_for_socks4),
        RUN(name_server_that_is_silent_is_a_timeout_of_dns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
