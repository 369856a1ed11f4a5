/*
 * A dispatcher that begins to sleep between its polls, and stops doing so,
 * under a client that is fed by a server on a thread of its own: the verdict
 * names it, and nobody afterwards.
 */
#include "probe/bad_loop.h"
#include "support/test.h"

#include <inttypes.h>
#include <pthread.h>

#define PERIOD HWS_MS(20)
#define LIMIT HWS_S(40)

/* ---- the feed */

struct feed {
    struct hws_loop *loop;
    struct hws_listener *listener;
    struct hws_watch watch;
    struct hws_timer timer;
    struct hws_conn *conn;
    pthread_t thread;
};

static void feed_event(struct hws_conn *conn, const struct hws_event *e,
                       void *user)
{
    struct feed *f = user;
    if (e->kind == HWS_UP)
        hws_loop_timer(f->loop, &f->timer, e->at);
    if (e->kind != HWS_DOWN)
        return;
    hws_loop_timer(f->loop, &f->timer, HWS_NEVER);
    hws_conn_free(conn);
    f->conn = NULL;
}

static void feed_due(struct hws_timer *timer, hws_time now)
{
    struct feed *f = (void *)((char *)timer - offsetof(struct feed, timer));
    char text[64];
    snprintf(text, sizeof(text), "{\"t\":%" PRId64 "}",
             hws_clock_now(HWS_CLOCK_REALTIME));
    hws_conn_send(f->conn, HWS_TEXT, hws_span_text(text), true);
    hws_loop_timer(f->loop, timer, now + PERIOD);
}

static void feed_ready(struct hws_watch *watch, unsigned ready, hws_time now)
{
    struct feed *f = (void *)((char *)watch - offsetof(struct feed, watch));
    struct hws_conn_options options;
    struct hws_link *link;
    (void)ready;
    (void)now;
    if (hws_listener_accept(f->listener, &link) != 0)
        return;
    hws_conn_options_init(&options);
    options.proto.role = HWS_SERVER;
    options.on_event = feed_event;
    options.user = f;
    f->conn = hws_conn_new(f->loop, link, &options, NULL);
}

static void *feed_run(void *context)
{
    struct feed *f = context;
    hws_loop_run(f->loop);
    return NULL;
}

static void feed_begin(struct feed *f)
{
    *f = (struct feed){.watch.ready = feed_ready,
                       .timer = {.due = feed_due, .deadline = HWS_NEVER}};
    f->loop = hws_loop_new(NULL, NULL);
    f->listener = hws_listener_new("127.0.0.1", 0, 1, NULL);
    assert_int_equal(hws_loop_watch(f->loop, &f->watch,
                                    hws_listener_fd(f->listener), HWS_READ),
                     0);
    pthread_create(&f->thread, NULL, feed_run, f);
}

static void feed_end(struct feed *f)
{
    hws_loop_stop(f->loop);
    pthread_join(f->thread, NULL);
    hws_conn_free(f->conn);
    hws_loop_timer(f->loop, &f->timer, HWS_NEVER);
    hws_loop_watch(f->loop, &f->watch, f->watch.fd, 0);
    hws_listener_free(f->listener);
    hws_loop_free(f->loop);
}

/* ---- the client */

struct act {
    struct bad_loop loop;
    struct hws_timer limit;
    unsigned scene;
};

/* Scene by scene: what is waited for, and how long the dispatcher sleeps then.
 * A machine that is busy may make it late by itself, so others may come. */
static const struct {
    enum hws_verdict verdict;
    hws_time sleep;
} scenes[] = {
    {HWS_VERDICT_OK, HWS_MS(30)},
    {HWS_VERDICT_DISPATCHER, 0},
    {HWS_VERDICT_OK, 0},
};
#define SCENES (sizeof(scenes) / sizeof(*scenes))

static void client_event(struct hws_client *client, const struct hws_event *e,
                         void *user)
{
    struct act *a = user;
    (void)client;
    if (e->kind != HWS_VERDICT)
        return;
    print_message("    %s %s\n", hws_verdict_name(e->verdict.now),
                  e->verdict.text);
    if (e->verdict.now != scenes[a->scene].verdict)
        return;
    a->loop.faults.sleep = scenes[a->scene].sleep;
    a->loop.is_stopped = ++a->scene == SCENES;
}

static void limit_due(struct hws_timer *timer, hws_time now)
{
    struct act *a = (void *)((char *)timer - offsetof(struct act, limit));
    (void)now;
    a->loop.is_stopped = true;
}

TEST(a_dispatcher_that_sleeps_is_named)
{
    struct feed feed;
    struct act act = {.limit = {.due = limit_due, .deadline = HWS_NEVER}};
    struct hws_client_options options;
    char url[64];
    feed_begin(&feed);
    bad_loop_init(&act.loop, &(struct bad_faults){0});
    hws_client_options_init(&options);
    snprintf(url, sizeof(url), "ws://127.0.0.1:%u/",
             (unsigned)hws_listener_port(feed.listener));
    options.url = url;
    options.judge = true;
    options.lag_field = "/t:ns";
    options.on_event = client_event;
    options.user = &act;
    struct hws_client *client = hws_client_new(&act.loop.loop, &options, NULL);
    hws_client_open(client);
    hws_loop_timer(&act.loop.loop, &act.limit,
                   hws_clock_now(HWS_CLOCK_MONOTONIC) + LIMIT);
    bad_loop_run(&act.loop);
    hws_loop_timer(&act.loop.loop, &act.limit, HWS_NEVER);
    hws_client_free(client);
    hws_loop_release(&act.loop.loop);
    feed_end(&feed);
    assert_int_equal(act.scene, SCENES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(a_dispatcher_that_sleeps_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
