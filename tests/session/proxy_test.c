/*
 * A client behind a proxy that is played by hand on a real socket: what the
 * client makes of the tunnel and of each way to be refused.
 */
#include "support/street.h"
#include "support/test.h"

#include "base/mem.h"

#define FEED "ws://feed.example/live"
#define SCRATCH ((size_t)65536)

struct stage {
    struct street street; /* first: its listener is the proxy's */
    struct hws_tls_context *inner;
    uint8_t *scratch; /* of the target's TLS at the peer's end */
    char proxy[64];
    char peer[64]; /* as UP told it */
};

static struct test_certs certs;

static void keep_peer(struct scene *s, const struct hws_event *event)
{
    struct stage *stage = s->more;
    if (event->kind == HWS_UP)
        snprintf(stage->peer, sizeof(stage->peer), "%s", event->up.peer);
}

/* A client for `url` behind the street's listener; `tls`: an https proxy. */
static void begin(struct stage *s, const char *url, const char *login, bool tls)
{
    struct hws_client_options *o = &s->street.scene.options;
    street_begin(&s->street, tls ? &certs : NULL);
    s->inner = NULL;
    s->scratch = NULL;
    snprintf(s->proxy, sizeof(s->proxy), "%s://%s127.0.0.1:%u",
             tls ? "https" : "http", login,
             hws_listener_port(s->street.listener));
    o->url = url;
    o->proxy = s->proxy;
    o->proxy_tls.ca_file = certs.ca;
    s->street.scene.more = s;
    s->street.scene.then = keep_peer;
}

static void end(struct stage *s)
{
    street_end(&s->street);
    hws_tls_context_free(s->inner);
    hwi_free(s->scratch);
}

static struct peer *peer_of(struct stage *s)
{
    return &s->street.scene.peer;
}

/* The proxy hears CONNECT. */
static void meet(struct stage *s)
{
    street_meet(&s->street);
    const char *said = (const char *)hwi_buf_span(&peer_of(s)->request).data;
    assert_memory_equal(said, "CONNECT feed.example:", 21);
}

static bool has_request(struct street *s)
{
    return peer_has_request(&s->scene.peer);
}

/* The tunnel stands; from now on the peer is the target. */
static void let_through(struct stage *s)
{
    hwi_buf_clear(&peer_of(s)->request);
    peer_write_text(peer_of(s), "HTTP/1.1 200 Connection established\r\n\r\n");
}

static void open_up(struct stage *s)
{
    street_open(&s->street);
    meet(s);
    let_through(s);
    street_wait(&s->street, has_request);
    peer_accept(peer_of(s));
    street_wait_up(&s->street);
    scene_forget(&s->street.scene);
}

static void refuse(struct stage *s, const char *answer)
{
    street_open(&s->street);
    meet(s);
    peer_write_text(peer_of(s), answer);
    street_wait_down(&s->street);
    assert_int_equal(s->street.scene.fault.phase, HWS_PHASE_PROXY);
}

static bool has_message(struct street *s)
{
    return s->scene.messages > 0;
}

static void exchange(struct stage *s)
{
    peer_send_text(peer_of(s), "hello");
    street_wait(&s->street, has_message);
    scene_expect(&s->street.scene, "text(hello)");
    scene_send(&s->street.scene, "back");
    peer_expect(peer_of(s), HWS_TEXT, "back");
}

TEST(client_is_up_through_a_tunnel)
{
    struct stage s;
    char expected[160];
    begin(&s, FEED, "", false);
    open_up(&s);
    assert_true(peer_was_asked(peer_of(&s), "Host: feed.example"));
    snprintf(expected, sizeof(expected), "feed.example:80 via %s",
             s.proxy + strlen("http://"));
    assert_string_equal(s.peer, expected);
    exchange(&s);
    end(&s);
}

TEST(line_that_is_cut_comes_up_again_through_the_proxy)
{
    struct stage s;
    begin(&s, FEED, "", false);
    open_up(&s);
    peer_cut(peer_of(&s));
    street_wait_down(&s.street);
    meet(&s);
    let_through(&s);
    street_wait(&s.street, has_request);
    peer_accept(peer_of(&s));
    street_wait_up(&s.street);
    assert_int_equal(s.street.scene.ups, 2);
    end(&s);
}

TEST(fault_11_question_for_a_password_may_cost_a_second_connection)
{
    struct stage s;
    begin(&s, FEED, "anna:secret@", false);
    street_open(&s.street);
    meet(&s);
    peer_write_text(peer_of(&s),
                    "HTTP/1.1 407 Who are you?\r\n"
                    "Proxy-Authenticate: Basic realm=\"x\"\r\n"
                    "Connection: close\r\n\r\n");
    meet(&s); /* on the second one */
    assert_true(peer_was_asked(peer_of(&s),
                               "Proxy-Authorization: Basic "
                               "YW5uYTpzZWNyZXQ="));
    let_through(&s);
    street_wait(&s.street, has_request);
    /* The password is the proxy's alone. */
    const char *told = (const char *)hwi_buf_span(&peer_of(&s)->request).data;
    assert_null(strstr(told, "uthorization"));
    peer_accept(peer_of(&s));
    street_wait_up(&s.street);
    assert_int_equal(s.street.scene.attempt, 1);
    scene_forget(&s.street.scene);
    exchange(&s);
    end(&s);
}

static int no_headers(struct hws_client *client, struct hws_headers *headers,
                      unsigned attempt, void *user)
{
    (void)client;
    (void)headers;
    (void)attempt;
    (void)user;
    return 0;
}

/* Headers can be renewed, but not what a proxy dislikes. */
TEST(refusal_of_the_proxy_is_final)
{
    struct stage s;
    begin(&s, FEED, "", false);
    s.street.scene.options.on_headers = no_headers;
    refuse(&s, "HTTP/1.1 403 Forbidden\r\n\r\n");
    assert_true(s.street.scene.down.down.final);
    assert_int_equal(s.street.scene.fault.http_status, 403);
    end(&s);
}

TEST(wrong_password_is_final_and_not_shown)
{
    struct stage s;
    begin(&s, FEED, "anna:secret@", false);
    street_open(&s.street);
    for (int i = 0; i < 2; i++) {
        if (i == 0)
            meet(&s);
        else
            street_wait(&s.street, has_request);
        hwi_buf_clear(&peer_of(&s)->request);
        peer_write_text(peer_of(&s),
                        "HTTP/1.1 407 Who are you?\r\n"
                        "Proxy-Authenticate: Basic realm=\"x\"\r\n"
                        "Content-Length: 0\r\n\r\n");
    }
    street_wait_down(&s.street);
    assert_true(s.street.scene.down.down.final);
    assert_non_null(strstr(s.street.scene.fault.text,
                           "does not accept the user and password"));
    assert_null(strstr(s.street.scene.fault.text, "secret"));
    end(&s);
}

/* Where a proxy points is not where the server is. */
TEST(redirect_of_the_proxy_is_not_followed)
{
    struct stage s;
    begin(&s, FEED, "", false);
    refuse(&s, "HTTP/1.1 302 Found\r\nLocation: ws://evil.example/\r\n\r\n");
    assert_true(s.street.scene.down.down.final);
    assert_int_equal(s.street.scene.ups, 0);
    assert_string_equal(hws_client_get_url(s.street.scene.client), FEED);
    end(&s);
}

TEST(target_that_cannot_be_reached_now_is_tried_again)
{
    struct stage s;
    begin(&s, FEED, "", false);
    refuse(&s, "HTTP/1.1 502 Bad Gateway\r\n\r\n");
    assert_false(s.street.scene.down.down.final);
    meet(&s);
    end(&s);
}

TEST(fault_11_silent_proxy_is_named_before_the_attempt_is_over)
{
    struct stage s;
    begin(&s, FEED, "", false);
    s.street.scene.options.proxy_delay = HWS_MS(30);
    street_open(&s.street);
    meet(&s);
    street_wait_down(&s.street);
    assert_int_equal(s.street.scene.fault.status, HWS_E_TIMEOUT);
    assert_int_equal(s.street.scene.fault.phase, HWS_PHASE_PROXY);
    end(&s);
}

TEST(fault_11_200_then_garbage_is_no_answer_of_the_target)
{
    struct stage s;
    begin(&s, FEED, "", false);
    street_open(&s.street);
    meet(&s);
    peer_write_text(peer_of(&s),
                    "HTTP/1.1 200 OK\r\n\r\n"
                    "garbage\r\n\r\n");
    street_wait_down(&s.street);
    assert_int_equal(s.street.scene.fault.status, HWS_E_HTTP);
    assert_int_equal(s.street.scene.fault.phase, HWS_PHASE_HTTP);
    end(&s);
}

TEST(exception_goes_straight_to_the_target)
{
    struct stage s;
    begin(&s, NULL, "", false);
    s.street.scene.options.url = s.street.url;
    s.street.scene.options.no_proxy = "feed.example, 127.0.0.0/8";
    street_open_up(&s.street);
    end(&s);
}

TEST(nobody_at_the_proxy_is_told_so)
{
    struct stage s;
    begin(&s, FEED, "", false);
    hws_listener_free(s.street.listener);
    s.street.listener = NULL;
    street_open(&s.street);
    street_wait_down(&s.street);
    const struct hws_fault *fault = &s.street.scene.fault;
    assert_int_equal(fault->status, HWS_E_CONNECT);
    assert_int_equal(fault->phase, HWS_PHASE_TCP);
    assert_memory_equal(fault->text, "cannot reach the proxy: cannot connect ",
                        39);
    end(&s);
}

/* The peer speaks the target's TLS through what it has of the proxy's. */
static void wrap(struct stage *s)
{
    struct hws_tls_options o;
    struct hws_fault fault = {0};
    hws_tls_options_init(&o);
    o.certificate = certs.leaf;
    o.private_key = certs.key;
    s->inner = hws_tls_context_new(&o, true, &fault);
    s->scratch = hwi_alloc(2 * SCRATCH);
    assert_non_null(s->inner);
    assert_non_null(s->scratch);
    peer_of(s)->end =
        hws_tls_new(s->inner, peer_of(s)->end, NULL, HWS_S(5),
                    (struct hws_scratch){s->scratch, SCRATCH},
                    (struct hws_scratch){s->scratch + SCRATCH, SCRATCH});
    assert_non_null(peer_of(s)->end);
}

static bool is_open(struct street *s)
{
    int status = hws_link_open(s->scene.peer.end, 0);
    assert_true(status == 0 || status == HWS_E_AGAIN);
    return status == 0;
}

static void open_up_tls(struct stage *s)
{
    s->street.scene.options.tls.ca_file = certs.ca;
    street_open(&s->street);
    meet(s);
    let_through(s);
    wrap(s);
    street_wait(&s->street, is_open);
    street_wait(&s->street, has_request);
    peer_accept(peer_of(s));
    street_wait_up(&s->street);
    scene_forget(&s->street.scene);
}

static size_t got;

static void count(struct scene *s, const struct hws_event *event)
{
    (void)s;
    if (event->kind == HWS_MESSAGE)
        got += event->message.data.size;
}

static bool has_all(struct street *s)
{
    (void)s;
    return got == 300000;
}

/* Records within records, and larger than any scratch. */
static void exchange_much(struct stage *s)
{
    static uint8_t much[300000];
    for (size_t i = 0; i < sizeof(much); i++)
        much[i] = (uint8_t)('a' + i % 23);
    struct hws_span data = {much, sizeof(much)};
    got = 0;
    s->street.scene.then = count;
    assert_int_equal(hws_client_send(s->street.scene.client, HWS_TEXT, data),
                     0);
    struct peer_frame frame;
    hws_time turns = 0;
    while (!peer_take(peer_of(s), &frame)) {
        street_turn(&s->street, HWS_MS(1));
        assert_true(turns++ < 5000);
    }
    assert_int_equal(frame.data.size, sizeof(much));
    assert_memory_equal(frame.data.data, much, sizeof(much));
    for (size_t i = 0; i < 10; i++) {
        peer_send_frame(peer_of(s), i ? i == 9 ? 0x80 : 0 : 1, much + 30000 * i,
                        30000);
        street_turn(&s->street, HWS_MS(1));
    }
    street_wait(&s->street, has_all);
}

TEST(tls_runs_through_a_plain_proxy)
{
    struct stage s;
    begin(&s, "wss://feed.example/", "", false);
    open_up_tls(&s);
    exchange(&s);
    assert_memory_equal(
        hws_link_tls_text(hws_client_get_link(s.street.scene.client)),
        "TLSv1.3", 7);
    end(&s);
}

TEST(tls_runs_inside_the_tls_of_an_https_proxy)
{
    struct stage s;
    begin(&s, "wss://feed.example/", "", true);
    open_up_tls(&s);
    exchange(&s);
    exchange_much(&s);
    end(&s);
}

TEST(plain_target_behind_an_https_proxy_is_not_called_tls)
{
    struct stage s;
    begin(&s, FEED, "", true);
    open_up(&s);
    exchange(&s);
    assert_string_equal(
        hws_link_tls_text(hws_client_get_link(s.street.scene.client)), "");
    end(&s);
}

/* The proxy shows its certificate, whatever the client thinks of it. */
static bool is_rejected(struct street *s)
{
    struct hws_link *link;
    struct hws_scratch in = {s->scratch, SCRATCH};
    struct hws_scratch out = {s->scratch + SCRATCH, SCRATCH};
    if (s->scene.peer.end)
        (void)hws_link_open(s->scene.peer.end, 0);
    else if (hws_listener_accept(s->listener, &link) == 0)
        peer_take_over(&s->scene.peer,
                       hws_tls_new(s->tls, link, NULL, HWS_S(5), in, out));
    return s->scene.is_down;
}

TEST(certificate_of_the_proxy_is_checked_by_its_own_settings)
{
    struct stage s;
    begin(&s, FEED, "", true);
    s.street.scene.options.proxy_tls.ca_file = certs.other_ca;
    s.street.scene.options.tls.ca_file = certs.ca;
    street_open(&s.street);
    street_wait(&s.street, is_rejected);
    const struct hws_fault *fault = &s.street.scene.fault;
    assert_int_equal(fault->status, HWS_E_CERTIFICATE);
    assert_int_equal(fault->phase, HWS_PHASE_TLS);
    assert_memory_equal(
        fault->text, "cannot reach the proxy: certificate of '127.0.0.1' ", 51);
    end(&s);
}

static void expect_refused(const char *proxy, const char *no_proxy,
                           const char *text)
{
    struct stage s;
    struct hws_fault fault = {0};
    begin(&s, FEED, "", false);
    s.street.scene.options.proxy = proxy;
    s.street.scene.options.no_proxy = no_proxy;
    s.street.scene.options.proxy_tls.ca_file = "/nowhere/ca.pem";
    assert_null(
        hws_client_new(s.street.scene.loop, &s.street.scene.options, &fault));
    assert_memory_equal(fault.text, text, strlen(text));
    end(&s);
}

TEST(bad_options_are_told_when_the_client_is_made)
{
    expect_refused("ftp://p", NULL, "option 'proxy': 'ftp://p' is no proxy: ");
    expect_refused("p:1", "a/b", "option 'no_proxy': 'a/b' is not a name");
    expect_refused("https://p:1", NULL, "cannot ");
}

static int make_certs(void **state)
{
    (void)state;
    return test_certs_new(&certs);
}

static int remove_certs(void **state)
{
    (void)state;
    test_certs_free(&certs);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(client_is_up_through_a_tunnel),
        RUN(line_that_is_cut_comes_up_again_through_the_proxy),
        RUN(fault_11_question_for_a_password_may_cost_a_second_connection),
        RUN(refusal_of_the_proxy_is_final),
        RUN(wrong_password_is_final_and_not_shown),
        RUN(redirect_of_the_proxy_is_not_followed),
        RUN(target_that_cannot_be_reached_now_is_tried_again),
        RUN(fault_11_silent_proxy_is_named_before_the_attempt_is_over),
        RUN(fault_11_200_then_garbage_is_no_answer_of_the_target),
        RUN(exception_goes_straight_to_the_target),
        RUN(nobody_at_the_proxy_is_told_so),
        RUN(tls_runs_through_a_plain_proxy),
        RUN(tls_runs_inside_the_tls_of_an_https_proxy),
        RUN(plain_target_behind_an_https_proxy_is_not_called_tls),
        RUN(certificate_of_the_proxy_is_checked_by_its_own_settings),
        RUN(bad_options_are_told_when_the_client_is_made),
    };
    return cmocka_run_group_tests(tests, make_certs, remove_certs);
}
