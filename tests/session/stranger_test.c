/* What goes along with a redirect, and what stays behind. */
#include "support/test.h"

#include "redirects.h"
#include "session/client.h"

static int sign(struct hws_client *client, struct hws_headers *headers,
                unsigned attempt, void *user)
{
    (void)attempt;
    (void)user;
    return hws_headers_add(headers, "X-Signed", hws_client_get_url(client));
}

static const struct hws_header secrets[] = {
    {"Authorization", "Bearer token"},
    {"Cookie", "session=1"},
    {"X-Api-Key", "key"},
    {"User-Agent", "mine"},
    {"Origin", "https://page.example"},
    {"Host", "front.example"},
};

static void begin_with_secrets(struct scene *s, const char *url)
{
    begin_at(s, url);
    s->options.headers = secrets;
    s->options.header_count = sizeof(secrets) / sizeof(secrets[0]);
    s->options.on_headers = sign;
}

static void assert_secrets(struct scene *s, bool told)
{
    assert_true(peer_has_request(&s->peer));
    assert_int_equal(peer_was_asked(&s->peer, "Authorization: Bearer token"),
                     told);
    assert_int_equal(peer_was_asked(&s->peer, "Cookie: session=1"), told);
    assert_int_equal(peer_was_asked(&s->peer, "X-Api-Key: key"), told);
    assert_true(peer_was_asked(&s->peer, "User-Agent: mine"));
    assert_true(peer_was_asked(&s->peer, "Origin: https://page.example"));
    const char *request = (const char *)hwi_buf_span(&s->peer.request).data;
    assert_int_equal(strstr(request, "X-Signed: ") != NULL, told);
    assert_int_equal(strstr(request, "uthorization") != NULL, told);
}

TEST(fault_08_secrets_go_along_within_the_origin)
{
    struct scene s;
    begin_with_secrets(&s, "ws://feed.example/");
    scene_open(&s);
    answer(&s, REDIRECT("302", "/x"));
    assert_secrets(&s, true);
    assert_true(peer_was_asked(&s.peer, "X-Signed: ws://feed.example/x"));
    assert_true(peer_was_asked(&s.peer, "Host: front.example"));
    answer(&s, REDIRECT("302", "wss://feed.example/y"));
    assert_secrets(&s, true);
    scene_end(&s);
}

TEST(fault_08_secrets_stay_behind_when_it_leads_elsewhere)
{
    static const char *const elsewhere[] = {
        REDIRECT("302", "ws://other.example/"),
        REDIRECT("307", "ws://feed.example:8080/"),
        REDIRECT("308", "wss://feed.example:8443/"),
        REDIRECT("301", "ws://x.feed.example/"),
    };
    for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++) {
        struct scene s;
        begin_with_secrets(&s, "ws://feed.example/");
        scene_open(&s);
        assert_secrets(&s, true);
        answer(&s, elsewhere[i]);
        assert_secrets(&s, false);
        assert_false(peer_was_asked(&s.peer, "Host: front.example"));
        scene_end(&s);
    }
}

/* Whoever sends us back chose where to, and when. */
TEST(fault_08_secrets_stay_behind_on_the_way_back)
{
    struct scene s;
    begin_with_secrets(&s, "ws://feed.example/");
    scene_open(&s);
    answer(&s, REDIRECT("302", "ws://other.example/"));
    answer(&s, REDIRECT("302", "ws://feed.example/transfer"));
    assert_secrets(&s, false);
    scene_accept(&s);
    peer_end(&s.peer);
    scene_next_attempt(&s);
    assert_secrets(&s, true);
    scene_end(&s);
}

TEST(fault_08_login_and_userinfo_stay_behind)
{
    struct scene s;
    begin_at(&s, "ws://user:pass@feed.example/");
    scene_open(&s);
    assert_true(peer_has_request(&s.peer));
    assert_true(peer_was_asked(&s.peer, "Authorization: Basic dXNlcjpwYXNz"));
    answer(&s, REDIRECT("302", "/x"));
    assert_true(peer_has_request(&s.peer));
    assert_true(peer_was_asked(&s.peer, "Authorization: Basic dXNlcjpwYXNz"));
    answer(&s, REDIRECT("302", "ws://other.example/"));
    assert_true(peer_has_request(&s.peer));
    assert_null(strstr((const char *)hwi_buf_span(&s.peer.request).data,
                       "Authorization"));
    scene_end(&s);

    begin_at(&s, "ws://feed.example/");
    s.options.login.bearer = "token";
    scene_open(&s);
    answer(&s, REDIRECT("302", "ws://other.example/"));
    assert_true(peer_has_request(&s.peer));
    assert_false(peer_was_asked(&s.peer, "Authorization: Bearer token"));
    scene_end(&s);
}

TEST(secrets_go_everywhere_when_all_are_trusted)
{
    struct scene s;
    begin_with_secrets(&s, "ws://feed.example/");
    s.options.redirects.trusted = true;
    scene_open(&s);
    answer(&s, REDIRECT("302", "ws://other.example/"));
    assert_secrets(&s, true);
    assert_true(peer_was_asked(&s.peer, "Host: other.example"));
    scene_end(&s);
}

/* The certificate is a file that is not there: whoever wants to show it fails
 * by its name. Only the second handshake dials for real. */
static void be_led_to_tls(struct scene *s)
{
    s->options.tls.certificate = "no-such-file.pem";
    s->options.tls.private_key = "no-such-file.pem";
    scene_open(s);
    s->client->options.on_link = NULL;
    answer(s, REDIRECT("302", "wss://127.0.0.1:1/"));
}

TEST(fault_08_client_certificate_stays_behind)
{
    struct scene s;
    scene_begin(&s);
    be_led_to_tls(&s);
    /* It dialed, and whether that was refused yet is not the point. */
    assert_true(!s.is_down || s.fault.status == HWS_E_CONNECT);
    assert_non_null(strstr(s.journal, "redirect(302 wss://127.0.0.1:1/)"));
    scene_end(&s);

    scene_begin(&s);
    s.options.redirects.trusted = true;
    be_led_to_tls(&s);
    scene_expect(&s, "redirect(302 wss://127.0.0.1:1/) down(tls)");
    assert_non_null(strstr(s.fault.text, "no-such-file.pem"));
    scene_end(&s);
}

TEST(openings_are_sent_where_it_led)
{
    const struct hws_opening opening = {HWS_TEXT, hws_span_text("subscribe")};
    struct scene s;
    scene_begin(&s);
    s.options.openings = &opening;
    s.options.opening_count = 1;
    scene_open(&s);
    answer(&s, REDIRECT("302", "ws://other.example/"));
    scene_accept(&s);
    peer_expect(&s.peer, HWS_TEXT, "subscribe");
    scene_end(&s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RUN(fault_08_secrets_go_along_within_the_origin),
        RUN(fault_08_secrets_stay_behind_when_it_leads_elsewhere),
        RUN(fault_08_secrets_stay_behind_on_the_way_back),
        RUN(fault_08_login_and_userinfo_stay_behind),
        RUN(secrets_go_everywhere_when_all_are_trusted),
        RUN(fault_08_client_certificate_stays_behind),
        RUN(openings_are_sent_where_it_led),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
