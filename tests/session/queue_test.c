/* What is sent and what is received when one side cannot keep up: water marks,
 * full queues, unsent messages, batches. */
#include "support/scene.h"
#include "support/test.h"

static int send_sized(struct scene *s, char letter, size_t size)
{
    static char text[4096];
    memset(text, letter, size);
    return hws_client_send(s->client, HWS_TEXT,
                           (struct hws_span){(uint8_t *)text, size});
}

/* UP, with a transport that holds `capacity` bytes and a peer that does not
 * read until it is told to. */
static void begin_narrow(struct scene *s, size_t capacity, enum hws_full full)
{
    scene_begin(s);
    s->pair.capacity = capacity;
    s->options.limits.when_full = full;
    s->options.limits.send_queue_max = 4000;
    s->options.limits.send_queue_high = 2000;
    s->options.limits.send_queue_low = 500;
    scene_open_up(s);
}

/* Let the peer read all; the letters of what came, one per message. */
static void assert_arrives(struct scene *s, const char *letters)
{
    char came[64] = "";
    size_t count = 0;
    struct peer_frame frame;
    for (int i = 0; i < 100; i++) {
        while (peer_take(&s->peer, &frame))
            came[count++] = frame.opcode == HWS_TEXT && frame.data.size
                                ? (char)frame.data.data[0]
                                : '?';
        scene_settle(s);
    }
    assert_string_equal(came, letters);
}

TEST(marks_are_told_on_the_way_up_and_down)
{
    struct scene s;
    begin_narrow(&s, 300, HWS_FULL_REFUSE);
    assert_int_equal(send_sized(&s, 'a', 1000), 0);
    scene_settle(&s);
    scene_expect(&s, "");
    assert_int_equal(send_sized(&s, 'b', 1500), 0);
    scene_settle(&s);
    scene_expect(&s, "high");
    assert_true(scene_snapshot(&s).send_queue > 2000);
    assert_arrives(&s, "ab");
    scene_expect(&s, "low");
    assert_int_equal(scene_snapshot(&s).send_queue, 0);
    scene_end(&s);
}

TEST(full_queue_refuses_and_keeps_what_it_has)
{
    struct scene s;
    begin_narrow(&s, 300, HWS_FULL_REFUSE);
    assert_int_equal(send_sized(&s, 'a', 2000), 0);
    assert_int_equal(send_sized(&s, 'b', 1900), 0);
    assert_int_equal(send_sized(&s, 'c', 1000), HWS_E_FULL);
    assert_int_equal(send_sized(&s, 'd', 4096), HWS_E_TOO_BIG);
    assert_arrives(&s, "ab");
    assert_int_equal(scene_snapshot(&s).unsent_messages, 0);
    assert_int_equal(send_sized(&s, 'e', 1000), 0);
    assert_arrives(&s, "e");
    scene_end(&s);
}

TEST(full_queue_may_drop_the_oldest)
{
    struct scene s;
    begin_narrow(&s, 300, HWS_FULL_DROP_OLDEST);
    /* The first one has begun on the wire. */
    for (char c = 'a'; c <= 'h'; c++)
        assert_int_equal(send_sized(&s, c, 1000), 0);
    assert_arrives(&s, "afgh");
    scene_end(&s);
}

TEST(full_queue_may_drop_the_newest)
{
    struct scene s;
    begin_narrow(&s, 300, HWS_FULL_DROP_NEWEST);
    for (char c = 'a'; c <= 'h'; c++)
        assert_int_equal(send_sized(&s, c, 1000), 0);
    assert_arrives(&s, "abcd");
    scene_end(&s);
}

TEST(full_queue_may_end_the_connection)
{
    struct scene s;
    begin_narrow(&s, 300, HWS_FULL_CLOSE);
    for (char c = 'a'; c <= 'd'; c++)
        send_sized(&s, c, 1000);
    send_sized(&s, 'e', 1000);
    scene_pass(&s, HWS_S(3));
    assert_int_equal(s.fault.status, HWS_E_FULL);
    assert_int_equal(s.downs, 1);
    scene_end(&s);
}

TEST(unsent_messages_are_counted_when_the_line_is_cut)
{
    struct scene s;
    begin_narrow(&s, 300, HWS_FULL_REFUSE);
    for (char c = 'a'; c <= 'c'; c++)
        assert_int_equal(send_sized(&s, c, 1000), 0);
    peer_cut(&s.peer);
    scene_settle(&s);
    assert_int_equal(s.downs, 1);
    assert_int_equal(s.down.down.unsent_messages, 3);
    assert_int_equal(scene_snapshot(&s).unsent_messages, 3);
    assert_int_equal(scene_snapshot(&s).messages_out, 3);
    scene_end(&s);
}

TEST(what_was_handed_over_is_not_unsent)
{
    struct scene s;
    begin_narrow(&s, 64 << 10, HWS_FULL_REFUSE);
    for (char c = 'a'; c <= 'c'; c++)
        assert_int_equal(send_sized(&s, c, 1000), 0);
    peer_end(&s.peer);
    scene_settle(&s);
    assert_int_equal(s.down.down.unsent_messages, 0);
    scene_end(&s);
}

TEST(nothing_is_carried_over_to_the_next_connection)
{
    struct scene s;
    begin_narrow(&s, 300, HWS_FULL_REFUSE);
    assert_int_equal(send_sized(&s, 'a', 1000), 0);
    peer_cut(&s.peer);
    scene_next_attempt(&s);
    scene_accept(&s);
    peer_expect_nothing(&s.peer);
    scene_end(&s);
}

TEST(bad_messages_are_refused_by_name)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    assert_int_equal(hws_client_send(s.client, HWS_TEXT, hws_span_text("\xff")),
                     HWS_E_UTF8);
    assert_int_not_equal(
        hws_client_send(s.client, HWS_OP_PING, hws_span_text("x")), 0);
    scene_settle(&s);
    peer_expect_nothing(&s.peer);
    scene_end(&s);
}

TEST(lone_send_leaves_at_once)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    scene_send(&s, "now");
    peer_expect(&s.peer, HWS_TEXT, "now"); /* no turn of the loop */
    scene_end(&s);
}

static void send_ten(struct scene *s, const struct hws_event *e)
{
    if (e->kind != HWS_MESSAGE)
        return;
    for (int i = 0; i < 10; i++)
        scene_send(s, "ten");
}

TEST(sends_of_one_wakeup_leave_in_one_write)
{
    struct scene s;
    scene_begin(&s);
    s.then = send_ten;
    scene_open_up(&s);
    uint64_t before = scene_snapshot(&s).writes;
    peer_send_text(&s.peer, "a");
    peer_send_text(&s.peer, "b");
    scene_settle(&s);
    for (int i = 0; i < 20; i++)
        peer_expect(&s.peer, HWS_TEXT, "ten");
    assert_int_equal(scene_snapshot(&s).writes, before + 1);
    scene_end(&s);
}

TEST(every_batch_leaves_at_its_end)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    for (uint64_t i = 0; i < 50; i++) {
        uint64_t before = scene_snapshot(&s).writes;
        hws_batch_begin(s.loop);
        hws_batch_begin(s.loop);
        scene_send(&s, "one");
        hws_batch_end(s.loop);
        scene_send(&s, "two");
        peer_expect_nothing(&s.peer);
        hws_batch_end(s.loop);
        peer_expect(&s.peer, HWS_TEXT, "one"); /* no turn of the loop */
        peer_expect(&s.peer, HWS_TEXT, "two");
        assert_int_equal(scene_snapshot(&s).writes, before + 1);
    }
    scene_end(&s);
}

/* A user who refills the queue for ever does not keep the loop. */
static void refill(struct scene *s, const struct hws_event *e)
{
    if (e->kind == HWS_LOW_WATER && s->messages < 1000) {
        s->messages++;
        send_sized(s, 'r', 2500);
    }
}

TEST(refilling_at_low_water_yields_to_the_loop)
{
    struct scene s;
    begin_narrow(&s, 40000, HWS_FULL_REFUSE);
    s.then = refill;
    while (scene_snapshot(&s).send_queue <= 2000)
        send_sized(&s, 'r', 2500);
    scene_settle(&s);
    scene_expect(&s, "high");
    for (int i = 0; i < 3000 && s.messages < 1000; i++) {
        struct peer_frame frame;
        while (peer_take(&s.peer, &frame))
            assert_int_equal(frame.data.size, 2500);
        scene_settle(&s);
    }
    assert_int_equal(s.messages, 1000);
    scene_end(&s);
}

static void end_a_batch(struct scene *s, const struct hws_event *e)
{
    (void)e;
    hws_batch_end(s->loop);
}

TEST(end_without_a_batch_does_not_end_the_wake_up)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    s.then = end_a_batch;
    peer_send_text(&s.peer, "hello");
    scene_settle(&s);
    s.then = NULL;
    scene_forget(&s);
    scene_send(&s, "at once");
    peer_expect(&s.peer, HWS_TEXT, "at once");
    scene_end(&s);
}

/* ---- closing */

TEST(code_that_must_not_be_sent_closes_nothing_in_any_state)
{
    struct scene s;
    struct hws_span none = hws_span_text("");
    scene_begin(&s);
    scene_open(&s);
    assert_int_equal(hws_client_close(s.client, 1005, none), HWS_E_ARGUMENT);
    scene_accept(&s);
    scene_expect(&s, "up");
    assert_int_equal(hws_client_close(s.client, 1005, none), HWS_E_ARGUMENT);
    peer_cut(&s.peer);
    scene_settle(&s);
    scene_expect(&s, "down(reset)");
    assert_int_equal(hws_client_close(s.client, 1005, none), HWS_E_ARGUMENT);
    scene_next_attempt(&s);
    scene_accept(&s);
    scene_expect(&s, "up");
    scene_end(&s);
}

/* ---- one byte at a time */

TEST(fault_34_one_byte_reads_and_writes_change_nothing)
{
    struct scene s;
    scene_begin(&s);
    s.pair.read_max = s.pair.write_max = 1;
    s.served = true;
    scene_open_up(&s);
    for (int i = 0; i < 20; i++)
        scene_send(&s, "slow but sure");
    scene_settle(&s);
    assert_int_equal(s.messages, 20);
    scene_end(&s);
}

/* ---- a peer that floods and does not read */

TEST(fault_23_ping_flood_is_answered_within_bounds)
{
    struct scene s;
    begin_narrow(&s, 2000, HWS_FULL_REFUSE);
    for (int i = 0; i < 20000; i++) {
        peer_send_ping(&s.peer, "flood");
        scene_settle(&s);
        s.journal_size = 0;
        assert_true(s.is_up);
    }
    struct hws_snapshot now = scene_snapshot(&s);
    assert_int_equal(now.pings_in, 20000);
    assert_true(now.send_queue < 8000);
    assert_true(now.memory < 64 << 10);
    struct peer_frame frame = {0};
    unsigned pongs = 0;
    for (int i = 0; i < 100; i++) {
        while (peer_take(&s.peer, &frame))
            pongs += frame.opcode == HWS_OP_PONG;
        scene_settle(&s);
    }
    assert_true(pongs > 100);
    scene_end(&s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RUN(marks_are_told_on_the_way_up_and_down),
        RUN(full_queue_refuses_and_keeps_what_it_has),
        RUN(full_queue_may_drop_the_oldest),
        RUN(full_queue_may_drop_the_newest),
        RUN(full_queue_may_end_the_connection),
        RUN(unsent_messages_are_counted_when_the_line_is_cut),
        RUN(what_was_handed_over_is_not_unsent),
        RUN(nothing_is_carried_over_to_the_next_connection),
        RUN(bad_messages_are_refused_by_name),
        RUN(lone_send_leaves_at_once),
        RUN(sends_of_one_wakeup_leave_in_one_write),
        RUN(every_batch_leaves_at_its_end),
        RUN(end_without_a_batch_does_not_end_the_wake_up),
        RUN(code_that_must_not_be_sent_closes_nothing_in_any_state),
        RUN(refilling_at_low_water_yields_to_the_loop),
        RUN(fault_34_one_byte_reads_and_writes_change_nothing),
        RUN(fault_23_ping_flood_is_answered_within_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
