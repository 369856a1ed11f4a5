/*
 * A client on sd-event: prints every message, through all reconnects, until
 * Ctrl-C. Build it with hawser's flags and those of libsystemd.
 */
#include <hawser/adapters/sdevent.h>
#include <hawser/hawser.h>
#include <signal.h>
#include <stdio.h>

static struct hws_client *client;
static sd_event *host;

static void on_event(struct hws_client *c, const struct hws_event *event,
                     void *user)
{
    (void)c, (void)user;
    if (event->kind == HWS_MESSAGE)
        printf("%.*s\n", (int)event->message.data.size,
               (const char *)event->message.data.data);
    else if (event->kind == HWS_UP)
        printf("up: %s\n", event->up.peer);
    else if (event->kind == HWS_DOWN)
        printf("down: %s\n", event->down.fault->text);
    fflush(stdout);
    if (event->kind == HWS_DOWN && event->down.final)
        sd_event_exit(host, 0);
}

/* In order: the final DOWN ends the loop. */
static void on_interrupt(struct hws_signal *signal, int number, hws_time now)
{
    (void)signal, (void)number, (void)now;
    hws_client_close(client, HWS_CLOSE_GOING_AWAY, hws_span_text("stopped"));
}

int main(int argc, char **argv)
{
    struct hws_fault fault;
    struct hws_signal interrupt = {.caught = on_interrupt};
    struct hws_client_options options;
    hws_client_options_init(&options);
    options.url = argc > 1 ? argv[1] : "ws://127.0.0.1:9000/";
    options.on_event = on_event;

    int error = sd_event_default(&host);
    if (error < 0) {
        fprintf(stderr, "sdevent: no default event loop: %d\n", -error);
        return 1;
    }
    struct hws_loop *loop = hws_sdevent_new(host, &fault);
    client = loop ? hws_client_new(loop, &options, &fault) : NULL;
    if (!client) {
        fprintf(stderr, "sdevent: %s\n", fault.text);
        return 1;
    }
    hws_signal_watch(loop, &interrupt, SIGINT);
    hws_client_open(client);
    sd_event_loop(host);
    hws_client_free(client);
    hws_signal_forget(&interrupt);
    hws_sdevent_free(loop);
    sd_event_unref(host);
    return 0;
}
