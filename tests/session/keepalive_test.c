/* Time in the life of a connection: pings, silence, sleep and jumping clocks.
 * All of it on a virtual clock. */
#include "support/scene.h"
#include "support/test.h"

/* Pass time up to the moment before `deadline`, then the moment itself. */
static void pass_to_just_before(struct scene *s, hws_time deadline)
{
    scene_pass(s, deadline - 1 - s->world.now);
}

TEST(idle_day_is_pings_and_pongs_and_nothing_else)
{
    struct scene s;
    scene_begin(&s);
    s.served = true;
    scene_open_up(&s);
    uint64_t before = s.world.turns;
    hws_time begin = s.world.now;
    scene_pass(&s, HWS_S(86400));
    struct hws_snapshot now = scene_snapshot(&s);
    assert_int_equal(now.pings_out, 86400 / 15);
    assert_int_equal(now.pongs_in, 86400 / 15);
    assert_int_equal(now.connections, 1);
    assert_int_equal(now.up_since, begin);
    /* For each ping: our alarm, the server's reading, our reading. */
    assert_true(s.world.turns - before <= 3 * (86400 / 15));
    scene_end(&s);
}

TEST(idle_wakeups_are_none)
{
    struct scene s;
    scene_begin(&s);
    s.served = true;
    scene_open_up(&s);
    scene_pass(&s, HWS_S(60)); /* past all deadlines of the opening */
    uint64_t before = scene_snapshot(&s).idle_wakeups;
    scene_pass(&s, HWS_S(3600));
    assert_int_equal(scene_snapshot(&s).idle_wakeups, before);
    scene_end(&s);
}

TEST(ping_leaves_at_the_exact_time)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    hws_time up = s.world.now;
    pass_to_just_before(&s, up + HWS_S(15));
    peer_expect_nothing(&s.peer);
    scene_pass(&s, 1);
    peer_answer_ping(&s.peer);
    scene_settle(&s);
    assert_int_equal(s.round_trip, 0);
    scene_end(&s);
}

TEST(any_byte_puts_the_ping_off)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    for (int i = 0; i < 100; i++) {
        scene_pass(&s, HWS_S(14));
        peer_send_text(&s.peer, "tick");
    }
    scene_settle(&s);
    peer_expect_nothing(&s.peer);
    assert_int_equal(s.messages, 100);
    scene_end(&s);
}

TEST(fault_29_silent_peer_is_dead_at_the_exact_time)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    hws_time up = s.world.now;
    peer_quiet(&s.peer);
    pass_to_just_before(&s, up + HWS_S(25));
    scene_expect(&s, "");
    scene_pass(&s, 1);
    scene_expect(&s, "down(silent)");
    assert_int_equal(s.fault.phase, HWS_PHASE_IDLE);
    assert_int_equal(s.down.down.by, HWS_PARTY_NETWORK);
    assert_int_equal(s.down.down.received_code, 1006);
    assert_string_equal(s.fault.peer, "pair");
    scene_end(&s);
}

TEST(fault_29_silence_is_found_while_sending)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    peer_quiet(&s.peer);
    for (int i = 0; i < 25 && s.is_up; i++) {
        scene_send(&s, "into the void");
        scene_pass(&s, HWS_S(1));
    }
    scene_expect(&s, "down(silent)");
    scene_end(&s);
}

TEST(fault_29_silence_is_found_while_closing)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    peer_quiet(&s.peer);
    hws_client_close(s.client, 1000, hws_span_text(""));
    scene_pass(&s, HWS_S(2) - 1);
    scene_expect(&s, "closing(local 1000)");
    scene_pass(&s, 1);
    scene_expect(&s, "down(timeout)!");
    assert_int_equal(s.fault.phase, HWS_PHASE_CLOSE);
    scene_end(&s);
}

/* A NAT that forgets the flow after so long without a byte: pings keep it, and
 * where they are too rare for it, the loss is found and mended. */
static void assert_nat(hws_time forgets, hws_time ping, bool kept)
{
    struct scene s;
    scene_begin(&s);
    s.options.delays.ping = ping;
    scene_open_up(&s);
    for (int i = 0; i < 20 && s.is_up; i++) {
        if (ping > forgets) {
            scene_pass(&s, forgets);
            peer_quiet(&s.peer);
            scene_pass(&s, ping - forgets + HWS_S(10));
            break;
        }
        scene_pass(&s, ping);
        peer_answer_ping(&s.peer);
        scene_settle(&s);
    }
    assert_int_equal(s.downs, kept ? 0 : 1);
    if (!kept) {
        assert_int_equal(s.fault.status, HWS_E_SILENT);
        scene_next_attempt(&s);
        scene_accept(&s);
        assert_true(s.is_up);
    }
    scene_end(&s);
}

TEST(fault_38_flow_that_is_dropped_when_idle)
{
    assert_nat(HWS_S(30), HWS_S(15), true);
    assert_nat(HWS_S(60), HWS_S(15), true);
    assert_nat(HWS_S(300), HWS_S(15), true);
    assert_nat(HWS_S(30), HWS_S(45), false);
    assert_nat(HWS_S(60), HWS_S(120), false);
    assert_nat(HWS_S(300), HWS_S(600), false);
}

TEST(byte_in_the_last_moment_saves_the_connection)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    hws_time up = s.world.now;
    pass_to_just_before(&s, up + HWS_S(25));
    peer_send_text(&s.peer, "alive");
    scene_pass(&s, HWS_S(10));
    scene_expect(&s, "text(alive)");
    scene_end(&s);
}

/* ---- we did not look */

static void block_30_s(struct scene *s, const struct hws_event *e)
{
    if (e->kind != HWS_MESSAGE)
        return;
    s->world.now += HWS_S(30);
    if (s->more) /* the peer's pong comes while nobody looks */
        peer_send_text(&s->peer, "meanwhile");
    s->then = NULL;
}

TEST(fault_41_peer_is_not_silent_while_we_block)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    scene_pass(&s, HWS_S(16)); /* a ping is out and unanswered */
    s.then = block_30_s;
    s.more = &s;
    scene_send(&s, "x");
    /* Not a byte that answers it comes before we block. */
    peer_send_text(&s.peer, "block");
    scene_settle(&s);
    scene_expect(&s, "text(block) text(meanwhile)");
    assert_true(s.is_up);
    struct hws_snapshot now = scene_snapshot(&s);
    assert_true(now.callback_max >= HWS_S(30));
    scene_end(&s);
}

TEST(fault_41_blocking_sends_a_ping_and_no_verdict)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    s.then = block_30_s;
    peer_send_text(&s.peer, "block");
    scene_settle(&s);
    scene_expect(&s, "text(block)");
    /* The ping of 15 s is late; it is asked now, and 10 s are given. */
    peer_answer_ping(&s.peer);
    scene_pass(&s, HWS_S(14));
    assert_true(s.is_up);
    scene_end(&s);
}

/* A callback that blocks is no sleep of the machine. */
TEST(fault_41_blocking_causes_no_probe_of_others)
{
    struct scene s;
    scene_begin(&s);
    s.served = true;
    scene_open_up(&s);
    s.then = block_30_s;
    hws_conn_send(s.server, HWS_TEXT, hws_span_text("block"), true);
    scene_pass(&s, HWS_S(1));
    uint64_t pings = scene_snapshot(&s).pings_out;
    assert_true(pings <= 1);
    scene_pass(&s, HWS_S(13));
    assert_int_equal(scene_snapshot(&s).pings_out, pings);
    scene_end(&s);
}

TEST(paused_peer_is_never_silent)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    hws_client_pause(s.client);
    scene_pass(&s, HWS_S(3600));
    assert_true(s.is_up);
    hws_client_resume(s.client);
    scene_pass(&s, HWS_S(15));
    peer_answer_ping(&s.peer);
    scene_pass(&s, HWS_S(11));
    assert_true(s.is_up);
    scene_end(&s);
}

/* ---- other clocks */

TEST(fault_40_wall_clock_jumps_change_nothing)
{
    struct scene s;
    scene_begin(&s);
    s.served = true;
    scene_open_up(&s);
    uint64_t before = s.world.turns;
    for (int i = 0; i < 24; i++) {
        s.world.realtime_ahead += i % 2 ? -HWS_S(3600) : HWS_S(3600);
        scene_pass(&s, HWS_S(3600));
    }
    assert_true(s.is_up);
    assert_int_equal(scene_snapshot(&s).pings_out, 86400 / 15);
    assert_true(s.world.turns - before <= 3 * (86400 / 15));
    scene_end(&s);
}

TEST(fault_40_wall_clock_jumps_do_not_move_the_retry)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    peer_end(&s.peer);
    scene_settle(&s);
    hws_time retry_at = s.down.down.retry_at;
    s.world.realtime_ahead -= HWS_S(3600);
    pass_to_just_before(&s, retry_at);
    assert_int_equal(s.links, 1);
    scene_pass(&s, 1);
    assert_int_equal(s.links, 2);
    scene_end(&s);
}

/* The monotonic clock stands still while the machine sleeps. */
static void assert_probe_after_sleep(hws_time sleep)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    scene_pass(&s, HWS_S(15));
    peer_answer_ping(&s.peer);
    scene_settle(&s);
    s.world.asleep += sleep;
    pass_to_just_before(&s, s.world.now + HWS_S(15));
    peer_expect_nothing(&s.peer);
    scene_pass(&s, 1); /* the next wake-up: asked, and once */
    peer_answer_ping(&s.peer);
    scene_settle(&s);
    assert_true(s.is_up);
    scene_end(&s);
}

TEST(fault_39_sleep_is_followed_by_a_probe)
{
    assert_probe_after_sleep(HWS_S(1));
    assert_probe_after_sleep(HWS_S(8 * 3600));
}

/* A pong that got lost in the sleep is no silence: it is asked for again. */
TEST(fault_39_silence_is_not_judged_over_a_sleep)
{
    struct scene s;
    struct peer_frame lost;
    scene_begin(&s);
    scene_open_up(&s);
    scene_pass(&s, HWS_S(15));
    assert_true(peer_take(&s.peer, &lost));
    s.world.asleep += HWS_S(8 * 3600);
    scene_pass(&s, HWS_S(10));
    assert_true(s.is_up);
    peer_answer_ping(&s.peer);
    scene_settle(&s);
    scene_pass(&s, HWS_S(14));
    assert_true(s.is_up);
    assert_int_equal(scene_snapshot(&s).pings_out, 2);
    scene_end(&s);
}

/* The line says something after the sleep, but the probe is not answered. */
/* A second line of the same loop, served apart from the first. */
static struct hws_link *link_aside(struct hws_client *client, const char *url,
                                   void *user)
{
    struct scene *s = user;
    struct hws_link *ends[2];
    (void)client, (void)url;
    assert_int_equal(hws_pair_new(&s->pair, ends), 0);
    assert_non_null(hws_conn_new(s->loop, ends[1], &s->serving, NULL));
    return ends[0];
}

static uint64_t pings_of(const struct hws_client *client)
{
    struct hws_snapshot snapshot;
    hws_client_snapshot(client, &snapshot);
    return snapshot.pings_out;
}

/* One that is woken by its deadline, or by a byte, wakes all others. */
static void assert_all_probe_after_sleep(bool by_byte)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    scene_pass(&s, HWS_S(10));
    struct hws_client_options o = s.options;
    o.on_link = link_aside;
    struct hws_client *other = hws_client_new(s.loop, &o, NULL);
    assert_int_equal(hws_client_open(other), 0);
    scene_settle(&s);
    assert_int_equal(hws_client_get_state(other), HWS_CLIENT_UP);

    s.world.asleep += HWS_S(3600);
    scene_pass(&s, HWS_S(2));
    assert_int_equal(pings_of(other), 0);
    if (by_byte)
        peer_send_text(&s.peer, "good morning");
    scene_pass(&s, by_byte ? 0 : HWS_S(3));
    assert_int_equal(pings_of(other), 1);
    assert_int_equal(pings_of(s.client), 1);
    hws_client_free(other);
    scene_settle(&s);
    scene_end(&s);
}

TEST(fault_39_whoever_notices_a_sleep_wakes_all_others)
{
    assert_all_probe_after_sleep(false);
    assert_all_probe_after_sleep(true);
}

TEST(fault_39_connection_that_died_in_sleep_is_found)
{
    struct scene s;
    scene_begin(&s);
    s.options.delays.silent = HWS_S(3);
    s.options.retry.enabled = false;
    scene_open_up(&s);
    s.world.asleep += HWS_S(3600);
    peer_quiet(&s.peer);
    scene_pass(&s, HWS_S(15) + HWS_S(3));
    scene_expect(&s, "down(silent)!");
    scene_end(&s);
}

/* ---- pongs */

TEST(fault_23_pongs_of_no_ping_are_told_and_count_for_nothing)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    for (int i = 0; i < 3; i++)
        peer_send_pong(&s.peer, hws_span_text("never asked"));
    scene_settle(&s);
    scene_expect(&s, "pong(never asked) pong(never asked) pong(never asked)");
    assert_int_equal(s.round_trip, HWS_NEVER);
    assert_int_equal(scene_snapshot(&s).round_trip_last, HWS_NEVER);
    scene_end(&s);
}

TEST(fault_23_pong_of_the_previous_connection_answers_nothing)
{
    uint8_t old[125];
    struct peer_frame ping;
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    scene_pass(&s, HWS_S(15));
    assert_true(peer_take(&s.peer, &ping));
    assert_int_equal(ping.opcode, HWS_OP_PING);
    size_t size = ping.data.size;
    memcpy(old, ping.data.data, size);
    peer_end(&s.peer);
    scene_next_attempt(&s);
    scene_accept(&s);
    scene_pass(&s, HWS_S(15));
    peer_send_pong(&s.peer, (struct hws_span){old, size});
    scene_settle(&s);
    assert_int_equal(s.round_trip, HWS_NEVER);
    scene_end(&s);
}

TEST(round_trip_of_the_users_ping_is_told)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    assert_int_equal(hws_client_ping(s.client, hws_span_text("mine")), 0);
    scene_pass(&s, HWS_MS(80));
    peer_answer_ping(&s.peer);
    scene_settle(&s);
    scene_expect(&s, "pong(mine)");
    assert_int_equal(s.round_trip, HWS_MS(80));
    assert_int_equal(scene_snapshot(&s).round_trip_last, HWS_MS(80));
    scene_end(&s);
}

TEST(fault_46_connected_without_data_stays_up_and_says_so)
{
    struct scene s;
    scene_begin(&s);
    s.served = true;
    scene_open_up(&s);
    scene_pass(&s, HWS_S(3600));
    struct hws_snapshot now = scene_snapshot(&s);
    assert_true(s.is_up);
    assert_int_equal(now.messages_in, 0);
    assert_int_equal(now.last_message_at, HWS_NEVER);
    assert_true(s.world.now - now.last_byte_at <= HWS_S(15));
    scene_end(&s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RUN(idle_day_is_pings_and_pongs_and_nothing_else),
        RUN(idle_wakeups_are_none),
        RUN(ping_leaves_at_the_exact_time),
        RUN(any_byte_puts_the_ping_off),
        RUN(fault_29_silent_peer_is_dead_at_the_exact_time),
        RUN(fault_29_silence_is_found_while_sending),
        RUN(fault_29_silence_is_found_while_closing),
        RUN(fault_38_flow_that_is_dropped_when_idle),
        RUN(byte_in_the_last_moment_saves_the_connection),
        RUN(fault_41_peer_is_not_silent_while_we_block),
        RUN(fault_41_blocking_sends_a_ping_and_no_verdict),
        RUN(fault_41_blocking_causes_no_probe_of_others),
        RUN(paused_peer_is_never_silent),
        RUN(fault_40_wall_clock_jumps_change_nothing),
        RUN(fault_40_wall_clock_jumps_do_not_move_the_retry),
        RUN(fault_39_sleep_is_followed_by_a_probe),
        RUN(fault_39_silence_is_not_judged_over_a_sleep),
        RUN(fault_39_whoever_notices_a_sleep_wakes_all_others),
        RUN(fault_39_connection_that_died_in_sleep_is_found),
        RUN(fault_23_pongs_of_no_ping_are_told_and_count_for_nothing),
        RUN(fault_23_pong_of_the_previous_connection_answers_nothing),
        RUN(round_trip_of_the_users_ping_is_told),
        RUN(fault_46_connected_without_data_stays_up_and_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
