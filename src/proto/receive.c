/*
 * From bytes to events: hands fed bytes to the handshake or the inbox, acts on
 * what they find, and tells it.
 */
#include "proto/proto.h"

int hws_proto_feed(struct hws_proto *p, uint8_t *bytes, size_t size,
                   hws_time now)
{
    if (p->notes & NOTE_END)
        return HWS_E_STATE;
    int status = hwi_inbox_feed(&p->inbox, bytes, size, now);
    if (status || size == 0)
        return status;
    p->now = now;
    hwi_keepalive_heard(&p->keepalive, now);
    return 0;
}

int hws_proto_park(struct hws_proto *p)
{
    return hwi_inbox_park(&p->inbox);
}

uint8_t *hws_proto_space(struct hws_proto *p, size_t *size)
{
    return hwi_inbox_space(&p->inbox, size);
}

static bool tell_up(struct hws_proto *p, struct hws_event *event)
{
    event->kind = HWS_UP;
    event->up.subprotocol = p->opening->subprotocol;
    event->up.head = hwi_opening_head(p->opening);
    event->up.peer = "";
    event->up.attempt = event->up.connection = 1;
    p->notes |= NOTE_SPENT;
    return true;
}

static bool tell_request(struct hws_proto *p, struct hws_event *event)
{
    event->kind = HWS_REQUEST;
    event->request.head = hwi_opening_head(p->opening);
    event->request.path = p->opening->head.target;
    return true;
}

static bool tell_closing(struct hws_proto *p, struct hws_event *event)
{
    const struct hwi_ending *ending = p->closing.ending;
    event->kind = HWS_CLOSING;
    event->closing.by = HWS_PARTY_LOCAL;
    event->closing.code = p->closing.sent_code;
    event->closing.reason =
        hws_span_text(p->closing.failed && ending ? ending->fault.text : NULL);
    return true;
}

static bool tell_water(struct hws_proto *p, struct hws_event *event)
{
    if (!hwi_outbox_crossed(&p->outbox))
        return false;
    /* A close frame on top of a full queue is nothing to hold back for. */
    if (p->stage == PROTO_CLOSING && !p->outbox.above)
        return false;
    p->outbox.above = !p->outbox.above;
    event->kind = p->outbox.above ? HWS_HIGH_WATER : HWS_LOW_WATER;
    event->water.queued = hwi_outbox_queued(&p->outbox);
    return true;
}

static bool take_note(struct hws_proto *p, unsigned note)
{
    bool noted = (p->notes & note) != 0;
    p->notes &= (uint8_t)~note;
    return noted;
}

/* Whatever is to be told before received frames. */
static bool tell_notes(struct hws_proto *p, struct hws_event *event)
{
    event->at = p->now;
    if (take_note(p, NOTE_SPENT)) {
        hwi_opening_free(p->opening);
        p->opening = NULL;
        hwi_outbox_trim(&p->outbox);
    }
    if (take_note(p, NOTE_UP))
        return tell_up(p, event);
    if (take_note(p, NOTE_REQUEST))
        return tell_request(p, event);
    if (take_note(p, NOTE_CLOSING))
        return tell_closing(p, event);
    return take_note(p, NOTE_WATER) && tell_water(p, event);
}

static bool on_ping(struct hws_proto *p, struct hws_event *event)
{
    struct hws_span payload = p->inbox.control;
    if (!p->closing.lost && hwi_outbox_push_pong(&p->outbox, payload))
        hwi_proto_end_without_memory(p);
    event->kind = HWS_PING;
    event->control.data = payload;
    event->control.round_trip = HWS_NEVER;
    return true;
}

static bool on_pong(struct hws_proto *p, struct hws_event *event)
{
    struct hws_span payload = p->inbox.control;
    event->kind = HWS_PONG;
    event->control.data = payload;
    event->control.round_trip =
        hwi_keepalive_answer(&p->keepalive, payload, p->inbox.fed_at);
    return true;
}

static bool on_close(struct hws_proto *p, struct hws_event *event)
{
    struct hws_fault fault = {.peer = ""};
    struct hwi_closing *c = &p->closing;
    if (hwi_closing_received(c, p->inbox.control, &fault)) {
        hwi_proto_fail(p, &fault);
        return false;
    }
    hwi_inbox_shut(&p->inbox);
    if (c->sent_code)
        return false;
    /* Section 5.5.1: answered with the code that came. Without memory there
     * is no answer, and the peer ends without it. */
    unsigned code =
        c->received_code == HWS_CLOSE_NO_STATUS ? 0 : c->received_code;
    hwi_outbox_push_close(&p->outbox, code, hwi_span(NULL, 0));
    hwi_proto_close_said(p, code, HWS_PARTY_PEER);
    event->kind = HWS_CLOSING;
    event->closing.by = HWS_PARTY_PEER;
    event->closing.code = c->received_code;
    event->closing.reason = hwi_closing_reason(c);
    return true;
}

static bool on_control(struct hws_proto *p, struct hws_event *event)
{
    event->at = p->inbox.fed_at;
    switch (p->inbox.frame.opcode) {
    case HWS_OP_PING:
        return on_ping(p, event);
    case HWS_OP_PONG:
        return on_pong(p, event);
    default:
        return on_close(p, event);
    }
}

static bool take_frame(struct hws_proto *p, struct hws_event *event)
{
    struct hws_fault fault = {.peer = ""};
    switch (hwi_inbox_take(&p->inbox, event, &fault)) {
    case HWI_FOUND_MESSAGE:
        return true;
    case HWI_FOUND_CONTROL:
        return on_control(p, event);
    case HWI_FOUND_BAD:
        hwi_proto_fail(p, &fault);
        return false;
    default:
        return false;
    }
}

static bool take_down(struct hws_proto *p, struct hws_event *event)
{
    if (!(p->notes & NOTE_END) || p->stage == PROTO_OVER)
        return false;
    event->at = p->now;
    hwi_closing_down(&p->closing, p->outbox.close_left, event);
    event->down.was_up = p->was_up;
    event->down.unsent_messages = p->outbox.unsent;
    event->down.head = event->down.body = hwi_span(NULL, 0);
    if (p->opening && !event->down.was_up) {
        event->down.head = hwi_opening_head(p->opening);
        event->down.body = hwi_opening_body(p->opening);
    }
    p->stage = PROTO_OVER;
    return true;
}

/* Apart from next(), so that its many registers are saved only here. */
__attribute__((noinline)) static bool next_slowly(struct hws_proto *p,
                                                  struct hws_event *event)
{
    if (p->stage == PROTO_OVER)
        return false;
    if (p->stage == PROTO_OPENING && !p->closing.over)
        hwi_proto_open(p);
    else if (p->stage == PROTO_ASKED && !(p->notes & NOTE_REQUEST) &&
             p->inbox.at != p->inbox.end)
        hwi_proto_refuse_early(p);
    if (tell_notes(p, event))
        return true;
    if (p->stage >= PROTO_UP && take_frame(p, event))
        return true;
    return tell_notes(p, event) || take_down(p, event);
}

bool hws_proto_next(struct hws_proto *p, struct hws_event *event)
{
    if (p->notes == 0 && hwi_inbox_whole(&p->inbox, event))
        return true;
    return next_slowly(p, event);
}

bool hws_proto_next_held(struct hws_proto *p, struct hws_event *event)
{
    return tell_notes(p, event);
}
