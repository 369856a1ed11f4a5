/*
 * The channels of a feed: a connection can bring half of what it should. Each
 * channel is expected from its first message on, and on every connection
 * after that, whether or not it comes back on it.
 */
#include "base/status.h"
#include "session/client.h"
#include "session/conn.h"

#include <stdio.h>

static void tell(struct hws_client *c, enum hws_event_kind kind,
                 const struct hwi_channel *channel, hws_time now)
{
    struct hws_event event = {.kind = kind, .at = now};
    event.stale.since = channel->last;
    event.stale.channel = hwi_channel_name(channel);
    c->options.on_event(c, &event, c->options.user);
}

/* A split message has no channel: its field may stand in any chunk. */
void hwi_client_channel(struct hws_client *c, const struct hws_event *e)
{
    if (!e->message.first || !e->message.last)
        return;
    struct hwi_channel *channel =
        hwi_channels_find(c->channels, e->message.data);
    if (!channel)
        return;
    bool was_stale = channel->stale;
    channel->stale = channel->once_stale = false;
    if (was_stale)
        tell(c, HWS_FRESH, channel, e->at);
    channel->last = e->at;
}

/* While nothing at all comes, that was said. */
hws_time hwi_client_channels_due(const struct hws_client *c)
{
    const struct hwi_channel *oldest =
        c->channels && !c->stale ? hwi_channels_oldest(c->channels) : NULL;
    return oldest ? oldest->last + c->options.stale_delay : HWS_NEVER;
}

/* Unless that was done for this silence already, and did not help. */
static void take_up_again(struct hws_client *c, struct hwi_channel *channel,
                          hws_time now)
{
    struct hws_fault fault = {0};
    bool is_again = channel->once_stale;
    channel->once_stale = true;
    if (is_again || !c->options.stale_reconnect)
        return;
    hwi_fault_set(&fault, HWS_PHASE_IDLE, HWS_E_STALE,
                  "no data for %.1f s of channel '%.*s'",
                  (double)(now - channel->last) / 1e9,
                  channel->size > 64 ? 64 : (int)channel->size, channel->name);
    hws_conn_fail(c->conn, &fault);
}

void hwi_client_look_at_channels(struct hws_client *c, hws_time now)
{
    struct hws_conn *conn = c->conn;
    /* Each callback may have ended the connection. */
    while (!c->freed && c->conn == conn && hwi_client_channels_due(c) <= now) {
        struct hwi_channel *channel = hwi_channels_oldest(c->channels);
        channel->stale = true;
        tell(c, HWS_STALE, channel, now);
        if (!c->freed && c->conn == conn && channel->stale)
            take_up_again(c, channel, now);
    }
}

bool hws_client_forget_channel(struct hws_client *c, struct hws_span name)
{
    struct hwi_channel *channel =
        c->channels ? hwi_channels_named(c->channels, name) : NULL;
    if (!channel)
        return false;
    channel->last = HWS_NEVER;
    channel->stale = channel->once_stale = false;
    return true;
}
