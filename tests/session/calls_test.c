/* Every call from inside every callback: nothing crashes, leaks or hangs, and
 * what was told stays a sensible story. ASan looks on. */
#include "support/scene.h"
#include "support/test.h"

/* The callbacks of options, told apart from events by numbers beyond them. */
enum { IN_HEADERS = 100, IN_LINK, IN_RETRY };

struct call {
    const char *name;
    void (*make)(struct scene *s);
};

struct trial {
    int where; /* enum hws_event_kind or one of the above */
    const struct call *call;
    unsigned made, made_max;
};

static void call_free(struct scene *s)
{
    struct hws_client *client = s->client;
    s->client = NULL;
    hws_client_free(client);
}
static void call_close(struct scene *s)
{
    hws_client_close(s->client, 1000, hws_span_text("done"));
}
static void call_close_twice(struct scene *s)
{
    call_close(s);
    call_close(s);
}
static void call_close_and_free(struct scene *s)
{
    call_close(s);
    call_free(s);
}
static void call_close_and_open(struct scene *s)
{
    call_close(s);
    hws_client_open(s->client);
}
static void call_close_and_reconnect(struct scene *s)
{
    call_close(s);
    hws_client_reconnect(s->client);
}
static void call_reconnect(struct scene *s)
{
    hws_client_reconnect(s->client);
}
static void call_reconnect_and_close(struct scene *s)
{
    call_reconnect(s);
    call_close(s);
}
static void call_reconnect_and_free(struct scene *s)
{
    call_reconnect(s);
    call_free(s);
}
static void call_send(struct scene *s)
{
    hws_client_send(s->client, HWS_TEXT, hws_span_text("from inside"));
    hws_client_send_part(s->client, HWS_BINARY, hws_span_text("a"), false);
    hws_client_send_part(s->client, HWS_CONTINUATION, hws_span_text("b"), true);
}
static void call_ping(struct scene *s)
{
    hws_client_ping(s->client, hws_span_text("mark"));
}
static void call_flush(struct scene *s)
{
    call_send(s);
    hws_client_flush(s->client);
}
static void call_flush_and_free(struct scene *s)
{
    call_flush(s);
    call_free(s);
}
static void call_send_and_free(struct scene *s)
{
    call_send(s);
    call_free(s);
}
static void call_pause_and_resume(struct scene *s)
{
    hws_client_pause(s->client);
    hws_client_resume(s->client);
}
static void call_pause_and_free(struct scene *s)
{
    hws_client_pause(s->client);
    call_free(s);
}
static void call_pause_and_close(struct scene *s)
{
    hws_client_pause(s->client);
    call_close(s);
}
static void call_pause_and_reconnect(struct scene *s)
{
    hws_client_pause(s->client);
    call_reconnect(s);
    hws_client_resume(s->client);
}
static void call_open(struct scene *s)
{
    hws_client_open(s->client);
}
static void call_questions(struct scene *s)
{
    struct hws_snapshot snapshot = scene_snapshot(s);
    assert_true(snapshot.attempts > 0);
    assert_non_null(hws_client_get_url(s->client));
    assert_non_null(hws_client_get_health(s->client));
    assert_non_null(hws_client_state_name(hws_client_get_state(s->client)));
    hws_client_get_link(s->client);
}

#define CALL(name)         \
    {                      \
#name, call_##name \
    }
static const struct call calls[] = {
    CALL(free),
    CALL(close),
    CALL(close_twice),
    CALL(close_and_free),
    CALL(close_and_open),
    CALL(close_and_reconnect),
    CALL(reconnect),
    CALL(reconnect_and_close),
    CALL(reconnect_and_free),
    CALL(send),
    CALL(ping),
    CALL(flush),
    CALL(flush_and_free),
    CALL(send_and_free),
    CALL(pause_and_resume),
    CALL(pause_and_free),
    CALL(pause_and_close),
    CALL(pause_and_reconnect),
    CALL(open),
    CALL(questions),
};
#define CALL_COUNT (sizeof(calls) / sizeof(calls[0]))

static void try_call(struct scene *s, int where)
{
    struct trial *t = s->more;
    if (!s->client || t->where != where || t->made == t->made_max)
        return;
    t->made++;
    t->call->make(s);
}

/* Spans of an event are lent until its callback returns, whatever is done. */
static unsigned read_all(struct hws_span span)
{
    unsigned sum = 0;
    for (size_t i = 0; i < span.size; i++)
        sum += span.data[i];
    return sum;
}

static volatile unsigned looked_at;

static void look_at(const struct hws_event *e)
{
    if (e->kind == HWS_MESSAGE)
        looked_at = read_all(e->message.data);
    else if (e->kind == HWS_PING || e->kind == HWS_PONG)
        looked_at = read_all(e->control.data);
    else if (e->kind == HWS_UP)
        looked_at = read_all(e->up.head) + read_all(e->up.subprotocol) +
                    (unsigned)strlen(e->up.peer);
    else if (e->kind == HWS_CLOSING)
        looked_at = read_all(e->closing.reason);
    else if (e->kind == HWS_DOWN)
        looked_at = read_all(e->down.reason) + read_all(e->down.head) +
                    read_all(e->down.body) +
                    (unsigned)strlen(e->down.fault->text);
}

static void on_event(struct hws_client *client, const struct hws_event *e,
                     void *user)
{
    struct scene *s = user;
    bool was_up = s->is_up;
    if (e->kind == HWS_UP)
        assert_false(was_up);
    if (e->kind == HWS_DOWN)
        assert_int_equal(e->down.was_up, was_up);
    if (e->kind == HWS_MESSAGE || e->kind == HWS_PONG)
        assert_true(was_up);
    scene_note(client, e, user);
    try_call(s, (int)e->kind);
    look_at(e);
}

static int on_headers(struct hws_client *client, struct hws_headers *headers,
                      unsigned attempt, void *user)
{
    (void)client;
    (void)attempt;
    try_call(user, IN_HEADERS);
    return hws_headers_add(headers, "X-Key", "value");
}

static struct hws_link *on_link(struct hws_client *client, const char *url,
                                void *user)
{
    try_call(user, IN_LINK);
    return scene_link(client, url, user);
}

static enum hws_verdict_retry on_retry(struct hws_client *client,
                                       const struct hws_event *e, void *user)
{
    (void)client;
    try_call(user, IN_RETRY);
    look_at(e);
    return HWS_RETRY_DEFAULT;
}

/* ---- a life that meets every event */

static void client_says(struct scene *s, const char *text)
{
    if (s->client)
        hws_client_send(s->client, HWS_TEXT, hws_span_text(text));
}

static void server_says(struct scene *s, const char *text)
{
    if (s->server) {
        hws_conn_send(s->server, HWS_TEXT, hws_span_text(text), true);
        hws_conn_ping(s->server, hws_span_text(text));
    }
}

static void one_connection(struct scene *s)
{
    char big[400] = "";
    memset(big, 'b', sizeof(big) - 1);
    scene_pass(s, HWS_S(31));
    server_says(s, "hello");
    scene_settle(s);
    client_says(s, big);
    client_says(s, big);
    if (s->client)
        hws_client_ping(s->client, hws_span_text("p"));
    scene_settle(s);
    server_says(s, "again");
    if (s->server)
        hws_conn_close(s->server, 1001, hws_span_text("restart"));
    scene_settle(s);
}

static void live(struct scene *s)
{
    s->client = hws_client_new(s->loop, &s->options, NULL);
    assert_non_null(s->client);
    assert_int_equal(hws_client_open(s->client), 0);
    one_connection(s);
    one_connection(s);
    scene_pass(s, HWS_S(40));
    if (s->client)
        hws_client_close(s->client, 1000, hws_span_text("end"));
    scene_pass(s, HWS_S(40));
    if (s->client)
        assert_int_equal(hws_client_get_state(s->client), HWS_CLIENT_STOPPED);
}

static void run_trial(int where, const struct call *call, unsigned made_max)
{
    struct trial t = {where, call, 0, made_max};
    struct scene s;
    print_message("%s inside %d, %u times\n", call->name, where, made_max);
    scene_begin(&s);
    s.served = true;
    s.links_refused = 1;
    s.pair.capacity = 300;
    s.more = &t;
    s.options.limits.send_queue_high = 100;
    s.options.limits.send_queue_low = 50;
    s.options.deflate.enabled = false; /* the marks count what is sent */
    s.options.on_event = on_event;
    s.options.on_headers = on_headers;
    s.options.on_link = on_link;
    s.options.on_retry = on_retry;
    live(&s);
    assert_true(t.made > 0);
    assert_true(s.world.turns < 5000);
    scene_end(&s);
}

static void run_all(int where)
{
    for (size_t i = 0; i < CALL_COUNT; i++) {
        run_trial(where, &calls[i], 1);
        run_trial(where, &calls[i], 3);
    }
}

TEST(fault_48_any_call_inside_up)
{
    run_all(HWS_UP);
}
TEST(fault_48_any_call_inside_message)
{
    run_all(HWS_MESSAGE);
}
TEST(fault_48_any_call_inside_ping)
{
    run_all(HWS_PING);
}
TEST(fault_48_any_call_inside_pong)
{
    run_all(HWS_PONG);
}
TEST(fault_48_any_call_inside_closing)
{
    run_all(HWS_CLOSING);
}
TEST(fault_48_any_call_inside_down)
{
    run_all(HWS_DOWN);
}
TEST(fault_48_any_call_inside_high_water)
{
    run_all(HWS_HIGH_WATER);
}
TEST(fault_48_any_call_inside_low_water)
{
    run_all(HWS_LOW_WATER);
}
TEST(fault_48_any_call_inside_on_headers)
{
    run_all(IN_HEADERS);
}
TEST(fault_48_any_call_inside_on_link)
{
    run_all(IN_LINK);
}
TEST(fault_48_any_call_inside_on_retry)
{
    run_all(IN_RETRY);
}

/* ---- what the calls of option callbacks mean */

static void expect_from(int where, void (*make)(struct scene *), bool refused,
                        const char *words)
{
    const struct call call = {"", make};
    struct trial t = {where, &call, 0, 1};
    struct scene s;
    scene_begin(&s);
    s.served = true;
    s.links_refused = refused;
    s.more = &t;
    s.options.on_headers = on_headers;
    s.options.on_link = on_link;
    s.options.on_retry = on_retry;
    scene_open(&s);
    assert_int_equal(t.made, 1);
    scene_expect(&s, words);
    scene_end(&s);
}

TEST(close_inside_option_callbacks_is_final_at_once)
{
    expect_from(IN_HEADERS, call_close, false, "down(cancelled)!");
    expect_from(IN_LINK, call_close, false, "down(cancelled)!");
    expect_from(IN_RETRY, call_close, true, "down(connect)!");
}

TEST(reconnect_inside_option_callbacks_is_one_attempt)
{
    expect_from(IN_HEADERS, call_reconnect, false, "up");
    expect_from(IN_LINK, call_reconnect, false, "up");
    expect_from(IN_RETRY, call_reconnect, true, "down(connect) up");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RUN(fault_48_any_call_inside_up),
        RUN(fault_48_any_call_inside_message),
        RUN(fault_48_any_call_inside_ping),
        RUN(fault_48_any_call_inside_pong),
        RUN(fault_48_any_call_inside_closing),
        RUN(fault_48_any_call_inside_down),
        RUN(fault_48_any_call_inside_high_water),
        RUN(fault_48_any_call_inside_low_water),
        RUN(fault_48_any_call_inside_on_headers),
        RUN(fault_48_any_call_inside_on_link),
        RUN(fault_48_any_call_inside_on_retry),
        RUN(close_inside_option_callbacks_is_final_at_once),
        RUN(reconnect_inside_option_callbacks_is_one_attempt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
