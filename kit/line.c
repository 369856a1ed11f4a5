#include "line.h"

static void note_message(struct kit_line *line, const struct hws_event *e)
{
    struct hws_span data = e->message.data;
    line->messages++;
    line->size = data.size;
    line->last[0] = '\0';
    if (data.size >= sizeof(line->last))
        return;
    if (data.size)
        memcpy(line->last, data.data, data.size);
    line->last[data.size] = '\0';
}

static void note_down(struct kit_line *line, const struct hws_event *e)
{
    line->downs++;
    line->is_up = false;
    line->is_final = e->down.final;
    line->fault = *e->down.fault;
}

static void on_event(struct hws_client *client, const struct hws_event *e,
                     void *user)
{
    struct kit_line *line = user;
    if (line->client != client)
        FAIL("a client was called after it was freed");
    if (line->is_final)
        FAIL("an event '%s' came after the final end", hws_event_name(e->kind));
    if (e->kind == HWS_MESSAGE && !line->is_up)
        FAIL("a message came from a connection that is not up");
    if (e->kind == HWS_UP) {
        line->ups++;
        line->is_up = true;
    } else if (e->kind == HWS_MESSAGE) {
        note_message(line, e);
    } else if (e->kind == HWS_PONG) {
        line->pongs++;
    } else if (e->kind == HWS_DOWN) {
        note_down(line, e);
    }
    if (line->then)
        line->then(line, e);
}

static void open_with(struct kit_line *line, struct kit *k,
                      struct hws_client_options *options)
{
    struct hws_fault fault;
    options->on_event = on_event;
    options->user = line;
    options->retry.delay_min = HWS_MS(2);
    options->retry.delay_max = HWS_MS(40);
    line->k = k;
    line->is_final = false;
    line->client = hws_client_new(k->loop, options, &fault);
    if (!line->client)
        FAIL("%s", fault.text);
    CHECK_EQ(hws_client_open(line->client), 0);
}

void kit_line_open(struct kit_line *line, struct kit *k,
                   const struct kit_server *server)
{
    struct hws_client_options options;
    hws_client_options_init(&options);
    options.url = server->url;
    options.tls_context = server->client_tls;
    open_with(line, k, &options);
}

void kit_line_open_over(struct kit_line *line, struct kit *k,
                        struct hws_link *(*on_link)(struct hws_client *client,
                                                    const char *url,
                                                    void *user))
{
    struct hws_client_options options;
    hws_client_options_init(&options);
    options.url = "ws://kit.example/";
    options.on_link = on_link;
    open_with(line, k, &options);
}

void kit_line_free(struct kit_line *line)
{
    struct hws_client *client = line->client;
    line->client = NULL;
    hws_client_free(client);
}

void kit_line_send(struct kit_line *line, const char *text)
{
    CHECK_EQ(hws_client_send(line->client, HWS_TEXT, hws_span_text(text)), 0);
}
