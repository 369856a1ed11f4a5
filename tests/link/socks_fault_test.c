/*
 * A SOCKS proxy that says no, or nothing that could be understood.
 */
#include "socks_ends.h"

struct refusal {
    unsigned code;
    int status;
    const char *why;
};

static const struct refusal new_refusals[] = {
    {1, HWS_E_CONNECT, "general failure"},
    {2, HWS_E_REFUSED, "not allowed by the proxy's rules"},
    {3, HWS_E_CONNECT, "network unreachable"},
    {4, HWS_E_CONNECT, "host unreachable"},
    {5, HWS_E_CONNECT, "connection refused"},
    {6, HWS_E_CONNECT, "time to live expired"},
    {7, HWS_E_REFUSED, "the proxy knows no CONNECT"},
    {8, HWS_E_REFUSED, "the proxy knows no such kind of address"},
    {9, HWS_E_PROTOCOL, "unknown code 0x09"},
    {255, HWS_E_PROTOCOL, "unknown code 0xff"},
};

static const struct refusal old_refusals[] = {
    {91, HWS_E_CONNECT, "rejected or failed"},
    {92, HWS_E_REFUSED, "the proxy found no identd here"},
    {93, HWS_E_REFUSED, "identd here names another user"},
    {0, HWS_E_PROTOCOL, "unknown code 0x00"},
    {94, HWS_E_PROTOCOL, "unknown code 0x5e"},
};

static void expect_refusal(const struct refusal *r)
{
    char text[192];
    snprintf(text, sizeof(text),
             "proxy 'p.example:3128' refuses a tunnel to "
             "'feed.example:443': %s",
             r->why);
    proxying_expect(&p, r->status, 0, text);
    proxying_end(&p);
}

TEST(fault_12_every_reply_code_has_its_text)
{
    for (size_t i = 0; i < sizeof(new_refusals) / sizeof(*new_refusals); i++) {
        char reply[] = "\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00";
        reply[1] = (char)new_refusals[i].code;
        begin(HWS_SOCKS5H);
        proxying_open(&p);
        ANSWER(NO_LOGIN);
        play_bytes(reply, sizeof(reply) - 1, true);
        expect_refusal(&new_refusals[i]);
    }
    for (size_t i = 0; i < sizeof(old_refusals) / sizeof(*old_refusals); i++) {
        char reply[] = "\x00\x00\x00\x00\x00\x00\x00\x00";
        reply[1] = (char)old_refusals[i].code;
        begin(HWS_SOCKS4A);
        proxying_open(&p);
        play_bytes(reply, sizeof(reply) - 1, true);
        expect_refusal(&old_refusals[i]);
    }
}

TEST(fault_12_method_ff_says_what_was_offered)
{
    begin(HWS_SOCKS5H);
    proxying_open(&p);
    LAST_ANSWER("\x05\xff");
    proxying_expect(&p, HWS_E_REFUSED, 0,
                    "proxy 'p.example:3128' asks for a login: no user and "
                    "password given");
    proxying_end(&p);
    prepare(HWS_SOCKS5H, "anna", "secret");
    start();
    proxying_open(&p);
    LAST_ANSWER("\x05\xff");
    proxying_expect(&p, HWS_E_REFUSED, 0,
                    "proxy 'p.example:3128' accepts neither user and password "
                    "nor doing without");
    proxying_end(&p);
}

TEST(wrong_password_is_named_and_stays_out_of_the_text)
{
    prepare(HWS_SOCKS5H, "anna", "secret");
    start();
    proxying_open(&p);
    ANSWER("\x05\x02");
    LAST_ANSWER("\x01\x01");
    proxying_expect(&p, HWS_E_REFUSED, 0,
                    "proxy 'p.example:3128' does not accept the user and "
                    "password");
    proxying_end(&p);
}

/* The byte that is wrong comes after these turns. */
static void expect_nonsense(enum hws_socks version, const char *user,
                            const struct proxying_turn *turns, size_t count,
                            const char *why)
{
    char text[192];
    prepare(version, user, user ? "x" : NULL);
    start();
    assert_int_equal(proxying_play(&p, turns, count), HWS_E_PROTOCOL);
    snprintf(text, sizeof(text),
             "proxy 'p.example:3128' does not speak "
             "SOCKS %s",
             why);
    proxying_expect(&p, HWS_E_PROTOCOL, 0, text);
    proxying_end(&p);
}

TEST(fault_12_answers_that_are_no_socks_are_named)
{
    const struct proxying_turn http[] = {BYTES("HTTP/1.1 400 Bad\r\n\r\n")};
    const struct proxying_turn gssapi[] = {BYTES("\x05\x01")};
    const struct proxying_turn unasked[] = {BYTES("\x05\x02")};
    const struct proxying_turn login[] = {BYTES("\x05\x02"), BYTES("\x02\x00")};
    const struct proxying_turn reply[] = {
        BYTES(NO_LOGIN), BYTES("\x04\x5a\x00\x01\x00\x00\x00\x00\x00\x00")};
    const struct proxying_turn kind[] = {
        BYTES(NO_LOGIN), BYTES("\x05\x00\x00\x02\x00\x00\x00\x00\x00\x00")};
    const struct proxying_turn old[] = {BYTES(GRANTED)};
    expect_nonsense(HWS_SOCKS5H, NULL, http, 1,
                    "5: its answer begins with 0x48");
    expect_nonsense(HWS_SOCKS5H, NULL, gssapi, 1,
                    "5: it chose a way to log in that was not offered, 0x01");
    expect_nonsense(HWS_SOCKS5H, NULL, unasked, 1,
                    "5: it chose a way to log in that was not offered, 0x02");
    expect_nonsense(HWS_SOCKS5H, "anna", login, 2,
                    "5: its answer to the login begins with 0x02");
    expect_nonsense(HWS_SOCKS5H, NULL, reply, 2,
                    "5: its answer begins with 0x04");
    expect_nonsense(HWS_SOCKS5H, NULL, kind, 2,
                    "5: its answer has an address of the kind 0x02");
    expect_nonsense(HWS_SOCKS4A, NULL, old, 1,
                    "4: its answer begins with 0x05");
}

/* What ends within an answer, at each byte of it. */
TEST(fault_12_short_replies_are_named)
{
    for (size_t size = 0; size < sizeof(GRANTED) - 1; size++) {
        begin(HWS_SOCKS5H);
        proxying_open(&p);
        ANSWER(NO_LOGIN);
        /* a turn of no size would be a text */
        const struct proxying_turn turn = {size ? GRANTED : "", size, true};
        assert_int_equal(proxying_play(&p, &turn, 1), HWS_E_EOF);
        const char *when = size == 0 || size == 5 ? "instead of an answer"
                                                  : "in the middle of its "
                                                    "answer";
        char text[192];
        snprintf(text, sizeof(text),
                 "proxy 'p.example:3128' ended the connection %s", when);
        proxying_expect(&p, HWS_E_EOF, 0, text);
        proxying_end(&p);
    }
}

/* The longest reply there is: a name of 255 bytes. What is behind it belongs
 * to the tunnel, and is not even read. */
TEST(fault_12_oversized_replies_end_where_they_say)
{
    char reply[4 + 1 + 255 + 2 + 5];
    memset(reply, 'n', sizeof(reply));
    memcpy(reply, "\x05\x00\x00\x03\xff", 5);
    memcpy(reply + sizeof(reply) - 5, "first", 5);
    begin(HWS_SOCKS5H);
    proxying_open(&p);
    ANSWER(NO_LOGIN);
    assert_int_equal(play_bytes(reply, sizeof(reply), false), 0);
    proxying_expect_tunnel(&p, "first");
    proxying_end(&p);
    begin(HWS_SOCKS5H);
    proxying_open(&p);
    ANSWER(NO_LOGIN);
    assert_int_equal(ANSWER("\x05\x00\x00\x03\x00\x00\x00"
                            "first"),
                     0);
    proxying_expect_tunnel(&p, "first");
    proxying_end(&p);
}

/* A name that fills its length byte is one byte longer than a name can be. */
TEST(fault_12_names_are_sent_up_to_their_limit)
{
    char name[256];
    memset(name, 'a', 255);
    name[254] = '\0';
    for (size_t i = 63; i < 254; i += 64)
        name[i] = '.';
    prepare(HWS_SOCKS5H, NULL, NULL);
    options.tunnel.host = name;
    start();
    proxying_open(&p);
    ANSWER(NO_LOGIN);
    assert_int_equal(p.said_size, 4 + 1 + 254 + 2);
    assert_int_equal((uint8_t)p.said[4], 254);
    assert_memory_equal(p.said + 5, name, 254);
    proxying_end(&p);
    name[254] = 'a';
    name[255] = '\0';
    prepare(HWS_SOCKS5H, NULL, NULL);
    options.tunnel.host = name;
    start();
    assert_int_equal(proxying_open(&p), HWS_E_ARGUMENT);
    proxying_end(&p);
}

TEST(fault_12_user_and_password_are_sent_up_to_255_bytes)
{
    char text[257];
    memset(text, 'x', 256);
    text[255] = text[256] = '\0';
    prepare(HWS_SOCKS5H, text, text);
    start();
    proxying_open(&p);
    ANSWER("\x05\x02");
    assert_int_equal(p.said_size, 1 + 2 * 256);
    proxying_end(&p);
    text[255] = 'x';
    prepare(HWS_SOCKS5H, text, NULL);
    start();
    assert_int_equal(proxying_open(&p), HWS_E_ARGUMENT);
    proxying_expect(&p, HWS_E_ARGUMENT, 0,
                    "proxy 'p.example:3128' cannot be asked: the user is "
                    "longer than 255 bytes");
    proxying_end(&p);
    prepare(HWS_SOCKS5H, "anna", text);
    start();
    assert_int_equal(proxying_open(&p), HWS_E_ARGUMENT);
    proxying_end(&p);
}

TEST(what_a_version_cannot_carry_is_refused_before_anything_is_said)
{
    prepare(HWS_SOCKS4A, NULL, NULL);
    options.tunnel.host = "::1";
    start();
    assert_int_equal(proxying_open(&p), HWS_E_ARGUMENT);
    proxying_expect(&p, HWS_E_ARGUMENT, 0,
                    "proxy 'p.example:3128' cannot be asked: SOCKS 4 knows no "
                    "IPv6 address");
    proxying_end(&p);
    prepare(HWS_SOCKS4, "anna", "secret");
    start();
    assert_int_equal(proxying_open(&p), HWS_E_ARGUMENT);
    proxying_expect(&p, HWS_E_ARGUMENT, 0,
                    "proxy 'p.example:3128' cannot be asked: SOCKS 4 has no "
                    "password");
    proxying_end(&p);
    prepare(HWS_SOCKS5, "", "secret");
    start();
    assert_int_equal(proxying_open(&p), HWS_E_ARGUMENT);
    assert_int_equal(p.said_size, 0);
    proxying_end(&p);
}

TEST(fault_12_silent_proxy_is_a_named_timeout)
{
    begin(HWS_SOCKS5H);
    proxying_open(&p);
    ANSWER(NO_LOGIN);
    p.now = HWS_S(5);
    assert_int_equal(proxying_open(&p), HWS_E_TIMEOUT);
    proxying_expect(&p, HWS_E_TIMEOUT, 0,
                    "proxy 'p.example:3128' opened no tunnel to "
                    "'feed.example:443' within 5.0 s");
    proxying_end(&p);
}

static void talk_whole(void)
{
    static const struct proxying_turn turns[] = {
        BYTES("\x05\x02"),
        BYTES("\x01\x00"),
        BYTES("\x05\x00\x00\x03\x04"
              "name"
              "\x01\xbb"
              "glued"),
    };
    prepare(HWS_SOCKS5H, "anna", "secret");
    start();
    assert_int_equal(proxying_play(&p, turns, 3), 0);
}

TEST(fault_12_talk_is_the_same_however_its_bytes_come)
{
    for (size_t cut = 0; cut < 16; cut++) {
        p.cut = cut;
        talk_whole();
        proxying_expect_tunnel(&p, "glued");
        proxying_end(&p);
    }
    p.cut = 0;
    p.pair = (struct hws_pair_options){.read_max = 1, .write_max = 1};
    talk_whole();
    proxying_expect_tunnel(&p, "glued");
    proxying_end(&p);
    p.pair = (struct hws_pair_options){.capacity = 1};
    talk_whole();
    proxying_end(&p);
    p.pair = (struct hws_pair_options){0};
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(fault_12_every_reply_code_has_its_text),
        RUN(fault_12_method_ff_says_what_was_offered),
        RUN(wrong_password_is_named_and_stays_out_of_the_text),
        RUN(fault_12_answers_that_are_no_socks_are_named),
        RUN(fault_12_short_replies_are_named),
        RUN(fault_12_oversized_replies_end_where_they_say),
        RUN(fault_12_names_are_sent_up_to_their_limit),
        RUN(fault_12_user_and_password_are_sent_up_to_255_bytes),
        RUN(what_a_version_cannot_carry_is_refused_before_anything_is_said),
        RUN(fault_12_silent_proxy_is_a_named_timeout),
        RUN(fault_12_talk_is_the_same_however_its_bytes_come),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
