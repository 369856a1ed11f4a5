#include "target.h"

#include "command.h"

const struct option_row target_rows[] = {
    {"header", "'NAME: VALUE'|@FILE", OPTION_LIST,
     offsetof(struct target, headers),
     "send this HTTP header, or one for each line of FILE, with every attempt "
     "(repeatable)"},
    {"subprotocol", "NAME", OPTION_LIST, offsetof(struct target, subprotocols),
     "offer this subprotocol (repeatable, in order of preference)"},
    {"no-compression", NULL, OPTION_FLAG,
     offsetof(struct target, no_compression),
     "do not offer to compress messages (permessage-deflate)"},
    {"ping", "DURATION", OPTION_DELAY, offsetof(struct target, ping),
     "ping after this long without a byte from the peer (15s)"},
    {"log", "FILE", OPTION_TEXT, offsetof(struct target, log),
     "append the life of each connection to FILE (-: standard error), a JSON "
     "object a line, secrets masked (docs/LOG.md)"},
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
    access_init(&target->access);
}

void target_release(struct target *target)
{
    journal_close(&target->journal);
    header_list_release(&target->made);
    access_release(&target->access);
    route_release(&target->route);
    text_list_release(&target->headers);
    text_list_release(&target->subprotocols);
    target_tls_release(&target->tls);
}

int target_apply(struct target *target, struct hws_client_options *options)
{
    int code =
        header_list_read(&target->made, target->command, &target->headers);
    if (code)
        return code;
    options->headers = target->made.items;
    options->header_count = target->made.count;
    options->subprotocols = target->subprotocols.items;
    options->subprotocol_count = target->subprotocols.count;
    options->deflate.enabled = !target->no_compression;
    code = target_tls_apply(&target->tls, target->command, &options->tls);
    if (code != OPTIONS_GOOD)
        return code;
    if (target->max_size)
        options->limits.message_size_max = target->max_size;
    if (target->ping >= 0)
        options->delays.ping = target->ping ? target->ping : HWS_NEVER;
    code = route_apply(&target->route, target->command, options);
    if (code != OPTIONS_GOOD)
        return code;
    code = access_apply(&target->access, target->command, options);
    if (code != OPTIONS_GOOD)
        return code;
    return journal_open(&target->journal, target->command, target->log);
}

struct hws_loop *target_loop(const struct target *target, int *code)
{
    struct hws_fault fault = {0};
    struct hws_loop *loop = hws_loop_new(target->dispatcher, &fault);
    if (!loop) {
        bool usage = fault.status == HWS_E_SUPPORT;
        options_complain(target->command, "%s", fault.text);
        *code = usage ? COMMAND_USAGE : COMMAND_LOCAL;
        return NULL;
    }
    int loaded = access_load(&target->access, target->command, loop);
    if (loaded == OPTIONS_GOOD)
        return loop;
    *code = loaded;
    hws_loop_free(loop);
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

void target_note(struct target *target, struct hws_loop *loop,
                 const struct hws_client *client, unsigned number,
                 const struct hws_event *event)
{
    journal_note(&target->journal, loop, client, number, event);
    access_note(&target->access, target->command, loop, event);
}

bool target_ended_well(const struct hws_event *down)
{
    unsigned code = down->down.received_code;
    return down->down.clean &&
           (code == HWS_CLOSE_NORMAL || code == HWS_CLOSE_GOING_AWAY ||
            code == HWS_CLOSE_NO_STATUS);
}
