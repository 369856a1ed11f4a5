#include "proto/message.h"

#include "base/status.h"

/* How far ahead of what really came memory is taken for a declared length. */
#define AHEAD_MAX ((size_t)1 << 20)

void hwi_message_init(struct hwi_message *m, const struct hws_limits *limits)
{
    *m = (struct hwi_message){
        .fragment_max = limits->fragment_max,
        .size_max = limits->message_size_max,
        .chunk_size = limits->chunk_size,
        .unchecked = limits->text_unchecked,
    };
    hwi_buf_init(&m->store, limits->message_size_max);
}

void hwi_message_release(struct hwi_message *m)
{
    hwi_buf_release(&m->store);
}

static void begin(struct hwi_message *m, const struct hwi_frame *frame)
{
    m->opcode = frame->opcode;
    m->compressed = frame->compressed;
    m->inflated = 0;
    m->given = 0;
    m->first = true;
    m->fragments = 0;
    m->size = 0;
    hwi_utf8_reset(&m->text);
    hwi_buf_clear(&m->store);
}

/* RFC 6455 section 5.4. */
const char *hwi_message_join(struct hwi_message *m,
                             const struct hwi_frame *frame)
{
    bool continues = frame->opcode == HWS_CONTINUATION;
    if (continues && !m->opcode)
        return "a continuation of nothing";
    if (!continues && m->opcode)
        return "a new message inside a fragmented one";
    if (!continues)
        begin(m, frame);
    return NULL;
}

static int too_big(struct hws_fault *fault, const char *what, size_t limit,
                   const char *unit)
{
    hwi_fault_set(fault, HWS_PHASE_FRAME, HWS_E_TOO_BIG,
                  "%s above the limit of %zu %s", what, limit, unit);
    fault->close_code = HWS_CLOSE_MESSAGE_TOO_BIG;
    return HWS_E_TOO_BIG;
}

/* What a compressor may make, at its worst, of the largest message; more would
 * be blocks that give nothing. */
static size_t compressed_max(const struct hwi_message *m)
{
    size_t extra = m->size_max / 4 + 1024;
    return m->size_max < SIZE_MAX - extra ? m->size_max + extra : SIZE_MAX;
}

int hwi_message_grow(struct hwi_message *m, uint64_t length,
                     struct hws_fault *fault)
{
    size_t size_max = m->compressed ? compressed_max(m) : m->size_max;
    const char *what = m->compressed ? "compressed message" : "message";
    if (length > size_max - m->size)
        return too_big(fault, what, size_max, "bytes");
    if (m->fragments == m->fragment_max)
        return too_big(fault, "message", m->fragment_max, "fragments");
    m->fragments++;
    m->size += length;
    return 0;
}

int hwi_message_inflated(struct hwi_message *m, size_t size,
                         struct hws_fault *fault)
{
    m->inflated += size;
    if (m->inflated <= m->size_max)
        return 0;
    return too_big(fault, "compressed message inflates", m->size_max, "bytes");
}

int hwi_message_check(struct hwi_message *m, struct hws_span data, uint64_t at,
                      bool last, struct hws_fault *fault)
{
    if (m->opcode != HWS_TEXT || m->unchecked)
        return 0;
    size_t good = hwi_utf8_feed(&m->text, data);
    if (good == data.size && (!last || hwi_utf8_done(&m->text)))
        return 0;
    const char *how = good < data.size ? "is not UTF-8" : "ends in a character";
    hwi_fault_set(fault, HWS_PHASE_FRAME, HWS_E_UTF8,
                  "text message %s at its byte %llu", how,
                  (unsigned long long)(at + good));
    fault->close_code = HWS_CLOSE_INVALID_PAYLOAD;
    return HWS_E_UTF8;
}

uint8_t *hwi_message_room(struct hwi_message *m, size_t size, uint64_t left)
{
    size_t ahead = 2 * hwi_buf_size(&m->store);
    ahead = ahead > AHEAD_MAX ? ahead : AHEAD_MAX;
    ahead = ahead < left ? ahead : (size_t)left;
    return hwi_buf_reserve(&m->store, ahead > size ? ahead : size, NULL);
}
