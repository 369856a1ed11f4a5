/*
 * The protocol under a caller who does all that is allowed: pieces of any
 * size, parked in the midst of a drain, streamed as chunks, written a few
 * bytes at a time. It must tell the same story as to a caller who feeds all at
 * once, with one DOWN at its end. The first byte chooses the role and these
 * habits; the second one how the bytes are cut.
 */
#include "fuzz.h"

#include "base/rng.h"
#include "base/span.h"

#include "hawser/proto.h"

#define MEMORY_MAX ((size_t)256 * 1024)

enum choice { SERVER = 1, RAW = 2, CHUNKS = 4, PARK = 8, DEFLATE = 16 };

/* One telling: events as a running hash, so that two can be compared. */
struct story {
    uint64_t hash;
    uint64_t message; /* the hash of the message that is coming in */
    bool in_message;
    unsigned downs;
};

static uint64_t mix(uint64_t hash, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static void tell(struct story *s, const void *bytes, size_t size)
{
    s->hash = mix(s->hash, bytes, size);
}

static void tell_number(struct story *s, uint64_t number)
{
    tell(s, &number, sizeof(number));
}

static void tell_span(struct story *s, struct hws_span span)
{
    tell_number(s, span.size);
    tell(s, span.data, span.size);
}

/* Where a streamed message is cut into chunks is no part of the story, nor is
 * how much of one came that breaks off. */
static void tell_message(struct story *s, const struct hws_event *e)
{
    FUZZ_CHECK(e->message.first == !s->in_message);
    s->in_message = !e->message.last;
    if (e->message.first)
        s->message = e->message.opcode;
    s->message = mix(s->message, e->message.data.data, e->message.data.size);
    if (e->message.last)
        tell_number(s, s->message);
}

static void tell_down(struct story *s, const struct hws_event *e)
{
    FUZZ_CHECK(e->down.fault && e->down.fault->text[0]);
    tell_number(s, (uint64_t)e->down.fault->status);
    tell_number(s, (uint64_t)e->down.fault->phase);
    tell_number(s, (uint64_t)e->down.by);
    tell_number(s, e->down.sent_code);
    tell_number(s, e->down.received_code);
    tell_number(s, e->down.was_up);
    tell_number(s, e->down.clean);
    tell_span(s, e->down.reason);
    tell_span(s, e->down.body);
    s->downs++;
}

static void tell_event(struct story *s, const struct hws_event *e)
{
    FUZZ_CHECK(s->downs == 0);
    FUZZ_CHECK(e->kind >= HWS_UP && e->kind <= HWS_LOW_WATER);
    if (e->kind != HWS_MESSAGE)
        tell_number(s, (uint64_t)e->kind);
    switch (e->kind) {
    case HWS_MESSAGE:
        tell_message(s, e);
        break;
    case HWS_PING:
    case HWS_PONG:
        tell_span(s, e->control.data);
        break;
    case HWS_CLOSING:
        tell_number(s, e->closing.code);
        tell_span(s, e->closing.reason);
        break;
    case HWS_DOWN:
        tell_down(s, e);
        break;
    case HWS_UP:
        tell_span(s, e->up.head);
        break;
    default:
        break;
    }
}

/* Keys and nonces that are the same in every telling. */
static void fill_seven(void *context, void *bytes, size_t size)
{
    (void)context;
    memset(bytes, 7, size);
}

static struct hws_proto *start(enum hws_role role, unsigned choice)
{
    struct hws_proto_options options;
    hws_proto_options_init(&options);
    options.role = role;
    options.host = "h";
    options.random.fill = fill_seven;
    options.limits.message_size_max = 4096;
    /* Where a raw head may shrink the window, it depends on the cut whether
     * zlib sees that it is broken. */
    options.deflate.enabled = (choice & DEFLATE) && !(choice & RAW);
    options.limits.fragment_max = 64;
    options.limits.head_size_max = 2048;
    options.limits.header_max = 16;
    options.limits.body_size_max = 64;
    options.limits.chunk_size = choice & CHUNKS ? 100 : 0;
    struct hws_proto *p = hws_proto_new(&options, 0, NULL);
    FUZZ_CHECK(p);
    return p;
}

static void drain(struct hws_proto *p, struct story *s)
{
    struct hws_event event;
    while (hws_proto_next(p, &event))
        tell_event(s, &event);
    FUZZ_CHECK(hws_proto_memory(p) <= MEMORY_MAX);
}

/* Carry all that `from` has to say to `to`. */
static void carry(struct hws_proto *from, struct hws_proto *to, struct story *s)
{
    uint8_t bytes[2048];
    struct hws_span out = hws_proto_output(from);
    FUZZ_CHECK(out.size && out.size <= sizeof(bytes));
    memcpy(bytes, out.data, out.size);
    FUZZ_CHECK(hws_proto_feed(to, bytes, out.size, 0) == 0);
    hws_proto_wrote(from, out.size, 0);
    drain(to, s);
}

/* A connection that is up, opened by its own counterpart. */
static struct hws_proto *start_up(enum hws_role role, unsigned choice)
{
    struct story ignored = {0};
    struct hws_proto *client = start(HWS_CLIENT, choice);
    struct hws_proto *server = start(HWS_SERVER, choice);
    carry(client, server, &ignored);
    carry(server, client, &ignored);
    FUZZ_CHECK(hws_proto_is_up(client) && hws_proto_is_up(server));
    hws_proto_free(role == HWS_CLIENT ? server : client);
    return role == HWS_CLIENT ? client : server;
}

/* Write up to `most` bytes; whether there were any. */
static bool write_out(struct hws_proto *p, size_t most)
{
    struct hws_span out = hws_proto_output(p);
    if (out.size)
        hws_proto_wrote(p, out.size < most ? out.size : most, 0);
    return out.size > 0;
}

/* Feed up to `size` bytes, into the place that it asks for if it does, and
 * return how many. `fed` keeps them until they are drained. */
static size_t feed_piece(struct hws_proto *p, struct hws_span bytes,
                         size_t size, uint8_t **fed)
{
    size_t room = 0;
    uint8_t *place = hws_proto_space(p, &room);
    if (place && size > room)
        size = room;
    /* Exactly as long as the piece, so that one byte too far is seen. */
    *fed = place ? NULL : malloc(size ? size : 1);
    FUZZ_CHECK(place || *fed);
    memcpy(place ? place : *fed, bytes.data, size);
    FUZZ_CHECK(hws_proto_feed(p, place ? place : *fed, size, 0) == 0);
    return size;
}

/* Take one event, then have the bytes back and drain the rest. */
static void drain_parked(struct hws_proto *p, struct story *s, uint8_t **fed)
{
    struct hws_event event;
    if (hws_proto_next(p, &event))
        tell_event(s, &event);
    FUZZ_CHECK(hws_proto_park(p) == 0);
    free(*fed);
    *fed = NULL;
    drain(p, s);
}

static void end(struct hws_proto *p, struct story *s)
{
    struct hws_fault fault = {.status = HWS_E_EOF};
    struct hws_event event;
    while (write_out(p, SIZE_MAX))
        ;
    hws_proto_lost(p, &fault, false, 0);
    drain(p, s);
    FUZZ_CHECK(s->downs == 1);
    FUZZ_CHECK(!hws_proto_next(p, &event));
    FUZZ_CHECK(hws_proto_deadline(p) == HWS_NEVER);
    hws_proto_free(p);
}

/* The life of a connection that receives `bytes`, at most `most` at a time. */
static struct story live(unsigned choice, struct hws_span bytes, size_t most,
                         struct hwi_seeded *r)
{
    struct story s = {.hash = UINT64_C(0xcbf29ce484222325)};
    enum hws_role role = choice & SERVER ? HWS_SERVER : HWS_CLIENT;
    struct hws_proto *p =
        choice & RAW ? start(role, choice) : start_up(role, choice);
    while (bytes.size && s.downs == 0) {
        uint8_t *fed;
        size_t size =
            most < bytes.size ? 1 + hwi_seeded_next(r) % most : bytes.size;
        size =
            feed_piece(p, bytes, size < bytes.size ? size : bytes.size, &fed);
        if (choice & PARK)
            drain_parked(p, &s, &fed);
        else
            drain(p, &s);
        free(fed);
        write_out(p, most);
        bytes = hwi_span_part(bytes, size, bytes.size);
    }
    end(p, &s);
    return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct hwi_seeded r;
    struct hws_span bytes = hwi_span(data + 2, size - 2);
    hwi_seeded_init(&r, data[1]);
    /* One byte at a time when the cut is 0. */
    size_t most = 1 + (size_t)data[1] * data[1] / 64;
    struct story whole = live(data[0] & ~(unsigned)PARK, bytes, SIZE_MAX, &r);
    struct story pieces = live(data[0], bytes, most, &r);
    FUZZ_CHECK(whole.hash == pieces.hash);
    return 0;
}
