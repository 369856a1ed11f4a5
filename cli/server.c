#include "server.h"

#include "memory.h"

#include <stdio.h>
#include <string.h>

#define BACKLOG 512
#define SCRATCH_SIZE ((size_t)64 * 1024)
/* So many accepts per wake-up; the rest waits for the next one. */
#define ACCEPT_BUDGET 64
/* Without descriptors the listener stays ready: look again after a while. */
#define ACCEPT_REST HWS_MS(100)

void server_options_init(struct server_options *options)
{
    *options = (struct server_options){.address = {"127.0.0.1", 0}};
    hws_conn_options_init(&options->conn);
    options->conn.proto.role = HWS_SERVER;
}

static void peer_free(struct server_peer *peer)
{
    *peer->link = peer->next;
    if (peer->next)
        peer->next->link = peer->link;
    peer->server->peer_count--;
    hws_conn_free(peer->conn);
    hws_health_free(peer->health);
    memory_free(peer);
}

static void peer_event(struct hws_conn *conn, const struct hws_event *event,
                       void *user)
{
    struct server_peer *peer = user;
    (void)conn;
    peer->up =
        event->kind == HWS_UP ||
        (peer->up && event->kind != HWS_CLOSING && event->kind != HWS_DOWN);
    peer->server->options.on_event(peer, event, peer->server->options.user);
    if (event->kind == HWS_DOWN)
        peer_free(peer);
}

static struct hws_link *server_tls(struct server *server, struct hws_link *link)
{
    if (!server->tls)
        return link;
    return hws_tls_new(server->tls, link, NULL, HWS_S(5), server->in,
                       server->out);
}

static void server_accept(struct server *server, struct hws_link *link)
{
    struct server_peer *peer = memory_new(1, sizeof *peer);
    struct hws_conn_options options = server->options.conn;
    peer->server = server;
    peer->number = ++server->accepted;
    peer->socket = link;
    snprintf(peer->name, sizeof peer->name, "%s", hws_link_peer(link));
    link = server_tls(server, link);
    options.on_event = peer_event;
    options.user = peer;
    if (server->options.measures)
        options.health = peer->health = hws_health_new(NULL);
    peer->next = server->peers;
    peer->link = &server->peers;
    if (peer->next)
        peer->next->link = &peer->next;
    server->peers = peer;
    server->peer_count++;
    if (link)
        peer->conn = hws_conn_new(server->loop, link, &options, NULL);
    if (!peer->conn)
        peer_free(peer);
}

void server_snapshot(const struct server_peer *peer,
                     struct hws_snapshot *snapshot)
{
    hws_time now = hws_loop_clock(peer->server->loop, HWS_CLOCK_MONOTONIC);
    hws_health_snapshot(peer->health, now, snapshot);
    hws_conn_gauges(peer->conn, snapshot);
}

static void server_ready(struct hws_watch *watch, unsigned ready, hws_time now)
{
    char *at = (char *)watch - offsetof(struct server, watch);
    struct server *server = (struct server *)(void *)at;
    struct hws_link *link = NULL;
    int status = 0;
    (void)ready;
    for (int i = 0; i < ACCEPT_BUDGET && status == 0; i++) {
        status = hws_listener_accept(server->listener, &link);
        if (status == 0)
            server_accept(server, link);
    }
    if (status == 0 || status == HWS_E_AGAIN)
        return;
    hws_loop_watch(server->loop, watch, hws_listener_fd(server->listener), 0);
    hws_loop_timer(server->loop, &server->pause, now + ACCEPT_REST);
}

static void server_due(struct hws_timer *timer, hws_time now)
{
    char *at = (char *)timer - offsetof(struct server, pause);
    struct server *server = (struct server *)(void *)at;
    (void)now;
    hws_loop_watch(server->loop, &server->watch,
                   hws_listener_fd(server->listener), HWS_READ);
}

static int server_load_tls(struct server *server, struct hws_fault *fault)
{
    struct hws_tls_options tls;
    hws_tls_options_init(&tls);
    tls.certificate = server->options.certificate;
    tls.private_key = server->options.private_key;
    tls.key_password = server->options.key_password;
    tls.client_ca = server->options.client_ca;
    server->tls = hws_tls_context_new(&tls, true, fault);
    server->in =
        (struct hws_scratch){memory_new(SCRATCH_SIZE, 1), SCRATCH_SIZE};
    server->out =
        (struct hws_scratch){memory_new(SCRATCH_SIZE, 1), SCRATCH_SIZE};
    return server->tls ? 0 : (int)fault->status;
}

int server_init(struct server *server, struct hws_loop *loop,
                const struct server_options *options, struct hws_fault *fault)
{
    *server = (struct server){.loop = loop, .options = *options};
    server->watch = (struct hws_watch){.ready = server_ready};
    server->pause =
        (struct hws_timer){.due = server_due, .deadline = HWS_NEVER};
    server->port = options->address.port;
    return options->certificate ? server_load_tls(server, fault) : 0;
}

void server_release(struct server *server)
{
    if (!server->loop)
        return;
    server_shut(server);
    while (server->peers)
        peer_free(server->peers);
    hws_tls_context_free(server->tls);
    memory_free(server->in.data);
    memory_free(server->out.data);
    server->loop = NULL;
}

int server_open(struct server *server, struct hws_fault *fault)
{
    server->listener = hws_listener_new(server->options.address.host,
                                        server->port, BACKLOG, fault);
    if (!server->listener)
        return fault->status;
    server->port = hws_listener_port(server->listener);
    return hws_loop_watch(server->loop, &server->watch,
                          hws_listener_fd(server->listener), HWS_READ);
}

void server_shut(struct server *server)
{
    if (!server->listener)
        return;
    hws_loop_timer(server->loop, &server->pause, HWS_NEVER);
    if (server->watch.interest)
        hws_loop_watch(server->loop, &server->watch,
                       hws_listener_fd(server->listener), 0);
    hws_listener_free(server->listener);
    server->listener = NULL;
}

void server_close_peers(struct server *server, unsigned code)
{
    struct server_peer *next;
    for (struct server_peer *peer = server->peers; peer; peer = next) {
        next = peer->next;
        /* One that has not shaken hands cannot be closed in order. */
        if (hws_conn_close(peer->conn, code, (struct hws_span){0}) < 0)
            peer_free(peer);
    }
}

void server_cut_peers(struct server *server, bool reset)
{
    while (server->peers) {
        if (reset)
            hws_link_abort(server->peers->socket);
        peer_free(server->peers);
    }
}

const char *server_url(const struct server *server, char text[128])
{
    const char *host = server->options.address.host;
    bool v6 = strchr(host, ':') != NULL;
    snprintf(text, 128, "%s://%s%s%s:%u/", server->tls ? "wss" : "ws",
             v6 ? "[" : "", host, v6 ? "]" : "", (unsigned)server->port);
    return text;
}
