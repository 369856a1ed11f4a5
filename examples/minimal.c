/* Stay connected to a WebSocket server and print every message. */
#include <hawser/hawser.h>

#include <stdio.h>

static void on_event(struct hws_client *client, const struct hws_event *event,
                     void *user)
{
    (void)client, (void)user;
    if (event->kind == HWS_MESSAGE)
        printf("%.*s\n", (int)event->message.data.size,
               (const char *)event->message.data.data);
    else if (event->kind == HWS_DOWN)
        fprintf(stderr, "down: %s\n", event->down.fault->text);
}

int main(int argc, char **argv)
{
    struct hws_fault fault;
    struct hws_client_options options;
    hws_client_options_init(&options);
    options.url = argc > 1 ? argv[1] : "ws://127.0.0.1:9000/";
    options.on_event = on_event;

    struct hws_loop *loop = hws_loop_new(NULL, &fault);
    struct hws_client *client =
        loop ? hws_client_new(loop, &options, &fault) : NULL;
    if (!client) {
        fprintf(stderr, "%s\n", fault.text);
        return 1;
    }
    hws_client_open(client);
    hws_loop_run(loop);
    hws_client_free(client);
    hws_loop_free(loop);
    return 0;
}
