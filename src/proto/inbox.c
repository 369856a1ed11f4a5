#include "proto/inbox.h"

#include "base/mem.h"
#include "base/status.h"
#include "proto/unpack.h"

/* A shorter rest is better received together with what follows it. */
#define SPACE_MIN ((size_t)16 << 10)

void hwi_inbox_init(struct hwi_inbox *in, enum hws_role role,
                    const struct hws_limits *limits)
{
    size_t chunk_size = limits->chunk_size;
    *in = (struct hwi_inbox){
        .server = role == HWS_SERVER ? HWI_MASKED : 0,
        .rules = role == HWS_SERVER ? HWI_MASKED : 0,
        .whole_max = limits->message_size_max,
    };
    if (chunk_size && chunk_size < in->whole_max)
        in->whole_max = chunk_size;
    hwi_message_init(&in->message, limits);
}

void hwi_inbox_release(struct hwi_inbox *in)
{
    hwi_message_release(&in->message);
    hwi_inflater_free(in->inflater);
    in->inflater = NULL;
    hwi_free(in->split);
    hwi_free(in->parked);
    in->split = in->parked = NULL;
}

int hwi_inbox_agree(struct hwi_inbox *in, const struct hwi_deflate_terms *terms)
{
    in->inflater = hwi_inflater_new(terms);
    if (!in->inflater)
        return HWS_E_MEMORY;
    in->rules |= HWI_RSV1;
    hwi_unpack_agree(&in->message);
    return 0;
}

static size_t fed(const struct hwi_inbox *in)
{
    return (size_t)(in->end - in->at);
}

static void free_parked(struct hwi_inbox *in)
{
    hwi_free(in->parked);
    in->parked = NULL;
    in->at = in->end = NULL;
}

int hwi_inbox_feed(struct hwi_inbox *in, uint8_t *bytes, size_t size,
                   hws_time now)
{
    if (hwi_inbox_holds(in))
        return HWS_E_STATE;
    in->fed_at = now;
    if (in->deaf || size == 0)
        return 0;
    if (in->parked)
        free_parked(in);
    in->at = bytes;
    in->end = bytes + size;
    in->stream_end += size;
    return 0;
}

void hwi_inbox_skip(struct hwi_inbox *in, size_t size)
{
    if (size)
        in->at += size;
    in->stream_end = fed(in);
}

void hwi_inbox_shut(struct hwi_inbox *in)
{
    in->at = in->end;
    in->clear = 0;
    in->message.waits = false;
    in->deaf = in->busy = true;
}

bool hwi_inbox_check_text(struct hwi_inbox *in, const struct hws_event *event,
                          uint8_t *at)
{
    bool good = in->message.unchecked || hwi_utf8_valid(event->message.data);
    if (!good)
        in->at = at;
    return good;
}

bool hwi_inbox_check_masked(struct hwi_inbox *in, const struct hws_event *event,
                            uint8_t *at)
{
    struct hws_span data = event->message.data;
    uint8_t *payload = in->at - data.size;
    hwi_mask(payload, data.size, payload - 4);
    if (event->message.opcode == HWS_BINARY || in->message.unchecked ||
        hwi_utf8_valid(data))
        return true;
    /* Masking twice restores what the slow path is to judge. */
    hwi_mask(payload, data.size, payload - 4);
    in->at = at;
    return false;
}

/* The fault of a frame that breaks the rules, and where it began. */
static enum hwi_found bad(struct hwi_inbox *in, struct hws_fault *fault,
                          const char *flaw)
{
    hwi_fault_set(fault, HWS_PHASE_FRAME, HWS_E_PROTOCOL,
                  "frame with %s at byte %llu of the stream", flaw,
                  (unsigned long long)in->frame_at);
    fault->close_code = HWS_CLOSE_PROTOCOL_ERROR;
    return HWI_FOUND_BAD;
}

enum hwi_found hwi_inbox_no_memory(struct hws_fault *fault, size_t size)
{
    hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                  "no memory for %zu bytes of a message", size);
    fault->close_code = HWS_CLOSE_INTERNAL_ERROR;
    return HWI_FOUND_BAD;
}

/* Collect a header that came in pieces. As hwi_frame_parse(). */
static int gather_header(struct hwi_inbox *in)
{
    int size = 0;
    while (size == 0 && fed(in)) {
        in->head[in->head_size++] = *in->at++;
        struct hws_span head = hwi_span(in->head, in->head_size);
        size = hwi_frame_parse(&in->frame, head, in->rules);
    }
    if (size)
        in->head_size = 0;
    return size;
}

static int read_header(struct hwi_inbox *in)
{
    if (in->head_size)
        return gather_header(in);
    in->frame_at = in->stream_end - fed(in);
    struct hws_span bytes = hwi_span(in->at, fed(in));
    int size = hwi_frame_parse(&in->frame, bytes, in->rules);
    if (size > 0)
        in->at += size;
    return size ? size : gather_header(in);
}

/* A data frame begins: does it fit the message, and the message the limits? */
static enum hwi_found begin_data(struct hwi_inbox *in, struct hws_fault *fault)
{
    const char *flaw = hwi_message_join(&in->message, &in->frame);
    if (flaw)
        return bad(in, fault, flaw);
    if (hwi_message_grow(&in->message, in->frame.length, fault))
        return HWI_FOUND_BAD;
    in->left = in->frame.length;
    in->state = INBOX_DATA;
    return HWI_FOUND_NOTHING;
}

static enum hwi_found begin_frame(struct hwi_inbox *in, struct hws_fault *fault)
{
    int size = read_header(in);
    if (size < 0)
        return bad(in, fault, in->frame.flaw);
    if (size == 0)
        return HWI_FOUND_NOTHING;
    if (!hwi_opcode_is_control(in->frame.opcode))
        return begin_data(in, fault);
    in->state = INBOX_CONTROL;
    return HWI_FOUND_NOTHING;
}

/* Collect a control frame's payload that came in pieces. */
static bool gather_control(struct hwi_inbox *in, size_t size)
{
    size_t n = size - in->split_size;
    n = n < fed(in) ? n : fed(in);
    memcpy(in->split + in->split_size, in->at, n);
    in->split_size = (uint8_t)(in->split_size + n);
    in->at += n;
    return in->split_size == size;
}

static enum hwi_found take_control(struct hwi_inbox *in,
                                   struct hws_fault *fault)
{
    size_t size = (size_t)in->frame.length;
    uint8_t *payload = in->at;
    if (in->split_size == 0 && fed(in) >= size) {
        in->at += size;
    } else {
        if (!in->split && !(in->split = hwi_alloc(HWI_CONTROL_MAX)))
            return hwi_inbox_no_memory(fault, HWI_CONTROL_MAX);
        if (!gather_control(in, size))
            return HWI_FOUND_NOTHING;
        payload = in->split;
        in->split_size = 0;
    }
    if (in->server)
        hwi_mask(payload, size, in->frame.key);
    in->control = hwi_span(payload, size);
    in->state = INBOX_HEADER;
    return HWI_FOUND_CONTROL;
}

void hwi_inbox_end_frame(struct hwi_inbox *in)
{
    in->state = INBOX_HEADER;
    if (in->frame.fin)
        in->message.opcode = 0;
}

/* Account for `size` bytes of the frame's payload that were dealt with. */
static void pass(struct hwi_inbox *in, size_t size)
{
    in->left -= size;
    if (in->server)
        hwi_mask_turn(in->frame.key, size);
    if (in->left == 0)
        hwi_inbox_end_frame(in);
}

/* The next payload `data` of the frame, as hwi_message_check(). */
static int check_part(struct hwi_inbox *in, struct hws_span data, bool last,
                      struct hws_fault *fault)
{
    uint64_t at = in->message.size - in->left;
    return hwi_message_check(&in->message, data, at, last, fault);
}

/* Hand out `size` bytes where they lie. */
static enum hwi_found take_in_place(struct hwi_inbox *in, size_t size,
                                    struct hws_event *event,
                                    struct hws_fault *fault)
{
    struct hws_span data = hwi_span(in->at, size);
    bool last = in->frame.fin && size == in->left;
    if (in->server)
        hwi_mask(in->at, size, in->frame.key);
    if (check_part(in, data, last, fault))
        return HWI_FOUND_BAD;
    hwi_message_event(event, in->fed_at, in->message.opcode, data);
    event->message.first = in->message.first;
    event->message.last = last;
    in->message.first = false;
    in->at += size;
    pass(in, size);
    return HWI_FOUND_MESSAGE;
}

static enum hwi_found take_chunk(struct hwi_inbox *in, struct hws_event *event,
                                 struct hws_fault *fault)
{
    size_t size = fed(in);
    size = size < in->left ? size : (size_t)in->left;
    size = size < in->message.chunk_size ? size : in->message.chunk_size;
    if (size || (in->left == 0 && in->frame.fin))
        return take_in_place(in, size, event, fault);
    if (in->left == 0)
        pass(in, 0);
    return HWI_FOUND_NOTHING;
}

static bool lies_in_store(const struct hwi_inbox *in)
{
    const struct hwi_buf *store = &in->message.store;
    return store->data && in->at == store->data + store->tail &&
           fed(in) <= store->capacity - store->tail;
}

/* Move `size` fed bytes to the end of the store, unmasked. */
static bool keep(struct hwi_inbox *in, size_t size)
{
    bool there = lies_in_store(in);
    uint8_t *to =
        there ? in->at : hwi_message_room(&in->message, size, in->left);
    if (!to)
        return false;
    if (in->server)
        hwi_mask_copy(to, in->at, size, in->frame.key);
    else if (!there)
        memcpy(to, in->at, size);
    hwi_buf_wrote(&in->message.store, size);
    in->at += size;
    return true;
}

/* Assemble: collect the frame's payload, and hand out a finished message. */
static enum hwi_found take_part(struct hwi_inbox *in, struct hws_event *event,
                                struct hws_fault *fault)
{
    size_t size = fed(in);
    size = size < in->left ? size : (size_t)in->left;
    bool last = in->frame.fin && size == in->left;
    struct hwi_buf *store = &in->message.store;
    if (last && hwi_buf_size(store) == 0)
        return take_in_place(in, size, event, fault);
    if (size == 0 && !last) {
        pass(in, 0);
        return HWI_FOUND_NOTHING;
    }
    if (size && !keep(in, size))
        return hwi_inbox_no_memory(fault, size);

    struct hws_span all = hwi_buf_span(store);
    struct hws_span data = hwi_span_part(all, all.size - size, size);
    if (check_part(in, data, last, fault))
        return HWI_FOUND_BAD;
    uint8_t opcode = in->message.opcode;
    pass(in, size);
    if (!last)
        return HWI_FOUND_NOTHING;
    hwi_message_event(event, in->fed_at, opcode, all);
    return HWI_FOUND_MESSAGE;
}

static enum hwi_found take_data(struct hwi_inbox *in, struct hws_event *event,
                                struct hws_fault *fault)
{
    if (in->message.compressed)
        return hwi_unpack_take(in, event, fault);
    return in->message.chunk_size ? take_chunk(in, event, fault)
                                  : take_part(in, event, fault);
}

static enum hwi_found take_step(struct hwi_inbox *in, struct hws_event *event,
                                struct hws_fault *fault)
{
    switch (in->state) {
    case INBOX_HEADER:
        return begin_frame(in, fault);
    case INBOX_CONTROL:
        return take_control(in, fault);
    default:
        return take_data(in, event, fault);
    }
}

/* Nothing to do without bytes, but an empty payload needs none. */
static bool can_step(const struct hwi_inbox *in)
{
    if (in->deaf)
        return false;
    if (hwi_inbox_holds(in))
        return true;
    if (in->state == INBOX_CONTROL)
        return in->frame.length == 0;
    return in->state == INBOX_DATA && in->left == 0;
}

enum hwi_found hwi_inbox_take(struct hwi_inbox *in, struct hws_event *event,
                              struct hws_fault *fault)
{
    enum hwi_found found = HWI_FOUND_NOTHING;
    while (found == HWI_FOUND_NOTHING && can_step(in))
        found = take_step(in, event, fault);
    in->busy = in->deaf || in->state != INBOX_HEADER || in->head_size ||
               in->message.opcode;
    if (found == HWI_FOUND_NOTHING && in->parked)
        free_parked(in);
    return found;
}

int hwi_inbox_park(struct hwi_inbox *in)
{
    size_t size = fed(in);
    if (size == 0 || in->parked || lies_in_store(in))
        return 0;
    in->parked = hwi_copy_bytes(in->at, size);
    if (!in->parked)
        return HWS_E_MEMORY;
    in->parked_size = size;
    in->at = in->parked;
    in->end = in->parked + size;
    return 0;
}

uint8_t *hwi_inbox_space(struct hwi_inbox *in, size_t *size)
{
    *size = 0;
    bool assembling = in->state == INBOX_DATA && !in->message.chunk_size &&
                      !in->message.compressed && !in->deaf;
    if (!assembling || fed(in) || in->left < SPACE_MIN)
        return NULL;
    uint8_t *tail = hwi_message_room(&in->message, 1, in->left);
    if (!tail)
        return NULL;
    size_t free_size = in->message.store.capacity - in->message.store.tail;
    *size = free_size < in->left ? free_size : (size_t)in->left;
    return tail;
}

void hwi_inbox_trim(struct hwi_inbox *in)
{
    if (!in->message.opcode && !fed(in)) {
        hwi_buf_release(&in->message.store);
        if (in->inflater)
            hwi_inflater_trim(in->inflater);
    }
    if (in->split_size == 0) {
        hwi_free(in->split);
        in->split = NULL;
    }
}

size_t hwi_inbox_backlog(const struct hwi_inbox *in)
{
    const struct hwi_message *m = &in->message;
    return (size_t)(in->end - in->at) + in->head_size + in->split_size +
           hwi_buf_size(&m->store) - m->given;
}

size_t hwi_inbox_memory(const struct hwi_inbox *in)
{
    return in->message.store.capacity + (in->split ? HWI_CONTROL_MAX : 0) +
           (in->parked ? in->parked_size : 0) +
           (in->inflater ? hwi_inflater_memory(in->inflater) : 0);
}
