/*
 * A program of somebody else's, built against what was installed: says which
 * version runs, and makes and frees a client so that every part is linked.
 */
#include <hawser/hawser.h>

#include <stdio.h>
#include <string.h>

static void on_event(struct hws_client *client, const struct hws_event *event,
                     void *user)
{
    (void)client;
    (void)event;
    (void)user;
}

int main(void)
{
    struct hws_fault fault;
    struct hws_client_options options;
    struct hws_loop *loop = hws_loop_new(NULL, &fault);
    struct hws_client *client;

    hws_client_options_init(&options);
    options.url = "wss://127.0.0.1:1/";
    options.on_event = on_event;
    client = loop ? hws_client_new(loop, &options, &fault) : NULL;
    if (!client || strcmp(hws_version(), HWS_VERSION) != 0) {
        fprintf(stderr, "%s\n", client ? "another version" : fault.text);
        return 1;
    }
    hws_client_free(client);
    hws_loop_free(loop);
    printf("hawser %s\n", hws_version());
    return 0;
}
