/* Who asks: the Authorization header and its sources, and what follows when
 * the answer is 401 or 403. */
#include "base/starved.h"
#include "support/scene.h"
#include "support/test.h"

#include "session/login.h"

/* ---- the header */

static void assert_asked(struct scene *s, const char *line)
{
    scene_open(s);
    assert_true(peer_has_request(&s->peer));
    assert_true(peer_was_asked(&s->peer, line));
    /* It is the only one. */
    const char *request = (const char *)hwi_buf_span(&s->peer.request).data;
    const char *first = strstr(request, "uthorization: ");
    assert_non_null(first);
    assert_null(strstr(first + 1, "uthorization: "));
    scene_end(s);
}

TEST(user_and_password_become_basic)
{
    struct scene s;
    scene_begin(&s);
    s.options.login.user = "Aladdin";
    s.options.login.password = "open sesame";
    assert_asked(&s, "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    scene_begin(&s);
    s.options.login.user = "a";
    assert_asked(&s, "Authorization: Basic YTo=");
}

TEST(token_becomes_bearer)
{
    struct scene s;
    scene_begin(&s);
    s.options.login.bearer = "1|mF_9.B5f-4.1JqM";
    assert_asked(&s, "Authorization: Bearer 1|mF_9.B5f-4.1JqM");
}

static int bring(struct hws_client *client, struct hws_headers *headers,
                 unsigned attempt, void *user)
{
    (void)client;
    (void)attempt;
    (void)user;
    return hws_headers_add(headers, "authorization", "mine");
}

TEST(nearer_source_outweighs_the_others)
{
    static const struct hws_header fixed = {"AUTHORIZATION", "fixed"};
    struct scene s;
    scene_begin(&s);
    s.options.url = "ws://user:pass@feed.example/";
    s.options.login.bearer = "token";
    assert_asked(&s, "Authorization: Basic dXNlcjpwYXNz");
    scene_begin(&s);
    s.options.url = "ws://user:pass@feed.example/";
    s.options.login.bearer = "token";
    s.options.on_headers = bring;
    assert_asked(&s, "authorization: mine");
    scene_begin(&s);
    s.options.url = "ws://user:pass@feed.example/";
    s.options.headers = &fixed;
    s.options.header_count = 1;
    scene_open(&s);
    assert_true(peer_has_request(&s.peer));
    assert_true(peer_was_asked(&s.peer, "AUTHORIZATION: fixed"));
    assert_false(peer_was_asked(&s.peer, "Authorization: Basic dXNlcjpwYXNz"));
    scene_end(&s);
}

TEST(login_that_cannot_be_is_refused_by_name)
{
    static const struct {
        struct hws_login login;
        const char *named;
    } bad[] = {
        {{"u", NULL, "t"}, "'login.bearer' excludes 'login.user'"},
        {{NULL, "p", "t"}, "'login.bearer' excludes 'login.user'"},
        {{NULL, "p", NULL}, "'login.password' needs 'login.user'"},
        {{"a:b", "p", NULL}, "'login.user' has a colon"},
        {{"u\n", "p", NULL}, "control byte"},
        {{"u", "secret\x7f", NULL}, "control byte"},
        {{NULL, NULL, ""}, "'login.bearer' is empty"},
        {{NULL, NULL, "a b"}, "cannot stand in a token"},
        {{NULL, NULL, "a\xc3\xa9"}, "cannot stand in a token"},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct hws_fault fault = {0};
        int status = hwi_login_check(&bad[i].login, &fault);
        assert_int_equal(status, HWS_E_ARGUMENT);
        if (!strstr(fault.text, bad[i].named) || strstr(fault.text, "secret"))
            fail_msg("'%s' instead of '%s'", fault.text, bad[i].named);
    }
    struct scene s;
    struct hws_fault fault = {0};
    scene_begin(&s);
    s.options.login.password = "p";
    assert_null(hws_client_new(s.loop, &s.options, &fault));
    assert_int_equal(fault.status, HWS_E_ARGUMENT);
    scene_end(&s);
}

TEST(no_memory_is_told_and_leaks_nothing)
{
    const struct hws_login logins[] = {{"user", "password", NULL},
                                       {NULL, NULL, "token"}};
    for (size_t i = 0; i < 2; i++) {
        int status = HWS_E_MEMORY, allowed = 0;
        while (status) {
            struct hws_headers h = {0};
            starve_after(allowed++);
            status = hwi_login_add(&logins[i], NULL, &h);
            starve_no_more();
            hwi_headers_release(&h);
            if (status)
                assert_int_equal(status, HWS_E_MEMORY);
        }
        assert_true(allowed > 3);
    }
}

/* ---- 401 and 403 */

#define DENIED(status) "HTTP/1.1 " status " x\r\nContent-Length: 0\r\n\r\n"

static unsigned asked;

static int count_asked(struct hws_client *client, struct hws_headers *headers,
                       unsigned attempt, void *user)
{
    (void)client;
    (void)attempt;
    (void)user;
    asked++;
    return hws_headers_add(headers, "X-Signed", "anew");
}

static void begin_renewable(struct scene *s)
{
    scene_begin(s);
    s->options.on_headers = count_asked;
    asked = 0;
    scene_open(s);
}

/* Answer, and expect the next attempt within these bounds. */
static void deny(struct scene *s, const char *answer, hws_time least,
                 hws_time most)
{
    peer_answer(&s->peer, answer);
    scene_settle(s);
    scene_expect(s, "down(refused)");
    assert_in_range(s->down.down.retry_at - s->world.now, least, most);
    scene_next_attempt(s);
}

TEST(callback_may_renew_twice_then_it_is_final)
{
    static const char *const answers[] = {DENIED("401"), DENIED("403")};
    for (size_t i = 0; i < 2; i++) {
        struct scene s;
        begin_renewable(&s);
        assert_int_equal(asked, 1);
        deny(&s, answers[i], HWS_MS(125), HWS_MS(500));
        assert_int_equal(asked, 2);
        deny(&s, answers[1 - i], HWS_S(15), HWS_S(30));
        assert_int_equal(asked, 3);
        peer_answer(&s.peer, answers[i]);
        scene_settle(&s);
        scene_expect(&s, "down(refused)!");
        assert_int_equal(hws_client_get_state(s.client), HWS_CLIENT_STOPPED);
        scene_end(&s);
    }
}

TEST(only_denials_in_a_row_are_counted)
{
    struct scene s;
    begin_renewable(&s);
    deny(&s, DENIED("401"), HWS_MS(125), HWS_MS(500));
    deny(&s, DENIED("500"), HWS_MS(125), HWS_S(1));
    deny(&s, DENIED("401"), HWS_MS(125), HWS_S(2));
    scene_accept(&s);
    scene_forget(&s);
    scene_pass(&s, HWS_S(5));
    peer_end(&s.peer);
    scene_next_attempt(&s);
    scene_forget(&s);
    deny(&s, DENIED("401"), HWS_MS(125), HWS_S(8));
    deny(&s, DENIED("401"), HWS_S(15), HWS_S(30));
    scene_end(&s);
}

TEST(denied_again_after_open_starts_over)
{
    struct scene s;
    begin_renewable(&s);
    deny(&s, DENIED("401"), HWS_MS(125), HWS_MS(500));
    deny(&s, DENIED("401"), HWS_S(15), HWS_S(30));
    peer_answer(&s.peer, DENIED("401"));
    scene_settle(&s);
    scene_expect(&s, "down(refused)!");
    assert_int_equal(hws_client_open(s.client), 0);
    scene_settle(&s);
    deny(&s, DENIED("401"), HWS_MS(125), HWS_MS(500));
    scene_end(&s);
}

TEST(denial_is_final_where_nothing_can_be_renewed)
{
    struct scene s;
    scene_begin(&s);
    s.options.login.bearer = "stale";
    scene_open(&s);
    peer_answer(&s.peer, DENIED("401"));
    scene_settle(&s);
    scene_expect(&s, "down(refused)!");
    scene_end(&s);

    /* Elsewhere the callback is not asked, so it cannot help either. */
    begin_renewable(&s);
    peer_answer(&s.peer,
                "HTTP/1.1 302 x\r\nContent-Length: 0\r\n"
                "Location: ws://other.example/\r\n\r\n");
    scene_settle(&s);
    peer_answer(&s.peer, DENIED("403"));
    scene_settle(&s);
    scene_expect(&s, "redirect(302 ws://other.example/) down(refused)!");
    scene_end(&s);
}

TEST(fault_07_retry_after_of_a_denial_is_waited_for)
{
    struct scene s;
    begin_renewable(&s);
    deny(&s, "HTTP/1.1 403 x\r\nContent-Length: 0\r\nRetry-After: 100\r\n\r\n",
         HWS_S(100), HWS_MS(110250));
    scene_end(&s);
}

TEST(challenge_is_shown)
{
    struct scene s;
    scene_begin(&s);
    scene_open(&s);
    peer_answer(&s.peer,
                "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n"
                "WWW-Authenticate: Digest realm=\"x\"\r\n\r\n");
    scene_settle(&s);
    assert_string_equal(s.fault.text,
                        "server answered 401 Unauthorized instead of 101: it "
                        "asks for 'Digest realm=\"x\"'");
    scene_end(&s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RUN(user_and_password_become_basic),
        RUN(token_becomes_bearer),
        RUN(nearer_source_outweighs_the_others),
        RUN(login_that_cannot_be_is_refused_by_name),
        RUN(no_memory_is_told_and_leaks_nothing),
        RUN(callback_may_renew_twice_then_it_is_final),
        RUN(only_denials_in_a_row_are_counted),
        RUN(denied_again_after_open_starts_over),
        RUN(denial_is_final_where_nothing_can_be_renewed),
        RUN(fault_07_retry_after_of_a_denial_is_waited_for),
        RUN(challenge_is_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
