/*
 * One cell of the matrix of counterparts: everything that a connection must be
 * good for, once, against a server of servers/protocol.md. Says so in one line
 * of JSON.
 *
 *   peer_cell URL CA on|off [PROXY]      on, off: whether compression is
 * offered
 *
 * Every size goes out as text and as binary; all come back in order and
 * unchanged; then pings are answered both ways, and the closing is clean.
 */
#include "hawser/hawser.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The borders of the three length fields, and the records of a feed. */
static const size_t sizes[] = {0,   1,   125, 126, 65535, 65536, 300, 300,
                               300, 300, 300, 300, 300,   300,   300, 300};
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))
#define MESSAGES (2 * SIZES)
#define SIZE_MAX_SENT 65536

struct cell {
    struct hws_client *client;
    char payload[SIZE_MAX_SENT];
    size_t received;
    bool pinged, ponged, told; /* told: the server has our pong */
    char extension[256];       /* what the server answered to our offer */
    int received_code;
    bool clean;
    char why[256]; /* "": nothing failed */
};

static void fail(struct cell *c, const char *why)
{
    if (!c->why[0])
        snprintf(c->why, sizeof(c->why), "%s", why);
    hws_client_close(c->client, HWS_CLOSE_NORMAL, hws_span_text("failed"));
}

/* A record that any deflate makes small, filled up to its size. */
static void fill_text(char *bytes, size_t size, size_t number)
{
    char record[80];
    int length = snprintf(record, sizeof(record),
                          "{\"seq\":%zu,\"bid\":\"0.%zu\",\"side\":\"buy\"},",
                          number, number * 7919);
    for (size_t i = 0; i < size; i++)
        bytes[i] = record[i % (size_t)length];
}

/* Noise: what deflate can only store. */
static void fill_binary(char *bytes, size_t size, size_t number)
{
    uint32_t noise = (uint32_t)number + 1;
    for (size_t i = 0; i < size; i++) {
        noise ^= noise << 13;
        noise ^= noise >> 17;
        noise ^= noise << 5;
        bytes[i] = (char)noise;
    }
}

static enum hws_opcode kind_of(size_t number)
{
    return number < SIZES ? HWS_TEXT : HWS_BINARY;
}

/* Lends: until the next call. */
static struct hws_span message(struct cell *c, size_t number)
{
    size_t size = sizes[number % SIZES];
    if (kind_of(number) == HWS_TEXT)
        fill_text(c->payload, size, number);
    else
        fill_binary(c->payload, size, number);
    return (struct hws_span){(const uint8_t *)c->payload, size};
}

static void send_all(struct cell *c)
{
    for (size_t i = 0; i < MESSAGES; i++) {
        int status = hws_client_send(c->client, kind_of(i), message(c, i));
        if (status)
            fail(c, hws_status_name(status));
    }
}

static bool same(struct hws_span a, struct hws_span b)
{
    return a.size == b.size && (!a.size || memcmp(a.data, b.data, a.size) == 0);
}

static void close_when_done(struct cell *c)
{
    if (c->pinged && c->ponged && c->told)
        hws_client_close(c->client, HWS_CLOSE_NORMAL, hws_span_text("done"));
}

static void take_message(struct cell *c, const struct hws_event *e)
{
    if (c->received == MESSAGES) {
        c->told = same(e->message.data, hws_span_text("ponged hello"));
        if (!c->told)
            fail(c, "more messages than were sent");
        close_when_done(c);
        return;
    }
    if (e->message.opcode != kind_of(c->received))
        fail(c, "an echo of another kind");
    else if (!same(e->message.data, message(c, c->received)))
        fail(c, "an echo of other bytes");
    if (++c->received < MESSAGES)
        return;
    hws_client_send(c->client, HWS_TEXT, hws_span_text("!ping hello"));
    hws_client_ping(c->client, hws_span_text("ours"));
}

static void take_pong(struct cell *c, const struct hws_event *e)
{
    c->ponged = same(e->control.data, hws_span_text("ours")) &&
                e->control.round_trip != HWS_NEVER;
    if (!c->ponged)
        fail(c, "a pong that answers no ping of ours");
    close_when_done(c);
}

/* The head is text: each line ends with CR LF, the last one is empty. */
static void note_extension(struct cell *c, struct hws_span head)
{
    static const char name[] = "sec-websocket-extensions:";
    const char *line = (const char *)head.data, *end = line + head.size;
    while (line < end) {
        const char *stop = memchr(line, '\r', (size_t)(end - line));
        if (!stop)
            return;
        if ((size_t)(stop - line) > strlen(name) &&
            strncasecmp(line, name, strlen(name)) == 0) {
            line += strlen(name);
            line += strspn(line, " ");
            snprintf(c->extension, sizeof(c->extension), "%.*s",
                     (int)(stop - line), line);
            return;
        }
        line = stop + 2;
    }
}

static void note_down(struct cell *c, const struct hws_event *e)
{
    c->received_code = e->down.received_code;
    c->clean = e->down.clean;
    if (!e->down.clean)
        fail(c, e->down.fault->text);
}

static void on_event(struct hws_client *client, const struct hws_event *e,
                     void *user)
{
    struct cell *c = user;
    (void)client;
    if (e->kind == HWS_UP) {
        note_extension(c, e->up.head);
        send_all(c);
    } else if (e->kind == HWS_MESSAGE) {
        take_message(c, e);
    } else if (e->kind == HWS_PING) {
        c->pinged = true;
        close_when_done(c);
    } else if (e->kind == HWS_PONG) {
        take_pong(c, e);
    } else if (e->kind == HWS_DOWN) {
        note_down(c, e);
    }
}

static void report(const struct cell *c)
{
    struct hws_snapshot s;
    struct hws_way way;
    hws_client_snapshot(c->client, &s);
    hws_client_get_way(c->client, &way);
    printf(
        "{\"why\": \"%s\", \"messages\": %zu, \"echoed\": %zu, "
        "\"pinged\": %s, \"ponged\": %s, \"told\": %s, \"clean\": %s, "
        "\"received_code\": %d, \"extension\": \"%s\", \"proxy\": \"%s\", "
        "\"in_compressed\": %llu, \"in_inflated\": %llu, "
        "\"out_plain\": %llu, \"out_compressed\": %llu}\n",
        c->why, (size_t)MESSAGES, c->received, c->pinged ? "true" : "false",
        c->ponged ? "true" : "false", c->told ? "true" : "false",
        c->clean ? "true" : "false", c->received_code, c->extension, way.proxy,
        (unsigned long long)s.compression.in_compressed,
        (unsigned long long)s.compression.in_inflated,
        (unsigned long long)s.compression.out_plain,
        (unsigned long long)s.compression.out_compressed);
}

int main(int argc, char **argv)
{
    static struct cell cell;
    struct hws_client_options options;
    struct hws_fault fault = {0};
    struct hws_loop *loop;

    if (argc < 4 || argc > 5) {
        fprintf(stderr, "usage: peer_cell URL CA on|off [PROXY]\n");
        return 2;
    }
    hws_client_options_init(&options);
    options.url = argv[1];
    options.tls.ca_file = argv[2];
    options.deflate.enabled = strcmp(argv[3], "on") == 0;
    options.proxy = argc == 5 ? argv[4] : "direct";
    options.retry.enabled = false;
    options.on_event = on_event;
    options.user = &cell;
    loop = hws_loop_new(NULL, &fault);
    if (loop)
        cell.client = hws_client_new(loop, &options, &fault);
    if (!cell.client) {
        fprintf(stderr, "peer_cell: %s\n", fault.text);
        return 2;
    }
    hws_client_open(cell.client);
    hws_loop_run(loop);
    report(&cell);
    hws_client_free(cell.client);
    hws_loop_free(loop);
    return cell.why[0] ? 1 : 0;
}
