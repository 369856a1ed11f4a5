/* The blocking face, against a real server on another thread. */
#include "support/host.h"
#include "support/test.h"

#include <stdlib.h>

static struct hws_client_options to(const char *url)
{
    struct hws_client_options o;
    hws_client_options_init(&o);
    o.url = url;
    o.retry.delay_min = HWS_MS(1);
    o.retry.delay_max = HWS_MS(20);
    return o;
}

static struct hws_sync *open_to(const struct host *h)
{
    struct hws_fault fault = {0};
    struct hws_client_options o = to(h->url);
    struct hws_sync *s = hws_sync_open(&o, HWS_S(10), &fault);
    if (!s)
        fail_msg("%s", fault.text);
    return s;
}

static void send_text(struct hws_sync *s, const char *text)
{
    assert_int_equal(hws_sync_send(s, HWS_TEXT, hws_span_text(text), HWS_S(10)),
                     0);
}

static void expect_text(struct hws_sync *s, const char *text)
{
    struct hws_sync_message m;
    assert_int_equal(hws_sync_receive(s, &m, HWS_S(10)), 0);
    assert_int_equal(m.opcode, HWS_TEXT);
    assert_int_equal(m.data.size, strlen(text));
    assert_memory_equal(m.data.data, text, strlen(text));
}

TEST(echo_comes_back_and_close_is_clean)
{
    struct host h;
    host_start(&h, NULL);
    struct hws_sync *s = open_to(&h);
    send_text(s, "hello");
    expect_text(s, "hello");
    assert_int_equal(hws_sync_close(s, 1000, hws_span_text("bye")), 0);
    struct hws_sync_message m;
    assert_int_equal(hws_sync_receive(s, &m, HWS_S(1)), HWS_E_CLOSED);
    assert_int_equal(hws_sync_fault(s)->status, HWS_E_CLOSED);
    assert_int_equal(hws_sync_send(s, HWS_TEXT, hws_span_text("x"), HWS_S(1)),
                     HWS_E_CLOSED);
    hws_sync_free(s);
    host_end(&h);
}

TEST(many_messages_are_received_one_by_one)
{
    struct host h;
    char text[32];
    host_start(&h, NULL);
    struct hws_sync *s = open_to(&h);
    for (int i = 0; i < 500; i++) {
        snprintf(text, sizeof(text), "number %d", i);
        send_text(s, text);
    }
    for (int i = 0; i < 500; i++) {
        snprintf(text, sizeof(text), "number %d", i);
        expect_text(s, text);
    }
    hws_sync_free(s);
    host_end(&h);
}

TEST(timeout_loses_nothing)
{
    struct host h;
    struct hws_sync_message m;
    host_start(&h, NULL);
    struct hws_sync *s = open_to(&h);
    assert_int_equal(hws_sync_receive(s, &m, HWS_MS(1)), HWS_E_TIMEOUT);
    send_text(s, "after all");
    int status;
    while ((status = hws_sync_receive(s, &m, HWS_US(1))) == HWS_E_TIMEOUT)
        continue;
    assert_int_equal(status, 0);
    assert_span(m.data, "after all");
    hws_sync_free(s);
    host_end(&h);
}

/* Asking without waiting gets what is there. */
TEST(delay_of_zero_takes_what_came)
{
    struct host h;
    struct hws_sync_message m;
    host_start(&h, NULL);
    struct hws_sync *s = open_to(&h);
    send_text(s, "there");
    hws_time end = hws_clock_now(HWS_CLOCK_MONOTONIC) + HWS_S(10);
    int status;
    do {
        status = hws_sync_receive(s, &m, 0);
    } while (status == HWS_E_TIMEOUT &&
             hws_clock_now(HWS_CLOCK_MONOTONIC) < end);
    assert_int_equal(status, 0);
    assert_span(m.data, "there");
    hws_sync_free(s);
    host_end(&h);
}

TEST(large_message_goes_both_ways)
{
    static uint8_t large[3 << 20];
    struct host h;
    struct hws_sync_message m;
    host_start(&h, NULL);
    struct hws_sync *s = open_to(&h);
    for (size_t i = 0; i < sizeof(large); i++)
        large[i] = (uint8_t)(i * 7);
    struct hws_span data = {large, sizeof(large)};
    assert_int_equal(hws_sync_send(s, HWS_BINARY, data, HWS_S(20)), 0);
    assert_int_equal(hws_sync_receive(s, &m, HWS_S(20)), 0);
    assert_int_equal(m.opcode, HWS_BINARY);
    assert_int_equal(m.data.size, sizeof(large));
    assert_memory_equal(m.data.data, large, sizeof(large));
    hws_sync_free(s);
    host_end(&h);
}

/* More than the queue holds: send waits for room. */
TEST(send_waits_for_room)
{
    static uint8_t part[256 << 10];
    struct host h;
    host_start(&h, NULL);
    struct hws_client_options o = to(h.url);
    o.limits.send_queue_max = 300 << 10;
    struct hws_sync *s = hws_sync_open(&o, HWS_S(10), NULL);
    assert_non_null(s);
    for (int i = 0; i < 40; i++) {
        struct hws_span data = {part, sizeof(part)};
        assert_int_equal(hws_sync_send(s, HWS_BINARY, data, HWS_S(10)), 0);
    }
    for (int i = 0; i < 40; i++) {
        struct hws_sync_message m;
        assert_int_equal(hws_sync_receive(s, &m, HWS_S(10)), 0);
        assert_int_equal(m.data.size, sizeof(part));
    }
    hws_sync_free(s);
    host_end(&h);
}

TEST(receive_reconnects_and_send_waits_for_up)
{
    struct host h;
    host_start(&h, NULL);
    struct hws_sync *s = open_to(&h);
    for (int i = 0; i < 5; i++) {
        struct hws_sync_message m;
        send_text(s, "cut");
        /* The cut comes while we wait; then we are up again. */
        assert_int_equal(hws_sync_receive(s, &m, HWS_MS(100)), HWS_E_TIMEOUT);
        send_text(s, "again");
        expect_text(s, "again");
    }
    hws_sync_free(s);
    host_end(&h);
}

/* The server goes, and comes back on its port. */
TEST(restarted_server_is_found_again)
{
    struct host h;
    host_start(&h, NULL);
    struct hws_sync *s = open_to(&h);
    host_restart(&h);
    struct hws_sync_message m;
    assert_int_equal(hws_sync_receive(s, &m, HWS_MS(300)), HWS_E_TIMEOUT);
    send_text(s, "back");
    expect_text(s, "back");
    hws_sync_free(s);
    host_end(&h);
}

TEST(held_message_survives_a_lost_connection)
{
    struct host h;
    host_start(&h, NULL);
    struct hws_sync *s = open_to(&h);
    send_text(s, "first");
    send_text(s, "second");
    /* Let the first be found by a send that turns the loop. */
    struct hws_sync_message m;
    expect_text(s, "first");
    hws_client_reconnect(hws_sync_client(s));
    send_text(s, "third");
    int status = hws_sync_receive(s, &m, HWS_S(10));
    assert_int_equal(status, 0);
    /* The second may have been lost with its connection, never mixed up. */
    if (m.data.size == 6)
        expect_text(s, "third");
    else
        assert_span(m.data, "third");
    hws_sync_free(s);
    host_end(&h);
}

/* More than the queue holds, though nothing is received in between. */
TEST(send_finds_the_lost_connection_and_the_next)
{
    static uint8_t part[100];
    struct host h;
    host_start(&h, NULL);
    struct hws_client_options o = to(h.url);
    o.limits.send_queue_max = 1000;
    struct hws_sync *s = hws_sync_open(&o, HWS_S(10), NULL);
    assert_non_null(s);
    send_text(s, "hello");
    expect_text(s, "hello");
    host_restart(&h);
    for (int i = 0; i < 100; i++)
        assert_int_equal(hws_sync_send(s, HWS_BINARY,
                                       (struct hws_span){part, sizeof(part)},
                                       HWS_S(10)),
                         0);
    hws_sync_free(s);
    host_end(&h);
}

static void count_messages(struct hws_client *client, const struct hws_event *e,
                           void *user)
{
    (void)client;
    *(unsigned *)user += e->kind == HWS_MESSAGE;
}

/* Opened, with a message that came while sending waited for room. */
static struct hws_sync *open_holding(struct host *h, struct hws_span part)
{
    static unsigned messages;
    messages = 0;
    struct hws_client_options o = to(h->url);
    o.limits.send_queue_max = part.size + 100;
    o.on_event = count_messages;
    o.user = &messages;
    struct hws_sync *s = hws_sync_open(&o, HWS_S(10), NULL);
    assert_non_null(s);
    while (messages == 0)
        assert_int_equal(hws_sync_send(s, HWS_BINARY, part, HWS_S(10)), 0);
    assert_int_equal(messages, 1);
    return s;
}

TEST(send_behind_a_held_message_says_that_it_is_lost)
{
    static uint8_t bytes[1 << 20];
    struct hws_span part = {bytes, sizeof(bytes)};
    struct hws_sync_message m;
    struct host h;
    host_start(&h, NULL);
    struct hws_sync *s = open_holding(&h, part);
    host_restart(&h);
    int status;
    do {
        status = hws_sync_send(s, HWS_BINARY, part, HWS_S(10));
    } while (status == 0);
    assert_int_equal(status, HWS_E_STATE);
    assert_int_equal(hws_sync_receive(s, &m, HWS_S(10)), 0);
    assert_int_equal(m.data.size, part.size);
    send_text(s, "again");
    hws_sync_free(s);
    host_end(&h);
}

TEST(close_behind_a_held_message_comes_back)
{
    static uint8_t bytes[1 << 20];
    struct hws_span part = {bytes, sizeof(bytes)};
    struct host h;
    host_start(&h, NULL);
    struct hws_sync *s = open_holding(&h, part);
    host_stop(&h);
    while (hws_sync_send(s, HWS_BINARY, part, HWS_S(10)) == 0)
        continue;
    assert_int_not_equal(hws_sync_close(s, 1000, hws_span_text("")), 0);
    hws_sync_free(s);
    host_end(&h);
}

static void *use(void *context)
{
    struct hws_sync *s = context;
    static uint8_t huge[5 << 20];
    /* Refused at once, as on the thread that opened. */
    assert_int_equal(
        hws_sync_send(s, HWS_BINARY, (struct hws_span){huge, sizeof(huge)}, 0),
        HWS_E_TOO_BIG);
    assert_int_equal(hws_sync_send(s, HWS_TEXT, hws_span_text("\xff"), 0),
                     HWS_E_UTF8);
    send_text(s, "from the other thread");
    return NULL;
}

TEST(used_by_one_thread_after_another)
{
    struct host h;
    host_start(&h, NULL);
    struct hws_sync *s = open_to(&h);
    pthread_t other;
    assert_int_equal(pthread_create(&other, NULL, use, s), 0);
    pthread_join(other, NULL);
    expect_text(s, "from the other thread");
    hws_sync_free(s);
    host_end(&h);
}

TEST(nobody_there_is_a_fault_in_time)
{
    struct host h;
    struct hws_fault fault = {0};
    host_start(&h, NULL);
    host_stop(&h); /* the port is free now */
    struct hws_client_options o = to(h.url);
    hws_time begin = hws_clock_now(HWS_CLOCK_MONOTONIC);
    assert_null(hws_sync_open(&o, HWS_MS(100), &fault));
    assert_true(hws_clock_now(HWS_CLOCK_MONOTONIC) - begin >= HWS_MS(100));
    assert_int_equal(fault.status, HWS_E_CONNECT);
    assert_int_equal(fault.phase, HWS_PHASE_TCP);
    o.retry.enabled = false;
    assert_null(hws_sync_open(&o, HWS_S(10), &fault));
    assert_int_equal(fault.status, HWS_E_CONNECT);
    assert_null(hws_sync_open(&o, HWS_S(10), NULL));
    host_end(&h);
}

TEST(bad_options_are_named)
{
    struct hws_fault fault = {0};
    struct hws_client_options o = to("http://x/");
    assert_null(hws_sync_open(&o, HWS_S(1), &fault));
    assert_int_equal(fault.status, HWS_E_ARGUMENT);
    o = to("ws://127.0.0.1/");
    o.limits.chunk_size = 100;
    assert_null(hws_sync_open(&o, HWS_S(1), &fault));
    assert_non_null(strstr(fault.text, "chunk_size"));
}

TEST(server_that_closes_is_told_with_its_code)
{
    struct host h;
    struct hws_sync_message m;
    host_start(&h, NULL);
    struct hws_client_options o = to(h.url);
    o.retry.enabled = false;
    struct hws_sync *s = hws_sync_open(&o, HWS_S(10), NULL);
    assert_non_null(s);
    send_text(s, "last");
    send_text(s, "close");
    expect_text(s, "last");
    assert_int_equal(hws_sync_receive(s, &m, HWS_S(10)), HWS_E_CLOSED);
    assert_int_equal(hws_sync_fault(s)->close_code, 1001);
    hws_sync_free(s);
    host_end(&h);
}

TEST(echo_over_tls)
{
    struct test_certs certs;
    struct host h;
    assert_int_equal(test_certs_new(&certs), 0);
    host_start(&h, &certs);
    struct hws_client_options o = to(h.url);
    o.tls.ca_file = certs.ca;
    struct hws_fault fault = {0};
    struct hws_sync *s = hws_sync_open(&o, HWS_S(10), &fault);
    if (!s)
        fail_msg("%s", fault.text);
    send_text(s, "secret");
    expect_text(s, "secret");
    assert_int_equal(hws_sync_close(s, 1000, hws_span_text("")), 0);
    hws_sync_free(s);
    host_end(&h);
    test_certs_free(&certs);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RUN(echo_comes_back_and_close_is_clean),
        RUN(many_messages_are_received_one_by_one),
        RUN(timeout_loses_nothing),
        RUN(delay_of_zero_takes_what_came),
        RUN(large_message_goes_both_ways),
        RUN(send_waits_for_room),
        RUN(receive_reconnects_and_send_waits_for_up),
        RUN(restarted_server_is_found_again),
        RUN(held_message_survives_a_lost_connection),
        RUN(send_finds_the_lost_connection_and_the_next),
        RUN(send_behind_a_held_message_says_that_it_is_lost),
        RUN(close_behind_a_held_message_comes_back),
        RUN(used_by_one_thread_after_another),
        RUN(nobody_there_is_a_fault_in_time),
        RUN(bad_options_are_named),
        RUN(server_that_closes_is_told_with_its_code),
        RUN(echo_over_tls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
