/*
 * A proxy that asks who we are: every scheme, every way of ending the
 * connection with the question, and every cut of the talk.
 */
#include "proxying.h"

static struct proxying p;

static void begin_as(const char *user, const char *password)
{
    p = (struct proxying){.pair = p.pair, .cut = p.cut};
    proxying_begin_http(&p, user, password);
}

static int play(const struct proxying_turn *turns, size_t count)
{
    return proxying_play(&p, turns, count);
}

/* One answer; the proxy goes on to listen. */
static int answer(const char *text)
{
    const struct proxying_turn turn = {.bytes = text};
    return play(&turn, 1);
}

/* One answer, and how it ends. */
static void expect_answer(const char *text, int status, int http_status,
                          const char *fault)
{
    begin_as(NULL, NULL);
    assert_int_equal(answer(text), status);
    proxying_expect(&p, status, http_status, fault);
    proxying_end(&p);
}

TEST(fault_11_407_without_a_password_names_what_is_asked_for)
{
    expect_answer(WHO("Basic realm=\"x\"") "\r\n", HWS_E_REFUSED, 407,
                  "proxy 'p.example:3128' asks for basic authentication: no "
                  "user and password given");
    expect_answer(
        WHO("Digest realm=\"x\", nonce=\"n\", algorithm=SHA-256") "\r\n",
        HWS_E_REFUSED, 407,
        "proxy 'p.example:3128' asks for digest (SHA-256) "
        "authentication: no user and password given");
}

TEST(fault_11_407_with_nonsense_names_it)
{
    expect_answer("HTTP/1.1 407 Who\r\n\r\n", HWS_E_REFUSED, 407,
                  "proxy 'p.example:3128' answers 407 and does not say which "
                  "authentication it asks for");
    expect_answer(WHO("Negotiate, NTLM") "\r\n", HWS_E_REFUSED, 407,
                  "proxy 'p.example:3128' asks for 'Negotiate, NTLM': only "
                  "basic and digest authentication with MD5 or SHA-256 are "
                  "known here");
    expect_answer(WHO(",,=\"; Digest") "\r\n", HWS_E_REFUSED, 407,
                  "proxy 'p.example:3128' asks for ',,=\"; Digest': only "
                  "basic and digest authentication with MD5 or SHA-256 are "
                  "known here");
}

TEST(fault_11_basic_407_is_answered_on_the_same_connection)
{
    const struct proxying_turn turns[] = {{.bytes = WHO_BASIC}, {.bytes = YES}};
    begin_as("anna", "secret");
    assert_int_equal(play(turns, 1), HWS_E_AGAIN);
    assert_string_equal(p.said, ASK ANNA "\r\n");
    assert_int_equal(p.dials, 0);
    assert_int_equal(play(turns + 1, 1), 0);
    proxying_expect_tunnel(&p, "");
    proxying_end(&p);
}

#define NONCE "Digest realm=\"the proxy\", qop=\"auth\", nonce=\"n0nce\""
#define DIGEST(nonce, response, count)                                     \
    "Proxy-Authorization: Digest username=\"anna\", realm=\"the proxy\", " \
    "nonce=\"" nonce                                                       \
    "\", uri=\"feed.example:443\", algorithm=MD5, "                        \
    "response=\"" response "\", qop=auth, nc=" count                       \
    ", "                                                                   \
    "cnonce=\"AAECAwQFBgcICQoLDA0ODxAR\"\r\n"

TEST(fault_11_digest_407_is_answered_on_the_same_connection)
{
    begin_as("anna", "secret");
    assert_int_equal(answer(WHO(NONCE) "Content-Length: 0\r\n\r\n"),
                     HWS_E_AGAIN);
    assert_string_equal(p.said,
                        ASK DIGEST("n0nce", "3c3e57ebebcd4491b70cd5e3556704e2",
                                   "00000001") "\r\n");
    assert_int_equal(answer(YES), 0);
    proxying_expect_tunnel(&p, "");
    proxying_end(&p);
}

TEST(stale_nonce_is_exchanged_and_not_called_a_wrong_password)
{
    begin_as("anna", "secret");
    answer(WHO(NONCE) "Content-Length: 0\r\n\r\n");
    assert_int_equal(
        answer(WHO("Digest realm=\"the proxy\", qop=\"auth\", "
                   "nonce=\"fresh\", stale=true") "Content-Length: 0\r\n\r\n"),
        HWS_E_AGAIN);
    assert_string_equal(p.said,
                        ASK DIGEST("fresh", "6b194b93626db9473119c4fd2f524a06",
                                   "00000001") "\r\n");
    assert_int_equal(answer(YES), 0);
    proxying_end(&p);
}

TEST(nonces_that_are_stale_without_end_are_given_up)
{
    const char *stale = WHO(NONCE ", stale=true") "Content-Length: 0\r\n\r\n";
    int status = HWS_E_AGAIN;
    int turns = 0;
    begin_as("anna", "secret");
    while (status == HWS_E_AGAIN && turns++ < 20)
        status = answer(stale);
    assert_int_equal(turns, 4);
    proxying_expect(&p, HWS_E_REFUSED, 407,
                    "proxy 'p.example:3128' does not accept the user and "
                    "password, sent by digest (MD5) authentication");
    proxying_end(&p);
}

TEST(wrong_password_is_named_and_stays_out_of_the_text)
{
    begin_as("anna", "secret");
    answer(WHO_BASIC);
    assert_int_equal(answer(WHO_BASIC), HWS_E_REFUSED);
    proxying_expect(&p, HWS_E_REFUSED, 407,
                    "proxy 'p.example:3128' does not accept the user and "
                    "password, sent by basic authentication");
    proxying_end(&p);
}

TEST(user_with_a_colon_cannot_be_sent_by_basic)
{
    begin_as("an:na", "secret");
    assert_int_equal(answer(WHO_BASIC), HWS_E_ARGUMENT);
    proxying_expect(&p, HWS_E_ARGUMENT, 0,
                    "proxy 'p.example:3128' asks for basic authentication, "
                    "which cannot carry a user with a ':'");
    proxying_end(&p);
}

/* Ways in which a 407 says that this connection is over. */
static const struct proxying_turn closings[] = {
    {.bytes = WHO("Basic realm=x") "Connection: close\r\n\r\n", .end = true},
    {.bytes = WHO("Basic realm=x") "Proxy-Connection: close\r\n\r\n"},
    {.bytes = WHO("Basic realm=x") "\r\nuntil the end", .end = true},
    {.bytes = WHO("Basic realm=x") "Content-Length: 100\r\n\r\ncut",
     .end = true},
    {.bytes = WHO("Basic realm=x") "Content-Length: 99999999\r\n\r\n"},
    {.bytes = WHO("Basic realm=x") "Content-Length: 1\r\n"
                                   "Content-Length: 2\r\n\r\n"},
    {.bytes = WHO("Basic realm=x") "Transfer-Encoding: chunked\r\n\r\nnone"},
    {.bytes = WHO_BASIC "more than was said"},
    {.bytes = "HTTP/1.0 407 Who\r\nProxy-Authenticate: Basic realm=x\r\n"
              "Content-Length: 0\r\n\r\n"},
};
#define CLOSINGS (sizeof(closings) / sizeof(closings[0]))

TEST(fault_11_407_that_ends_the_connection_is_answered_on_another)
{
    for (size_t i = 0; i < CLOSINGS; i++) {
        begin_as("anna", "secret");
        assert_int_equal(play(&closings[i], 1), HWS_E_AGAIN);
        assert_int_equal(p.dials, 1);
        assert_string_equal(p.said, ASK ANNA "\r\n");
        assert_int_equal(answer(YES), 0);
        proxying_expect_tunnel(&p, "");
        proxying_end(&p);
    }
}

TEST(fault_11_407_that_ends_the_only_connection_is_named)
{
    for (size_t i = 0; i < CLOSINGS; i++) {
        struct hws_http_proxy_options o;
        p = (struct proxying){0};
        hws_http_proxy_options_init(&o);
        proxying_options(&p, &o.tunnel, "anna", "secret");
        o.tunnel.redial = NULL;
        p.layer = hws_http_proxy_new(&o, proxying_begin(&p));
        assert_int_equal(play(&closings[i], 1), HWS_E_REFUSED);
        proxying_expect(&p, HWS_E_REFUSED, 407,
                        "proxy 'p.example:3128' asks for basic authentication "
                        "and closes the connection before it can be given");
        proxying_end(&p);
    }
}

TEST(old_proxy_that_keeps_the_connection_is_answered_on_it)
{
    begin_as("anna", "secret");
    assert_int_equal(answer("HTTP/1.0 407 Who\r\n"
                            "Proxy-Authenticate: Basic realm=x\r\n"
                            "Proxy-Connection: keep-alive\r\n"
                            "Content-Length: 0\r\n\r\n"),
                     HWS_E_AGAIN);
    assert_int_equal(p.dials, 0);
    assert_int_equal(answer(YES), 0);
    proxying_end(&p);
}

TEST(chunked_body_of_a_407_is_read_over)
{
    begin_as("anna", "secret");
    assert_int_equal(
        answer(WHO("Basic realm=x") "Transfer-Encoding: chunked\r\n\r\n"
                                    "5\r\nhello\r\n0\r\nA: b\r\n\r\n"),
        HWS_E_AGAIN);
    assert_int_equal(p.dials, 0);
    assert_string_equal(p.said, ASK ANNA "\r\n");
    assert_int_equal(answer(YES), 0);
    proxying_end(&p);
}

/* The proxy kept the connection, and then did not. */
TEST(connection_that_dies_under_the_second_request_is_dialed_anew)
{
    const struct proxying_turn end = {.bytes = "", .end = true};
    begin_as("anna", "secret");
    assert_int_equal(answer(WHO(NONCE) "Content-Length: 0\r\n\r\n"),
                     HWS_E_AGAIN);
    assert_int_equal(play(&end, 1), HWS_E_AGAIN);
    assert_int_equal(p.dials, 1);
    /* the same nonce, used for the second time */
    assert_string_equal(p.said,
                        ASK DIGEST("n0nce", "f790c04f16a05ff2d5b544c305350755",
                                   "00000002") "\r\n");
    assert_int_equal(answer(YES), 0);
    proxying_end(&p);
}

TEST(proxy_that_always_hangs_up_is_given_up)
{
    const struct proxying_turn who = {
        .bytes = WHO(NONCE ", stale=true") "Connection: close\r\n\r\n",
        .end = true};
    int status = HWS_E_AGAIN;
    begin_as("anna", "secret");
    for (int i = 0; i < 20 && status == HWS_E_AGAIN; i++)
        status = play(&who, 1);
    assert_int_equal(status, HWS_E_REFUSED);
    assert_true(p.dials <= 3);
    proxying_end(&p);
}

TEST(redial_that_fails_for_memory_is_told)
{
    begin_as("anna", "secret");
    p.dials_refused = 1;
    assert_int_equal(play(&closings[0], 1), HWS_E_MEMORY);
    assert_int_equal(p.layer->fault.phase, HWS_PHASE_LOCAL);
    proxying_end(&p);
}

/* Every turn in two parts, cut at every byte, and single bytes: the outcome is
 * always the same. */
TEST(fault_11_talk_is_the_same_however_its_bytes_come)
{
    const struct proxying_turn turns[] = {
        {.bytes = WHO(NONCE) "Transfer-Encoding: chunked\r\n\r\n"
                             "5\r\nhello\r\n0\r\n\r\n"},
        {.bytes = WHO(NONCE ", stale=true") "Connection: close\r\n\r\n",
         .end = true},
        {.bytes = YES "glued"},
    };
    for (size_t cut = 0; cut < 200; cut++) {
        p.cut = cut;
        begin_as("anna", "secret");
        assert_int_equal(play(turns, 3), 0);
        assert_int_equal(p.dials, 1);
        proxying_expect_tunnel(&p, "glued");
        proxying_end(&p);
    }
    p.cut = 0;
    p.pair = (struct hws_pair_options){.read_max = 1, .write_max = 1};
    begin_as("anna", "secret");
    assert_int_equal(play(turns, 3), 0);
    proxying_expect_tunnel(&p, "glued");
    proxying_end(&p);
    p.pair = (struct hws_pair_options){.capacity = 1};
    begin_as("anna", "secret");
    assert_int_equal(play(turns, 3), 0);
    proxying_end(&p);
    p.pair = (struct hws_pair_options){0};
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(fault_11_407_without_a_password_names_what_is_asked_for),
        RUN(fault_11_407_with_nonsense_names_it),
        RUN(fault_11_basic_407_is_answered_on_the_same_connection),
        RUN(fault_11_digest_407_is_answered_on_the_same_connection),
        RUN(stale_nonce_is_exchanged_and_not_called_a_wrong_password),
        RUN(nonces_that_are_stale_without_end_are_given_up),
        RUN(wrong_password_is_named_and_stays_out_of_the_text),
        RUN(user_with_a_colon_cannot_be_sent_by_basic),
        RUN(fault_11_407_that_ends_the_connection_is_answered_on_another),
        RUN(fault_11_407_that_ends_the_only_connection_is_named),
        RUN(old_proxy_that_keeps_the_connection_is_answered_on_it),
        RUN(chunked_body_of_a_407_is_read_over),
        RUN(connection_that_dies_under_the_second_request_is_dialed_anew),
        RUN(proxy_that_always_hangs_up_is_given_up),
        RUN(redial_that_fails_for_memory_is_told),
        RUN(fault_11_talk_is_the_same_however_its_bytes_come),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
