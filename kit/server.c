#include "server.h"

#include <stdio.h>

#define SCRATCH ((size_t)64 * 1024)
#define FRAMES_PER_TURN 1000

struct kit_guest {
    struct kit_guest *next;
    struct kit_server *server;
    struct hws_conn *conn;
    struct hws_timer more; /* goes on with the burst */
    unsigned long burst;   /* frames still to be sent */
};

static void leave(struct kit_guest *g)
{
    struct kit_guest **at = &g->server->guests;
    while (*at != g)
        at = &(*at)->next;
    *at = g->next;
    hws_loop_timer(g->server->loop, &g->more, HWS_NEVER);
    hws_conn_free(g->conn);
    free(g);
}

/*
 * A few frames for this turn. Then LOW_WATER, or the next turn, goes on: a
 * client that reads as fast as we write would keep the others out for ever.
 */
static void pump(struct hws_timer *timer, hws_time now)
{
    static const uint8_t frame[64] = {0};
    struct hws_span data = {frame, sizeof(frame)};
    struct kit_guest *g =
        (struct kit_guest *)(void *)((char *)timer -
                                     offsetof(struct kit_guest, more));
    for (int i = 0; i < FRAMES_PER_TURN && g->burst > 0; i++) {
        if (hws_conn_send(g->conn, HWS_BINARY, data, true) != 0)
            return;
        g->burst--;
    }
    if (g->burst > 0)
        hws_loop_timer(g->server->loop, timer, now);
}

static void obey(struct kit_guest *g, const struct hws_event *e)
{
    char word[32] = "";
    struct hws_span data = e->message.data;
    if (e->message.opcode == HWS_TEXT && data.size < sizeof(word))
        memcpy(word, data.data, data.size);
    if (strcmp(word, "close") == 0) {
        hws_conn_close(g->conn, HWS_CLOSE_GOING_AWAY, hws_span_text("as told"));
    } else if (strcmp(word, "cut") == 0) {
        leave(g);
    } else if (strncmp(word, "burst ", 6) == 0) {
        g->burst += strtoul(word + 6, NULL, 10);
        hws_loop_timer(g->server->loop, &g->more, e->at);
    } else if (strcmp(word, "quiet") != 0) {
        hws_conn_send(g->conn, (enum hws_opcode)e->message.opcode, data,
                      e->message.last);
    }
}

static void on_event(struct hws_conn *conn, const struct hws_event *e,
                     void *user)
{
    struct kit_guest *g = user;
    (void)conn;
    if (e->kind == HWS_MESSAGE)
        obey(g, e);
    else if (e->kind == HWS_LOW_WATER)
        hws_loop_timer(g->server->loop, &g->more, e->at);
    else if (e->kind == HWS_DOWN)
        leave(g);
}

static struct hws_link *over_tls(struct kit_server *s, struct hws_link *below)
{
    if (!s->tls)
        return below;
    struct hws_scratch in = {s->scratch, SCRATCH};
    struct hws_scratch out = {s->scratch + SCRATCH, SCRATCH};
    return hws_tls_new(s->tls, below, NULL, HWS_S(30), in, out);
}

static void welcome(struct kit_server *s, struct hws_link *link)
{
    struct hws_conn_options options;
    struct kit_guest *g = calloc(1, sizeof(*g));
    hws_conn_options_init(&options);
    options.proto.role = HWS_SERVER;
    options.on_event = on_event;
    options.user = g;
    g->server = s;
    g->more.due = pump;
    g->next = s->guests;
    s->guests = g;
    g->conn = hws_conn_new(s->loop, over_tls(s, link), &options, NULL);
    if (!g->conn)
        FAIL("the kit's server has no memory");
}

static void on_ready(struct hws_watch *watch, unsigned ready, hws_time now)
{
    struct kit_server *s =
        (struct kit_server *)(void *)((char *)watch -
                                      offsetof(struct kit_server, watch));
    struct hws_link *link;
    (void)ready, (void)now;
    while (hws_listener_accept(s->listener, &link) == 0)
        welcome(s, link);
}

static void *serve(void *server)
{
    hws_loop_run(((struct kit_server *)server)->loop);
    return NULL;
}

static void listen_on(struct kit_server *s, uint16_t port)
{
    struct hws_fault fault;
    s->loop = hws_loop_new(NULL, &fault);
    s->listener =
        s->loop ? hws_listener_new("127.0.0.1", port, 256, &fault) : NULL;
    if (!s->listener)
        FAIL("the kit's server: %s", fault.text);
    s->port = hws_listener_port(s->listener);
    snprintf(s->url, sizeof(s->url), "%s://127.0.0.1:%u/",
             s->tls ? "wss" : "ws", s->port);
    s->watch = (struct hws_watch){.ready = on_ready};
    CHECK_EQ(hws_loop_watch(s->loop, &s->watch, hws_listener_fd(s->listener),
                            HWS_READ),
             0);
    CHECK_EQ(pthread_create(&s->thread, NULL, serve, s), 0);
}

void kit_server_start(struct kit_server *s, const struct kit *k)
{
    *s = (struct kit_server){.loop = NULL};
    if (k->tls) {
        kit_certificate(&s->tls, &s->client_tls);
        s->scratch = malloc(2 * SCRATCH);
    }
    listen_on(s, 0);
}

void kit_server_stop(struct kit_server *s)
{
    if (!s->loop)
        return;
    hws_loop_stop(s->loop);
    pthread_join(s->thread, NULL);
    while (s->guests)
        leave(s->guests);
    hws_loop_watch(s->loop, &s->watch, s->watch.fd, 0);
    hws_listener_free(s->listener);
    hws_loop_free(s->loop);
    s->loop = NULL;
}

void kit_server_restart(struct kit_server *s)
{
    kit_server_stop(s);
    listen_on(s, s->port);
}

void kit_server_end(struct kit_server *s)
{
    kit_server_stop(s);
    if (s->tls) {
        hws_tls_context_free(s->tls);
        hws_tls_context_free(s->client_tls);
    }
    free(s->scratch);
}
