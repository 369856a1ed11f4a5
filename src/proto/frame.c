#include "proto/frame.h"

static const char *const reserved[16] = {
    [0x3] = "reserved opcode 0x3", [0x4] = "reserved opcode 0x4",
    [0x5] = "reserved opcode 0x5", [0x6] = "reserved opcode 0x6",
    [0x7] = "reserved opcode 0x7", [0xb] = "reserved opcode 0xb",
    [0xc] = "reserved opcode 0xc", [0xd] = "reserved opcode 0xd",
    [0xe] = "reserved opcode 0xe", [0xf] = "reserved opcode 0xf",
};

/* RFC 7692 section 6.1: set on the first frame of a message only. */
static const char *rsv1_flaw(uint8_t first, uint8_t rules)
{
    if (!(rules & HWI_RSV1))
        return "reserved bit RSV1";
    if (hwi_opcode_is_control(first))
        return "reserved bit RSV1 on a control frame";
    if ((first & 0x0f) == HWS_CONTINUATION)
        return "reserved bit RSV1 on a continuation";
    return NULL;
}

/* Sections 5.2 (bits that no extension gives a meaning) and 5.5. */
static const char *first_byte_flaw(uint8_t first, uint8_t rules)
{
    if ((first & HWI_RSV1) && rsv1_flaw(first, rules))
        return rsv1_flaw(first, rules);
    if (first & 0x20)
        return "reserved bit RSV2";
    if (first & 0x10)
        return "reserved bit RSV3";
    if (reserved[first & 0x0f])
        return reserved[first & 0x0f];
    if (hwi_opcode_is_control(first) && !(first & HWI_FIN))
        return "fragmented control frame";
    return NULL;
}

/* Sections 5.1 (who masks) and 5.5 (control frames are short). */
static const char *second_byte_flaw(uint8_t first, uint8_t second, bool masked)
{
    if (masked && !(second & HWI_MASKED))
        return "missing mask";
    if (!masked && (second & HWI_MASKED))
        return "mask from the server";
    if (hwi_opcode_is_control(first) && (second & 0x7f) > HWI_CONTROL_MAX)
        return "control payload above 125 bytes";
    return NULL;
}

static uint64_t big_endian(const uint8_t *bytes, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++)
        value = value << 8 | bytes[i];
    return value;
}

/* Section 5.2: the most significant bit is 0, and the shortest form only. */
static const char *length_flaw(uint64_t length, size_t size)
{
    if (size == 2 && length <= 125)
        return "length not in its shortest form";
    if (size == 8 && length >> 63)
        return "length with its top bit set";
    if (size == 8 && length <= 0xffff)
        return "length not in its shortest form";
    return NULL;
}

static size_t length_size(uint8_t second)
{
    unsigned short_length = second & 0x7f;
    if (short_length == 126)
        return 2;
    return short_length == 127 ? 8 : 0;
}

int hwi_frame_parse(struct hwi_frame *frame, struct hws_span bytes,
                    uint8_t rules)
{
    const uint8_t *b = bytes.data;
    bool masked = (rules & HWI_MASKED) != 0;
    frame->flaw = bytes.size > 0 ? first_byte_flaw(b[0], rules) : NULL;
    if (!frame->flaw && bytes.size > 1)
        frame->flaw = second_byte_flaw(b[0], b[1], masked);
    if (frame->flaw)
        return HWS_E_PROTOCOL;
    if (bytes.size < 2)
        return 0;

    size_t extra = length_size(b[1]);
    size_t size = 2 + extra;
    if (bytes.size < size)
        return 0;
    frame->length = extra ? big_endian(b + 2, extra) : b[1] & 0x7fU;
    frame->flaw = length_flaw(frame->length, extra);
    if (frame->flaw)
        return HWS_E_PROTOCOL;

    if (masked) {
        if (bytes.size < size + 4)
            return 0;
        memcpy(frame->key, b + size, 4);
        size += 4;
    }
    frame->opcode = b[0] & 0x0f;
    frame->fin = (b[0] & HWI_FIN) != 0;
    frame->compressed = (b[0] & HWI_RSV1) != 0;
    return (int)size;
}

bool hwi_close_code_is_valid(unsigned code)
{
    if (code >= 3000)
        return code <= 4999;
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}
