/*
 * Mode feed: one market for all clients, on a schedule. It rests while there
 * is no client and goes on with the next number.
 */
#include "serve.h"

static void feed_message(struct market *market, struct hws_span message)
{
    char *at = (char *)market - offsetof(struct serve, market);
    struct serve *serve = (struct serve *)(void *)at;
    for (struct server_peer *peer = serve->server.peers; peer;
         peer = peer->next)
        if (peer->up)
            serve_send(peer, HWS_TEXT, message);
}

static void feed_begin(struct serve *serve)
{
    serve->market.message = feed_message;
    market_init(&serve->market, serve->loop, serve->options.rate,
                serve->options.seed);
}

static void feed_up(struct serve *serve, struct server_peer *peer)
{
    (void)peer;
    if (!serve->market.runs && !serve->stopper.stopped)
        market_start(&serve->market);
}

static bool anybody_up(const struct serve *serve)
{
    for (struct server_peer *peer = serve->server.peers; peer;
         peer = peer->next)
        if (peer->up)
            return true;
    return false;
}

static void feed_event(struct serve *serve, struct server_peer *peer,
                       const struct hws_event *event)
{
    (void)peer;
    if (event->kind == HWS_DOWN && !anybody_up(serve))
        market_stop(&serve->market);
}

const struct serve_mode serve_feed = {"feed", feed_begin, feed_up, feed_event};
