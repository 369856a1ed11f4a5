/*
 * Mode firehose: each client gets messages of one size as fast as it takes
 * them; the send queue stays between its marks.
 */
#include "serve.h"

#include "memory.h"

static void firehose_begin(struct serve *serve)
{
    struct hws_limits *limits = &serve->server.options.conn.proto.limits;
    size_t size = serve->options.size;
    serve->block = memory_new(size, 1);
    for (size_t i = 0; i < size; i++)
        serve->block[i] = (uint8_t)('a' + i % 26);
    limits->when_full = HWS_FULL_REFUSE;
    /* One message beyond the high mark must fit, whatever its size. */
    limits->send_queue_max = limits->send_queue_high + 2 * size + 1024;
}

/* Up to the high mark, or until nothing more is taken. */
static void firehose_fill(struct serve *serve, struct server_peer *peer)
{
    struct hws_span block = {.data = serve->block, .size = serve->options.size};
    size_t high = serve->server.options.conn.proto.limits.send_queue_high;
    while (peer->up && hws_conn_queued(peer->conn) <= high)
        if (serve_send(peer, HWS_TEXT, block) != 0)
            return;
}

static void firehose_event(struct serve *serve, struct server_peer *peer,
                           const struct hws_event *event)
{
    if (event->kind == HWS_LOW_WATER)
        firehose_fill(serve, peer);
}

const struct serve_mode serve_firehose = {"firehose", firehose_begin,
                                          firehose_fill, firehose_event};
