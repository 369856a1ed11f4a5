#include "subject.h"

#include <string.h>

#define NOW HWS_S(1)

void subject_init(struct subject *s, enum hws_role role, bool whole)
{
    struct hws_proto_options options;
    *s = (struct subject){.whole = whole, .trace = 14695981039346656037u};
    hwi_seeded_init(&s->seeded, 1);
    hws_proto_options_init(&options);
    options.role = role;
    options.host = "feed.example";
    options.random = hwi_seeded_random(&s->seeded);
    options.limits.message_size_max = SUBJECT_MESSAGE_MAX;
    options.limits.fragment_max = 64;
    options.limits.head_size_max = 2048;
    options.limits.body_size_max = 1024;
    options.limits.chunk_size = whole ? 0 : 512;
    s->proto = hws_proto_new(&options, NOW, NULL);
    FUZZ_CHECK(s->proto);
}

void subject_release(struct subject *s)
{
    hws_proto_free(s->proto);
}

/* FNV-1a. */
static void note(struct subject *s, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < size; i++)
        s->trace = (s->trace ^ at[i]) * 1099511628211u;
}

static void note_number(struct subject *s, uint64_t number)
{
    note(s, &number, sizeof(number));
}

static void check_text(struct subject *s, const struct hws_event *e)
{
    if (e->message.first)
        hwi_utf8_reset(&s->utf8);
    FUZZ_CHECK(hwi_utf8_feed(&s->utf8, e->message.data) ==
               e->message.data.size);
    FUZZ_CHECK(!e->message.last || hwi_utf8_done(&s->utf8));
}

static void on_message(struct subject *s, const struct hws_event *e)
{
    bool text = e->message.opcode == HWS_TEXT;
    FUZZ_CHECK(s->ups == 1);
    FUZZ_CHECK(text || e->message.opcode == HWS_BINARY);
    FUZZ_CHECK(e->message.first == !s->in_message);
    FUZZ_CHECK(!s->whole || (e->message.first && e->message.last));
    FUZZ_CHECK(e->message.data.size <= SUBJECT_MESSAGE_MAX);
    if (text)
        check_text(s, e);
    s->in_message = !e->message.last;
    note_number(s, e->message.opcode);
    note_number(s, e->message.data.size);
    note(s, e->message.data.data, e->message.data.size);
}

static void on_down(struct subject *s, const struct hws_event *e)
{
    const struct hws_fault *fault = e->down.fault;
    s->downs++;
    FUZZ_CHECK(fault && fault->text[0]);
    FUZZ_CHECK(fault->status != HWS_OK && fault->phase != HWS_PHASE_NONE);
    FUZZ_CHECK(memchr(fault->text, '\0', sizeof(fault->text)));
    FUZZ_CHECK(e->down.was_up == (s->ups == 1));
    FUZZ_CHECK(e->down.body.size <= 1024);
    note_number(s, (uint64_t)fault->status);
    note_number(s, e->down.sent_code);
    note_number(s, e->down.received_code);
    note(s, e->down.reason.data, e->down.reason.size);
}

static void on_event(struct subject *s, const struct hws_event *e)
{
    FUZZ_CHECK(s->downs == 0);
    note_number(s, e->kind);
    if (e->kind == HWS_UP)
        s->ups++;
    else if (e->kind == HWS_MESSAGE)
        on_message(s, e);
    else if (e->kind == HWS_DOWN)
        on_down(s, e);
    else if (e->kind == HWS_PING || e->kind == HWS_PONG)
        note(s, e->control.data.data, e->control.data.size);
}

void subject_drain(struct subject *s)
{
    struct hws_event event;
    while (hws_proto_next(s->proto, &event))
        on_event(s, &event);
    FUZZ_CHECK(hws_proto_memory(s->proto) <= SUBJECT_MEMORY_MAX);
}

/* Into the core's own memory where it asks for that, as a reader would. */
static void feed_piece(struct subject *s, struct hws_span piece)
{
    size_t room;
    uint8_t *space = hws_proto_space(s->proto, &room);
    uint8_t *own = space && room >= piece.size ? space : malloc(piece.size);
    FUZZ_CHECK(own);
    memcpy(own, piece.data, piece.size);
    FUZZ_CHECK(hws_proto_feed(s->proto, own, piece.size, NOW) == 0);
    subject_drain(s);
    if (own != space)
        free(own);
}

void subject_feed(struct subject *s, struct hws_span bytes, size_t step)
{
    uint8_t out[512];
    for (size_t at = 0; at < bytes.size && !s->downs; at += step) {
        feed_piece(s, hwi_span_part(bytes, at, step));
        while (subject_output(s, out, sizeof(out)))
            subject_drain(s);
    }
}

size_t subject_output(struct subject *s, uint8_t *out, size_t size)
{
    struct hws_span waiting = hws_proto_output(s->proto);
    size_t taken = waiting.size < size ? waiting.size : size;
    if (taken == 0)
        return 0;
    memcpy(out, waiting.data, taken);
    hws_proto_wrote(s->proto, taken, NOW);
    return taken;
}

void subject_end(struct subject *s)
{
    struct hws_fault fault = {.status = HWS_E_EOF,
                              .phase = HWS_PHASE_TCP,
                              .text = "the peer hung up"};
    if (!s->downs)
        hws_proto_lost(s->proto, &fault, false, NOW);
    subject_drain(s);
    FUZZ_CHECK(s->downs == 1);
    FUZZ_CHECK(hws_proto_deadline(s->proto) == HWS_NEVER);
}
