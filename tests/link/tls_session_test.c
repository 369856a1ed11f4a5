/*
 * Sessions taken up again: after every way in which a line may end, with
 * tickets that are replaced, and only where that is right.
 */
#include "ends.h"
#include "meter.h"

static const int versions[] = {0x0303, 0x0304};
#define VERSIONS (sizeof(versions) / sizeof(versions[0]))

static bool is_resumed(const struct ends *e)
{
    struct hws_tls_info info;
    assert_int_equal(hws_link_tls_info(e->client, &info), 0);
    return info.resumed;
}

/* Connect once more, let tickets come; whether it was a short handshake. */
static bool again(struct ends *e, const struct ends_options *o)
{
    ends_disconnect(e);
    ends_connect(e, o);
    if (ends_open(e) != 0)
        fail_msg("%s", e->client->fault.text);
    ends_pass(e, e->server, e->client, 10);
    ends_pass(e, e->client, e->server, 10);
    return is_resumed(e);
}

/* What a story does to an open line before it is freed. */
typedef void ending(struct ends *e);

static void by_reset(struct ends *e)
{
    uint8_t byte;
    hws_pair_break(e->wires[1], false);
    assert_int_equal(hws_link_read(e->client, &byte, 1), HWS_E_RESET);
}

static void by_end_without_close_notify(struct ends *e)
{
    uint8_t byte;
    hws_link_shut(e->wires[1]);
    assert_int_equal(hws_link_read(e->client, &byte, 1), HWS_E_EOF);
    assert_true(e->client->truncated);
}

static void by_close_notify(struct ends *e)
{
    uint8_t byte;
    hws_link_shut(e->server);
    assert_int_equal(hws_link_read(e->client, &byte, 1), HWS_E_EOF);
    assert_false(e->client->truncated);
}

static void by_failed_write(struct ends *e)
{
    hws_pair_break(e->wires[1], false);
    assert_int_equal(hws_link_write(e->client, (const uint8_t *)"x", 1),
                     HWS_E_RESET);
}

static void by_silence(struct ends *e)
{
    hws_pair_break(e->wires[0], true);
}

TEST(session_is_resumed_however_the_line_ended)
{
    static ending *const endings[] = {by_reset, by_end_without_close_notify,
                                      by_close_notify, by_failed_write,
                                      by_silence};
    for (size_t v = 0; v < VERSIONS; v++) {
        struct hws_tls_options client = ends_client_tls();
        client.version_max = versions[v];
        struct ends_options o = {.client_tls = &client};
        struct ends e;
        ends_up(&e, &o);
        ends_pass(&e, e.server, e.client, 10);
        assert_false(is_resumed(&e));
        for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
            endings[i](&e);
            assert_true(again(&e, &o));
        }
        ends_free(&e);
    }
}

/* RFC 5246 section 7.2.2, RFC 8446 section 6.2: keys of a connection that
 * failed are not used again. */
TEST(session_is_not_resumed_after_a_fatal_alert)
{
    struct ends e;
    struct ends_options o = {0};
    uint8_t got[64], wire[512];
    ends_up(&e, &o);
    ends_pass(&e, e.server, e.client, 10);
    assert_true(again(&e, &o));
    hws_link_write(e.server, (const uint8_t *)"changed", 7);
    ptrdiff_t size = hws_link_read(e.wires[0], wire, sizeof(wire));
    wire[size - 1] ^= 1;
    hws_link_write(e.wires[1], wire, (size_t)size);
    assert_int_equal(hws_link_read(e.client, got, sizeof(got)), HWS_E_TLS);
    assert_false(again(&e, &o));
    assert_true(again(&e, &o));
    ends_free(&e);
}

TEST(a_hundred_reconnects_are_resumed_with_a_new_ticket_each)
{
    struct ends e;
    struct ends_options o = {0};
    ends_up(&e, &o);
    ends_pass(&e, e.server, e.client, 10);
    for (int i = 0; i < 100; i++) {
        by_end_without_close_notify(&e);
        assert_true(again(&e, &o));
    }
    ends_free(&e);
}

/* The line is cut before anything was read on it, its new ticket neither. */
TEST(cut_before_the_next_ticket_is_resumed_by_the_last_one)
{
    struct ends e;
    struct ends_options o = {0};
    ends_up(&e, &o);
    ends_pass(&e, e.server, e.client, 10);
    for (int i = 0; i < 3; i++) {
        ends_disconnect(&e);
        ends_connect(&e, &o);
        assert_int_equal(ends_open(&e), 0);
        assert_true(is_resumed(&e));
        hws_pair_break(e.wires[1], false);
    }
    ends_free(&e);
}

TEST(lines_that_are_open_at_once_share_the_session)
{
    struct ends_options o = {0};
    struct ends a, b;
    ends_up(&a, &o);
    ends_pass(&a, a.server, a.client, 10);
    b = a;
    ends_connect(&b, &o);
    assert_int_equal(ends_open(&b), 0);
    assert_true(is_resumed(&b));
    ends_pass(&b, b.server, b.client, 10);
    by_reset(&b);
    ends_disconnect(&b);
    assert_true(again(&a, &o));
    ends_free(&a);
}

/* A restart of the server: it has other ticket keys, and remembers nothing. */
static void restart_server(struct ends *e, const struct hws_tls_options *o)
{
    struct hws_tls_options usual = ends_server_tls();
    hws_tls_context_free(e->server_context);
    e->server_context = hws_tls_context_new(o ? o : &usual, true, NULL);
    assert_non_null(e->server_context);
}

TEST(server_that_knows_no_old_tickets_gets_a_full_handshake)
{
    for (size_t v = 0; v < VERSIONS; v++) {
        struct hws_tls_options client = ends_client_tls();
        client.version_max = versions[v];
        struct ends_options o = {.client_tls = &client};
        struct ends e;
        ends_up(&e, &o);
        ends_pass(&e, e.server, e.client, 10);
        restart_server(&e, NULL);
        assert_false(again(&e, &o));
        assert_true(again(&e, &o));
        ends_free(&e);
    }
}

TEST(server_that_comes_back_with_another_version_gets_a_full_handshake)
{
    struct hws_tls_options older = ends_server_tls();
    struct ends e;
    struct ends_options o = {0};
    older.version_max = 0x0303;
    ends_up(&e, &o);
    ends_pass(&e, e.server, e.client, 10);
    assert_true(again(&e, &o));
    restart_server(&e, &older);
    assert_false(again(&e, &o));
    assert_true(again(&e, &o));
    restart_server(&e, NULL);
    assert_false(again(&e, &o));
    ends_free(&e);
}

static void connect_to_port(struct ends *e, uint16_t port)
{
    struct ends_options o = {0};
    ends_disconnect(e);
    ends_connect(e, &o);
    hws_tls_set_port(e->client, port);
    assert_int_equal(ends_open(e), 0);
    ends_pass(e, e->server, e->client, 10);
}

TEST(two_ports_of_one_name_keep_their_own_sessions)
{
    struct ends e;
    struct ends_options o = {0};
    ends_make(&e, &o);
    connect_to_port(&e, 443);
    assert_false(is_resumed(&e));
    connect_to_port(&e, 8443);
    assert_false(is_resumed(&e));
    connect_to_port(&e, 443);
    assert_true(is_resumed(&e));
    /* The second one is restarted: the first one's session stays. */
    struct hws_tls_context *first = e.server_context;
    struct hws_tls_options server = ends_server_tls();
    e.server_context = hws_tls_context_new(&server, true, NULL);
    connect_to_port(&e, 8443);
    assert_false(is_resumed(&e));
    ends_disconnect(&e);
    hws_tls_context_free(e.server_context);
    e.server_context = first;
    connect_to_port(&e, 443);
    assert_true(is_resumed(&e));
    hws_tls_set_port(e.wires[1], 1); /* no TLS: nothing happens */
    ends_free(&e);
}

/* Connect through a meter; *waits: how often the client waited for the server
 * before it could send. */
static struct meter measure(struct ends *e, unsigned *waits)
{
    struct meter m;
    struct ends_options o = {0};
    uint8_t byte;
    ends_disconnect(e);
    assert_int_equal(hws_pair_new(&o.pair, e->wires), 0);
    e->client = hws_tls_new(e->client_context, meter_init(&m, e->wires[0]),
                            "feed.example", HWS_S(5), e->in, e->out);
    e->server = hws_tls_new(e->server_context, e->wires[1], NULL, HWS_S(5),
                            e->in, e->out);
    assert_int_equal(ends_open(e), 0);
    *waits = m.flights / 2;
    assert_int_equal(hws_link_read(e->client, &byte, 1), HWS_E_AGAIN);
    struct meter result = m; /* with the tickets that came */
    print_message("%s: %zu bytes sent, %zu received, %u round trips\n",
                  hws_link_tls_text(e->client), m.sent, m.received, *waits);
    ends_disconnect(e);
    return result;
}

TEST(resumed_handshake_takes_fewer_bytes_and_one_round_trip)
{
    for (size_t v = 0; v < VERSIONS; v++) {
        struct hws_tls_options client = ends_client_tls();
        client.version_max = versions[v];
        struct ends_options o = {.client_tls = &client};
        struct ends e;
        unsigned waits;
        ends_make(&e, &o);
        struct meter full = measure(&e, &waits);
        assert_int_equal(waits, versions[v] == 0x0303 ? 2 : 1);
        struct meter resumed = measure(&e, &waits);
        assert_int_equal(waits, 1);
        assert_true(resumed.received < full.received / 2);
        assert_true(resumed.sent + resumed.received <
                    full.sent + full.received);
        ends_free(&e);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(session_is_resumed_however_the_line_ended),
        RUN(session_is_not_resumed_after_a_fatal_alert),
        RUN(a_hundred_reconnects_are_resumed_with_a_new_ticket_each),
        RUN(cut_before_the_next_ticket_is_resumed_by_the_last_one),
        RUN(lines_that_are_open_at_once_share_the_session),
        RUN(server_that_knows_no_old_tickets_gets_a_full_handshake),
        RUN(server_that_comes_back_with_another_version_gets_a_full_handshake),
        RUN(two_ports_of_one_name_keep_their_own_sessions),
        RUN(resumed_handshake_takes_fewer_bytes_and_one_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, ends_certs_remove);
}
