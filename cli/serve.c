#include "serve.h"

#include "command.h"
#include "target_tls.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Room for a few messages of the feed. */
#define QUEUE_LEAST ((size_t)64 * 1024)

static const struct serve_mode *const modes[] = {&serve_echo, &serve_feed,
                                                 &serve_firehose, NULL};

/* What happens when a client does not take what waits for it. */
static const struct {
    const char *name;
    enum hws_full when_full;
} policies[] = {{"drop-oldest", HWS_FULL_DROP_OLDEST},
                {"drop-newest", HWS_FULL_DROP_NEWEST},
                {"close", HWS_FULL_CLOSE}};

static const struct option_row serve_rows[] = {
    {"listen", "ADDR:PORT", OPTION_ADDRESS,
     offsetof(struct serve_options, listen),
     "where to listen; port 0 takes a free one (127.0.0.1:0)"},
    {"cert", "FILE", OPTION_TEXT, offsetof(struct serve_options, certificate),
     "serve TLS with this PEM chain"},
    {"key", "FILE", OPTION_TEXT, offsetof(struct serve_options, private_key),
     "the private key of --cert"},
    {"key-password-file", "FILE", OPTION_TEXT,
     offsetof(struct serve_options, password_file),
     "its first line opens an encrypted --key"},
    {"client-ca", "FILE", OPTION_TEXT,
     offsetof(struct serve_options, client_ca),
     "accept only clients with a certificate of these authorities (PEM)"},
    {"subprotocol", "NAME", OPTION_LIST,
     offsetof(struct serve_options, subprotocols),
     "support this subprotocol (repeatable)"},
    {"no-compression", NULL, OPTION_FLAG,
     offsetof(struct serve_options, no_compression),
     "do not agree to compress messages (permessage-deflate)"},
    {"for", "DURATION", OPTION_DELAY, offsetof(struct serve_options, for_delay),
     "end after this time"},
    {"dispatcher", "NAME", OPTION_TEXT,
     offsetof(struct serve_options, dispatcher),
     "epoll, poll or select; the best one when not given"},
    {"quiet", NULL, OPTION_FLAG, offsetof(struct serve_options, quiet),
     "no marks and no counters on standard error"},
    {0},
};

static const struct option_row mode_rows[] = {
    {"rate", "N", OPTION_RATE, offsetof(struct serve_options, rate),
     "feed: messages a second (1000)"},
    {"seed", "N", OPTION_COUNT, offsetof(struct serve_options, seed),
     "feed: which market; the same seed sends the same messages (1)"},
    {"size", "SIZE", OPTION_SIZE, offsetof(struct serve_options, size),
     "firehose: bytes of a message (256)"},
    {0},
};

static const struct option_row limit_rows[] = {
    {"max-size", "SIZE", OPTION_SIZE, offsetof(struct serve_options, max_size),
     "refuse messages above this size with close code 1009 (16m)"},
    {"queue", "SIZE", OPTION_SIZE, offsetof(struct serve_options, queue_size),
     "what may wait for one client that reads slowly (16m)"},
    {"when-full", "POLICY", OPTION_TEXT,
     offsetof(struct serve_options, when_full),
     "feed: what a slow client loses beyond that: drop-oldest, drop-newest "
     "or close (drop-oldest)"},
    {0},
};

int serve_send(struct server_peer *peer, enum hws_opcode opcode,
               struct hws_span data)
{
    int status = hws_conn_send(peer->conn, opcode, data, true);
    if (status == 0) {
        peer->sent.messages++;
        peer->sent.bytes += data.size;
    } else {
        peer->refused++;
    }
    return status;
}

static void serve_farewell(struct serve *serve, const struct server_peer *peer,
                           const struct hws_event *event)
{
    struct output *err = &serve->err;
    char sent[UNITS_TEXT_MAX], received[UNITS_TEXT_MAX];
    if (serve->options.quiet)
        return;
    output_format(err, "-- [%u] %s down: ", peer->number, peer->name);
    output_escaped(err, hws_span_text(event->down.fault->text));
    output_format(err, "; sent %" PRIu64 " (%s), received %" PRIu64 " (%s)",
                  peer->sent.messages, units_size(sent, peer->sent.bytes),
                  peer->received.messages,
                  units_size(received, peer->received.bytes));
    output_format(err, ", dropped or unsent %" PRIu64 "\n",
                  event->down.unsent_messages + peer->refused);
}

/* ---- what --metrics says of a client */

static const char *peer_address(const void *peer)
{
    return ((const struct server_peer *)peer)->name;
}

static const char *peer_state(const void *peer)
{
    return ((const struct server_peer *)peer)->up ? "up" : "closing";
}

static void peer_snapshot(const void *peer, struct hws_snapshot *snapshot)
{
    server_snapshot(peer, snapshot);
}

static void show_peer(struct serve *serve, const struct server_peer *peer)
{
    struct metrics_line line = {.stale = HWS_NEVER,
                                .owner = peer,
                                .url = peer_address,
                                .state = peer_state,
                                .snapshot = peer_snapshot};
    snprintf(line.name, sizeof line.name, "%u", peer->number);
    if (peer->health)
        metrics_add_line(serve->metrics, &line);
}

static void serve_event(struct server_peer *peer, const struct hws_event *event,
                        void *user)
{
    struct serve *serve = user;
    switch (event->kind) {
    case HWS_UP:
        if (!serve->options.quiet)
            output_format(&serve->err, "-- [%u] %s up\n", peer->number,
                          peer->name);
        show_peer(serve, peer);
        serve->mode->up(serve, peer);
        break;
    case HWS_MESSAGE:
        peer->received.messages += event->message.last;
        peer->received.bytes += event->message.data.size;
        serve->mode->event(serve, peer, event);
        break;
    case HWS_DOWN:
        metrics_remove(serve->metrics, peer);
        serve_farewell(serve, peer, event);
        serve->mode->event(serve, peer, event);
        break;
    default:
        serve->mode->event(serve, peer, event);
        break;
    }
}

static void serve_stop(struct stopper *stopper)
{
    char *at = (char *)stopper - offsetof(struct serve, stopper);
    struct serve *serve = (struct serve *)(void *)at;
    market_stop(&serve->market);
    server_shut(&serve->server);
    server_close_peers(&serve->server, HWS_CLOSE_GOING_AWAY);
}

static int choose_mode(struct serve *serve, const struct text_list *operands)
{
    const char *name = operands->count ? operands->items[0] : "echo";
    if (operands->count > 1)
        return options_complain("serve", "one mode is needed, %zu are given",
                                operands->count);
    for (size_t i = 0; modes[i]; i++)
        if (strcmp(modes[i]->name, name) == 0)
            serve->mode = modes[i];
    if (serve->mode)
        return OPTIONS_GOOD;
    return options_complain("serve",
                            "'%s' is no mode; there are echo, feed and "
                            "firehose",
                            name);
}

static int choose_policy(const struct serve *serve, enum hws_full *when_full)
{
    const char *name = serve->options.when_full;
    for (size_t i = 0; i < sizeof policies / sizeof *policies; i++) {
        if (strcmp(policies[i].name, name) == 0) {
            *when_full = policies[i].when_full;
            return OPTIONS_GOOD;
        }
    }
    return options_complain("serve",
                            "option '--when-full': '%s' is not drop-oldest, "
                            "drop-newest or close",
                            name);
}

static int serve_secure(struct serve *serve, struct server_options *server)
{
    const struct serve_options *options = &serve->options;
    int code;
    if (!options->certificate != !options->private_key)
        return options_complain("serve",
                                "options '--cert' and '--key' need each "
                                "other");
    if (options->client_ca && !options->certificate)
        return options_complain("serve", "option '--client-ca' needs '--cert'");
    if (options->password_file && !options->private_key)
        return options_complain("serve",
                                "option '--key-password-file' needs '--key'");
    serve->password =
        target_tls_password("serve", options->password_file, &code);
    server->certificate = options->certificate;
    server->private_key = options->private_key;
    server->key_password = serve->password;
    server->client_ca = options->client_ca;
    return code;
}

static int serve_configure(struct serve *serve, struct server_options *server,
                           const struct text_list *operands)
{
    const struct serve_options *options = &serve->options;
    struct hws_limits *limits = &server->conn.proto.limits;
    int code = choose_mode(serve, operands);
    server_options_init(server);
    if (code == OPTIONS_GOOD)
        code = choose_policy(serve, &limits->when_full);
    if (code != OPTIONS_GOOD)
        return code;
    code = serve_secure(serve, server);
    if (code != OPTIONS_GOOD)
        return code;
    if (options->queue_size < QUEUE_LEAST)
        return options_complain("serve",
                                "option '--queue': at least 64k is needed");
    limits->message_size_max = options->max_size;
    limits->send_queue_max = options->queue_size;
    limits->send_queue_high = options->queue_size / 4;
    limits->send_queue_low = options->queue_size / 16;
    server->address = options->listen;
    server->conn.proto.deflate.enabled = !options->no_compression;
    server->conn.proto.subprotocols = options->subprotocols.items;
    server->conn.proto.subprotocol_count = options->subprotocols.count;
    server->on_event = serve_event;
    server->user = serve;
    server->measures = options->metrics.address.host[0] != '\0';
    return OPTIONS_GOOD;
}

static int serve_begin(struct serve *serve,
                       const struct server_options *options)
{
    struct hws_fault fault = {0};
    char url[128];
    serve->loop = hws_loop_new(serve->options.dispatcher, &fault);
    if (!serve->loop ||
        server_init(&serve->server, serve->loop, options, &fault) ||
        server_open(&serve->server, &fault)) {
        options_complain("serve", "%s", fault.text);
        return fault.status == HWS_E_SUPPORT ? COMMAND_USAGE : COMMAND_LOCAL;
    }
    serve->stopper.stop = serve_stop;
    if (stopper_init(&serve->stopper, serve->loop, serve->options.for_delay))
        return COMMAND_LOCAL;
    serve->mode->begin(serve);
    output_format(&serve->out, "listening on %s\n",
                  server_url(&serve->server, url));
    output_flush(&serve->out);
    return metrics_begin(&serve->metrics, &serve->options.metrics, "serve",
                         serve->loop, &serve->err);
}

/* A signal is how a server is meant to end: no failure. */
static int serve_run(struct serve *serve)
{
    int status = 0;
    while (status == 0 &&
           (!serve->stopper.stopped || serve->server.peer_count > 0)) {
        status = hws_loop_run_once(serve->loop, HWS_NEVER);
        output_flush(&serve->err);
    }
    if (!serve->options.quiet)
        output_format(&serve->err, "-- %u client%s served\n",
                      serve->server.accepted,
                      units_plural(serve->server.accepted));
    return status == 0 ? COMMAND_OK : COMMAND_LOCAL;
}

static void serve_release(struct serve *serve)
{
    metrics_free(serve->metrics);
    serve->metrics = NULL;
    server_release(&serve->server);
    if (serve->stopper.loop)
        stopper_release(&serve->stopper);
    if (serve->loop)
        hws_loop_free(serve->loop);
    memory_free(serve->block);
    memory_free(serve->password);
    output_release(&serve->out);
    output_release(&serve->err);
    text_list_release(&serve->options.subprotocols);
}

static int serve_main(int argc, char **argv)
{
    struct serve *serve = memory_new(1, sizeof *serve);
    struct server_options server;
    struct text_list operands = {0};
    const struct option_group groups[] = {
        {"options", serve_rows, &serve->options},
        {NULL, metrics_rows, &serve->options.metrics},
        {"modes", mode_rows, &serve->options},
        {"limits", limit_rows, &serve->options},
        {0},
    };
    const struct option_form form = {
        "serve", "[echo|feed|firehose]",
        "Serve WebSocket clients on one port. echo sends every message back; "
        "feed sends a made-up market at a rate, each message stamped with "
        "the time at which it was due; firehose sends as much as the client "
        "takes. The first line of output is the URL.",
        groups};
    serve->options = (struct serve_options){.listen = {"127.0.0.1", 0},
                                            .rate = 1000,
                                            .seed = 1,
                                            .size = 256,
                                            .queue_size = (size_t)16 << 20,
                                            .max_size = (size_t)16 << 20,
                                            .when_full = "drop-oldest",
                                            .for_delay = HWS_NEVER};
    output_init(&serve->out, STDOUT_FILENO);
    output_init(&serve->err, STDERR_FILENO);
    int code = options_parse(&form, argc, argv, &operands);
    if (code == OPTIONS_GOOD)
        code = serve_configure(serve, &server, &operands);
    if (code == OPTIONS_GOOD)
        code = serve_begin(serve, &server);
    if (code == OPTIONS_GOOD)
        code = serve_run(serve);
    serve_release(serve);
    memory_free(serve);
    text_list_release(&operands);
    return code;
}

const struct command serve_command = {
    "serve", "an echo, feed or firehose server for tests", serve_main};
