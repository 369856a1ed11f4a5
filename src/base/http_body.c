/*
 * How the body after a head is framed (RFC 9112 section 6), and the decoder of
 * the chunked framing. The decoder keeps no bytes: its state is one step and
 * one count.
 */
#include "base/http.h"

/* Bytes allowed in one chunk-size line, or in the trailer section. */
#define EXTRA_MAX 4096

static bool has_no_body(const struct hwi_http_head *head)
{
    int status = head->status;
    return (status >= 100 && status < 200) || status == 204 || status == 304;
}

/* The codings of all Transfer-Encoding lines: chunked must come once, last. */
static enum hwi_http_body coded_body(const struct hwi_http_head *head)
{
    bool chunked = false;
    if (head->minor == 0 || hwi_http_get(head, "Content-Length"))
        return HWI_BODY_BAD;
    for (size_t i = 0; i < head->header_count; i++) {
        if (!hwi_span_is_nocase(head->headers[i].name, "Transfer-Encoding"))
            continue;
        struct hws_span list = head->headers[i].value, coding;
        while (hwi_span_next_element(&list, &coding)) {
            if (chunked)
                return HWI_BODY_BAD;
            chunked = hwi_span_is_nocase(coding, "chunked");
        }
    }
    if (chunked)
        return HWI_BODY_CHUNKED;
    return head->status ? HWI_BODY_UNTIL_EOF : HWI_BODY_BAD;
}

/* A length may be repeated, in one line or several, but never differ. */
static enum hwi_http_body counted_body(const struct hwi_http_head *head,
                                       uint64_t *length)
{
    bool known = false;
    for (size_t i = 0; i < head->header_count; i++) {
        if (!hwi_span_is_nocase(head->headers[i].name, "Content-Length"))
            continue;
        struct hws_span list = head->headers[i].value, element;
        while (hwi_span_next_element(&list, &element)) {
            uint64_t value = 0;
            if (!hwi_span_number(element, INT64_MAX, &value) ||
                (known && value != *length))
                return HWI_BODY_BAD;
            *length = value;
            known = true;
        }
    }
    if (!known)
        return HWI_BODY_BAD;
    return *length ? HWI_BODY_LENGTH : HWI_BODY_NONE;
}

enum hwi_http_body hwi_http_body(const struct hwi_http_head *head,
                                 uint64_t *length)
{
    *length = 0;
    if (has_no_body(head))
        return HWI_BODY_NONE;
    if (hwi_http_get(head, "Transfer-Encoding"))
        return coded_body(head);
    if (hwi_http_get(head, "Content-Length"))
        return counted_body(head, length);
    return head->status ? HWI_BODY_UNTIL_EOF : HWI_BODY_NONE;
}

enum step {
    SIZE_FIRST,
    SIZE,
    EXTENSION,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    TRAILER_FIRST,
    TRAILER,
    TRAILER_LF,
    LAST_LF,
    END,
};

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int enter(struct hwi_http_chunked *c, enum step step)
{
    c->state = (uint8_t)step;
    return 0;
}

/* Go on to `step` if the byte is the one that must stand here. */
static int expect(struct hwi_http_chunked *c, uint8_t byte, uint8_t wanted,
                  enum step step)
{
    return byte == wanted ? enter(c, step) : HWS_E_HTTP;
}

/* Step over a byte whose meaning is of no interest, up to CR. */
static int step_over(struct hwi_http_chunked *c, uint8_t byte, enum step here,
                     enum step after)
{
    if (byte == '\r')
        return enter(c, after);
    bool bad = (byte < 0x20 && byte != '\t') || byte == 0x7f;
    return bad || ++c->extra > EXTRA_MAX ? HWS_E_HTTP : enter(c, here);
}

static int take_size(struct hwi_http_chunked *c, uint8_t byte)
{
    int digit = hex_digit(byte);
    if (digit < 0 && c->state == SIZE_FIRST)
        return HWS_E_HTTP;
    if (digit < 0 && (byte == ';' || byte == ' ' || byte == '\t'))
        return enter(c, EXTENSION);
    if (digit < 0)
        return expect(c, byte, '\r', SIZE_LF);
    if (c->left > UINT64_MAX >> 4 || ++c->extra > EXTRA_MAX)
        return HWS_E_HTTP;
    c->left = c->left << 4 | (uint64_t)digit;
    return enter(c, SIZE);
}

static int end_size(struct hwi_http_chunked *c, uint8_t byte)
{
    c->extra = 0;
    return expect(c, byte, '\n', c->left ? DATA : TRAILER_FIRST);
}

static int take_trailer_first(struct hwi_http_chunked *c, uint8_t byte)
{
    return step_over(c, byte, TRAILER, LAST_LF);
}

static int end_body(struct hwi_http_chunked *c, uint8_t byte)
{
    c->done = byte == '\n';
    return expect(c, byte, '\n', END);
}

/* One byte of framing. */
static int take_byte(struct hwi_http_chunked *c, uint8_t byte)
{
    switch ((enum step)c->state) {
    case SIZE_FIRST:
    case SIZE:
        return take_size(c, byte);
    case EXTENSION:
        return step_over(c, byte, EXTENSION, SIZE_LF);
    case SIZE_LF:
        return end_size(c, byte);
    case DATA_CR:
        return expect(c, byte, '\r', DATA_LF);
    case DATA_LF:
        return expect(c, byte, '\n', SIZE_FIRST);
    case TRAILER_FIRST:
        return take_trailer_first(c, byte);
    case TRAILER:
        return step_over(c, byte, TRAILER, TRAILER_LF);
    case TRAILER_LF:
        return expect(c, byte, '\n', TRAILER_FIRST);
    case LAST_LF:
        return end_body(c, byte);
    case DATA:
    case END:
        break;
    }
    return HWS_E_HTTP;
}

/* Copy payload of the present chunk: what came, fits and belongs to it. */
static size_t take_data(struct hwi_http_chunked *c, struct hws_span *in,
                        uint8_t *out, size_t room)
{
    size_t size = in->size < room ? in->size : room;
    if (size > c->left)
        size = (size_t)c->left;
    if (size)
        memcpy(out, in->data, size);
    *in = hwi_span_part(*in, size, in->size);
    c->left -= size;
    if (c->left == 0)
        enter(c, DATA_CR);
    return size;
}

int hwi_http_dechunk(struct hwi_http_chunked *c, struct hws_span *in,
                     uint8_t *out, size_t *out_size)
{
    size_t room = *out_size;
    *out_size = 0;
    /* Without any room only framing is read. */
    while (in->size && !c->done && (room == 0 || *out_size < room)) {
        if (c->state == DATA) {
            size_t size = take_data(c, in, out + *out_size, room - *out_size);
            if (size == 0)
                return 0;
            *out_size += size;
            continue;
        }
        int status = take_byte(c, in->data[0]);
        if (status)
            return status;
        *in = hwi_span_part(*in, 1, in->size);
    }
    return 0;
}
