/*
 * The blocking face: a loop of its own that turns while the caller waits, and
 * no longer.
 */
#include "hawser/sync.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/status.h"
#include "session/commons.h"

/* Invariant: while a message is held the client is paused, so that one is all
 * there ever is to hold. */
struct hws_sync {
    struct hws_loop *loop;
    struct hws_client *client;
    struct hwi_buf message;
    enum hws_opcode opcode;
    bool holds;   /* a message waits in `message` */
    bool closing; /* messages are not wanted any more */
    bool clean;   /* close frames went both ways */
    struct hws_fault fault;
    hws_client_callback *on_event;
    void *user;
};

static void keep_message(struct hws_sync *s, const struct hws_event *e)
{
    hwi_buf_clear(&s->message);
    int status = hwi_buf_push(&s->message, e->message.data);
    if (status) {
        hwi_fault_set(&s->fault, HWS_PHASE_LOCAL, status,
                      "cannot keep a message of %zu bytes: %s",
                      e->message.data.size, hws_status_name(status));
        hws_client_reconnect(s->client);
        return;
    }
    s->opcode = (enum hws_opcode)e->message.opcode;
    s->holds = true;
    hws_client_pause(s->client);
}

static void on_event(struct hws_client *client, const struct hws_event *e,
                     void *user)
{
    struct hws_sync *s = user;
    if (e->kind == HWS_MESSAGE && !s->closing)
        keep_message(s, e);
    if (e->kind == HWS_DOWN) {
        s->fault = *e->down.fault;
        s->clean = e->down.clean;
    }
    if (s->on_event)
        s->on_event(client, e, s->user);
}

static hws_time present(const struct hws_sync *s)
{
    return hws_loop_clock(s->loop, HWS_CLOCK_MONOTONIC);
}

static hws_time deadline_after(const struct hws_sync *s, hws_time delay)
{
    hws_time now = present(s);
    return delay >= HWS_NEVER - now ? HWS_NEVER : now + delay;
}

/* Whoever calls is the loop's thread: threads may take turns. */
static void take_over(struct hws_sync *s)
{
    hwi_commons_adopt(s->loop->commons);
}

static bool is_stopped(const struct hws_sync *s)
{
    return hws_client_get_state(s->client) == HWS_CLIENT_STOPPED;
}

static bool is_up(const struct hws_sync *s)
{
    return hws_client_get_state(s->client) == HWS_CLIENT_UP;
}

static bool is_up_or_stopped(const struct hws_sync *s)
{
    return is_up(s) || is_stopped(s);
}

static bool holds_or_stopped(const struct hws_sync *s)
{
    return s->holds || is_stopped(s);
}

/* Turn the loop until `done`. HWS_E_TIMEOUT at the deadline. */
static int turn_until(struct hws_sync *s, bool (*done)(const struct hws_sync *),
                      hws_time deadline)
{
    while (!done(s)) {
        int status = hws_loop_run_once(s->loop, deadline);
        if (status)
            return status;
        /* After a turn, so that a delay of 0 takes what is there. */
        if (present(s) >= deadline)
            return done(s) ? 0 : HWS_E_TIMEOUT;
    }
    return 0;
}

static int make(struct hws_sync *s, const struct hws_client_options *options,
                struct hws_fault *fault)
{
    struct hws_client_options mine = *options;
    if (options->limits.chunk_size)
        return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT,
                             "option 'limits.chunk_size' must be 0 for the "
                             "blocking face");
    hwi_buf_init(&s->message, SIZE_MAX / 2);
    s->on_event = options->on_event;
    s->user = options->user;
    mine.on_event = on_event;
    mine.user = s;
    s->loop = hws_loop_new(NULL, fault);
    if (!s->loop)
        return fault ? fault->status : HWS_E_SYSTEM;
    s->client = hws_client_new(s->loop, &mine, fault);
    if (!s->client)
        return fault ? fault->status : HWS_E_ARGUMENT;
    int status = hws_client_open(s->client);
    return status ? hwi_fault_set(fault, HWS_PHASE_LOCAL, status,
                                  "cannot open a connection: %s",
                                  hws_status_name(status))
                  : 0;
}

struct hws_sync *hws_sync_open(const struct hws_client_options *options,
                               hws_time delay, struct hws_fault *fault)
{
    struct hws_sync *s = hwi_alloc_zero(sizeof(*s));
    if (!s) {
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                      "cannot open a connection: no memory");
        return NULL;
    }
    if (make(s, options, fault) != 0)
        goto fail;
    int status = turn_until(s, is_up_or_stopped, deadline_after(s, delay));
    if (is_up(s))
        return s;
    if (s->fault.status == HWS_OK)
        hwi_fault_set(&s->fault, HWS_PHASE_LOCAL, status,
                      "the connection was not up in time");
    if (fault)
        *fault = s->fault;
fail:
    hws_sync_free(s);
    return NULL;
}

void hws_sync_free(struct hws_sync *s)
{
    if (!s)
        return;
    if (s->client)
        take_over(s);
    hws_client_free(s->client);
    hws_loop_free(s->loop);
    hwi_buf_release(&s->message);
    hwi_free(s);
}

int hws_sync_send(struct hws_sync *s, enum hws_opcode opcode,
                  struct hws_span data, hws_time delay)
{
    take_over(s);
    hws_time deadline = deadline_after(s, delay);
    if (!s->holds)
        hws_client_resume(s->client); /* a lost connection is to be noticed */
    for (;;) {
        int status = turn_until(s, is_up_or_stopped, deadline);
        if (status)
            return status;
        if (is_stopped(s))
            return HWS_E_CLOSED;
        status = hws_client_send(s->client, opcode, data);
        /* HWS_E_STATE while up: the connection is lost, its DOWN comes, but
         * not before the messages that came first. */
        bool waits = status == HWS_E_STATE && !s->holds;
        if (status != HWS_E_FULL && !waits)
            return status;
        if (present(s) >= deadline)
            return HWS_E_TIMEOUT;
        status = hws_loop_run_once(s->loop, deadline);
        if (status)
            return status;
    }
}

int hws_sync_receive(struct hws_sync *s, struct hws_sync_message *message,
                     hws_time delay)
{
    take_over(s);
    if (!s->holds)
        hws_client_resume(s->client);
    int status = turn_until(s, holds_or_stopped, deadline_after(s, delay));
    if (status)
        return status;
    if (!s->holds)
        return HWS_E_CLOSED;
    s->holds = false;
    message->opcode = s->opcode;
    message->data = hwi_buf_span(&s->message);
    return 0;
}

int hws_sync_close(struct hws_sync *s, unsigned code, struct hws_span reason)
{
    take_over(s);
    s->closing = true;
    int status = hws_client_close(s->client, code, reason);
    if (status)
        return status;
    status = turn_until(s, is_stopped, HWS_NEVER);
    if (status)
        return status;
    return s->clean ? 0 : s->fault.status;
}

const struct hws_fault *hws_sync_fault(const struct hws_sync *s)
{
    return &s->fault;
}

struct hws_client *hws_sync_client(struct hws_sync *s)
{
    return s->client;
}
