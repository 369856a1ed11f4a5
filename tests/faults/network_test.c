/*
 * What only a network does: an address that changes, a route that goes and
 * comes, a NAT that forgets, a line that carries one direction. In namespaces
 * of the kernel, so as root; skipped where those cannot be had.
 */
#include "support/host.h"
#include "support/network.h"
#include "support/street.h"
#include "support/test.h"

#include <errno.h>

struct journey {
    struct street street; /* first: the client; its own listener rests */
    struct network network;
    struct host host;
    unsigned wanted;
};

/* A client with little patience, in front of a server across a router. */
static void begin(struct journey *j)
{
    if (!network_begin(&j->network))
        skip();
    network_enter(&j->network, NETWORK_SERVER_SIDE);
    host_start_at(&j->host, NETWORK_SERVER, NULL);
    network_enter(&j->network, NETWORK_CLIENT);
    street_begin(&j->street, NULL);
    struct hws_client_options *o = &j->street.scene.options;
    o->url = j->host.url;
    o->delays.ping = HWS_MS(200);
    o->delays.silent = HWS_S(1); /* not less: machines are busy at times */
    o->delays.close = HWS_MS(300);
    o->dial.connect_delay = HWS_MS(500);
    o->retry.delay_min = HWS_MS(20);
    o->retry.delay_max = HWS_MS(100);
}

static void end(struct journey *j)
{
    street_end(&j->street);
    host_end(&j->host);
    network_end(&j->network);
}

static bool is_up(struct street *s)
{
    return s->scene.is_up;
}

static bool has_message(struct street *s)
{
    struct journey *j = (struct journey *)s;
    return s->scene.messages == j->wanted;
}

static void go_on_until_up(struct journey *j)
{
    street_wait(&j->street, is_up);
}

/* Something said now is answered. */
static void assert_speaks(struct journey *j)
{
    j->wanted = j->street.scene.messages + 1;
    scene_send(&j->street.scene, "hello");
    street_wait(&j->street, has_message);
}

static void open_up(struct journey *j)
{
    street_open(&j->street);
    go_on_until_up(j);
    assert_speaks(j);
}

static void at_client(struct journey *j, const char *command)
{
    network_do(&j->network, NETWORK_CLIENT, command);
}

static void at_router(struct journey *j, const char *command)
{
    network_do(&j->network, NETWORK_ROUTER, command);
}

static void assert_down(struct journey *j, enum hws_status status,
                        enum hws_phase phase)
{
    const struct hws_fault *fault = &j->street.scene.fault;
    assert_int_equal(fault->status, status);
    assert_int_equal(fault->phase, phase);
    assert_non_null(strstr(fault->peer, NETWORK_SERVER));
}

/* ---- the client's address */

static const char change_address[] =
    "ip addr del 10.0.1.2/24 dev wire && ip addr add 10.0.1.3/24 dev wire && "
    "ip route replace default via 10.0.1.1";

/* Nobody else asks: pings are an hour apart. */
static void begin_patient(struct journey *j)
{
    begin(j);
    j->street.scene.options.delays.ping = HWS_S(3600);
    open_up(j);
}

TEST(fault_38_address_that_changes_is_probed_at_once)
{
    struct journey j;
    begin_patient(&j);
    at_client(&j, change_address);
    street_wait_down(&j.street);
    assert_down(&j, HWS_E_SILENT, HWS_PHASE_IDLE);
    go_on_until_up(&j);
    assert_speaks(&j);
    end(&j);
}

static bool was_asked(struct street *s)
{
    return scene_snapshot(&s->scene).pings_out > 0 &&
           scene_snapshot(&s->scene).pongs_in > 0;
}

/* A swarm of changes costs a question at once, and one when it is over. */
TEST(fault_38_routes_that_change_elsewhere_do_no_harm)
{
    struct journey j;
    begin_patient(&j);
    at_client(&j,
              "for i in 1 2 3 4 5 6 7 8; do "
              "ip route add 10.9.$i.0/24 via 10.0.1.1; done");
    street_wait(&j.street, was_asked);
    assert_speaks(&j);
    assert_true(j.street.scene.is_up);
    assert_in_range(scene_snapshot(&j.street.scene).pings_out, 1, 2);
    end(&j);
}

TEST(fault_38_address_that_changes_is_noticed_by_silence)
{
    struct journey j;
    begin(&j);
    open_up(&j);
    at_client(&j, change_address);
    street_wait_down(&j.street);
    assert_down(&j, HWS_E_SILENT, HWS_PHASE_IDLE);
    go_on_until_up(&j);
    assert_speaks(&j);
    assert_int_equal(j.street.scene.ups, 2);
    end(&j);
}

/* Bytes that nobody acknowledges: the kernel gives up before the pings do. */
TEST(fault_38_address_that_changes_is_noticed_while_sending)
{
    struct journey j;
    begin(&j);
    j.street.scene.options.delays.silent = HWS_S(60);
    j.street.scene.options.dial.tcp.user_timeout = HWS_MS(400);
    open_up(&j);
    at_client(&j, change_address);
    scene_send(&j.street.scene, "from an address that is gone");
    street_wait_down(&j.street);
    assert_down(&j, HWS_E_TIMEOUT, HWS_PHASE_TCP);
    assert_int_equal(j.street.scene.fault.os_error, ETIMEDOUT);
    go_on_until_up(&j);
    assert_speaks(&j);
    end(&j);
}

/* ---- the route */

static bool is_unreachable(struct street *s)
{
    return s->scene.fault.os_error == ENETUNREACH;
}

TEST(fault_38_withdrawn_route_is_named_and_the_next_one_taken)
{
    struct journey j;
    begin(&j);
    open_up(&j);
    at_client(&j, "ip route del default");
    street_wait_down(&j.street);
    assert_down(&j, HWS_E_SILENT, HWS_PHASE_IDLE);
    street_wait(&j.street, is_unreachable);
    assert_down(&j, HWS_E_CONNECT, HWS_PHASE_TCP);
    at_client(&j, "ip route add default via 10.0.1.1");
    go_on_until_up(&j);
    assert_speaks(&j);
    end(&j);
}

TEST(fault_38_route_that_is_back_in_time_costs_nothing)
{
    struct journey j;
    begin(&j);
    j.street.scene.options.delays.silent = HWS_S(60);
    open_up(&j);
    at_client(&j, "ip route del default");
    scene_send(&j.street.scene, "on its way");
    j.wanted = j.street.scene.messages + 1;
    street_turn(&j.street, HWS_MS(300));
    assert_true(j.wanted > j.street.scene.messages);
    at_client(&j, "ip route add default via 10.0.1.1");
    street_wait(&j.street, has_message);
    assert_int_equal(j.street.scene.downs, 0);
    end(&j);
}

/* ---- a NAT that forgets */

/* Flows of which nothing passes for so many seconds are dropped. */
static void begin_behind_nat(struct journey *j, unsigned forgets)
{
    begin(j);
    if (network_try(&j->network, NETWORK_ROUTER,
                    "nft 'table ip nat { chain out { "
                    "type nat hook postrouting priority srcnat; "
                    "oifname right masquerade; }; chain through { "
                    "type filter hook forward priority filter; "
                    "ct state invalid drop; }; }' && "
                    "cd /proc/sys/net/netfilter && "
                    "echo 0 >nf_conntrack_tcp_loose && "
                    "echo %u >nf_conntrack_tcp_timeout_established",
                    forgets))
        return;
    end(j);
    skip();
}

TEST(fault_38_nat_that_forgets_an_idle_flow_is_noticed)
{
    struct journey j;
    begin_behind_nat(&j, 1);
    j.street.scene.options.delays.ping = HWS_MS(1500);
    open_up(&j);
    street_wait_down(&j.street);
    assert_down(&j, HWS_E_SILENT, HWS_PHASE_IDLE);
    go_on_until_up(&j);
    assert_speaks(&j);
    end(&j);
}

TEST(fault_38_pings_keep_a_nat_from_forgetting)
{
    struct journey j;
    begin_behind_nat(&j, 3);
    j.street.scene.options.delays.silent = HWS_S(60);
    open_up(&j);
    street_turn(&j.street, HWS_S(4));
    assert_speaks(&j);
    assert_int_equal(j.street.scene.downs, 0);
    end(&j);
}

/* ---- one direction carries nothing */

/* What goes to the client vanishes; what goes to the server does. */
static const char deaf[] = "ip route add blackhole 10.0.1.2";
static const char mute[] = "ip route add blackhole 10.0.2.2";

static void assert_found_idle(const char *half)
{
    struct journey j;
    begin(&j);
    open_up(&j);
    at_router(&j, half);
    street_wait_down(&j.street);
    assert_down(&j, HWS_E_SILENT, HWS_PHASE_IDLE);
    end(&j);
}

static void assert_found_sending(const char *half)
{
    static uint8_t block[64 << 10];
    const struct hws_span data = {block, sizeof(block)};
    struct journey j;
    begin(&j);
    j.street.scene.options.deflate.enabled = false; /* fill the queue */
    open_up(&j);
    at_router(&j, half);
    while (hws_client_send(j.street.scene.client, HWS_BINARY, data) == 0)
        continue;
    street_wait_down(&j.street);
    assert_down(&j, HWS_E_SILENT, HWS_PHASE_IDLE);
    assert_true(j.street.scene.down.down.unsent_messages > 0);
    end(&j);
}

static void assert_found_closing(const char *half)
{
    struct journey j;
    begin(&j);
    j.street.scene.options.delays.silent = HWS_S(60);
    open_up(&j);
    at_router(&j, half);
    hws_client_close(j.street.scene.client, 1000, hws_span_text(""));
    street_wait_down(&j.street);
    assert_down(&j, HWS_E_TIMEOUT, HWS_PHASE_CLOSE);
    assert_true(j.street.scene.down.down.final);
    end(&j);
}

TEST(fault_29_peer_that_is_not_heard_any_more)
{
    assert_found_idle(deaf);
    assert_found_sending(deaf);
    assert_found_closing(deaf);
}

TEST(fault_29_peer_that_is_not_reached_any_more)
{
    assert_found_idle(mute);
    assert_found_sending(mute);
    assert_found_closing(mute);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RUN(fault_38_address_that_changes_is_probed_at_once),
        RUN(fault_38_routes_that_change_elsewhere_do_no_harm),
        RUN(fault_38_address_that_changes_is_noticed_by_silence),
        RUN(fault_38_address_that_changes_is_noticed_while_sending),
        RUN(fault_38_withdrawn_route_is_named_and_the_next_one_taken),
        RUN(fault_38_route_that_is_back_in_time_costs_nothing),
        RUN(fault_38_nat_that_forgets_an_idle_flow_is_noticed),
        RUN(fault_38_pings_keep_a_nat_from_forgetting),
        RUN(fault_29_peer_that_is_not_heard_any_more),
        RUN(fault_29_peer_that_is_not_reached_any_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
