/*
 * A simulated day with a peer that does anything at any time: accepts,
 * refuses, says nothing, cuts, closes, floods, sends garbage. Whatever it
 * does, the client tells a story that holds together, never spins, and is
 * replayed exactly from its seed.
 */
#include "support/scene.h"
#include "support/test.h"

#include "base/list.h"

#include <stdlib.h>

#define DAY HWS_S(86400)
#define SEEDS 200

struct chaos {
    struct scene scene;
    struct hwi_seeded dice;
    struct hws_timer timer; /* the peer's next move */
    uint64_t story;         /* hash of all that was told, and when */
    unsigned moves;
    bool redialing;       /* the user asked for the DOWN that follows */
    unsigned attempts;    /* links asked for */
    unsigned next_number; /* of the next message of the peer */
    unsigned expected;    /* by the client */
    bool torn;    /* the peer's bytes stopped inside a frame, or are garbage */
    bool gapless; /* the next message follows the last one */
    size_t memory_max;
};

static unsigned roll(struct chaos *c, unsigned sides)
{
    return (unsigned)(hwi_seeded_next(&c->dice) % sides);
}

static void hash(struct chaos *c, uint64_t word)
{
    c->story = (c->story ^ word) * UINT64_C(1099511628211);
    c->story ^= c->story >> 29;
}

/* ---- the story that the client tells */

static void check_message(struct chaos *c, const struct hws_event *e)
{
    char text[32] = "";
    assert_true(c->scene.is_up);
    assert_true(e->message.first && e->message.last);
    if (e->message.data.size == 0 || e->message.data.size >= sizeof(text))
        return;
    memcpy(text, e->message.data.data, e->message.data.size);
    unsigned number = (unsigned)strtoul(text, NULL, 10);
    assert_true(number >= c->expected); /* a cut loses, nothing reorders */
    if (c->gapless)
        assert_int_equal(number, c->expected);
    c->gapless = !c->torn;
    c->expected = number + 1;
    hash(c, number);
}

static void check_up(struct chaos *c, const struct hws_event *e)
{
    assert_false(c->scene.is_up);
    assert_int_equal(e->up.connection, c->scene.connection + 1);
    assert_true(e->up.attempt >= 1);
}

static void check_down(struct chaos *c, const struct hws_event *e)
{
    assert_int_equal(e->down.was_up, c->scene.is_up);
    assert_int_equal(c->scene.downs + 1, c->attempts); /* one for each */
    assert_false(e->down.final);
    if (c->redialing)
        assert_int_equal(e->down.retry_at, c->scene.world.now);
    else
        assert_true(e->down.retry_at - c->scene.world.now >= HWS_MS(125));
    c->redialing = false;
    assert_int_not_equal(e->down.fault->status, HWS_OK);
    assert_true(e->down.fault->text[0] != '\0');
    hash(c, (uint64_t)(unsigned)e->down.fault->status);
    hash(c, (uint64_t)e->down.retry_at);
}

static void on_event(struct hws_client *client, const struct hws_event *e,
                     void *user)
{
    struct chaos *c = user;
    hash(c, (uint64_t)e->kind);
    hash(c, (uint64_t)c->scene.world.now);
    if (e->kind == HWS_MESSAGE)
        check_message(c, e);
    else if (e->kind == HWS_UP)
        check_up(c, e);
    else if (e->kind == HWS_DOWN)
        check_down(c, e);
    scene_note(client, e, &c->scene);
    c->scene.journal_size = 0;
}

static struct hws_link *on_link(struct hws_client *client, const char *url,
                                void *user)
{
    struct chaos *c = user;
    c->attempts++;
    c->torn = c->gapless = false;
    c->scene.pair.read_max = roll(c, 3) ? 0 : 1 + roll(c, 100);
    c->scene.pair.write_max = roll(c, 3) ? 0 : 1 + roll(c, 100);
    if (roll(c, 20) == 0)
        return NULL;
    return scene_link(client, url, &c->scene);
}

/* ---- the peer's moves */

static void say(struct chaos *c, const void *bytes, size_t size)
{
    if (peer_write(&c->scene.peer, bytes, size) < size)
        c->torn = true;
    if (c->torn)
        c->gapless = false;
}

static void send_number(struct chaos *c)
{
    char text[32];
    snprintf(text, sizeof(text), "%u", c->next_number++);
    uint8_t frame[40] = {0x81, (uint8_t)strlen(text)};
    memcpy(frame + 2, text, strlen(text));
    say(c, frame, 2 + strlen(text));
}

static void send_garbage(struct chaos *c)
{
    uint8_t bytes[64];
    c->torn = true;
    hwi_seeded_random(&c->dice).fill(&c->dice, bytes, sizeof(bytes));
    say(c, bytes, 1 + roll(c, sizeof(bytes)));
}

static void flood_with_pings(struct chaos *c)
{
    static const uint8_t ping[] = {0x89, 2, 'h', 'i'};
    unsigned count = roll(c, 300);
    while (count-- > 0)
        say(c, ping, sizeof(ping));
}

static void say_close(struct chaos *c)
{
    static const uint16_t codes[] = {1000, 1001, 1002, 1003, 1007, 1008,
                                     1009, 1011, 1012, 1013, 3000, 4000,
                                     4999, 1005, 1006, 999,  5000};
    unsigned code = codes[roll(c, 17)];
    uint8_t frame[] = {0x88, 2, (uint8_t)(code >> 8), (uint8_t)code};
    say(c, frame, sizeof(frame));
}

static void answer_pings(struct chaos *c)
{
    struct peer_frame frame;
    while (peer_take(&c->scene.peer, &frame)) {
        uint8_t pong[140] = {0x8a, (uint8_t)frame.data.size};
        if (frame.opcode != HWS_OP_PING)
            continue;
        memcpy(pong + 2, frame.data.data, frame.data.size);
        say(c, pong, 2 + frame.data.size);
    }
}

static void refuse(struct chaos *c)
{
    /* None of these is final by the table. */
    static const char *const answers[] = {
        "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 503 Busy\r\nRetry-After: 77\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 429 Slow\r\nContent-Length: 5\r\n\r\nsorry",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0",
        "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n",
        "SMTP ready\r\n\r\n",
    };
    const char *answer = answers[roll(c, 6)];
    say(c, answer, strlen(answer));
}

static void talk(struct chaos *c)
{
    struct peer *p = &c->scene.peer;
    switch (roll(c, 40)) {
    case 0:
        peer_end(p);
        break;
    case 1:
        peer_cut(p);
        break;
    case 2:
        peer_quiet(p);
        break;
    case 3:
        say_close(c);
        break;
    case 4:
        send_garbage(c);
        break;
    case 5:
        flood_with_pings(c);
        break;
    case 6: /* silence */
        break;
    default:
        answer_pings(c);
        send_number(c);
    }
}

static void greet(struct chaos *c)
{
    switch (roll(c, 8)) {
    case 0:
        peer_end(&c->scene.peer);
        break;
    case 1:
        peer_cut(&c->scene.peer);
        break;
    case 2:
        refuse(c);
        break;
    case 3: /* silence */
        break;
    case 4:
        send_garbage(c);
        break;
    default:
        if (peer_has_request(&c->scene.peer)) {
            const char *answer = peer_accept_text(&c->scene.peer);
            say(c, answer, strlen(answer));
        }
    }
}

/* The client's own user does something now and then. */
static void use(struct chaos *c)
{
    struct hws_client *client = c->scene.client;
    switch (roll(c, 30)) {
    case 0:
        c->redialing = hws_client_get_state(client) != HWS_CLIENT_WAITING;
        hws_client_reconnect(client);
        break;
    case 1:
        hws_client_pause(client);
        break;
    case 2:
    case 3:
    case 4:
        hws_client_resume(client);
        break;
    case 5:
        hws_client_ping(client, hws_span_text("user"));
        break;
    default:
        hws_client_send(client, HWS_TEXT, hws_span_text("from the user"));
    }
}

static void look_at_memory(struct chaos *c)
{
    struct hws_snapshot now = scene_snapshot(&c->scene);
    if (now.memory > c->memory_max)
        c->memory_max = now.memory;
}

static void move(struct hws_timer *timer, hws_time now)
{
    struct chaos *c = hwi_container(timer, struct chaos, timer);
    c->moves++;
    hash(c, (uint64_t)now);
    if (c->scene.peer.end && c->scene.is_up)
        talk(c);
    else if (c->scene.peer.end)
        greet(c);
    use(c);
    look_at_memory(c);
    hws_time delay =
        roll(c, 4) ? HWS_MS(1 + roll(c, 5000)) : HWS_S(1 + roll(c, 120));
    hws_loop_timer(c->scene.loop, timer, now + delay);
}

/* A life of `length`; the hash of its story. */
static uint64_t live(uint64_t seed, hws_time length)
{
    static struct chaos c;
    c = (struct chaos){.timer = {.due = move, .deadline = HWS_NEVER}};
    hwi_seeded_init(&c.dice, seed);
    scene_begin(&c.scene);
    c.scene.options.on_event = on_event;
    c.scene.options.on_link = on_link;
    c.scene.options.user = &c;
    c.scene.client = hws_client_new(c.scene.loop, &c.scene.options, NULL);
    assert_int_equal(hws_client_open(c.scene.client), 0);
    hws_loop_timer(c.scene.loop, &c.timer, c.scene.world.now);
    scene_pass(&c.scene, length);

    assert_true(c.scene.downs > 20);
    assert_true(c.scene.ups > 5);
    assert_true(c.attempts - c.scene.downs <= 1);
    assert_true(c.memory_max < 256 << 10);
    /* A turn needs a reason: a move, an attempt, a frame, a ping. */
    assert_true(c.scene.world.turns < 400 * (uint64_t)(c.moves + c.attempts));
    hws_loop_timer(c.scene.loop, &c.timer, HWS_NEVER);
    scene_end(&c.scene);
    return c.story;
}

TEST(hundreds_of_bad_mornings_hold_together)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        live(seed, DAY / 10);
}

TEST(same_seed_tells_the_same_story)
{
    uint64_t first = live(7, DAY);
    assert_int_equal(live(7, DAY), first);
    assert_int_not_equal(live(8, DAY), first);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RUN(same_seed_tells_the_same_story),
        RUN(hundreds_of_bad_mornings_hold_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
