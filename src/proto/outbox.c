#include "proto/outbox.h"

#include "base/ascii.h"
#include "proto/mask.h"
#include "proto/pack.h"
#include "proto/room.h"

#define CONTROL_FRAME_MAX (2 + 4 + HWI_CONTROL_MAX)
/* Pongs, pings of the caller, and one keepalive ping. */
#define CONTROL_SIZE_MAX \
    ((HWI_PONGS_MAX + HWI_PINGS_MAX + 1) * CONTROL_FRAME_MAX)

void hwi_outbox_init(struct hwi_outbox *o, enum hws_role role,
                     const struct hws_limits *limits, struct hws_random random)
{
    *o = (struct hwi_outbox){
        .random = random,
        .size_max = limits->send_queue_max,
        .high = limits->send_queue_high,
        .low = limits->send_queue_low,
        .when_full = limits->when_full,
        .compress_min = SIZE_MAX,
        .mask = role == HWS_CLIENT ? HWI_MASKED : 0,
        .key_at = sizeof(o->keys),
    };
    /* Marks that a small queue never reaches would never be told. */
    if (o->high > o->size_max)
        o->high = o->size_max / 2;
    if (o->low > o->high)
        o->low = o->high / 2;
    hwi_lane_init(&o->control, CONTROL_SIZE_MAX);
    /* The close frame must fit, however full the queue is. So must the HTTP
     * head, whose size is the caller's own affair. */
    hwi_lane_init(&o->data, SIZE_MAX / 2);
}

void hwi_outbox_release(struct hwi_outbox *o)
{
    hwi_buf_release(&o->control.bytes);
    hwi_buf_release(&o->data.bytes);
    hwi_deflater_free(o->deflater);
    o->deflater = NULL;
}

int hwi_outbox_agree(struct hwi_outbox *o,
                     const struct hwi_deflate_terms *terms,
                     const struct hws_deflate *wish)
{
    o->deflater = hwi_deflater_new(terms, wish);
    if (!o->deflater)
        return HWS_E_MEMORY;
    /* An empty message gains nothing. */
    o->compress_min = wish->threshold ? wish->threshold : 1;
    return 0;
}

int hwi_outbox_push_raw(struct hwi_outbox *o, struct hws_span bytes)
{
    return hwi_lane_push_raw(&o->data, bytes);
}

/* Header, masking key and payload in one go, to the end of a lane. `size` is
 * the whole frame's. */
static inline int write_frame(struct hwi_outbox *o, struct hwi_lane *lane,
                              uint8_t first, struct hws_span data, size_t size)
{
    int status = 0;
    uint8_t *out = hwi_lane_room(lane, size, &status);
    if (!out)
        return status;
    hwi_buf_wrote(&lane->bytes, size);
    out += hwi_frame_write(out, first, o->mask, data.size);
    if (o->mask) {
        hwi_outbox_key(o, out);
        hwi_mask_copy(out + 4, data.data, data.size, out);
    } else if (data.size) {
        memcpy(out, data.data, data.size);
    }
    return 0;
}

/* A whole message: what nearly every call is. */
__attribute__((always_inline)) static inline int
push_whole(struct hwi_outbox *o, uint8_t opcode, struct hws_span data)
{
    if (opcode == HWS_TEXT && !hwi_is_short_ascii(data.data, data.size) &&
        !hwi_utf8_valid(data))
        return HWS_E_UTF8;
    size_t size = hwi_outbox_frame_size(o, data.size);
    int status = hwi_room_get(o, size);
    if (status == HWS_E_FULL && o->when_full == HWS_FULL_DROP_NEWEST) {
        o->unsent++;
        return 0;
    }
    if (!status)
        status = write_frame(o, &o->data, HWI_FIN | opcode, data, size);
    o->unsent += status == 0;
    return status;
}

/* Apart as well: what is not compressed pays for one comparison. */
__attribute__((noinline)) static int
push_large(struct hwi_outbox *o, uint8_t opcode, struct hws_span data)
{
    if (opcode == HWS_TEXT && !hwi_utf8_valid(data))
        return HWS_E_UTF8;
    return hwi_pack_whole(o, opcode, data) ? 0 : push_whole(o, opcode, data);
}

/* Check text that may go on in the next part. On failure nothing changes. */
static bool text_is_good(struct hwi_outbox *o, struct hws_span data, bool last)
{
    struct hwi_utf8 text = o->text;
    if (hwi_utf8_feed(&text, data) < data.size)
        return false;
    if (last && !hwi_utf8_done(&text))
        return false;
    o->text = text;
    return true;
}

/* Queue a part, or drop it with the message that it belongs to. */
static int write_part(struct hwi_outbox *o, uint8_t first, struct hws_span data)
{
    size_t length = data.size;
    if (o->dropping)
        return 0;
    if (!o->opcode)
        o->compressing = length >= o->compress_min;
    if (o->compressing)
        length = hwi_deflater_bound(length);
    size_t size = hwi_outbox_frame_size(o, length);
    int status = hwi_room_get(o, size);
    if (status == HWS_E_FULL && !o->opcode &&
        o->when_full == HWS_FULL_DROP_NEWEST) {
        o->dropping = true;
        return 0;
    }
    if (!status && o->compressing)
        return hwi_pack_part(o, first, data);
    return status ? status : write_frame(o, &o->data, first, data, size);
}

/* Apart, so that whole messages need few registers. */
__attribute__((noinline)) static int
push_part(struct hwi_outbox *o, uint8_t opcode, struct hws_span data, bool last)
{
    struct hwi_utf8 before = o->text;
    uint8_t message = o->opcode ? o->opcode : opcode;
    if (message == HWS_TEXT && !text_is_good(o, data, last))
        return HWS_E_UTF8;
    uint8_t first = (uint8_t)((last ? HWI_FIN : 0) | opcode);
    int status = write_part(o, first, data);
    if (status) {
        o->text = before;
        return status;
    }
    o->unsent += o->opcode == 0;
    o->opcode = last ? 0 : message;
    o->dropping = o->dropping && !last;
    if (last)
        hwi_utf8_reset(&o->text);
    return 0;
}

int hwi_outbox_push(struct hwi_outbox *o, uint8_t opcode, struct hws_span data,
                    bool last)
{
    if (!last || o->opcode)
        return push_part(o, opcode, data, last);
    return data.size < o->compress_min ? push_whole(o, opcode, data)
                                       : push_large(o, opcode, data);
}

static int push_control(struct hwi_outbox *o, uint8_t opcode,
                        struct hws_span data)
{
    return write_frame(o, &o->control, HWI_FIN | opcode, data,
                       hwi_outbox_frame_size(o, data.size));
}

int hwi_outbox_push_ping(struct hwi_outbox *o, struct hws_span data)
{
    if (o->pings > HWI_PINGS_MAX)
        return HWS_E_FULL;
    int status = push_control(o, HWS_OP_PING, data);
    if (status == 0)
        o->pings++;
    return status;
}

/* Take the newest waiting pong out of the lane, to make way for a newer one.
 * With the lane so full of pongs, the newest has not begun to leave. */
static void drop_newest_pong(struct hwi_outbox *o)
{
    size_t begin = 0, end = 0, size;
    for (size_t at = o->control.left; at < hwi_lane_size(&o->control);
         at += size) {
        uint8_t first = hwi_lane_peek(&o->control, at, &size);
        if (first == (HWI_FIN | HWS_OP_PONG)) {
            begin = at;
            end = at + size;
        }
    }
    hwi_lane_cut(&o->control, begin, end);
    o->pongs--;
}

int hwi_outbox_push_pong(struct hwi_outbox *o, struct hws_span data)
{
    if (o->pongs == HWI_PONGS_MAX)
        drop_newest_pong(o);
    int status = push_control(o, HWS_OP_PONG, data);
    if (status == 0)
        o->pongs++;
    return status;
}

int hwi_outbox_push_close(struct hwi_outbox *o, unsigned code,
                          struct hws_span reason)
{
    uint8_t payload[HWI_CONTROL_MAX];
    size_t size = 0;
    if (code) {
        payload[0] = (uint8_t)(code >> 8);
        payload[1] = (uint8_t)code;
        if (reason.size)
            memcpy(payload + 2, reason.data, reason.size);
        size = 2 + reason.size;
    }
    return write_frame(o, &o->data, HWI_FIN | HWS_OP_CLOSE,
                       hwi_span(payload, size), hwi_outbox_frame_size(o, size));
}

void hwi_outbox_cut(struct hwi_outbox *o)
{
    size_t size = hwi_lane_size(&o->data);
    if (size > o->data.left)
        hwi_lane_cut(&o->data, o->data.left, size);
    size = hwi_lane_size(&o->control);
    if (size > o->control.left)
        hwi_lane_cut(&o->control, o->control.left, size);
    o->pongs = o->pings = 0;
    o->chained = 0;
}

void hwi_outbox_shut(struct hwi_outbox *o)
{
    hwi_buf_clear(&o->control.bytes);
    hwi_buf_clear(&o->data.bytes);
    o->control.left = o->data.left = 0;
}

struct hws_span hwi_outbox_output(struct hwi_outbox *o)
{
    size_t control = hwi_lane_size(&o->control);
    o->from_control = control && o->data.left == 0;
    if (o->from_control)
        return hwi_buf_span(&o->control.bytes);
    size_t data = hwi_lane_size(&o->data);
    if (data == 0)
        return hwi_span(NULL, 0);
    struct hws_span all = hwi_buf_span(&o->data.bytes);
    return control ? hwi_span(all.data, o->data.left) : all;
}

static void passed_control(struct hwi_outbox *o)
{
    bool is_pong = o->control.first == (HWI_FIN | HWS_OP_PONG);
    uint8_t *waiting = is_pong ? &o->pongs : &o->pings;
    if (*waiting)
        --*waiting;
}

static inline void passed_data(struct hwi_outbox *o, uint8_t first)
{
    if (hwi_opcode_is_control(first)) {
        o->close_left |= first == (HWI_FIN | HWS_OP_CLOSE);
        return;
    }
    o->mid_message = !(first & HWI_FIN);
    o->unsent -= first >> 7;
}

/* Data frames that left as a whole, as nearly all do: at most `size` bytes of
 * them pass, none of which has begun before. Returns how many did. */
static size_t pass_whole(struct hwi_outbox *o, size_t size)
{
    size_t passed = 0, frame;
    while (passed < size) {
        uint8_t first = hwi_lane_peek(&o->data, passed, &frame);
        if (frame > size - passed)
            break;
        passed += frame;
        passed_data(o, first);
    }
    hwi_buf_take(&o->data.bytes, passed);
    return passed;
}

static void wrote_data(struct hwi_outbox *o, size_t size)
{
    size_t held = hwi_lane_size(&o->data);
    size = size < held ? size : held;
    o->chained -= size < o->chained ? size : o->chained;
    while (size) {
        if (o->data.left == 0)
            size -= pass_whole(o, size);
        if (size && hwi_lane_pass(&o->data, &size))
            passed_data(o, o->data.first);
    }
}

static void wrote_control(struct hwi_outbox *o, size_t size)
{
    while (size && hwi_lane_size(&o->control)) {
        if (hwi_lane_pass(&o->control, &size))
            passed_control(o);
    }
}

void hwi_outbox_wrote(struct hwi_outbox *o, size_t size)
{
    if (o->from_control)
        wrote_control(o, size);
    else
        wrote_data(o, size);
}

void hwi_outbox_trim(struct hwi_outbox *o)
{
    hwi_buf_trim(&o->control.bytes);
    hwi_buf_trim(&o->data.bytes);
    if (o->deflater)
        hwi_deflater_trim(o->deflater);
}

size_t hwi_outbox_memory(const struct hwi_outbox *o)
{
    return o->control.bytes.capacity + o->data.bytes.capacity +
           (o->deflater ? hwi_deflater_memory(o->deflater) : 0);
}
