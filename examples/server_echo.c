/*
 * A server of a page: the same connection in the other role. Every message
 * goes back to where it came from; who does not read is not read from.
 *
 *     server_echo [PORT]     on 127.0.0.1; without PORT any free one
 */
#include <hawser/hawser.h>

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#define CONNECTIONS_MAX 64

struct server {
    struct hws_loop *loop;
    struct hws_listener *listener;
    struct hws_watch watch;
    struct hws_signal interrupt;
    struct hws_conn *conns[CONNECTIONS_MAX]; /* NULL: a free place */
};

/* The server that `pointer` is the member of. */
#define SERVER(pointer, member)                                          \
    ((struct server *)(void *)((char *)(pointer)-offsetof(struct server, \
                                                          member)))

static void echo(struct hws_conn *conn, const struct hws_event *event)
{
    int status = hws_conn_send(conn, event->message.opcode, event->message.data,
                               event->message.last);
    if (status < 0)
        hws_conn_close(conn, HWS_CLOSE_INTERNAL_ERROR,
                       hws_span_text(hws_status_name(status)));
}

static void on_event(struct hws_conn *conn, const struct hws_event *event,
                     void *user)
{
    struct hws_conn **place = user;
    if (event->kind == HWS_MESSAGE) {
        echo(conn, event);
    } else if (event->kind == HWS_HIGH_WATER) {
        hws_conn_pause(conn);
    } else if (event->kind == HWS_LOW_WATER) {
        hws_conn_resume(conn);
    } else if (event->kind == HWS_DOWN) {
        hws_conn_free(conn);
        *place = NULL;
    }
}

static struct hws_conn **free_place(struct server *s)
{
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        if (!s->conns[i])
            return &s->conns[i];
    }
    return NULL;
}

static void serve(struct server *s, struct hws_link *link)
{
    struct hws_fault fault;
    struct hws_conn_options options;
    struct hws_conn **place = free_place(s);
    if (!place) {
        hws_link_free(link);
        return;
    }
    hws_conn_options_init(&options);
    options.proto.role = HWS_SERVER;
    options.on_event = on_event;
    options.user = place;
    *place = hws_conn_new(s->loop, link, &options, &fault);
    if (!*place)
        fprintf(stderr, "server_echo: %s\n", fault.text);
}

static void on_ready(struct hws_watch *watch, unsigned ready, hws_time now)
{
    struct server *s = SERVER(watch, watch);
    struct hws_link *link;
    (void)ready, (void)now;
    while (hws_listener_accept(s->listener, &link) == 0)
        serve(s, link);
}

/* Take nobody in, send everybody home; the loop ends with the last. */
static void on_interrupt(struct hws_signal *signal, int number, hws_time now)
{
    struct server *s = SERVER(signal, interrupt);
    (void)number, (void)now;
    hws_loop_watch(s->loop, &s->watch, s->watch.fd, 0);
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        if (s->conns[i])
            hws_conn_close(s->conns[i], HWS_CLOSE_GOING_AWAY,
                           hws_span_text("server stops"));
    }
}

static int run(struct server *s)
{
    s->watch.ready = on_ready;
    s->interrupt.caught = on_interrupt;
    hws_signal_watch(s->loop, &s->interrupt, SIGINT);
    hws_loop_watch(s->loop, &s->watch, hws_listener_fd(s->listener), HWS_READ);
    printf("ws://127.0.0.1:%u/\n", hws_listener_port(s->listener));
    fflush(stdout);
    int status = hws_loop_run(s->loop);
    hws_signal_forget(&s->interrupt);
    return status;
}

int main(int argc, char **argv)
{
    uint16_t port = argc > 1 ? (uint16_t)strtoul(argv[1], NULL, 10) : 0;
    struct server s = {0};
    struct hws_fault fault;
    s.loop = hws_loop_new(NULL, &fault);
    s.listener =
        s.loop ? hws_listener_new("127.0.0.1", port, 64, &fault) : NULL;
    int status = s.listener ? run(&s) : -1;
    if (!s.listener)
        fprintf(stderr, "server_echo: %s\n", fault.text);
    if (s.listener)
        hws_listener_free(s.listener);
    if (s.loop)
        hws_loop_free(s.loop);
    return status < 0;
}
