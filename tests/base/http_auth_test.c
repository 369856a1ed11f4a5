/*
 * Challenges taken apart, the strongest chosen, and answers compared with the
 * examples of the RFCs and with sums made by another program.
 */
#include "support/test.h"

#include "base/http_auth.h"
#include "base/http_challenge.h"
#include "base/http_digest.h"

/* The bytes 0, 1, 2, ...: "AAECAwQFBgcICQoLDA0ODxAR" in base64. */
static void fill(void *context, void *bytes, size_t size)
{
    (void)context;
    for (size_t i = 0; i < size; i++)
        ((uint8_t *)bytes)[i] = (uint8_t)i;
}

static struct hwi_auth auth;

/* Choose from an answer with these lines. */
static int choose(const char *lines)
{
    struct hwi_http_header headers[16];
    struct hwi_http_head head = {.headers = headers, .header_max = 16};
    const char *why = "";
    char text[2048];
    snprintf(text, sizeof(text), "HTTP/1.1 407 No\r\n%s\r\n", lines);
    if (hwi_http_split_answer(&head, hws_span_text(text), &why) != 0)
        fail_msg("%s", why);
    return hwi_auth_choose(&auth, &head, "Proxy-Authenticate");
}

static void expect_answer(const char *user, const char *password,
                          const char *expected)
{
    struct hwi_buf out;
    const struct hwi_auth_request request = {
        .method = "CONNECT",
        .target = "feed.example:443",
        .user = user,
        .password = password,
        .random = {.fill = fill},
    };
    hwi_buf_init(&out, 4096);
    assert_int_equal(hwi_auth_write(&auth, &out, &request), 0);
    assert_int_equal(hwi_buf_push(&out, hwi_span("", 1)), 0);
    assert_string_equal((const char *)out.data, expected);
    hwi_buf_release(&out);
}

static int group_end(void **state)
{
    (void)state;
    hwi_auth_release(&auth);
    return 0;
}

struct taken {
    const char *list;
    const char *challenges[4]; /* "scheme|params" */
};

static const struct taken takens[] = {
    {"Basic realm=\"a\"", {"Basic|realm=\"a\""}},
    {"Digest realm=\"a, b\", nonce=\"c\", Basic realm=\"d\"",
     {"Digest|realm=\"a, b\", nonce=\"c\"", "Basic|realm=\"d\""}},
    {"Negotiate, NTLM, Basic realm=x",
     {"Negotiate|", "NTLM|", "Basic|realm=x"}},
    {"Negotiate dG9rZW4=, Basic", {"Negotiate|dG9rZW4=", "Basic|"}},
    {", ,Basic realm = \"a\" , charset=\"UTF-8\",,",
     {"Basic|realm = \"a\" , charset=\"UTF-8\""}},
    {"Digest realm=\"a \\\" Basic b\", nonce=c",
     {"Digest|realm=\"a \\\" Basic b\", nonce=c"}},
    {"realm=\"no scheme\"", {0}},
    {"\"quoted\"", {0}},
    {"", {0}},
};

TEST(list_of_challenges_is_taken_apart)
{
    for (size_t i = 0; i < sizeof(takens) / sizeof(takens[0]); i++) {
        struct hws_span list = hws_span_text(takens[i].list);
        struct hwi_http_challenge c;
        size_t n = 0;
        for (; hwi_http_next_challenge(&list, &c); n++) {
            char text[128];
            snprintf(text, sizeof(text), "%.*s|%.*s", (int)c.scheme.size,
                     (const char *)c.scheme.data, (int)c.params.size,
                     (const char *)c.params.data);
            assert_non_null(takens[i].challenges[n]);
            assert_string_equal(text, takens[i].challenges[n]);
        }
        assert_null(takens[i].challenges[n]);
    }
}

TEST(parameter_is_found_and_unquoted)
{
    struct hws_span params =
        hws_span_text("realm=\"a\\\"b\\\\c, nonce=x\" , Nonce = y,stale=TRUE");
    struct hws_span value;
    char text[32];
    assert_true(hwi_http_param(params, "realm", &value));
    assert_int_equal(hwi_http_unquote(text, value), 14);
    assert_string_equal(text, "a\"b\\c, nonce=x");
    assert_true(hwi_http_param(params, "nonce", &value));
    assert_span(value, "y");
    assert_int_equal(hwi_http_unquote(text, value), 1);
    assert_false(hwi_http_param(params, "opaque", &value));
    /* A quote alone is no pair of quotes. */
    assert_int_equal(hwi_http_unquote(text, hws_span_text("\"")), 1);
    assert_string_equal(text, "\"");
}

#define LINE(text) "Proxy-Authenticate: " text "\r\n"
#define DIGEST(rest) "Digest realm=\"r\", nonce=\"n\"" rest

struct choice {
    const char *lines;
    enum hwi_auth_scheme scheme;
};

static const struct choice choices[] = {
    {LINE("Basic realm=\"r\""), HWI_AUTH_BASIC},
    {LINE("bAsIc"), HWI_AUTH_BASIC},
    {LINE(DIGEST("")), HWI_AUTH_MD5},
    {LINE(DIGEST(", algorithm=md5-SESS")), HWI_AUTH_MD5_SESS},
    {LINE(DIGEST(", algorithm=SHA-256")), HWI_AUTH_SHA256},
    {LINE(DIGEST(", algorithm=\"SHA-256-sess\"")), HWI_AUTH_SHA256_SESS},
    /* the strongest, in whatever order and on however many lines */
    {LINE("Basic realm=a") LINE(DIGEST("")), HWI_AUTH_MD5},
    {LINE(DIGEST(", algorithm=SHA-256") ", Basic realm=a"), HWI_AUTH_SHA256},
    {LINE("Basic, " DIGEST(", algorithm=MD5") ", " DIGEST(
         ", algorithm=SHA-256") ", Negotiate"),
     HWI_AUTH_SHA256},
    {LINE("Negotiate") LINE("NTLM") LINE("Basic realm=a"), HWI_AUTH_BASIC},
    /* what is not usable is as good as not there */
    {LINE("Basic") LINE("Digest realm=\"r\""), HWI_AUTH_BASIC},
    {LINE("Basic") LINE("Digest nonce=\"n\""), HWI_AUTH_BASIC},
    {LINE("Basic") LINE(DIGEST(", algorithm=SHA-512-256")), HWI_AUTH_BASIC},
    {LINE("Basic") LINE(DIGEST(", qop=\"auth-int\"")), HWI_AUTH_BASIC},
    {LINE(DIGEST(", qop=\"auth-int, auth\"")), HWI_AUTH_MD5},
    {LINE(DIGEST(", algorithm=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")),
     HWI_AUTH_NONE},
    {LINE("Negotiate"), HWI_AUTH_NONE},
    {LINE(""), HWI_AUTH_NONE},
    {"WWW-Authenticate: Basic realm=\"a server's\"\r\n", HWI_AUTH_NONE},
};

TEST(strongest_usable_challenge_is_chosen)
{
    for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
        bool some = choices[i].scheme != HWI_AUTH_NONE;
        int status = choose(choices[i].lines);
        if (auth.scheme != choices[i].scheme)
            fail_msg("%s gave %s", choices[i].lines,
                     hwi_auth_name(auth.scheme));
        assert_int_equal(status, some ? 0 : HWS_E_SUPPORT);
    }
}

TEST(first_of_equal_challenges_is_chosen)
{
    assert_int_equal(choose(LINE("Digest realm=\"a\", nonce=\"first\"")
                                LINE("Digest realm=\"b\", nonce=\"second\"")),
                     0);
    assert_string_equal(auth.nonce, "first");
}

TEST(basic_sends_user_and_password)
{
    assert_int_equal(choose(LINE("Basic realm=\"r\"")), 0);
    /* RFC 7617 section 2 */
    expect_answer("Aladdin", "open sesame",
                  "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    expect_answer("", "", "Basic Og==");
}

TEST(basic_cannot_carry_a_colon_in_the_user)
{
    struct hwi_buf out;
    const struct hwi_auth_request request = {.user = "a:b", .password = ""};
    hwi_buf_init(&out, 4096);
    assert_int_equal(choose(LINE("Basic")), 0);
    assert_int_equal(hwi_auth_write(&auth, &out, &request), HWS_E_ARGUMENT);
    assert_int_equal(hwi_buf_size(&out), 0);
}

/* RFC 7616 section 3.9.1 */
TEST(digest_gives_the_sums_of_the_rfc)
{
    char hex[HWI_DIGEST_HEX];
    struct hwi_digest d = {
        .user = "Mufasa",
        .realm = "http-auth@example.org",
        .password = "Circle of Life",
        .method = "GET",
        .target = "/dir/index.html",
        .nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        .cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
        .count = "00000001",
        .qop = true,
    };
    assert_int_equal(hwi_digest_response(&d, hex), 0);
    assert_string_equal(hex, "8ca523f5e9506fed4657c9700eebdbec");
    d.sha256 = true;
    assert_int_equal(hwi_digest_response(&d, hex), 0);
    assert_string_equal(hex,
                        "753927fa0e85d155564e2e272a28d1802ca10daf449679469"
                        "7cf8db5856cb6c1");
}

#define CNONCE "AAECAwQFBgcICQoLDA0ODxAR"
#define ASKED "realm=\"the proxy\", nonce=\"n0nce\""
#define BEGIN                                         \
    "Digest username=\"anna\", realm=\"the proxy\", " \
    "nonce=\"n0nce\", uri=\"feed.example:443\", algorithm="

struct answer {
    const char *asked, *answer;
};

/* The sums were made by another program. */
static const struct answer answers[] = {
    {LINE("Digest " ASKED ", qop=\"auth\""),
     BEGIN "MD5, response=\"3c3e57ebebcd4491b70cd5e3556704e2\", qop=auth, "
           "nc=00000001, cnonce=\"" CNONCE "\""},
    {LINE("Digest " ASKED ", qop=auth, algorithm=MD5-sess, opaque=\"o\\\"p\""),
     BEGIN "MD5-sess, response=\"69eba60e772cbf4050f5affbfc6afce8\", "
           "qop=auth, nc=00000001, cnonce=\"" CNONCE "\", opaque=\"o\\\"p\""},
    {LINE("Digest " ASKED ", qop=auth, algorithm=SHA-256"), BEGIN
     "SHA-256, response=\"4d97c56568e429772c91da859de5cdab2fd0e7a5ccca26"
     "65a6806af8b82d14fb\", qop=auth, nc=00000001, cnonce=\"" CNONCE "\""},
    {LINE("Digest " ASKED ", qop=auth, algorithm=SHA-256-sess"), BEGIN
     "SHA-256-sess, response=\"680c076d88ca70cd4280a5496b7dca74c98f40209"
     "a5ae5a4dcd13b75b9a1194b\", qop=auth, nc=00000001, cnonce=\"" CNONCE "\""},
    /* as RFC 2069 had it */
    {LINE("Digest " ASKED),
     BEGIN "MD5, response=\"2d2c76daa88b8793fd127c674d88128d\""},
};

TEST(digest_answers_every_algorithm)
{
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        assert_int_equal(choose(answers[i].asked), 0);
        expect_answer("anna", "secret", answers[i].answer);
    }
}

TEST(second_answer_to_a_nonce_counts_on_within_its_session)
{
    assert_int_equal(
        choose(LINE("Digest " ASKED ", qop=auth, algorithm=MD5-sess")), 0);
    expect_answer("anna", "secret",
                  BEGIN
                  "MD5-sess, response=\"69eba60e772cbf4050f5affbfc6afce8"
                  "\", qop=auth, nc=00000001, cnonce=\"" CNONCE "\"");
    expect_answer("anna", "secret",
                  BEGIN
                  "MD5-sess, response=\"8ae6e3d370ba78e6ecfcaa3e317f5b1b"
                  "\", qop=auth, nc=00000002, cnonce=\"" CNONCE "\"");
}

TEST(user_is_hashed_where_it_is_asked_for)
{
    assert_int_equal(
        choose(LINE("Digest " ASKED ", algorithm=SHA-256, userhash=true, "
                    "qop=auth")),
        0);
    expect_answer("anna", "secret",
                  "Digest username=\"b774cacdebe6926819b402488de2c2d05a7eedff4"
                  "d482d569c9475b51d1b66ce\", realm=\"the proxy\", "
                  "nonce=\"n0nce\", uri=\"feed.example:443\", "
                  "algorithm=SHA-256, response=\"4d97c56568e429772c91da859de5c"
                  "dab2fd0e7a5ccca2665a6806af8b82d14fb\", qop=auth, "
                  "nc=00000001, cnonce=\"" CNONCE "\", userhash=true");
}

TEST(stale_is_read_with_and_without_quotes)
{
    assert_int_equal(choose(LINE("Digest " ASKED)), 0);
    assert_false(auth.stale);
    assert_int_equal(choose(LINE("Digest " ASKED ", stale=TRUE")), 0);
    assert_true(auth.stale);
    assert_int_equal(choose(LINE("Digest " ASKED ", stale=\"true\"")), 0);
    assert_true(auth.stale);
    assert_int_equal(choose(LINE("Digest " ASKED ", stale=false")), 0);
    assert_false(auth.stale);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(list_of_challenges_is_taken_apart),
        RUN(parameter_is_found_and_unquoted),
        RUN(strongest_usable_challenge_is_chosen),
        RUN(first_of_equal_challenges_is_chosen),
        RUN(basic_sends_user_and_password),
        RUN(basic_cannot_carry_a_colon_in_the_user),
        RUN(digest_gives_the_sums_of_the_rfc),
        RUN(digest_answers_every_algorithm),
        RUN(second_answer_to_a_nonce_counts_on_within_its_session),
        RUN(user_is_hashed_where_it_is_asked_for),
        RUN(stale_is_read_with_and_without_quotes),
    };
    return cmocka_run_group_tests(tests, NULL, group_end);
}
