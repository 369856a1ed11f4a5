/* Options of a client: every bad one is named, and nothing of the caller's is
 * needed after hws_client_new(). */
#include "base/starved.h"
#include "support/test.h"
#include "support/world.h"

static void ignore(struct hws_client *client, const struct hws_event *event,
                   void *user)
{
    (void)client;
    (void)event;
    (void)user;
}

static struct hws_client_options good(void)
{
    struct hws_client_options o;
    hws_client_options_init(&o);
    o.url = "ws://feed.example/";
    o.on_event = ignore;
    return o;
}

/* The client is refused, and the fault says `word`. */
static void assert_refused(const struct hws_client_options *o, const char *word)
{
    struct world w;
    struct hws_fault fault = {0};
    world_init(&w, 1);
    struct hws_client *c = hws_client_new(&w.loop, o, &fault);
    if (c)
        fail_msg("taken, though '%s' is bad", word);
    assert_null(hws_client_new(&w.loop, o, NULL));
    assert_int_equal(fault.status, HWS_E_ARGUMENT);
    assert_int_equal(fault.phase, HWS_PHASE_LOCAL);
    if (!strstr(fault.text, word))
        fail_msg("'%s' does not name '%s'", fault.text, word);
    world_release(&w);
}

#define BAD(change, word)                     \
    do {                                      \
        struct hws_client_options o = good(); \
        change;                               \
        assert_refused(&o, word);             \
    } while (0)

TEST(url_and_callback_are_required)
{
    BAD(o.url = NULL, "url");
    BAD(o.on_event = NULL, "on_event");
    BAD(o.size--, "options");
    BAD(o.url = "http://feed.example/", "scheme");
    BAD(o.url = "ws://feed.example/#here", "fragment");
    BAD(o.url = "ws://feed.example:0/", "port");
    BAD(o.url = "", "url");
}

TEST(list_of_urls_is_checked_whole)
{
    static const char *const urls[] = {"ws://a.example/", "ws://b example/"};
    static const char *const holes[] = {"ws://a.example/", NULL};
    BAD(o.url = NULL; o.urls = urls; o.url_count = 2, "b example");
    BAD(o.url = NULL; o.urls = holes; o.url_count = 2, "url");
    BAD(o.url = NULL; o.urls = urls; o.url_count = 0, "url");
    BAD(o.urls = urls; o.url_count = 2, "'urls'");
}

TEST(delays_that_would_spin_or_overflow_are_named)
{
    BAD(o.retry.delay_min = 0, "retry.delay_min");
    BAD(o.retry.delay_min = HWS_US(999), "retry.delay_min");
    BAD(o.retry.delay_max = HWS_MS(249), "retry.delay_max");
    BAD(o.retry.delay_max = HWS_NEVER, "retry.delay_max");
    BAD(o.retry.after_max = -1, "retry.after_max");
    BAD(o.retry.stable = -1, "retry.stable");
    BAD(o.return_delay = -1, "return_delay");
    BAD(o.open_delay = 0, "open_delay");
    BAD(o.open_delay = HWS_NEVER - 1, "open_delay");
    BAD(o.delays.ping = 0, "delays.ping");
    BAD(o.delays.silent = 0, "delays.silent");
    BAD(o.delays.handshake = -5, "delays.handshake");
    BAD(o.delays.close = 0, "delays.close");
}

TEST(delays_may_be_switched_off)
{
    struct world w;
    struct hws_client_options o = good();
    world_init(&w, 1);
    o.delays.ping = o.delays.silent = HWS_NEVER;
    o.delays.handshake = o.delays.close = HWS_NEVER;
    o.open_delay = o.return_delay = o.retry.stable = HWS_NEVER;
    o.retry.after_max = HWS_NEVER;
    struct hws_client *c = hws_client_new(&w.loop, &o, NULL);
    assert_non_null(c);
    hws_client_free(c);
    world_release(&w);
}

TEST(bad_headers_are_named)
{
    static const struct hws_header name[] = {{"Fine", "x"}, {"Not fine", "x"}};
    static const struct hws_header line[] = {{"X-Key", "a\r\nX-Evil: b"}};
    static const struct hws_header none[] = {{"X-Key", NULL}};
    BAD(o.headers = name; o.header_count = 2, "Not fine");
    BAD(o.headers = line; o.header_count = 1, "X-Key");
    BAD(o.headers = none; o.header_count = 1, "X-Key");
}

TEST(bad_subprotocols_are_named)
{
    static const char *const bad[] = {"chat", "super chat"};
    static const char *const hole[] = {"chat", NULL};
    BAD(o.subprotocols = bad; o.subprotocol_count = 2, "super chat");
    BAD(o.subprotocols = hole; o.subprotocol_count = 2, "subprotocol");
}

/* An opening message that can never be sent would reconnect for ever. */
TEST(openings_that_cannot_be_sent_are_named)
{
    static uint8_t half[1024];
    const struct hws_span big = {half, sizeof(half)};
    const struct hws_opening ping[] = {{HWS_OP_PING, hws_span_text("x")}};
    const struct hws_opening latin[] = {
        {HWS_TEXT, hws_span_text("fine")},
        {HWS_TEXT, hws_span_text("caf\xe9")},
    };
    const struct hws_opening one[] = {{HWS_BINARY, big}};
    const struct hws_opening two[] = {{HWS_BINARY, big}, {HWS_BINARY, big}};
    BAD(o.openings = ping; o.opening_count = 1, "opening message 1");
    BAD(o.openings = latin; o.opening_count = 2, "opening message 2");
    BAD(o.openings = one; o.opening_count = 1;
        o.limits.send_queue_max = 1000, "opening message 1");
    BAD(o.openings = two; o.opening_count = 2;
        o.limits.send_queue_max = 2048, "limits.send_queue_max");
    BAD(o.limits.fragment_max = 0, "limits.fragment_max");
    BAD(o.limits.send_queue_low = o.limits.send_queue_high + 1,
        "limits.send_queue_low");
    BAD(o.deflate.window_bits = 16, "deflate.window_bits");
    BAD(o.deflate.level = 10, "deflate.level");
}

TEST(bad_lag_field_names_its_place)
{
    BAD(o.lag_field = "data/T:ms", "data/T");
    BAD(o.lag_field = "/data/T:fortnight", "fortnight");
}

TEST(missing_certificate_file_is_told_at_once)
{
    struct world w;
    struct hws_fault fault = {0};
    struct hws_client_options o = good();
    world_init(&w, 1);
    o.url = "wss://feed.example/";
    o.tls.ca_file = "/nonexistent/ca.pem";
    assert_null(hws_client_new(&w.loop, &o, &fault));
    assert_int_equal(fault.status, HWS_E_TLS);
    assert_non_null(strstr(fault.text, "/nonexistent/ca.pem"));
    world_release(&w);
}

TEST(copies_survive_the_callers)
{
    struct world w;
    char url[] = "ws://feed.example/path", name[] = "X-Key", value[] = "v";
    char chat[] = "chat", field[] = "/T:ms", hello[] = "hello";
    struct hws_header header = {name, value};
    const char *protocols[] = {chat};
    struct hws_opening opening = {HWS_TEXT, hws_span_text(hello)};
    struct hws_client_options o = good();
    world_init(&w, 1);
    o.url = url;
    o.headers = &header;
    o.header_count = 1;
    o.subprotocols = protocols;
    o.subprotocol_count = 1;
    o.openings = &opening;
    o.opening_count = 1;
    o.lag_field = field;
    struct hws_client *c = hws_client_new(&w.loop, &o, NULL);
    assert_non_null(c);
    memset(url, '#', sizeof(url) - 1);
    memset(&header, 0xff, sizeof(header));
    memset(protocols, 0xff, sizeof(protocols));
    memset(&opening, 0xff, sizeof(opening));
    memset(&o, 0xff, sizeof(o));
    assert_string_equal(hws_client_get_url(c), "ws://feed.example/path");
    hws_client_free(c);
    world_release(&w);
}

TEST(no_memory_is_told_and_leaks_nothing)
{
    static const char *const urls[] = {"ws://a.example/", "ws://b.example/"};
    static const struct hws_header header = {"X-Key", "value"};
    static const char *const protocols[] = {"chat"};
    const struct hws_opening opening = {HWS_TEXT, hws_span_text("hello")};
    struct hws_client_options o = good();
    int failures = 0;
    o.url = NULL;
    o.urls = urls;
    o.url_count = 2;
    o.headers = &header;
    o.header_count = 1;
    o.subprotocols = protocols;
    o.subprotocol_count = 1;
    o.openings = &opening;
    o.opening_count = 1;
    o.lag_field = "/T:ms";
    for (int allowed = 0;; allowed++) {
        struct world w;
        struct hws_fault fault = {0};
        world_init(&w, 1);
        starve_after(allowed);
        struct hws_client *c = hws_client_new(&w.loop, &o, &fault);
        starve_no_more();
        hws_client_free(c);
        world_release(&w);
        if (c)
            break;
        assert_int_equal(fault.status, HWS_E_MEMORY);
        failures++;
    }
    assert_true(failures >= 15);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RUN(url_and_callback_are_required),
        RUN(list_of_urls_is_checked_whole),
        RUN(delays_that_would_spin_or_overflow_are_named),
        RUN(delays_may_be_switched_off),
        RUN(bad_headers_are_named),
        RUN(bad_subprotocols_are_named),
        RUN(openings_that_cannot_be_sent_are_named),
        RUN(bad_lag_field_names_its_place),
        RUN(missing_certificate_file_is_told_at_once),
        RUN(copies_survive_the_callers),
        RUN(no_memory_is_told_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
