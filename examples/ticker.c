/*
 * A market feed as it is in practice: headers made anew for every attempt,
 * subscriptions sent again after each reconnect, and the lag of the messages,
 * read from the event time inside them.
 *
 *     ticker wss://feed.example/stream '{"op":"subscribe"}' /data/T:ms
 */
#include <hawser/hawser.h>

#include <inttypes.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>

#define REPORT_DELAY HWS_S(1)

struct ticker {
    struct hws_loop *loop;
    struct hws_client *client;
    struct hws_timer report;
    struct hws_signal interrupt;
};

/* The ticker that `pointer` is the member of. */
#define TICKER(pointer, member)                                          \
    ((struct ticker *)(void *)((char *)(pointer)-offsetof(struct ticker, \
                                                          member)))

/* Here a signature would be made: it holds for this attempt only. */
static int on_headers(struct hws_client *client, struct hws_headers *headers,
                      unsigned attempt, void *user)
{
    const struct ticker *t = user;
    hws_time now = hws_loop_clock(t->loop, HWS_CLOCK_REALTIME);
    char stamp[32];
    (void)client, (void)attempt;
    snprintf(stamp, sizeof(stamp), "%" PRId64, now / HWS_MS(1));
    return hws_headers_add(headers, "X-Timestamp", stamp);
}

static void on_down(struct ticker *t, const struct hws_event *event)
{
    const struct hws_fault *fault = event->down.fault;
    fprintf(stderr, "down (%s): %s\n", hws_phase_name(fault->phase),
            fault->text);
    if (event->down.final)
        hws_loop_stop(t->loop);
    else
        fprintf(stderr, "next attempt in %.1f s\n",
                (double)(event->down.retry_at - event->at) / 1e9);
}

static void on_event(struct hws_client *client, const struct hws_event *event,
                     void *user)
{
    (void)client;
    if (event->kind == HWS_UP)
        fprintf(stderr, "up: %s, connection %u\n", event->up.peer,
                event->up.connection);
    else if (event->kind == HWS_DOWN)
        on_down(user, event);
}

static void on_report(struct hws_timer *timer, hws_time now)
{
    struct ticker *t = TICKER(timer, report);
    struct hws_snapshot s;
    hws_client_snapshot(t->client, &s);
    printf("%.0f messages/s, lag p50 %.3f ms, p99 %.3f ms, waiting %zu B\n",
           s.message_rate, (double)s.lag_p50 / 1e6, (double)s.lag_p99 / 1e6,
           s.receive_queue);
    fflush(stdout);
    hws_loop_timer(t->loop, timer, now + REPORT_DELAY);
}

/* Close in order; the final DOWN stops the loop. */
static void on_interrupt(struct hws_signal *signal, int number, hws_time now)
{
    struct ticker *t = TICKER(signal, interrupt);
    (void)number, (void)now;
    hws_client_close(t->client, HWS_CLOSE_GOING_AWAY,
                     hws_span_text("interrupted"));
}

static int run(struct ticker *t)
{
    t->report.due = on_report;
    t->interrupt.caught = on_interrupt;
    hws_signal_watch(t->loop, &t->interrupt, SIGINT);
    hws_loop_timer(t->loop, &t->report,
                   hws_loop_clock(t->loop, HWS_CLOCK_MONOTONIC) + REPORT_DELAY);
    hws_client_open(t->client);
    int status = hws_loop_run(t->loop);
    hws_loop_timer(t->loop, &t->report, HWS_NEVER);
    hws_signal_forget(&t->interrupt);
    return status;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: ticker URL [SUBSCRIPTION [/POINTER:UNIT]]\n");
        return 2;
    }
    struct ticker t = {0};
    struct hws_fault fault;
    struct hws_opening subscription = {HWS_TEXT, hws_span_text(argv[2])};
    struct hws_client_options options;
    hws_client_options_init(&options);
    options.url = argv[1];
    options.openings = &subscription;
    options.opening_count = argc > 2;
    options.lag_field = argc > 3 ? argv[3] : NULL;
    options.on_headers = on_headers;
    options.on_event = on_event;
    options.user = &t;

    t.loop = hws_loop_new(NULL, &fault);
    t.client = t.loop ? hws_client_new(t.loop, &options, &fault) : NULL;
    int status = t.client ? run(&t) : -1;
    if (!t.client)
        fprintf(stderr, "ticker: %s\n", fault.text);
    if (t.client)
        hws_client_free(t.client);
    if (t.loop)
        hws_loop_free(t.loop);
    return status < 0;
}
