/* How a client loses its connection and takes it up again: what is told of
 * every loss, what is retried, and after which delay. */
#include "support/scene.h"
#include "support/test.h"

static void assert_state(const struct scene *s, enum hws_client_state state)
{
    assert_string_equal(hws_client_state_name(hws_client_get_state(s->client)),
                        hws_client_state_name(state));
}

static hws_time retry_delay(const struct scene *s)
{
    return s->down.down.retry_at - s->world.now;
}

/* One way to lose a connection, and what is told. */
struct loss {
    void (*happens)(struct peer *p);
    const char *told;
    hws_time least, most; /* of the delay that follows */
};

static void says_1000(struct peer *p)
{
    peer_send_close(p, 1000, "");
    peer_end(p);
}
static void says_1001(struct peer *p)
{
    peer_send_close(p, 1001, "restart");
    peer_end(p);
}
static void says_1008(struct peer *p)
{
    peer_send_close(p, 1008, "policy");
    peer_end(p);
}
static void says_1012(struct peer *p)
{
    peer_send_close(p, 1012, "");
    peer_end(p);
}
static void says_1013(struct peer *p)
{
    peer_send_close(p, 1013, "busy");
    peer_end(p);
}
static void says_4001(struct peer *p)
{
    peer_send_close(p, 4001, "no");
    peer_end(p);
}
static void says_nonsense(struct peer *p)
{
    peer_write_text(p, "\xff\xff\xff");
    peer_end(p);
}

#define SOON HWS_MS(125), HWS_MS(500)
#define SLOW HWS_S(15), HWS_S(30)

static const struct loss losses[] = {
    {peer_end, "down(eof)", SOON},
    {peer_cut, "down(reset)", SOON},
    {says_1000, "closing(peer 1000) down(closed)", SOON},
    {says_1001, "closing(peer 1001) down(closed)", SOON},
    {says_1012, "closing(peer 1012) down(closed)", SOON},
    {says_1008, "closing(peer 1008) down(closed)", SLOW},
    {says_1013, "closing(peer 1013) down(closed)", SLOW},
    {says_4001, "closing(peer 4001) down(closed)", SLOW},
    {says_nonsense, "closing(local 1002) down(protocol)", SLOW},
};

static void assert_loss(const struct loss *loss)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    scene_pass(&s, HWS_S(1));
    loss->happens(&s.peer);
    scene_settle(&s);
    scene_expect(&s, loss->told);
    assert_state(&s, HWS_CLIENT_WAITING);
    assert_in_range(retry_delay(&s), loss->least, loss->most);
    assert_string_equal(s.fault.peer, "pair");
    assert_true(s.down.down.was_up);
    assert_false(s.down.down.final);

    scene_pass(&s, retry_delay(&s) - 1);
    assert_int_equal(s.links, 1);
    scene_pass(&s, 1);
    assert_int_equal(s.links, 2);
    scene_accept(&s);
    scene_expect(&s, "up");
    assert_int_equal(s.connection, 2);
    assert_int_equal(s.attempt, 1);
    scene_end(&s);
}

TEST(every_loss_is_told_and_followed_by_a_new_connection)
{
    for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++)
        assert_loss(&losses[i]);
}

TEST(fault_44_refusals_by_close_code_are_not_hammered)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    hws_time begin = s.world.now;
    for (int i = 0; i < 10; i++) {
        says_4001(&s.peer);
        scene_next_attempt(&s);
        scene_accept(&s);
    }
    assert_true(s.world.now - begin >= 10 * HWS_S(15));
    scene_end(&s);
}

/* Two hundred clients of a server that restarts: their delays differ. */
TEST(fault_44_restart_herd_is_spread)
{
    hws_time delays[200];
    size_t in_bucket[15] = {0};
    struct scene s;
    scene_begin(&s);
    s.options.retry.stable = HWS_S(1);
    scene_open_up(&s);
    for (size_t i = 0; i < 200; i++) {
        scene_pass(&s, HWS_S(1));
        (i % 2 ? says_1001 : says_1012)(&s.peer);
        scene_settle(&s);
        delays[i] = retry_delay(&s);
        assert_in_range(delays[i], HWS_MS(125), HWS_MS(500));
        in_bucket[(delays[i] - HWS_MS(125)) / HWS_MS(25) % 15]++;
        scene_next_attempt(&s);
        scene_accept(&s);
    }
    for (size_t i = 0; i < 15; i++)
        assert_in_range(in_bucket[i], 2, 40);
    scene_end(&s);
}

/* Accepts, then closes within 10 ms, for a day. */
TEST(fault_43_quick_closes_make_no_hot_loop)
{
    struct scene s;
    scene_begin(&s);
    scene_open(&s);
    hws_time end = s.world.now + HWS_S(86400);
    while (s.world.now < end) {
        scene_accept(&s);
        scene_pass(&s, HWS_MS(10));
        says_1000(&s.peer);
        scene_next_attempt(&s);
    }
    /* The cap's mean is 15 s; a handful come before it is reached. */
    assert_in_range(s.links, 4000, 7500);
    assert_true(s.world.turns < (uint64_t)s.links * 20);
    scene_end(&s);
}

TEST(fault_45_forced_cut_every_day_starts_over_each_time)
{
    struct scene s;
    scene_begin(&s);
    s.served = true;
    scene_open_up(&s);
    for (unsigned day = 1; day <= 30; day++) {
        scene_pass(&s, HWS_S(86400));
        assert_true(s.is_up);
        hws_conn_close(s.server, 1001, hws_span_text("daily"));
        scene_settle(&s);
        assert_true(s.is_down);
        assert_true(s.down.down.clean);
        assert_in_range(retry_delay(&s), HWS_MS(125), HWS_MS(500));
        scene_pass(&s, HWS_S(1));
        assert_int_equal(s.connection, day + 1);
    }
    scene_end(&s);
}

TEST(failures_grow_the_delay_up_to_the_cap)
{
    struct scene s;
    scene_begin(&s);
    s.links_refused = 50;
    scene_open(&s);
    hws_time bound = HWS_MS(500), sum = 0;
    for (unsigned i = 1; i <= 50; i++) {
        assert_int_equal(s.downs, i);
        assert_int_equal(s.fault.status, HWS_E_CONNECT);
        assert_non_null(strstr(s.fault.text, "feed.example"));
        assert_false(s.down.down.was_up);
        assert_in_range(retry_delay(&s), HWS_MS(125), bound);
        sum += retry_delay(&s);
        bound = bound < HWS_S(15) ? 2 * bound : HWS_S(30);
        scene_next_attempt(&s);
    }
    assert_in_range(sum, HWS_S(400), HWS_S(1000));
    scene_accept(&s);
    assert_int_equal(s.attempt, 51);
    assert_int_equal(s.connection, 1);
    scene_end(&s);
}

TEST(attempts_max_ends_in_a_final_down)
{
    struct scene s;
    scene_begin(&s);
    s.options.retry.attempts_max = 3;
    s.links_refused = 3;
    scene_open(&s);
    scene_pass(&s, HWS_S(60));
    scene_expect(&s, "down(connect) down(connect) down(connect)!");
    assert_state(&s, HWS_CLIENT_STOPPED);
    assert_int_equal(s.links, 3);
    scene_end(&s);
}

TEST(retry_switched_off_ends_with_the_first_end)
{
    struct scene s;
    scene_begin(&s);
    s.options.retry.enabled = false;
    scene_open_up(&s);
    peer_end(&s.peer);
    scene_settle(&s);
    scene_expect(&s, "down(eof)!");
    assert_state(&s, HWS_CLIENT_STOPPED);
    scene_end(&s);
}

/* One refusal, and what becomes of it. */
static void assert_refusal(const char *answer, const char *told, hws_time least,
                           hws_time most)
{
    struct scene s;
    scene_begin(&s);
    scene_open(&s);
    peer_answer(&s.peer, answer);
    peer_end(&s.peer);
    scene_settle(&s);
    scene_expect(&s, told);
    assert_int_equal(s.down.down.by, HWS_PARTY_PEER);
    if (s.down.down.final)
        assert_state(&s, HWS_CLIENT_STOPPED);
    else
        assert_in_range(retry_delay(&s), least, most);
    scene_end(&s);
}

#define REFUSAL(status, headers) \
    "HTTP/1.1 " status " x\r\nContent-Length: 0\r\n" headers "\r\n"

TEST(refusals_by_status_follow_the_table)
{
    assert_refusal(REFUSAL("401", ""), "down(refused)!", 0, 0);
    assert_refusal(REFUSAL("403", ""), "down(refused)!", 0, 0);
    assert_refusal(REFUSAL("404", ""), "down(refused)!", 0, 0);
    assert_refusal(REFUSAL("300", "Location: /x\r\n"), "down(refused)!", 0, 0);
    assert_refusal(REFUSAL("407", ""), "down(refused)!", 0, 0);
    assert_refusal(REFUSAL("500", ""), "down(refused)", SOON);
    assert_refusal(REFUSAL("502", ""), "down(refused)", SOON);
    assert_refusal(REFUSAL("503", ""), "down(refused)", SLOW);
    assert_refusal(REFUSAL("429", ""), "down(refused)", SLOW);
    assert_refusal(REFUSAL("200", ""), "down(refused)", SLOW);
}

TEST(fault_07_retry_after_decides_the_delay)
{
    assert_refusal(REFUSAL("503", "Retry-After: 120\r\n"), "down(refused)",
                   HWS_S(120), HWS_S(132) + HWS_MS(250));
    assert_refusal(REFUSAL("429", "Retry-After: 1\r\n"), "down(refused)",
                   HWS_S(1), HWS_MS(1350));
    assert_refusal(REFUSAL("503", "Retry-After: 99999999999999999999\r\n"),
                   "down(refused)", HWS_S(15), HWS_S(3960) + HWS_MS(250));
    /* The world's wall clock begins in November 2023. */
    assert_refusal(
        REFUSAL("503", "Retry-After: Tue, 14 Nov 2023 22:31:40 GMT\r\n"),
        "down(refused)", HWS_S(100), HWS_S(110) + HWS_MS(250));
}

/* ---- on_retry */

static enum hws_verdict_retry obey(struct hws_client *client,
                                   const struct hws_event *event, void *user)
{
    struct scene *s = user;
    (void)client;
    assert_int_equal(event->kind, HWS_DOWN);
    assert_non_null(event->down.fault);
    return *(enum hws_verdict_retry *)s->more;
}

static void assert_overruled(const char *answer, enum hws_verdict_retry say,
                             const char *told, hws_time least, hws_time most)
{
    struct scene s;
    scene_begin(&s);
    s.more = &say;
    s.options.on_retry = obey;
    scene_open(&s);
    peer_answer(&s.peer, answer);
    peer_end(&s.peer);
    scene_settle(&s);
    scene_expect(&s, told);
    if (!s.down.down.final)
        assert_in_range(retry_delay(&s), least, most);
    scene_end(&s);
}

TEST(on_retry_may_go_on_or_stop)
{
    assert_overruled(REFUSAL("403", ""), HWS_RETRY_YES, "down(refused)", SLOW);
    assert_overruled(REFUSAL("403", ""), HWS_RETRY_DEFAULT, "down(refused)!", 0,
                     0);
    assert_overruled(REFUSAL("500", ""), HWS_RETRY_NO, "down(refused)!", 0, 0);
    assert_overruled(REFUSAL("500", ""), HWS_RETRY_YES, "down(refused)", SOON);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RUN(every_loss_is_told_and_followed_by_a_new_connection),
        RUN(fault_44_refusals_by_close_code_are_not_hammered),
        RUN(fault_44_restart_herd_is_spread),
        RUN(fault_43_quick_closes_make_no_hot_loop),
        RUN(fault_45_forced_cut_every_day_starts_over_each_time),
        RUN(failures_grow_the_delay_up_to_the_cap),
        RUN(attempts_max_ends_in_a_final_down),
        RUN(retry_switched_off_ends_with_the_first_end),
        RUN(refusals_by_status_follow_the_table),
        RUN(fault_07_retry_after_decides_the_delay),
        RUN(on_retry_may_go_on_or_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
