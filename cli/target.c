#include "target.h"

#include "command.h"

#include <string.h>

const struct option_row target_rows[] = {
    {"header", "'NAME: VALUE'", OPTION_LIST, offsetof(struct target, headers),
     "send this HTTP header with every attempt (repeatable)"},
    {"subprotocol", "NAME", OPTION_LIST, offsetof(struct target, subprotocols),
     "offer this subprotocol (repeatable, in order of preference)"},
    {"ping", "DURATION", OPTION_DELAY, offsetof(struct target, ping),
     "ping after this long without a byte from the peer (15s)"},
    {"ca-file", "FILE", OPTION_TEXT, offsetof(struct target, ca_file),
     "trust the certificates in this PEM file instead of the system's"},
    {"insecure", NULL, OPTION_FLAG, offsetof(struct target, insecure),
     "accept any certificate; for tests only"},
    {"key-log", "FILE", OPTION_TEXT, offsetof(struct target, key_log),
     "append TLS keys to this file, for protocol analysers"},
    {"dispatcher", "NAME", OPTION_TEXT, offsetof(struct target, dispatcher),
     "epoll, poll or select; the best one when not given"},
    {0},
};

const struct option_row target_size_rows[] = {
    {"max-size", "SIZE", OPTION_SIZE, offsetof(struct target, max_size),
     "refuse messages above this size with close code 1009 (16m)"},
    {0},
};

const struct option_row target_retry_rows[] = {
    {"reconnect", NULL, OPTION_FLAG, offsetof(struct target, reconnect),
     "connect again after a failure, until told to stop"},
    {0},
};

const struct option_row target_no_retry_rows[] = {
    {"no-reconnect", NULL, OPTION_FLAG, offsetof(struct target, no_reconnect),
     "end with the first connection instead of connecting again"},
    {0},
};

void target_init(struct target *target, const char *command)
{
    *target = (struct target){.command = command, .ping = -1};
}

void target_release(struct target *target)
{
    for (size_t i = 0; target->made && i < target->headers.count; i++)
        memory_free((void *)(uintptr_t)target->made[i].name);
    memory_free(target->made);
    target->made = NULL;
    text_list_release(&target->headers);
    text_list_release(&target->subprotocols);
}

/* Split "Name: value" into a copy whose name is at its begin. */
static bool split_header(const char *text, struct hws_header *header)
{
    const char *colon = strchr(text, ':');
    if (!colon || colon == text)
        return false;
    char *name = memory_copy(text);
    char *value = name + (colon - text);
    *value++ = '\0';
    value += strspn(value, " \t");
    *header = (struct hws_header){.name = name, .value = value};
    return true;
}

static int make_headers(struct target *target)
{
    target->made = memory_new(target->headers.count, sizeof *target->made);
    for (size_t i = 0; i < target->headers.count; i++) {
        const char *text = target->headers.items[i];
        if (!split_header(text, &target->made[i]))
            return options_complain(target->command,
                                    "option '--header': '%s' has no name and "
                                    "colon, write 'Name: value'",
                                    text);
    }
    return OPTIONS_GOOD;
}

int target_apply(struct target *target, struct hws_client_options *options)
{
    int code = make_headers(target);
    if (code != OPTIONS_GOOD)
        return code;
    options->headers = target->made;
    options->header_count = target->headers.count;
    options->subprotocols = target->subprotocols.items;
    options->subprotocol_count = target->subprotocols.count;
    options->tls.ca_file = target->ca_file;
    options->tls.verify = !target->insecure;
    options->tls.key_log = target->key_log;
    if (target->max_size)
        options->limits.message_size_max = target->max_size;
    if (target->ping >= 0)
        options->delays.ping = target->ping ? target->ping : HWS_NEVER;
    return OPTIONS_GOOD;
}

struct hws_loop *target_loop(const struct target *target, int *code)
{
    struct hws_fault fault = {0};
    struct hws_loop *loop = hws_loop_new(target->dispatcher, &fault);
    if (loop)
        return loop;
    bool usage = fault.status == HWS_E_SUPPORT;
    options_complain(target->command, "%s", fault.text);
    *code = usage ? COMMAND_USAGE : COMMAND_LOCAL;
    return NULL;
}

struct hws_client *target_client(const struct target *target,
                                 struct hws_loop *loop,
                                 const struct hws_client_options *options,
                                 int *code)
{
    struct hws_fault fault = {0};
    struct hws_client *client = hws_client_new(loop, options, &fault);
    if (client)
        return client;
    bool usage = fault.status == HWS_E_ARGUMENT;
    options_complain(target->command, "%s", fault.text);
    *code = usage ? COMMAND_USAGE : COMMAND_LOCAL;
    return NULL;
}

bool target_ended_well(const struct hws_event *down)
{
    unsigned code = down->down.received_code;
    return down->down.clean &&
           (code == HWS_CLOSE_NORMAL || code == HWS_CLOSE_GOING_AWAY ||
            code == HWS_CLOSE_NO_STATUS);
}
