#include "proto/closing.h"

#include "base/mem.h"
#include "base/status.h"
#include "base/utf8.h"

/* Stands in where not even the fault could be kept. */
static const struct hws_fault no_memory = {
    .status = HWS_E_MEMORY,
    .phase = HWS_PHASE_LOCAL,
    .text = "no memory to keep the cause of the end",
};

bool hwi_closing_may_say(unsigned code, struct hws_span reason)
{
    if (code == 0)
        return reason.size == 0;
    return hwi_close_code_is_valid(code) &&
           reason.size <= HWI_CLOSE_REASON_MAX && hwi_utf8_valid(reason);
}

void hwi_closing_init(struct hwi_closing *c)
{
    *c = (struct hwi_closing){.deadline = HWS_NEVER};
}

void hwi_closing_release(struct hwi_closing *c)
{
    hwi_free(c->ending);
    c->ending = NULL;
}

static struct hwi_ending *ending(struct hwi_closing *c)
{
    if (!c->ending)
        c->ending = hwi_alloc_zero(sizeof(*c->ending));
    return c->ending;
}

void hwi_closing_begin(struct hwi_closing *c, enum hws_party by,
                       hws_time deadline)
{
    /* What came before the transport was lost began before the loss did. */
    bool lost_first = c->by == HWS_PARTY_NETWORK && c->by_loss;
    if (hwi_closing_begun(c) && !lost_first)
        return;
    c->by = (uint8_t)by;
    c->deadline = deadline;
}

void hwi_closing_blame(struct hwi_closing *c, const struct hws_fault *fault)
{
    if (c->failed && !c->by_loss)
        return;
    c->failed = true;
    c->by_loss = false;
    if (ending(c))
        c->ending->fault = *fault;
}

void hwi_closing_lost(struct hwi_closing *c, const struct hws_fault *fault,
                      bool truncated)
{
    hwi_closing_begin(c, HWS_PARTY_NETWORK, HWS_NEVER);
    c->lost = true;
    c->truncated = truncated;
    if (c->failed || c->received_code)
        return;
    hwi_closing_blame(c, fault);
    c->by_loss = true;
}

static int bad(struct hws_fault *fault, int status, enum hws_close_code code,
               const char *flaw)
{
    hwi_fault_set(fault, HWS_PHASE_FRAME, status, "close frame with %s", flaw);
    fault->close_code = (int)code;
    return status;
}

/* RFC 6455 section 5.5.1. */
static int check(struct hws_span payload, unsigned *code,
                 struct hws_fault *fault)
{
    *code = HWS_CLOSE_NO_STATUS;
    if (payload.size == 0)
        return 0;
    if (payload.size == 1)
        return bad(fault, HWS_E_PROTOCOL, HWS_CLOSE_PROTOCOL_ERROR,
                   "half a code");
    *code = (unsigned)payload.data[0] << 8 | payload.data[1];
    if (!hwi_close_code_is_valid(*code)) {
        hwi_fault_set(fault, HWS_PHASE_FRAME, HWS_E_PROTOCOL,
                      "close frame with code %u, which must not be sent",
                      *code);
        fault->close_code = HWS_CLOSE_PROTOCOL_ERROR;
        return HWS_E_PROTOCOL;
    }
    if (!hwi_utf8_valid(hwi_span_part(payload, 2, payload.size)))
        return bad(fault, HWS_E_UTF8, HWS_CLOSE_INVALID_PAYLOAD,
                   "a reason that is not UTF-8");
    return 0;
}

int hwi_closing_received(struct hwi_closing *c, struct hws_span payload,
                         struct hws_fault *fault)
{
    unsigned code;
    int status = check(payload, &code, fault);
    if (status)
        return status;
    c->received_code = (uint16_t)code;
    if (payload.size > 2 && ending(c)) {
        c->ending->reason_size = (uint8_t)(payload.size - 2);
        memcpy(c->ending->reason, payload.data + 2, payload.size - 2);
    }
    return 0;
}

struct hws_span hwi_closing_reason(const struct hwi_closing *c)
{
    if (!c->ending)
        return hwi_span(NULL, 0);
    return hwi_span(c->ending->reason, c->ending->reason_size);
}

void hwi_closing_expired(struct hwi_closing *c, hws_time delay)
{
    c->over = true;
    if (c->failed || c->received_code)
        return;
    struct hws_fault fault = {.peer = ""};
    hwi_fault_set(&fault, HWS_PHASE_CLOSE, HWS_E_TIMEOUT,
                  "no close frame from the peer within %.1f s",
                  (double)delay / 1e9);
    fault.close_code = HWS_CLOSE_ABNORMAL;
    hwi_closing_blame(c, &fault);
}

/* The end in order is a "fault" of its own: it says who closed, and how. */
static void describe_close(struct hwi_closing *c)
{
    struct hws_fault fault = {.peer = ""};
    struct hws_span reason = hwi_closing_reason(c);
    hwi_fault_set(&fault, HWS_PHASE_CLOSE, HWS_E_CLOSED,
                  "closed by %s, peer's code %u%s%.*s",
                  c->by == HWS_PARTY_LOCAL ? "this side" : "the peer",
                  c->received_code, reason.size ? ": " : "", (int)reason.size,
                  reason.size ? (const char *)reason.data : "");
    fault.close_code = c->received_code;
    hwi_closing_blame(c, &fault);
}

void hwi_closing_down(struct hwi_closing *c, bool close_left,
                      struct hws_event *event)
{
    /* A close frame that was found in bytes from before the loss explains
     * the loss. */
    if (c->received_code && (!c->failed || c->by_loss))
        describe_close(c);
    event->kind = HWS_DOWN;
    event->down.fault = c->ending && c->failed ? &c->ending->fault : &no_memory;
    event->down.by = c->by ? (enum hws_party)c->by : HWS_PARTY_NETWORK;
    event->down.sent_code = close_left ? c->sent_code : 0;
    event->down.received_code =
        c->received_code ? c->received_code : HWS_CLOSE_ABNORMAL;
    event->down.reason = hwi_closing_reason(c);
    event->down.clean = c->received_code && close_left &&
                        event->down.fault->status == HWS_E_CLOSED;
    event->down.truncated = c->truncated;
    event->down.final = false;
    event->down.retry_at = HWS_NEVER;
}
