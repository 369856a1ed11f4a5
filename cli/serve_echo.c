/*
 * Mode echo: messages go back as they came. A client whose echoes wait is not
 * read until they left.
 */
#include "serve.h"

static void echo_begin(struct serve *serve)
{
    struct hws_limits *limits = &serve->server.options.conn.proto.limits;
    /* Pausing bounds the queue; a whole message must always fit on top. */
    limits->when_full = HWS_FULL_REFUSE;
    limits->send_queue_max =
        2 * limits->message_size_max + limits->send_queue_high;
}

static void echo_up(struct serve *serve, struct server_peer *peer)
{
    (void)serve, (void)peer;
}

static void echo_message(struct server_peer *peer,
                         const struct hws_event *event)
{
    int status = serve_send(peer, (enum hws_opcode)event->message.opcode,
                            event->message.data);
    if (status < 0 && status != HWS_E_STATE)
        hws_conn_close(peer->conn, HWS_CLOSE_INTERNAL_ERROR,
                       (struct hws_span){0});
}

static void echo_event(struct serve *serve, struct server_peer *peer,
                       const struct hws_event *event)
{
    (void)serve;
    if (event->kind == HWS_MESSAGE)
        echo_message(peer, event);
    else if (event->kind == HWS_HIGH_WATER)
        hws_conn_pause(peer->conn);
    else if (event->kind == HWS_LOW_WATER)
        hws_conn_resume(peer->conn);
}

const struct serve_mode serve_echo = {"echo", echo_begin, echo_up, echo_event};
