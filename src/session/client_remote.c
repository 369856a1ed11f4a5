/*
 * Calls from other threads: posted to the loop's mailbox, carried out in the
 * order of posting. Every posted call holds the client, so that one that was
 * freed in between is still there to be recognised as freed.
 *
 * Before the loop's first turn every thread is another one: any of them may be
 * about to run it. What is asked for then is answered from what can be known
 * without looking at the client's state: it is not up.
 */
#include "base/utf8.h"
#include "proto/frame.h"
#include "session/client.h"

static int post(struct hws_client *c, void (*call)(void *, struct hws_span),
                struct hws_span bytes)
{
    if (hwi_commons_forked(c->commons))
        return HWS_E_FORK;
    hwi_client_hold(c);
    int status = hwi_mailbox_post(&c->commons->mailbox, call, c, bytes);
    if (status)
        hwi_client_drop(c);
    return status;
}

/* What a message takes of the queue. */
static size_t frame_size(struct hws_span data)
{
    return hwi_frame_head_size(data.size, true) + data.size;
}

/* What the loop's thread knows of the queue, for callers on others. */
static void look(struct hws_client *c)
{
    atomic_store(&c->looking, false);
    atomic_store(&c->queued, c->conn ? hws_conn_queued(c->conn) : 0);
}

/* What could not be sent any more is lost between caller and network. */
static void run_send(struct hws_client *c, enum hws_opcode opcode,
                     struct hws_span data)
{
    if (!c->freed) {
        if (hws_client_send(c, opcode, data) != 0)
            hws_health_unsent(c->health, 1);
        look(c);
    }
    atomic_fetch_sub(&c->posted, frame_size(data));
    hwi_client_drop(c);
}

static void run_send_text(void *context, struct hws_span bytes)
{
    run_send(context, HWS_TEXT, bytes);
}

static void run_send_binary(void *context, struct hws_span bytes)
{
    run_send(context, HWS_BINARY, bytes);
}

static void run_look(void *context, struct hws_span bytes)
{
    struct hws_client *c = context;
    (void)bytes;
    if (!c->freed)
        look(c);
    hwi_client_drop(c);
}

/*
 * Count `size` bytes in, unless they would find the queue full: then the caller
 * is told now, as on the owner's thread, and the loop asked to look again.
 */
static int reserve(struct hws_client *c, size_t size)
{
    size_t posted = atomic_fetch_add(&c->posted, size);
    size_t max = c->options.limits.send_queue_max;
    bool refuses = c->options.limits.when_full == HWS_FULL_REFUSE;
    if (!refuses || posted + atomic_load(&c->queued) + size <= max)
        return 0;
    atomic_fetch_sub(&c->posted, size);
    if (!atomic_exchange(&c->looking, true) &&
        post(c, run_look, (struct hws_span){0}) != 0)
        atomic_store(&c->looking, false);
    return HWS_E_FULL;
}

/* Of what needs a connection that is up. */
static int refuse_early(const struct hws_client *c)
{
    return hwi_commons_forked(c->commons) ? HWS_E_FORK : HWS_E_STATE;
}

int hwi_remote_send(struct hws_client *c, enum hws_opcode opcode,
                    struct hws_span data)
{
    if (hwi_commons_is_early(c->commons))
        return refuse_early(c);
    if (opcode != HWS_TEXT && opcode != HWS_BINARY)
        return HWS_E_ARGUMENT;
    size_t size = frame_size(data);
    if (size > c->options.limits.send_queue_max)
        return HWS_E_TOO_BIG;
    if (opcode == HWS_TEXT && !hwi_utf8_valid(data))
        return HWS_E_UTF8;
    int status = reserve(c, size);
    if (status)
        return status;
    status =
        post(c, opcode == HWS_TEXT ? run_send_text : run_send_binary, data);
    if (status)
        atomic_fetch_sub(&c->posted, size);
    return status;
}

static void run_ping(void *context, struct hws_span bytes)
{
    struct hws_client *c = context;
    if (!c->freed)
        hws_client_ping(c, bytes);
    hwi_client_drop(c);
}

int hwi_remote_ping(struct hws_client *c, struct hws_span data)
{
    if (hwi_commons_is_early(c->commons))
        return refuse_early(c);
    return data.size > 125 ? HWS_E_TOO_BIG : post(c, run_ping, data);
}

/* The code stands in the first two bytes, as it does on the wire. */
static void run_close(void *context, struct hws_span bytes)
{
    struct hws_client *c = context;
    unsigned code = (unsigned)bytes.data[0] << 8 | bytes.data[1];
    struct hws_span reason = {bytes.data + 2, bytes.size - 2};
    if (!c->freed)
        hws_client_close(c, code, reason);
    hwi_client_drop(c);
}

static int post_close(struct hws_client *c, unsigned code,
                      struct hws_span reason)
{
    uint8_t bytes[2 + HWI_CLOSE_REASON_MAX];
    bytes[0] = (uint8_t)(code >> 8);
    bytes[1] = (uint8_t)code;
    if (reason.size)
        memcpy(bytes + 2, reason.data, reason.size);
    return post(c, run_close, (struct hws_span){bytes, reason.size + 2});
}

/* Before open() the client is nobody's but the caller's. After it the first
 * attempt is due, and finds that it is not wanted. */
static int close_early(struct hws_client *c)
{
    if (hwi_commons_forked(c->commons))
        return HWS_E_FORK;
    if (atomic_load(&c->opened))
        atomic_store(&c->unopened, true);
    else if (c->state == HWS_CLIENT_IDLE)
        hwi_client_enter(c, HWS_CLIENT_STOPPED, 0);
    return 0;
}

/* A loop that began to turn meanwhile may have made the attempt already. */
int hwi_remote_close(struct hws_client *c, unsigned code,
                     struct hws_span reason)
{
    int status = 0;
    if (hwi_commons_is_early(c->commons))
        status = close_early(c);
    if (status == 0 && !hwi_commons_is_early(c->commons))
        status = post_close(c, code, reason);
    return status;
}

static void run_reconnect(void *context, struct hws_span bytes)
{
    struct hws_client *c = context;
    (void)bytes;
    if (!c->freed)
        hws_client_reconnect(c);
    hwi_client_drop(c);
}

/* The first attempt is made at once as it is. */
int hwi_remote_reconnect(struct hws_client *c)
{
    if (hwi_commons_is_early(c->commons)) {
        bool waits = atomic_load(&c->opened) && !atomic_load(&c->unopened);
        return waits ? 0 : refuse_early(c);
    }
    return post(c, run_reconnect, (struct hws_span){0});
}

/* Taken back first: whoever asks from now on calls again. */
static void run_pace(struct hwi_last *pace)
{
    struct hws_client *c = hwi_container(pace, struct hws_client, pace);
    atomic_store(&c->pacing, false);
    bool halt = atomic_load(&c->halt);
    if (!c->freed && halt)
        hws_client_pause(c);
    else if (!c->freed)
        hws_client_resume(c);
    hwi_client_drop(c);
}

/* Without mail, which can run out of memory: a lost resume would be a silent
 * client for ever, and nobody could be told. */
void hwi_remote_pause(struct hws_client *c, bool pause)
{
    if (hwi_commons_forked(c->commons))
        return;
    atomic_store(&c->halt, pause);
    if (atomic_exchange(&c->pacing, true))
        return;
    hwi_client_hold(c);
    c->pace.call = run_pace;
    hwi_commons_call_last(c->commons, &c->pace);
}

static void run_free(struct hwi_last *last)
{
    hws_client_free(hwi_container(last, struct hws_client, last));
}

/* Without mail, which can run out of memory: nobody could be told. */
void hwi_remote_free(struct hws_client *c)
{
    c->last.call = run_free;
    hwi_commons_call_last(c->commons, &c->last);
}
