/*
 * A client on GLib: prints every message, through all reconnects, until
 * Ctrl-C. Build it with hawser's flags and those of glib-2.0.
 */
#include <hawser/adapters/glib.h>
#include <hawser/hawser.h>
#include <signal.h>
#include <stdio.h>

static struct hws_client *client;
static GMainLoop *main_loop;

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
        g_main_loop_quit(main_loop);
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

    main_loop = g_main_loop_new(NULL, FALSE);
    struct hws_loop *loop = hws_glib_new(NULL, &fault);
    client = loop ? hws_client_new(loop, &options, &fault) : NULL;
    if (!client) {
        fprintf(stderr, "glib: %s\n", fault.text);
        return 1;
    }
    hws_signal_watch(loop, &interrupt, SIGINT);
    hws_client_open(client);
    g_main_loop_run(main_loop);
    hws_client_free(client);
    hws_signal_forget(&interrupt);
    hws_glib_free(loop);
    g_main_loop_unref(main_loop);
    return 0;
}
