/*
 * From calls to bytes: messages, pings and the close of the caller, and what
 * is to be written.
 */
#include "base/status.h"
#include "proto/proto.h"

static void note_water(struct hws_proto *p)
{
    if (hwi_outbox_crossed(&p->outbox))
        p->notes |= NOTE_WATER;
}

static void fail_full(struct hws_proto *p)
{
    struct hws_fault fault = {.peer = ""};
    hwi_fault_set(&fault, HWS_PHASE_LOCAL, HWS_E_FULL,
                  "send queue is full: %zu bytes are waiting",
                  hwi_outbox_queued(&p->outbox));
    fault.close_code = HWS_CLOSE_POLICY_VIOLATION;
    hwi_proto_fail(p, &fault);
}

static bool fits(const struct hws_proto *p, enum hws_opcode opcode)
{
    if (p->outbox.opcode)
        return opcode == HWS_CONTINUATION;
    return opcode == HWS_TEXT || opcode == HWS_BINARY;
}

int hws_proto_send(struct hws_proto *p, enum hws_opcode opcode,
                   struct hws_span data, bool last, hws_time now)
{
    if (!hwi_proto_is_up(p) || !fits(p, opcode))
        return HWS_E_STATE;
    p->now = now;
    int status = hwi_outbox_push(&p->outbox, (uint8_t)opcode, data, last);
    if (status == HWS_E_FULL && p->outbox.when_full == HWS_FULL_CLOSE)
        fail_full(p);
    note_water(p);
    return status;
}

int hws_proto_ping(struct hws_proto *p, struct hws_span data, hws_time now)
{
    if (!hwi_proto_is_up(p))
        return HWS_E_STATE;
    if (data.size > HWI_CONTROL_MAX)
        return HWS_E_TOO_BIG;
    if (p->outbox.pings >= HWI_PINGS_MAX)
        return HWS_E_FULL;
    p->now = now;
    int status = hwi_outbox_push_ping(&p->outbox, data);
    if (status == 0)
        hwi_keepalive_note(&p->keepalive, data, now);
    return status;
}

static void give_up_opening(struct hws_proto *p)
{
    struct hws_fault fault = {.peer = ""};
    hwi_fault_set(&fault, HWS_PHASE_LOCAL, HWS_E_CANCELLED,
                  "closed by this side before the handshake was done");
    hwi_proto_end(p, &fault, HWS_PARTY_LOCAL);
}

int hws_proto_close(struct hws_proto *p, unsigned code, struct hws_span reason,
                    hws_time now)
{
    if (!hwi_closing_may_say(code, reason))
        return HWS_E_ARGUMENT;
    if (p->stage >= PROTO_CLOSING || (p->notes & NOTE_END))
        return 0;
    p->now = now;
    if (p->stage < PROTO_UP) {
        give_up_opening(p);
        return 0;
    }
    int status = hwi_outbox_push_close(&p->outbox, code, reason);
    if (status)
        return status;
    hwi_proto_close_said(p, code, HWS_PARTY_LOCAL);
    p->notes |= NOTE_CLOSING;
    return 0;
}

struct hws_span hws_proto_output(struct hws_proto *p)
{
    if (p->notes & NOTE_END)
        return hwi_span(NULL, 0);
    return hwi_outbox_output(&p->outbox);
}

void hws_proto_wrote(struct hws_proto *p, size_t size, hws_time now)
{
    p->now = now;
    hwi_outbox_wrote(&p->outbox, size);
    note_water(p);
}

size_t hws_proto_queued(const struct hws_proto *p)
{
    return hwi_outbox_queued(&p->outbox);
}
