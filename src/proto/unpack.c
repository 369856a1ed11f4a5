#include "proto/unpack.h"

#include "base/status.h"

/* How many bytes are inflated at once: a few times the input, as texts go. Not
 * more than the cache holds, for the check of the text comes after. */
#define ROOM_MIN ((size_t)1024)
#define ROOM_MAX ((size_t)64 << 10)
#define ROOM_FACTOR 4

void hwi_unpack_agree(struct hwi_message *m)
{
    if (m->store.limit < SIZE_MAX)
        m->store.limit++;
}

/* The fed bytes of the present frame, unmasked. */
static struct hws_span input(struct hwi_inbox *in)
{
    size_t size = (size_t)(in->end - in->at);
    size = size < in->left ? size : (size_t)in->left;
    if (in->server && size > in->clear) {
        size_t fresh = size - in->clear;
        hwi_mask(in->at + in->clear, fresh, in->frame.key);
        hwi_mask_turn(in->frame.key, fresh);
        in->clear = size;
    }
    return hwi_span(in->at, size);
}

static void consume(struct hwi_inbox *in, size_t size)
{
    in->at += size;
    in->left -= size;
    in->clear -= in->server ? size : 0;
}

/* How much the store may hold at once, less the byte of the look ahead. */
static size_t store_max(const struct hwi_message *m)
{
    size_t chunk = m->chunk_size;
    return chunk && chunk < m->size_max ? chunk : m->size_max;
}

/* Room for what `size` bytes may give, or for some of it. */
static uint8_t *room(struct hwi_message *m, size_t size, size_t *free_size)
{
    size_t left = store_max(m) - hwi_buf_size(&m->store);
    left += left < SIZE_MAX ? 1 : 0;
    size_t wanted = size < ROOM_MAX ? size * ROOM_FACTOR : ROOM_MAX;
    wanted = wanted > ROOM_MIN ? wanted : ROOM_MIN;
    wanted = wanted < left ? wanted : left;
    uint8_t *out = hwi_buf_reserve(&m->store, wanted, NULL);
    *free_size = m->store.capacity - m->store.tail;
    *free_size = *free_size < left ? *free_size : left;
    *free_size = *free_size < ROOM_MAX ? *free_size : ROOM_MAX;
    return out;
}

static enum hwi_found broken(const struct hwi_inbox *in,
                             struct hws_fault *fault)
{
    hwi_fault_set(fault, HWS_PHASE_FRAME, HWS_E_COMPRESSION,
                  "compressed message cannot be inflated behind its byte %llu: "
                  "%s",
                  (unsigned long long)in->message.inflated,
                  hwi_inflater_flaw(in->inflater));
    fault->close_code = HWS_CLOSE_INVALID_PAYLOAD;
    return HWI_FOUND_BAD;
}

/* What was inflated, into the message: limit and text. */
static int accept(struct hwi_message *m, const uint8_t *out, size_t size,
                  struct hws_fault *fault)
{
    uint64_t at = m->inflated;
    int status = hwi_message_inflated(m, size, fault);
    if (!status && size)
        status = hwi_message_check(m, hwi_span(out, size), at, false, fault);
    hwi_buf_wrote(&m->store, size);
    return status;
}

/* Inflate what there is room for. HWI_FOUND_NOTHING: so far so good. */
static enum hwi_found inflate_some(struct hwi_inbox *in,
                                   struct hws_fault *fault)
{
    struct hwi_message *m = &in->message;
    struct hws_span bytes = input(in);
    size_t before = bytes.size, size;
    uint8_t *out = room(m, before, &size);
    if (!out)
        return hwi_inbox_no_memory(fault, ROOM_MIN);
    enum hwi_inflated found =
        hwi_inflater_feed(in->inflater, &bytes, out, &size);
    consume(in, before - bytes.size);
    m->waits = found == HWI_INFLATED_FULL;
    if (accept(m, out, size, fault))
        return HWI_FOUND_BAD;
    if (found == HWI_INFLATED_NO_MEMORY)
        return hwi_inbox_no_memory(fault, (size_t)1 << HWI_WINDOW_BITS_MAX);
    return found == HWI_INFLATED_BAD ? broken(in, fault) : HWI_FOUND_NOTHING;
}

/* Hand out what the store holds, or a chunk of it. */
static enum hwi_found give(struct hwi_inbox *in, bool last,
                           struct hws_event *event)
{
    struct hwi_message *m = &in->message;
    struct hws_span data =
        hwi_span_part(hwi_buf_span(&m->store), 0, store_max(m));
    hwi_message_event(event, in->fed_at, m->opcode, data);
    event->message.first = m->first;
    event->message.last = last;
    m->first = false;
    m->given = data.size;
    return HWI_FOUND_MESSAGE;
}

static enum hwi_found finish(struct hwi_inbox *in, struct hws_event *event,
                             struct hws_fault *fault)
{
    struct hwi_message *m = &in->message;
    if (!hwi_inflater_finish(in->inflater))
        return broken(in, fault);
    struct hws_span none = hwi_span(NULL, 0);
    if (hwi_message_check(m, none, m->inflated, true, fault))
        return HWI_FOUND_BAD;
    enum hwi_found found = give(in, true, event);
    hwi_inbox_end_frame(in);
    return found;
}

/* All of the input that is here was inflated. */
static enum hwi_found settle(struct hwi_inbox *in, struct hws_event *event,
                             struct hws_fault *fault)
{
    struct hwi_message *m = &in->message;
    if (in->left == 0 && in->frame.fin)
        return finish(in, event, fault);
    if (in->left == 0)
        hwi_inbox_end_frame(in);
    if (m->chunk_size && hwi_buf_size(&m->store))
        return give(in, false, event);
    return HWI_FOUND_NOTHING;
}

enum hwi_found hwi_unpack_take(struct hwi_inbox *in, struct hws_event *event,
                               struct hws_fault *fault)
{
    struct hwi_message *m = &in->message;
    hwi_buf_take(&m->store, m->given);
    m->given = 0;
    enum hwi_found found = HWI_FOUND_NOTHING;
    do {
        found = inflate_some(in, fault);
        if (found != HWI_FOUND_NOTHING)
            return found;
        if (hwi_buf_size(&m->store) > store_max(m))
            return give(in, false, event);
    } while (m->waits || input(in).size);
    return settle(in, event, fault);
}
