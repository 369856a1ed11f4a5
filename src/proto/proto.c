/*
 * The life of a connection: made, up, failing, over; its deadlines; and the
 * questions that a caller may ask.
 */
#include "proto/proto.h"

#include "base/mem.h"
#include "base/status.h"

void hws_proto_options_init(struct hws_proto_options *options)
{
    *options = (struct hws_proto_options){
        .role = HWS_CLIENT,
        .limits =
            {
                .message_size_max = (size_t)16 << 20,
                .fragment_max = 131072,
                .head_size_max = 64 << 10,
                .header_max = 256,
                .body_size_max = 64 << 10,
                .send_queue_max = 4 << 20,
                .send_queue_high = 1 << 20,
                .send_queue_low = 256 << 10,
                .when_full = HWS_FULL_REFUSE,
            },
        .delays =
            {
                .handshake = HWS_S(5),
                .close = HWS_S(2),
                .ping = HWS_S(15),
                .silent = HWS_S(10),
            },
        .deflate =
            {
                .enabled = true,
                .window_bits = 12,
                .peer_window_bits = HWI_WINDOW_BITS_MAX,
                .level = 6,
                .memory_level = 5,
                .threshold = 128,
            },
        .target = "/",
    };
}

static int write_request(struct hws_proto *p,
                         const struct hws_proto_options *options)
{
    struct hwi_buf request;
    if (options->role == HWS_SERVER)
        return 0;
    hwi_buf_init(&request, SIZE_MAX / 2);
    int status = hwi_opening_request(p->opening, &request, options);
    if (!status)
        status = hwi_outbox_push_raw(&p->outbox, hwi_buf_span(&request));
    hwi_buf_release(&request);
    return status;
}

struct hws_proto *hws_proto_new(const struct hws_proto_options *options,
                                hws_time now, struct hws_fault *fault)
{
    if (hwi_request_check_options(options, fault))
        return NULL;
    struct hws_proto *p = hwi_alloc_zero(sizeof(*p));
    if (!p)
        goto fail;
    p->role = (uint8_t)options->role;
    p->stage = PROTO_OPENING;
    p->notes = NOTE_OPENING;
    p->now = now;
    p->close_delay = options->delays.close;
    hwi_inbox_init(&p->inbox, options->role, &options->limits);
    hwi_outbox_init(&p->outbox, options->role, &options->limits,
                    options->random);
    hwi_keepalive_init(&p->keepalive, &options->delays, options->random, now);
    hwi_closing_init(&p->closing);
    p->opening =
        hwi_opening_new(options, hwi_after(now, options->delays.handshake));
    if (!p->opening || write_request(p, options))
        goto fail;
    return p;
fail:
    hws_proto_free(p);
    hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                  "no memory for a connection");
    return NULL;
}

void hws_proto_begin(struct hws_proto *p, hws_time now)
{
    bool untouched = p->stage == PROTO_OPENING && p->notes == NOTE_OPENING;
    if (untouched && p->opening->deadline != HWS_NEVER)
        p->opening->deadline += now - p->now;
    if (untouched)
        p->now = now;
}

void hws_proto_free(struct hws_proto *p)
{
    if (!p)
        return;
    hwi_opening_free(p->opening);
    hwi_inbox_release(&p->inbox);
    hwi_outbox_release(&p->outbox);
    hwi_closing_release(&p->closing);
    hwi_free(p);
}

void hwi_proto_up(struct hws_proto *p)
{
    p->stage = PROTO_UP;
    p->was_up = true;
    p->notes = (uint8_t)((p->notes & ~NOTE_OPENING) | NOTE_UP);
    hwi_keepalive_heard(&p->keepalive, p->now);
}

void hwi_proto_end(struct hws_proto *p, const struct hws_fault *fault,
                   enum hws_party by)
{
    hwi_inbox_shut(&p->inbox);
    hwi_outbox_shut(&p->outbox);
    hwi_closing_begin(&p->closing, by, HWS_NEVER);
    hwi_closing_blame(&p->closing, fault);
    p->closing.over = true;
    p->notes |= NOTE_END;
}

void hwi_proto_close_said(struct hws_proto *p, unsigned code, enum hws_party by)
{
    hwi_closing_begin(&p->closing, by, hwi_after(p->now, p->close_delay));
    p->closing.sent_code = (uint16_t)(code ? code : HWS_CLOSE_NO_STATUS);
    p->stage = PROTO_CLOSING;
}

/* As much of a text as a close frame can carry, in whole characters. */
static struct hws_span as_reason(const char *text)
{
    struct hws_span reason = hws_span_text(text);
    if (reason.size <= HWI_CLOSE_REASON_MAX)
        return reason;
    reason.size = HWI_CLOSE_REASON_MAX;
    while (reason.size && (reason.data[reason.size] & 0xc0) == 0x80)
        reason.size--;
    return reason;
}

void hwi_proto_fail(struct hws_proto *p, const struct hws_fault *fault)
{
    hwi_inbox_shut(&p->inbox);
    hwi_closing_blame(&p->closing, fault);
    if (p->closing.sent_code)
        return;
    /* What waits is given up: the close frame must leave in time. */
    hwi_outbox_cut(&p->outbox);
    unsigned code = (unsigned)fault->close_code;
    hwi_outbox_push_close(&p->outbox, code, as_reason(fault->text));
    hwi_proto_close_said(p, code, HWS_PARTY_LOCAL);
    p->notes |= NOTE_CLOSING;
}

void hws_proto_fail(struct hws_proto *p, const struct hws_fault *fault,
                    hws_time now)
{
    if (p->stage == PROTO_OVER || p->closing.over)
        return;
    p->now = now;
    p->closing.by_loss = false; /* nothing that came before it is looked at */
    hwi_proto_end(p, fault, HWS_PARTY_LOCAL);
}

void hws_proto_lost(struct hws_proto *p, const struct hws_fault *fault,
                    bool truncated, hws_time now)
{
    if (p->stage == PROTO_OVER || p->closing.lost)
        return;
    p->now = now;
    hwi_outbox_shut(&p->outbox);
    p->notes |= NOTE_END;
    if (fault->text[0]) {
        hwi_closing_lost(&p->closing, fault, truncated);
        return;
    }
    struct hws_fault worded = *fault;
    hwi_fault_set(&worded, p->was_up ? HWS_PHASE_FRAME : HWS_PHASE_HTTP,
                  fault->status, "connection ended %s",
                  p->was_up ? "without a close frame"
                            : "before the handshake was done");
    hwi_closing_lost(&p->closing, &worded, truncated);
}

static void ask(struct hws_proto *p)
{
    uint8_t payload[HWI_KEEPALIVE_PAYLOAD];
    hwi_keepalive_ask(&p->keepalive, p->now, payload);
    /* Without memory, or behind pings that did not leave yet, the question is
     * open all the same: any byte answers it. */
    hwi_outbox_push_ping(&p->outbox, hwi_span(payload, sizeof(payload)));
}

static void end_silent(struct hws_proto *p)
{
    const struct hwi_keepalive *k = &p->keepalive;
    struct hws_fault fault = {.peer = ""};
    hwi_fault_set(&fault, HWS_PHASE_IDLE, HWS_E_SILENT,
                  "peer is silent: no byte for %.1f s, pinged %.1f s ago",
                  (double)(p->now - k->heard_at) / 1e9,
                  (double)(p->now - k->asked_at) / 1e9);
    hwi_proto_end(p, &fault, HWS_PARTY_NETWORK);
}

static void tick_keepalive(struct hws_proto *p)
{
    switch (hwi_keepalive_tick(&p->keepalive, p->now)) {
    case HWI_ALIVE_ASK:
        ask(p);
        break;
    case HWI_ALIVE_SILENT:
        end_silent(p);
        break;
    default:
        break;
    }
}

static void tick_opening(struct hws_proto *p)
{
    struct hws_fault fault = {.peer = ""};
    if (p->now < p->opening->deadline)
        return;
    hwi_fault_set(&fault, HWS_PHASE_HTTP, HWS_E_TIMEOUT,
                  "no complete HTTP %s in time, %zu bytes came",
                  p->role == HWS_CLIENT ? "answer" : "request",
                  hwi_buf_size(&p->opening->bytes));
    hwi_proto_end(p, &fault, HWS_PARTY_NETWORK);
}

static void tick_closing(struct hws_proto *p)
{
    if (p->now < p->closing.deadline)
        return;
    hwi_outbox_shut(&p->outbox);
    hwi_closing_expired(&p->closing, p->close_delay);
    p->notes |= NOTE_END;
}

void hws_proto_tick(struct hws_proto *p, hws_time now)
{
    p->now = now;
    if (p->notes & NOTE_END)
        return;
    if (p->stage == PROTO_OPENING)
        tick_opening(p);
    else if (p->stage == PROTO_UP)
        tick_keepalive(p);
    else if (p->stage == PROTO_CLOSING)
        tick_closing(p);
}

hws_time hws_proto_deadline(const struct hws_proto *p)
{
    if (p->notes & NOTE_END)
        return HWS_NEVER;
    switch (p->stage) {
    case PROTO_OPENING:
        return p->opening->deadline;
    case PROTO_UP:
        return hwi_keepalive_deadline(&p->keepalive);
    case PROTO_CLOSING:
        return p->closing.deadline;
    default:
        return HWS_NEVER;
    }
}

void hws_proto_reading(struct hws_proto *p, bool reading, hws_time now)
{
    hwi_keepalive_reading(&p->keepalive, reading, now);
}

void hws_proto_probe(struct hws_proto *p, hws_time now)
{
    p->now = now;
    if (p->stage == PROTO_UP)
        ask(p);
}

bool hws_proto_pending(const struct hws_proto *p)
{
    unsigned idle = NOTE_OPENING | NOTE_SPENT;
    if (p->stage == PROTO_OVER)
        return false;
    return (p->notes & ~idle) != 0 || hwi_inbox_holds(&p->inbox);
}

bool hws_proto_is_up(const struct hws_proto *p)
{
    return hwi_proto_is_up(p);
}

uint64_t hws_proto_pings(const struct hws_proto *p)
{
    return p->keepalive.counter;
}

bool hws_proto_wants_shut(const struct hws_proto *p)
{
    const struct hwi_closing *c = &p->closing;
    if (p->stage != PROTO_CLOSING || (p->notes & NOTE_END))
        return false;
    if (c->failed)
        return true;
    /* The server ends the transport (RFC 6455 section 7.1.1). */
    return p->role == HWS_SERVER && c->sent_code && c->received_code;
}

void hws_proto_trim(struct hws_proto *p)
{
    hwi_inbox_trim(&p->inbox);
    hwi_outbox_trim(&p->outbox);
}

size_t hws_proto_backlog(const struct hws_proto *p)
{
    return hwi_inbox_backlog(&p->inbox);
}

size_t hws_proto_memory(const struct hws_proto *p)
{
    return sizeof(*p) + hwi_inbox_memory(&p->inbox) +
           hwi_outbox_memory(&p->outbox) +
           (p->opening ? hwi_opening_memory(p->opening) : 0) +
           (p->closing.ending ? sizeof(*p->closing.ending) : 0);
}

void hws_proto_compression(const struct hws_proto *p,
                           struct hws_compression *compression)
{
    *compression = (struct hws_compression){0};
    if (p->inbox.inflater)
        hwi_inflater_count(p->inbox.inflater, compression);
    if (p->outbox.deflater)
        hwi_deflater_count(p->outbox.deflater, compression);
}
