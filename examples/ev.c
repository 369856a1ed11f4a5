/*
 * A client on libev: prints every message, through all reconnects, until
 * Ctrl-C. Build it with hawser's flags and those of libev (-lev).
 */
#include <hawser/adapters/ev.h>
#include <hawser/hawser.h>
#include <signal.h>
#include <stdio.h>

static struct hws_client *client;

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

    struct ev_loop *ev = ev_default_loop(0);
    struct hws_loop *loop = hws_ev_new(ev, &fault);
    client = loop ? hws_client_new(loop, &options, &fault) : NULL;
    if (!client) {
        fprintf(stderr, "ev: %s\n", fault.text);
        return 1;
    }
    hws_signal_watch(loop, &interrupt, SIGINT);
    hws_client_open(client);
    ev_run(ev, 0);
    hws_client_free(client);
    hws_signal_forget(&interrupt);
    hws_ev_free(loop);
    ev_loop_destroy(ev);
    return 0;
}
