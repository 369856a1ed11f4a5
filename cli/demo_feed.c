#include "demo_feed.h"

#include <signal.h>
#include <stdio.h>

/* A client that stalls for seconds at a high rate must still lose nothing. */
#define QUEUE_MAX ((size_t)64 * 1024 * 1024)

static struct demo_feed *feed_of_turn(struct hws_timer *timer)
{
    char *at = (char *)timer - offsetof(struct demo_feed, turn);
    return (struct demo_feed *)(void *)at;
}

static void feed_arm(struct demo_feed *feed, hws_time delay)
{
    hws_time now = hws_loop_clock(feed->loop, HWS_CLOCK_MONOTONIC);
    if (delay != HWS_NEVER)
        hws_loop_timer(feed->loop, &feed->turn, now + delay);
}

static void feed_message(struct market *market, struct hws_span message)
{
    char *at = (char *)market - offsetof(struct demo_feed, market);
    struct demo_feed *feed = (struct demo_feed *)(void *)at;
    bool alone = true;
    for (struct server_peer *peer = feed->server.peers; peer;
         peer = peer->next) {
        if (!peer->up)
            continue;
        alone = false;
        hws_conn_send(peer->conn, HWS_TEXT, message, true);
    }
    atomic_fetch_add(&feed->sent, 1);
    if (alone)
        atomic_fetch_add(&feed->sent_alone, 1);
}

static void feed_event(struct server_peer *peer, const struct hws_event *event,
                       void *user)
{
    struct demo_feed *feed = user;
    (void)peer;
    if (event->kind == HWS_UP && !feed->market.runs && !feed->finished)
        market_start(&feed->market);
}

static void feed_turn(struct hws_timer *timer, hws_time now)
{
    struct demo_feed *feed = feed_of_turn(timer);
    (void)now;
    if (!feed->server.listener) {
        server_open(&feed->server, &feed->fault);
        feed_arm(feed, feed->options.kill_delay);
        return;
    }
    unsigned kills = atomic_fetch_add(&feed->kills, 1);
    server_shut(&feed->server);
    if (kills % 2 == 0)
        server_cut_peers(&feed->server, true);
    else
        server_close_peers(&feed->server, HWS_CLOSE_SERVICE_RESTART);
    feed_arm(feed, feed->options.down_delay);
}

static int feed_prepare(struct demo_feed *feed)
{
    struct server_options server;
    feed->loop = hws_loop_new(feed->options.dispatcher, &feed->fault);
    if (!feed->loop)
        return feed->fault.status;
    server_options_init(&server);
    server.conn.proto.limits.send_queue_max = QUEUE_MAX;
    server.on_event = feed_event;
    server.user = feed;
    int status = server_init(&feed->server, feed->loop, &server, &feed->fault);
    if (status == 0)
        status = server_open(&feed->server, &feed->fault);
    feed->turn = (struct hws_timer){.due = feed_turn, .deadline = HWS_NEVER};
    feed->market.message = feed_message;
    market_init(&feed->market, feed->loop, feed->options.rate,
                feed->options.seed);
    server_url(&feed->server, feed->url);
    return status;
}

static void *feed_thread(void *context)
{
    struct demo_feed *feed = context;
    int status = feed_prepare(feed);
    if (status == 0)
        feed_arm(feed, feed->options.kill_delay);
    else
        feed->finished = true;
    sem_post(&feed->ready);
    while (status == 0 && !(feed->finished && feed->server.peer_count == 0))
        status = hws_loop_run_once(feed->loop, HWS_NEVER);
    server_release(&feed->server);
    if (feed->loop) {
        market_stop(&feed->market);
        hws_loop_timer(feed->loop, &feed->turn, HWS_NEVER);
    }
    return NULL;
}

int demo_feed_start(struct demo_feed *feed,
                    const struct demo_feed_options *options)
{
    sigset_t all, before;
    *feed = (struct demo_feed){.options = *options};
    sem_init(&feed->ready, 0, 0);
    /* Signals are for the loop of the client. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    feed->running = pthread_create(&feed->thread, NULL, feed_thread, feed) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!feed->running) {
        snprintf(feed->fault.text, sizeof feed->fault.text,
                 "cannot start a thread");
        return HWS_E_SYSTEM;
    }
    while (sem_wait(&feed->ready) != 0)
        continue;
    return feed->fault.status;
}

static void feed_finish(void *context)
{
    struct demo_feed *feed = context;
    feed->finished = true;
    market_stop(&feed->market);
    hws_loop_timer(feed->loop, &feed->turn, HWS_NEVER);
    server_shut(&feed->server);
    server_close_peers(&feed->server, HWS_CLOSE_NORMAL);
}

void demo_feed_finish(struct demo_feed *feed)
{
    if (feed->loop)
        hws_loop_post(feed->loop, feed_finish, feed);
}

void demo_feed_join(struct demo_feed *feed)
{
    if (!feed->running)
        return;
    pthread_join(feed->thread, NULL);
    feed->running = false;
    /* Only here: until it was joined, the wake-up of demo_feed_finish() could
     * still be under way. */
    if (feed->loop)
        hws_loop_free(feed->loop);
    sem_destroy(&feed->ready);
}
