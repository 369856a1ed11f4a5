/*
 * Dialing on a virtual clock: names from a name server of the test's own,
 * sockets on the loopback, time only where nothing else moves.
 */
#include "name_server.h"
#include "support/test.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define BEGIN HWS_S(1000)

static hws_time now;

/* One port, free on both families: IPv4 listens, IPv6 does what is asked. */
struct port {
    uint16_t number;
    int v4, v6;
    int clients[4]; /* that fill the backlog of a black hole */
};

static int bind_to(int family, uint16_t number)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(number)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6,
                              .sin6_port = htons(number),
                              .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(family, SOCK_STREAM, 0);
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int bound = family == AF_INET
                    ? bind(fd, (struct sockaddr *)&v4, sizeof(v4))
                    : bind(fd, (struct sockaddr *)&v6, sizeof(v6));
    if (bound == 0)
        return fd;
    close(fd);
    return -1;
}

static void port_init(struct port *p)
{
    struct sockaddr_in me;
    memset(p, 0xff, sizeof(*p));
    do {
        socklen_t size = sizeof(me);
        if (p->v4 >= 0)
            close(p->v4);
        p->v4 = bind_to(AF_INET, 0);
        getsockname(p->v4, (struct sockaddr *)&me, &size);
        p->number = ntohs(me.sin_port);
        p->v6 = bind_to(AF_INET6, p->number);
    } while (p->v6 < 0);
}

/* Connects to it neither succeed nor fail: its backlog is full. */
static void port_hole(struct port *p)
{
    struct sockaddr_in6 to = {.sin6_family = AF_INET6,
                              .sin6_port = htons(p->number),
                              .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    assert_int_equal(listen(p->v6, 0), 0);
    for (int i = 0; i < 4; i++) {
        p->clients[i] = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(p->clients[i], (struct sockaddr *)&to, sizeof(to));
    }
}

static void port_free(struct port *p)
{
    close(p->v4);
    close(p->v6);
    for (int i = 0; i < 4; i++) {
        if (p->clients[i] >= 0)
            close(p->clients[i]);
    }
}

static struct hws_dial_options options_for(const char *host, uint16_t port,
                                           const struct name_server *server)
{
    struct hws_dial_options o;
    hws_dial_options_init(&o);
    o.host = host;
    o.port = port;
    o.nameservers = server ? server->address : "127.0.0.1:1";
    return o;
}

static struct hws_link *dial_new(const struct hws_dial_options *o)
{
    struct hws_link *link = hws_dial_new(o);
    assert_non_null(link);
    return link;
}

/* Wait a moment for anything real; false: only time can move it. */
static bool anything(const struct hws_link *link, struct name_server *server)
{
    struct hws_want wants[HWS_WANTS_MAX];
    struct pollfd polls[HWS_WANTS_MAX + NAME_SERVER_FDS];
    int fds[NAME_SERVER_FDS];
    size_t count = hws_link_wants(link, wants);
    assert_true(count <= HWS_WANTS_MAX);
    for (size_t i = 0; i < count; i++)
        polls[i] = (struct pollfd){
            wants[i].fd,
            (short)((wants[i].interest & HWS_READ ? POLLIN : 0) |
                    (wants[i].interest & HWS_WRITE ? POLLOUT : 0)),
            0};
    size_t served = server ? name_server_fds(server, fds) : 0;
    for (size_t i = 0; i < served; i++)
        polls[count++] = (struct pollfd){fds[i], POLLIN, 0};
    return poll(polls, (nfds_t)count, 2) > 0;
}

/* Run until it is decided, or until virtual `end`. Time moves on only to the
 * layer's own deadline, and every such step must lead forward. */
static int run(struct hws_link *link, struct name_server *server, hws_time end)
{
    for (int turn = 0; turn < 3000; turn++) {
        int status = hws_link_open(link, now);
        if (status != HWS_E_AGAIN)
            return status;
        if (server)
            name_server_turn(server);
        if (anything(link, server))
            continue;
        hws_time deadline = hws_link_deadline(link);
        assert_true(deadline > now && deadline != HWS_NEVER);
        if (deadline > end) {
            now = end;
            return HWS_E_AGAIN;
        }
        now = deadline;
    }
    fail_msg("no end after 3000 turns");
    return 0;
}

static int run_out(struct hws_link *link, struct name_server *server)
{
    return run(link, server, HWS_NEVER - 1);
}

static int setup(void **state)
{
    (void)state;
    now = BEGIN;
    return 0;
}

static unsigned open_descriptors(void)
{
    unsigned count = 0;
    DIR *dir = opendir("/proc/self/fd");
    assert_non_null(dir);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

static void expect_peer(const struct hws_link *link, const char *host,
                        unsigned port)
{
    char text[64];
    snprintf(text, sizeof(text), "%s:%u", host, port);
    assert_string_equal(hws_link_peer(link), text);
}

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

TEST(refused_names_host_port_errno_and_count)
{
    struct port p;
    char text[192];
    port_init(&p); /* bound, but neither listens */
    struct name_rule rules[] = {
        {.name = "feed.example", .addresses = "127.0.0.1 ::1"},
    };
    struct name_server server;
    name_server_init(&server, rules, 1);
    struct hws_dial_options o = options_for("feed.example", p.number, &server);
    unsigned before = open_descriptors();
    struct hws_link *link = dial_new(&o);
    assert_int_equal(run_out(link, &server), HWS_E_CONNECT);
    assert_int_equal(open_descriptors(), before);
    assert_int_equal(link->fault.os_error, ECONNREFUSED);
    assert_int_equal(link->fault.phase, HWS_PHASE_TCP);
    snprintf(text, sizeof(text),
             "cannot connect to 'feed.example:%u': ", p.number);
    assert_memory_equal(link->fault.text, text, strlen(text));
    assert_non_null(strstr(link->fault.text, "refused (111), 2 addresses "));
    expect_peer(link, "[::1]", p.number);
    hws_link_free(link);
    name_server_free(&server);
    port_free(&p);
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
    struct port p;
    struct name_server server;
    struct name_rule rules[] = {
        {.name = "feed.example", .rcode = DNS_NXDOMAIN, .times = 2},
        {.name = "feed.example", .type = DNS_A, .addresses = "127.0.0.1"},
        {.name = "feed.example", .type = DNS_AAAA},
    };
    port_init(&p);
    listen(p.v4, 5);
    name_server_init(&server, rules, 3);
    struct hws_dial_options o = options_for("feed.example", p.number, &server);
    struct hws_link *link = dial_new(&o);
    assert_int_equal(run_out(link, &server), HWS_E_RESOLVE);
    hws_link_free(link);
    link = dial_new(&o);
    assert_int_equal(run_out(link, &server), 0);
    hws_link_free(link);
    name_server_free(&server);
    port_free(&p);
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

/* Both families answer at once; IPv6 never connects. */
TEST(fault_37_ipv6_black_hole_costs_one_attempt_delay)
{
    struct port p;
    struct name_server server;
    struct name_rule rules[] = {
        {.name = "feed.example", .addresses = "127.0.0.1 ::1"},
    };
    port_init(&p);
    listen(p.v4, 5);
    port_hole(&p);
    name_server_init(&server, rules, 1);
    struct hws_dial_options o = options_for("feed.example", p.number, &server);
    unsigned before = open_descriptors();
    struct hws_link *link = dial_new(&o);
    assert_int_equal(run(link, &server, BEGIN + HWS_MS(249)), HWS_E_AGAIN);
    assert_int_equal(hws_link_deadline(link), BEGIN + HWS_MS(250));
    now = BEGIN + HWS_MS(250);
    assert_int_equal(run(link, &server, now), 0);
    expect_peer(link, "127.0.0.1", p.number);
    assert_int_equal(open_descriptors(), before + 1); /* losers are closed */
    hws_link_free(link);
    name_server_free(&server);
    port_free(&p);
}

TEST(refused_first_address_starts_the_next_at_once)
{
    struct port p;
    struct name_server server;
    struct name_rule rules[] = {
        {.name = "feed.example", .addresses = "127.0.0.1 ::1"},
    };
    port_init(&p);
    listen(p.v4, 5);
    name_server_init(&server, rules, 1);
    struct hws_dial_options o = options_for("feed.example", p.number, &server);
    struct hws_link *link = dial_new(&o);
    assert_int_equal(run_out(link, &server), 0);
    assert_int_equal(now, BEGIN);
    expect_peer(link, "127.0.0.1", p.number);
    hws_link_free(link);
    name_server_free(&server);
    port_free(&p);
}

TEST(late_aaaa_is_awaited_for_its_delay_and_no_longer)
{
    struct port p;
    struct name_server server;
    struct name_rule rules[] = {
        {.name = "feed.example", .type = DNS_A, .addresses = "127.0.0.1"},
        {.name = "feed.example", .type = DNS_AAAA, .hold = true},
    };
    port_init(&p);
    listen(p.v4, 5);
    name_server_init(&server, rules, 2);
    struct hws_dial_options o = options_for("feed.example", p.number, &server);
    struct hws_link *link = dial_new(&o);
    assert_int_equal(run(link, &server, BEGIN + HWS_MS(49)), HWS_E_AGAIN);
    assert_int_equal(hws_link_deadline(link), BEGIN + HWS_MS(50));
    now = BEGIN + HWS_MS(50);
    assert_int_equal(run(link, &server, now), 0);
    expect_peer(link, "127.0.0.1", p.number);
    hws_link_free(link);
    name_server_free(&server);
    port_free(&p);
}

TEST(aaaa_that_comes_within_its_delay_goes_first)
{
    struct port p;
    struct name_server server;
    struct name_rule rules[] = {
        {.name = "feed.example", .type = DNS_A, .addresses = "127.0.0.1"},
        {.name = "feed.example",
         .type = DNS_AAAA,
         .addresses = "::1",
         .hold = true},
    };
    port_init(&p);
    listen(p.v4, 5);
    listen(p.v6, 5);
    name_server_init(&server, rules, 2);
    struct hws_dial_options o = options_for("feed.example", p.number, &server);
    struct hws_link *link = dial_new(&o);
    assert_int_equal(run(link, &server, BEGIN + HWS_MS(49)), HWS_E_AGAIN);
    name_server_release(&server);
    assert_int_equal(run(link, &server, now), 0);
    expect_peer(link, "[::1]", p.number);
    hws_link_free(link);
    name_server_free(&server);
    port_free(&p);
}

/* IPv4 was refused already when the IPv6 answer comes. */
TEST(aaaa_that_comes_after_its_delay_joins_the_race)
{
    struct port p;
    struct name_server server;
    struct name_rule rules[] = {
        {.name = "feed.example", .type = DNS_A, .addresses = "127.0.0.1"},
        {.name = "feed.example",
         .type = DNS_AAAA,
         .addresses = "::1",
         .hold = true},
    };
    port_init(&p);
    listen(p.v6, 5);
    name_server_init(&server, rules, 2);
    struct hws_dial_options o = options_for("feed.example", p.number, &server);
    struct hws_link *link = dial_new(&o);
    assert_int_equal(run(link, &server, BEGIN + HWS_S(1)), HWS_E_AGAIN);
    name_server_release(&server);
    assert_int_equal(run(link, &server, now), 0);
    expect_peer(link, "[::1]", p.number);
    hws_link_free(link);
    name_server_free(&server);
    port_free(&p);
}

TEST(aaaa_that_never_comes_leaves_the_refusal_as_the_fault)
{
    struct port p;
    struct name_server server;
    struct name_rule rules[] = {
        {.name = "feed.example", .type = DNS_A, .addresses = "127.0.0.1"},
        {.name = "feed.example", .type = DNS_AAAA, .hold = true},
    };
    port_init(&p);
    name_server_init(&server, rules, 2);
    struct hws_dial_options o = options_for("feed.example", p.number, &server);
    struct hws_link *link = dial_new(&o);
    assert_int_equal(run_out(link, &server), HWS_E_CONNECT);
    assert_int_equal(link->fault.os_error, ECONNREFUSED);
    assert_true(now >= BEGIN + HWS_S(5) && now <= BEGIN + HWS_MS(5050));
    hws_link_free(link);
    name_server_free(&server);
    port_free(&p);
}

TEST(fault_37_last_of_64_records_is_found)
{
    struct port p;
    struct name_server server;
    char addresses[64 * 16] = "";
    for (int i = 2; i <= 64; i++)
        snprintf(addresses + strlen(addresses),
                 sizeof(addresses) - strlen(addresses), "127.0.0.%d ", i);
    strcat(addresses, "127.0.0.1");
    struct name_rule rules[] = {
        {.name = "feed.example", .addresses = addresses},
    };
    port_init(&p);
    listen(p.v4, 5);
    name_server_init(&server, rules, 1);
    struct hws_dial_options o = options_for("feed.example", p.number, &server);
    struct hws_link *link = dial_new(&o);
    assert_int_equal(run_out(link, &server), 0);
    expect_peer(link, "127.0.0.1", p.number);
    hws_link_free(link);
    name_server_free(&server);
    port_free(&p);
}

TEST(fault_37_64_black_holes_are_all_tried_within_the_delay)
{
    struct port p;
    struct name_server server;
    struct name_rule rules[] = {
        {.name = "feed.example", .addresses = "::1", .repeat = 64},
    };
    port_init(&p);
    port_hole(&p);
    name_server_init(&server, rules, 1);
    struct hws_dial_options o = options_for("feed.example", p.number, &server);
    unsigned before = open_descriptors();
    struct hws_link *link = dial_new(&o);
    assert_int_equal(run(link, &server, BEGIN + HWS_MS(4990)), HWS_E_AGAIN);
    assert_true(open_descriptors() <= before + 8);
    assert_int_equal(run_out(link, &server), HWS_E_TIMEOUT);
    assert_int_equal(now, BEGIN + HWS_S(5));
    assert_non_null(
        strstr(link->fault.text, "no answer within 5.0 s, 64 addresses tried"));
    assert_int_equal(open_descriptors(), before);
    hws_link_free(link);
    name_server_free(&server);
    port_free(&p);
}

TEST(rotation_begins_with_a_later_address)
{
    struct port p;
    struct name_server server;
    struct name_rule rules[] = {
        {.name = "feed.example", .addresses = "127.0.0.1 ::1"},
    };
    port_init(&p);
    listen(p.v4, 5);
    listen(p.v6, 5);
    name_server_init(&server, rules, 1);
    struct hws_dial_options o = options_for("feed.example", p.number, &server);
    for (o.rotate = 0; o.rotate < 4; o.rotate++) {
        struct hws_link *link = dial_new(&o);
        assert_int_equal(run_out(link, &server), 0);
        expect_peer(link, o.rotate % 2 ? "127.0.0.1" : "[::1]", p.number);
        hws_link_free(link);
    }
    name_server_free(&server);
    port_free(&p);
}

/* No descriptor is to be had within `body`. */
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

/* HWS_NEVER and 0 are "no limit" wherever a delay is one; nothing may be added
 * to them. */
TEST(delays_without_a_limit_wait_for_what_comes)
{
    struct port p;
    struct name_server server;
    struct name_rule rules[] = {
        {.name = "feed.example", .type = DNS_A, .addresses = "127.0.0.1"},
        {.name = "feed.example", .type = DNS_AAAA, .hold = true},
    };
    port_init(&p);
    listen(p.v4, 5);
    name_server_init(&server, rules, 2);
    struct hws_dial_options o = options_for("feed.example", p.number, &server);
    o.resolve_delay = o.connect_delay = HWS_NEVER;
    o.attempt_delay = o.aaaa_delay = HWS_NEVER;
    struct hws_link *link = dial_new(&o);
    assert_int_equal(run(link, &server, BEGIN + HWS_MS(900)), HWS_E_AGAIN);
    name_server_release(&server);
    assert_int_equal(run(link, &server, now), 0);
    expect_peer(link, "127.0.0.1", p.number);
    hws_link_free(link);
    name_server_free(&server);
    port_free(&p);
}

/* The answer takes longer than a try of a resolver in a hurry. */
static void expect_patience(hws_time resolve_delay)
{
    struct port p;
    struct name_server server;
    struct name_rule rules[] = {{.name = "feed.example", .hold = true}};
    port_init(&p);
    name_server_init(&server, rules, 1);
    struct hws_dial_options o = options_for("feed.example", p.number, &server);
    o.resolve_delay = resolve_delay;
    struct hws_link *link = dial_new(&o);
    assert_int_equal(run(link, &server, now + HWS_S(1)), HWS_E_AGAIN);
    assert_int_equal(server.questions, 2);
    hws_link_free(link);
    name_server_free(&server);
    port_free(&p);
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
    struct port p;
    struct name_server server;
    struct name_rule rules[] = {
        {.name = "feed.example", .addresses = "127.0.0.1 ::1"},
    };
    port_init(&p);
    port_hole(&p);
    name_server_init(&server, rules, 1);
    struct hws_dial_options o = options_for("feed.example", p.number, &server);
    unsigned before = open_descriptors();
    for (int turns = 0; turns < 4; turns++) {
        struct hws_link *link = dial_new(&o);
        for (int i = 0; i < turns; i++) {
            assert_int_equal(hws_link_open(link, now), HWS_E_AGAIN);
            name_server_turn(&server);
        }
        hws_link_free(link);
        assert_int_equal(open_descriptors(), before);
    }
    name_server_free(&server);
    port_free(&p);
}

#define STORY(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(ip_literals_need_no_name_server),
        STORY(fault_37_localhost_connects_offline),
        STORY(fault_37_starting_offline_is_a_clear_fault),
        STORY(refused_names_host_port_errno_and_count),
        STORY(answers_without_an_address_are_told_apart),
        STORY(fault_37_cname_loop_is_an_error),
        STORY(fault_37_nxdomain_then_an_answer_connects_the_second_time),
        STORY(fault_37_name_server_that_hangs_ends_at_the_deadline),
        STORY(fault_37_ipv6_black_hole_costs_one_attempt_delay),
        STORY(refused_first_address_starts_the_next_at_once),
        STORY(late_aaaa_is_awaited_for_its_delay_and_no_longer),
        STORY(aaaa_that_comes_within_its_delay_goes_first),
        STORY(aaaa_that_comes_after_its_delay_joins_the_race),
        STORY(aaaa_that_never_comes_leaves_the_refusal_as_the_fault),
        STORY(fault_37_last_of_64_records_is_found),
        STORY(fault_37_64_black_holes_are_all_tried_within_the_delay),
        STORY(rotation_begins_with_a_later_address),
        STORY(delays_without_a_limit_wait_for_what_comes),
        STORY(resolving_without_a_limit_does_not_hurry),
        STORY(name_that_no_server_can_hold_is_a_clear_fault),
        STORY(name_servers_that_are_none_are_named),
        STORY(fault_42_no_descriptor_for_a_connection_is_a_fault_with_errno),
        STORY(fault_42_no_descriptor_for_a_name_is_a_fault_with_errno),
        STORY(dial_freed_at_any_point_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
