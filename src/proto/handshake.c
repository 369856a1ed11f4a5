/*
 * The opening handshake in the life of a connection: acts on what the opening
 * found, answers requests, and lets the caller answer them.
 */
#include "base/status.h"
#include "proto/proto.h"

/* What was agreed about compression holds from the first frame on. */
static int agree(struct hws_proto *p)
{
    const struct hwi_deflate_terms *terms = &p->opening->terms;
    if (!terms->agreed)
        return 0;
    int status = hwi_inbox_agree(&p->inbox, terms);
    if (status)
        return status;
    return hwi_outbox_agree(&p->outbox, terms, &p->opening->deflate);
}

/* The answer is written with what the request asked for. */
static int accept_request(struct hws_proto *p, struct hws_span subprotocol,
                          const struct hws_header *headers, size_t count)
{
    struct hwi_buf answer;
    hwi_buf_init(&answer, SIZE_MAX / 2);
    int status = hwi_answer_write(&answer, p->opening->accept, subprotocol,
                                  &p->opening->terms, headers, count);
    if (!status)
        status = agree(p);
    if (!status)
        status = hwi_outbox_push_raw(&p->outbox, hwi_buf_span(&answer));
    hwi_buf_release(&answer);
    if (status)
        return status;
    p->opening->subprotocol = subprotocol;
    hwi_proto_up(p);
    return 0;
}

void hwi_proto_end_without_memory(struct hws_proto *p)
{
    struct hws_fault fault = {.peer = ""};
    hwi_fault_set(&fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                  "no memory to answer the peer");
    hwi_proto_end(p, &fault, HWS_PARTY_LOCAL);
}

static void answer_request(struct hws_proto *p)
{
    if (p->opening->manual) {
        p->stage = PROTO_ASKED;
        p->notes |= NOTE_REQUEST;
    } else if (accept_request(p, p->opening->subprotocol, NULL, 0)) {
        hwi_proto_end_without_memory(p);
    }
}

static void take_answer(struct hws_proto *p)
{
    if (agree(p))
        hwi_proto_end_without_memory(p);
    else
        hwi_proto_up(p);
}

/* Refuse the request with `fault`, and wait for the end. */
static int refuse(struct hws_proto *p, const struct hws_fault *fault,
                  const struct hws_header *headers, size_t header_count,
                  struct hws_span body)
{
    struct hwi_buf answer;
    hwi_buf_init(&answer, SIZE_MAX / 2);
    int status = hwi_answer_write_refusal(&answer, fault->http_status, headers,
                                          header_count, body);
    if (!status)
        status = hwi_outbox_push_raw(&p->outbox, hwi_buf_span(&answer));
    hwi_buf_release(&answer);
    if (status)
        return status;
    hwi_inbox_shut(&p->inbox);
    hwi_closing_begin(&p->closing, HWS_PARTY_LOCAL,
                      hwi_after(p->now, p->close_delay));
    hwi_closing_blame(&p->closing, fault);
    p->stage = PROTO_CLOSING;
    p->notes &= (uint8_t)~NOTE_OPENING;
    return 0;
}

/* The server answers every fault of a request; a client just ends. */
static void end_opening(struct hws_proto *p, struct hws_fault *fault)
{
    if (p->role == HWS_CLIENT || fault->status == HWS_E_MEMORY) {
        hwi_proto_end(p, fault, HWS_PARTY_LOCAL);
        return;
    }
    if (fault->http_status == 0)
        fault->http_status = 400;
    if (refuse(p, fault, NULL, 0, hws_span_text(fault->text)))
        hwi_proto_end_without_memory(p);
}

static void act_on_opening(struct hws_proto *p, enum hwi_opened opened,
                           struct hws_fault *fault)
{
    switch (opened) {
    case HWI_OPENED_GOOD:
        if (p->role == HWS_SERVER)
            answer_request(p);
        else
            take_answer(p);
        break;
    case HWI_OPENED_BAD:
        end_opening(p, fault);
        break;
    case HWI_OPENED_REFUSED:
        hwi_closing_begin(&p->closing, HWS_PARTY_PEER, HWS_NEVER);
        hwi_closing_blame(&p->closing, fault);
        break;
    case HWI_OPENED_ENDED:
        p->closing.over = true;
        p->notes |= NOTE_END;
        break;
    default:
        break;
    }
}

/* Hand fed bytes to the handshake, as long as it lasts. */
void hwi_proto_open(struct hws_proto *p)
{
    struct hwi_inbox *in = &p->inbox;
    enum hwi_opened opened;
    do {
        struct hws_fault fault = {.peer = ""};
        struct hws_span bytes = hwi_span(in->at, (size_t)(in->end - in->at));
        size_t before = bytes.size;
        opened = hwi_opening_feed(p->opening, &bytes, &fault);
        hwi_inbox_skip(in, before - bytes.size);
        act_on_opening(p, opened, &fault);
    } while (opened == HWI_OPENED_REFUSED);
}

/* Section 4.1: the client must wait for the answer before it sends more. */
void hwi_proto_refuse_early(struct hws_proto *p)
{
    struct hws_fault fault = {.peer = ""};
    hwi_fault_set(&fault, HWS_PHASE_HTTP, HWS_E_HANDSHAKE,
                  "request followed by bytes before its answer");
    end_opening(p, &fault);
}

static bool is_asked(const struct hws_proto *p)
{
    return p->stage == PROTO_ASKED && !(p->notes & NOTE_END);
}

int hws_proto_accept(struct hws_proto *p, const char *subprotocol,
                     const struct hws_header *headers, size_t header_count,
                     hws_time now)
{
    if (!is_asked(p))
        return HWS_E_STATE;
    int status = hwi_upgrade_check_headers(headers, header_count, NULL);
    if (status)
        return status;
    struct hws_span chosen = hws_span_text(subprotocol);
    if (chosen.size) {
        chosen = hwi_answer_offered(&p->opening->head, chosen);
        if (chosen.size == 0)
            return HWS_E_ARGUMENT;
    }
    p->now = now;
    return accept_request(p, chosen, headers, header_count);
}

int hws_proto_reject(struct hws_proto *p, const struct hws_refusal *r,
                     hws_time now)
{
    struct hws_fault fault = {.peer = ""};
    if (!is_asked(p))
        return HWS_E_STATE;
    if (r->http_status < 300 || r->http_status > 599)
        return HWS_E_ARGUMENT;
    int status = hwi_upgrade_check_headers(r->headers, r->header_count, NULL);
    if (status)
        return status;
    p->now = now;
    hwi_fault_set(&fault, HWS_PHASE_HTTP, HWS_E_REFUSED,
                  "request refused with %d", r->http_status);
    fault.http_status = r->http_status;
    return refuse(p, &fault, r->headers, r->header_count, r->body);
}
