#include "support/scene.h"

#include "support/test.h"

static void write_word(struct scene *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void write_word(struct scene *s, const char *format, ...)
{
    va_list arguments;
    size_t room = sizeof(s->journal) - s->journal_size;
    if (room < 300)
        return; /* long runs are counted, not told */
    char *at = s->journal + s->journal_size;
    if (s->journal_size)
        *at++ = ' ';
    va_start(arguments, format);
    at += vsnprintf(at, 256, format, arguments);
    va_end(arguments);
    s->journal_size = (size_t)(at - s->journal);
}

static void write_data(struct scene *s, const char *noun, struct hws_span data)
{
    write_word(s, "%s(%.*s)", noun, data.size < 64 ? (int)data.size : 64,
               data.size ? (const char *)data.data : "");
}

static void note_message(struct scene *s, const struct hws_event *e)
{
    s->messages++;
    if (e->message.opcode == HWS_TEXT)
        write_data(s, "text", e->message.data);
    else
        write_word(s, "binary(%zu)", e->message.data.size);
}

static void note_up(struct scene *s, const struct hws_event *e)
{
    s->ups++;
    s->is_up = true;
    s->is_down = false;
    s->attempt = e->up.attempt;
    s->connection = e->up.connection;
    write_word(s, "up");
}

static void note_down(struct scene *s, const struct hws_event *e)
{
    s->downs++;
    s->is_up = false;
    s->is_down = true;
    s->down = *e;
    s->fault = *e->down.fault;
    write_word(s, "down(%s)%s", hws_status_name(s->fault.status),
               e->down.final ? "!" : "");
}

static void note_closing(struct scene *s, const struct hws_event *e)
{
    write_word(s, "closing(%s %u)",
               e->closing.by == HWS_PARTY_PEER ? "peer" : "local",
               e->closing.code);
}

static void note_redirect(struct scene *s, const struct hws_event *e)
{
    s->is_down = false;
    write_word(s, "redirect(%d %s)", e->redirect.http_status, e->redirect.url);
}

void scene_note(struct hws_client *client, const struct hws_event *e,
                void *user)
{
    struct scene *s = user;
    (void)client;
    if (e->kind == HWS_MESSAGE)
        note_message(s, e);
    else if (e->kind == HWS_UP)
        note_up(s, e);
    else if (e->kind == HWS_DOWN)
        note_down(s, e);
    else if (e->kind == HWS_CLOSING)
        note_closing(s, e);
    else if (e->kind == HWS_REDIRECT)
        note_redirect(s, e);
    else if (e->kind == HWS_STALE || e->kind == HWS_FRESH)
        write_word(s, "%s(%.0f s)", hws_event_name(e->kind),
                   (double)(e->at - e->stale.since) / 1e9);
    else if (e->kind == HWS_VERDICT)
        write_word(s, "verdict(%s)", hws_verdict_name(e->verdict.now));
    else if (e->kind == HWS_ALARM)
        write_word(s, "alarm(%s %s)", hws_alarm_name(e->alarm.what),
                   e->alarm.raised ? "on" : "off");
    else if (e->kind == HWS_PING || e->kind == HWS_PONG)
        write_data(s, hws_event_name(e->kind), e->control.data);
    else
        write_word(s, e->kind == HWS_HIGH_WATER ? "high" : "low");
    if (e->kind == HWS_PONG)
        s->round_trip = e->control.round_trip;
    if (s->then)
        s->then(s, e);
}

static void serve(struct hws_conn *conn, const struct hws_event *e, void *user)
{
    struct scene *s = user;
    if (e->kind == HWS_MESSAGE)
        hws_conn_send(conn, (enum hws_opcode)e->message.opcode, e->message.data,
                      true);
    if (e->kind != HWS_DOWN)
        return;
    if (s->server == conn)
        s->server = NULL;
    hws_conn_free(conn);
}

static void begin_serving(struct scene *s, struct hws_link *end)
{
    hws_conn_free(s->server);
    s->server = hws_conn_new(s->loop, end, &s->serving, NULL);
}

struct hws_link *scene_link(struct hws_client *client, const char *url,
                            void *user)
{
    struct scene *s = user;
    struct hws_link *ends[2];
    (void)client;
    s->links++;
    snprintf(s->url, sizeof(s->url), "%s", url);
    if (s->links_refused) {
        s->links_refused--;
        return NULL;
    }
    if (hws_pair_new(&s->pair, ends) != 0)
        return NULL;
    if (s->served)
        begin_serving(s, ends[1]);
    else
        peer_take_over(&s->peer, ends[1]);
    return ends[0];
}

void scene_begin(struct scene *s)
{
    *s = (struct scene){.links = 0};
    world_init(&s->world, 1);
    s->loop = &s->world.loop;
    peer_init(&s->peer);
    hws_conn_options_init(&s->serving);
    s->serving.proto.role = HWS_SERVER;
    s->serving.proto.random = world_random(&s->world);
    s->serving.proto.delays.ping = HWS_NEVER; /* the client is looked at */
    s->serving.on_event = serve;
    s->serving.user = s;
    hws_client_options_init(&s->options);
    s->options.url = "ws://feed.example/";
    s->options.random = world_random(&s->world);
    s->options.on_event = scene_note;
    s->options.on_link = scene_link;
    s->options.user = s;
}

void scene_open(struct scene *s)
{
    struct hws_fault fault = {0};
    s->client = hws_client_new(s->loop, &s->options, &fault);
    if (!s->client)
        fail_msg("no client: %s", fault.text);
    assert_int_equal(hws_client_open(s->client), 0);
    assert_string_equal(s->journal, "");
    scene_settle(s);
}

void scene_open_up(struct scene *s)
{
    scene_open(s);
    if (!s->served)
        scene_accept(s);
    assert_int_equal(hws_client_get_state(s->client), HWS_CLIENT_UP);
    scene_forget(s);
}

void scene_end(struct scene *s)
{
    hws_client_free(s->client);
    hws_conn_free(s->server);
    peer_release(&s->peer);
    world_release(&s->world);
}

void scene_accept(struct scene *s)
{
    peer_accept(&s->peer);
    scene_settle(s);
}

void scene_settle(struct scene *s)
{
    world_settle(&s->world);
}

void scene_pass(struct scene *s, hws_time delay)
{
    world_pass(&s->world, delay);
}

void scene_next_attempt(struct scene *s)
{
    unsigned before = s->links;
    hws_time end = s->world.now + HWS_S(86400);
    scene_settle(s);
    while (s->links == before) {
        hws_time next = world_deadline(&s->world);
        assert_true(next <= end);
        world_pass(&s->world, next > s->world.now ? next - s->world.now : 0);
    }
}

void scene_expect(struct scene *s, const char *words)
{
    assert_string_equal(s->journal, words);
    scene_forget(s);
}

void scene_forget(struct scene *s)
{
    s->journal_size = 0;
    s->journal[0] = '\0';
}

struct hws_snapshot scene_snapshot(const struct scene *s)
{
    struct hws_snapshot snapshot;
    hws_client_snapshot(s->client, &snapshot);
    return snapshot;
}

void scene_send(struct scene *s, const char *text)
{
    assert_int_equal(hws_client_send(s->client, HWS_TEXT, hws_span_text(text)),
                     0);
}
