/*
 * A client that proves one thing against a real server and says so in one line
 * of JSON. It speaks to the servers of servers/protocol.md through the public
 * API alone.
 *
 *   peer_driver exchange URL CA KIND SIZE COUNT   send COUNT messages, get each
 *                                                 back, in order and unchanged
 *   peer_driver control URL CA                    ping and close, both ways
 *   peer_driver feed URL CA COUNT                 read `!feed COUNT`
 */
#include "hawser/hawser.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes that may be under way; both sides must keep reading. */
#define WINDOW ((size_t)8 << 20)

struct driver {
    struct hws_loop *loop;
    struct hws_client *client;
    enum hws_opcode kind;
    size_t size;
    unsigned long count, sent, received;
    char *payload;
    unsigned pings, pongs;
    bool ponged; /* the server says that our pong came */
    bool failed;
    int received_code, sent_code;
    bool clean;
    char why[256];
};

static void fail(struct driver *d, const char *why)
{
    if (!d->failed)
        snprintf(d->why, sizeof(d->why), "%s", why);
    d->failed = true;
    hws_client_close(d->client, HWS_CLOSE_NORMAL, hws_span_text("failed"));
}

/* Message number `i` is the payload with its number at the front, as far as
 * there is room: always as wide, so that no other number shows behind it. */
static struct hws_span numbered(struct driver *d, unsigned long i)
{
    char number[24];
    int length = snprintf(number, sizeof(number), "%-20lu:", i);
    size_t room = (size_t)length < d->size ? (size_t)length : d->size;
    memcpy(d->payload, number, room);
    return (struct hws_span){(const uint8_t *)d->payload, d->size};
}

static void send_more(struct driver *d)
{
    while (d->sent < d->count &&
           (d->sent - d->received) * (d->size + 16) < WINDOW) {
        int status = hws_client_send(d->client, d->kind, numbered(d, d->sent));
        if (status == HWS_E_FULL)
            return;
        if (status) {
            fail(d, hws_status_name(status));
            return;
        }
        d->sent++;
    }
}

static void take_echo(struct driver *d, const struct hws_event *e)
{
    struct hws_span expected = numbered(d, d->received);
    if (e->message.opcode != d->kind)
        fail(d, "an echo of another kind");
    else if (e->message.data.size != expected.size ||
             (expected.size &&
              memcmp(e->message.data.data, expected.data, expected.size) != 0))
        fail(d, "an echo of other bytes");
    d->received++;
    if (d->received == d->count)
        hws_client_close(d->client, HWS_CLOSE_NORMAL, hws_span_text("done"));
    else
        send_more(d);
}

static void note_down(struct driver *d, const struct hws_event *e)
{
    d->received_code = e->down.received_code;
    d->sent_code = e->down.sent_code;
    d->clean = e->down.clean;
    if (!e->down.clean)
        fail(d, e->down.fault->text);
}

static void on_exchange(struct hws_client *client, const struct hws_event *e,
                        void *user)
{
    struct driver *d = user;
    (void)client;
    if (e->kind == HWS_UP || e->kind == HWS_LOW_WATER)
        send_more(d);
    else if (e->kind == HWS_MESSAGE)
        take_echo(d, e);
    else if (e->kind == HWS_DOWN)
        note_down(d, e);
}

static void on_feed(struct hws_client *client, const struct hws_event *e,
                    void *user)
{
    struct driver *d = user;
    char expected[24], ask[32];
    if (e->kind == HWS_UP) {
        snprintf(ask, sizeof(ask), "!feed %lu", d->count);
        hws_client_send(client, HWS_TEXT, hws_span_text(ask));
    } else if (e->kind == HWS_MESSAGE) {
        int length = snprintf(expected, sizeof(expected), "%lu", d->received);
        if (e->message.data.size != (size_t)length ||
            memcmp(e->message.data.data, expected, (size_t)length) != 0)
            fail(d, "a message out of order");
        if (++d->received == d->count)
            hws_client_close(client, HWS_CLOSE_NORMAL, hws_span_text("done"));
    } else if (e->kind == HWS_DOWN) {
        note_down(d, e);
    }
}

/* The server was asked to ping; it says when our pong arrived. Then we ping,
 * and when its pong arrived it is asked to close. */
static void on_control(struct hws_client *client, const struct hws_event *e,
                       void *user)
{
    struct driver *d = user;
    if (e->kind == HWS_UP) {
        hws_client_send(client, HWS_TEXT, hws_span_text("!ping hello"));
    } else if (e->kind == HWS_PING) {
        d->pings++;
    } else if (e->kind == HWS_MESSAGE) {
        d->ponged = e->message.data.size == strlen("ponged hello") &&
                    memcmp(e->message.data.data, "ponged hello",
                           e->message.data.size) == 0;
        hws_client_ping(client, hws_span_text("ours"));
    } else if (e->kind == HWS_PONG) {
        d->pongs++;
        if (e->control.round_trip == HWS_NEVER)
            fail(d, "a pong without its ping");
        hws_client_send(client, HWS_TEXT, hws_span_text("!close 4001 bye"));
    } else if (e->kind == HWS_DOWN) {
        note_down(d, e);
    }
}

static int usage(void)
{
    fprintf(stderr, "usage: peer_driver exchange|control|feed URL CA|- ...\n");
    return 2;
}

static bool prepare(struct driver *d, struct hws_client_options *o, int argc,
                    char **argv)
{
    o->url = argv[2];
    o->tls.ca_file = strcmp(argv[3], "-") == 0 ? NULL : argv[3];
    o->user = d;
    o->retry.enabled = false;
    o->limits.message_size_max = (size_t)64 << 20;
    o->limits.send_queue_max = (size_t)64 << 20;
    if (strcmp(argv[1], "exchange") == 0 && argc == 7) {
        o->on_event = on_exchange;
        d->kind = strcmp(argv[4], "text") == 0 ? HWS_TEXT : HWS_BINARY;
        d->size = strtoul(argv[5], NULL, 10);
        d->count = strtoul(argv[6], NULL, 10);
    } else if (strcmp(argv[1], "control") == 0 && argc == 4) {
        o->on_event = on_control;
    } else if (strcmp(argv[1], "feed") == 0 && argc == 5) {
        o->on_event = on_feed;
        d->count = strtoul(argv[4], NULL, 10);
    } else {
        return false;
    }
    return true;
}

static bool make_payload(struct driver *d)
{
    d->payload = malloc(d->size + 1);
    for (size_t i = 0; d->payload && i < d->size; i++)
        d->payload[i] = d->kind == HWS_TEXT ? (char)('a' + i % 26)
                                            : (char)(i * 7 + i / 251);
    return d->payload != NULL;
}

static void report(const struct driver *d, const struct hws_snapshot *s)
{
    printf(
        "{\"ok\": %s, \"why\": \"%s\", \"sent\": %lu, \"received\": %lu, "
        "\"pings\": %u, \"pongs\": %u, \"ponged\": %s, "
        "\"received_code\": %d, \"sent_code\": %d, \"clean\": %s, "
        "\"reads\": %llu, \"writes\": %llu, \"in_compressed\": %llu, "
        "\"in_inflated\": %llu, \"out_plain\": %llu, "
        "\"out_compressed\": %llu}\n",
        d->failed ? "false" : "true", d->why, d->sent, d->received, d->pings,
        d->pongs, d->ponged ? "true" : "false", d->received_code, d->sent_code,
        d->clean ? "true" : "false", (unsigned long long)s->reads,
        (unsigned long long)s->writes,
        (unsigned long long)s->compression.in_compressed,
        (unsigned long long)s->compression.in_inflated,
        (unsigned long long)s->compression.out_plain,
        (unsigned long long)s->compression.out_compressed);
}

int main(int argc, char **argv)
{
    struct driver d = {.kind = HWS_TEXT};
    struct hws_client_options options;
    struct hws_snapshot snapshot;
    struct hws_fault fault = {0};

    hws_client_options_init(&options);
    if (argc < 4 || !prepare(&d, &options, argc, argv))
        return usage();
    d.loop = hws_loop_new(NULL, &fault);
    if (d.loop)
        d.client = hws_client_new(d.loop, &options, &fault);
    if (!d.client || !make_payload(&d)) {
        fprintf(stderr, "peer_driver: %s\n", fault.text);
        return 2;
    }
    hws_client_open(d.client);
    hws_loop_run(d.loop);
    hws_client_snapshot(d.client, &snapshot);
    report(&d, &snapshot);
    hws_client_free(d.client);
    hws_loop_free(d.loop);
    free(d.payload);
    return d.failed ? 1 : 0;
}
