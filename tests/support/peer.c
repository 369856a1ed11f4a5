#include "support/peer.h"

#include "proto/frame.h"
#include "proto/upgrade.h"
#include "support/test.h"

void peer_init(struct peer *p)
{
    *p = (struct peer){.end = NULL};
    hwi_buf_init(&p->in, SIZE_MAX / 2);
    hwi_buf_init(&p->request, SIZE_MAX / 2);
}

void peer_release(struct peer *p)
{
    hws_link_free(p->end);
    p->end = NULL;
    hwi_buf_release(&p->in);
    hwi_buf_release(&p->request);
}

void peer_take_over(struct peer *p, struct hws_link *end)
{
    hws_link_free(p->end);
    p->end = end;
    hwi_buf_clear(&p->in);
    hwi_buf_clear(&p->request);
}

size_t peer_write(struct peer *p, const void *bytes, size_t size)
{
    size_t went = 0;
    while (went < size) {
        ptrdiff_t took =
            hws_link_write(p->end, (const uint8_t *)bytes + went, size - went);
        if (took <= 0)
            break;
        went += (size_t)took;
    }
    return went;
}

void peer_write_text(struct peer *p, const char *text)
{
    assert_int_equal(peer_write(p, text, strlen(text)), strlen(text));
}

bool peer_read(struct peer *p)
{
    ptrdiff_t got;
    bool any = false;
    if (!p->end)
        return false;
    do {
        uint8_t *room = hwi_buf_reserve(&p->in, 65536, NULL);
        assert_non_null(room);
        got = hws_link_read(p->end, room, 65536);
        if (got > 0)
            hwi_buf_wrote(&p->in, (size_t)got);
        any = any || got > 0;
    } while (got > 0);
    return any;
}

bool peer_sees_end(struct peer *p)
{
    uint8_t byte;
    peer_read(p);
    ptrdiff_t got = hws_link_read(p->end, &byte, 1);
    return got < 0 && got != HWS_E_AGAIN;
}

bool peer_has_request(struct peer *p)
{
    if (hwi_buf_size(&p->request))
        return true;
    peer_read(p);
    struct hws_span in = hwi_buf_span(&p->in);
    for (size_t i = 4; i <= in.size; i++) {
        if (memcmp(in.data + i - 4, "\r\n\r\n", 4) != 0)
            continue;
        hwi_buf_push(&p->request, hwi_span(in.data, i));
        hwi_buf_push(&p->request, hwi_span("", 1));
        hwi_buf_take(&p->in, i);
        return true;
    }
    return false;
}

static const char *request_text(const struct peer *p)
{
    assert_true(hwi_buf_size(&p->request) > 0);
    return (const char *)hwi_buf_span(&p->request).data;
}

const char *peer_accept_text(struct peer *p)
{
    static const char name[] = "\r\nSec-WebSocket-Key: ";
    static char answer[256];
    char accept[HWI_ACCEPT_SIZE + 1];
    assert_true(peer_has_request(p));
    const char *key = strstr(request_text(p), name);
    assert_non_null(key);
    hwi_upgrade_accept(accept, hwi_span(key + sizeof(name) - 1, 24));
    snprintf(answer, sizeof(answer),
             "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
             "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
             accept);
    return answer;
}

void peer_accept(struct peer *p)
{
    peer_write_text(p, peer_accept_text(p));
}

void peer_answer(struct peer *p, const char *answer)
{
    assert_true(peer_has_request(p));
    peer_write_text(p, answer);
}

bool peer_was_asked(const struct peer *p, const char *line)
{
    char whole[512];
    snprintf(whole, sizeof(whole), "\r\n%s\r\n", line);
    return strstr(request_text(p), whole) != NULL;
}

void peer_send_frame(struct peer *p, unsigned first, const void *data,
                     size_t size)
{
    struct hwi_buf frame;
    hwi_buf_init(&frame, SIZE_MAX / 2);
    uint8_t *room = hwi_buf_reserve(&frame, HWI_FRAME_HEAD_MAX + size, NULL);
    size_t head = hwi_frame_write(room, (uint8_t)first, 0, size);
    if (size)
        memcpy(room + head, data, size);
    assert_int_equal(peer_write(p, room, head + size), head + size);
    hwi_buf_release(&frame);
}

void peer_send_text(struct peer *p, const char *text)
{
    peer_send_frame(p, HWI_FIN | HWS_TEXT, text, strlen(text));
}

void peer_send_ping(struct peer *p, const char *text)
{
    peer_send_frame(p, HWI_FIN | HWS_OP_PING, text, strlen(text));
}

void peer_send_pong(struct peer *p, struct hws_span data)
{
    peer_send_frame(p, HWI_FIN | HWS_OP_PONG, data.data, data.size);
}

void peer_send_close(struct peer *p, unsigned code, const char *reason)
{
    uint8_t payload[125] = {(uint8_t)(code >> 8), (uint8_t)code};
    size_t size = strlen(reason);
    memcpy(payload + 2, reason, size);
    peer_send_frame(p, HWI_FIN | HWS_OP_CLOSE, payload, code ? size + 2 : 0);
}

bool peer_take(struct peer *p, struct peer_frame *frame)
{
    struct hwi_frame head;
    peer_read(p);
    int size = hwi_frame_parse(&head, hwi_buf_span(&p->in), HWI_MASKED);
    assert_true(size >= 0);
    if (size == 0 || hwi_buf_size(&p->in) - (size_t)size < head.length)
        return false;
    hwi_buf_take(&p->in, (size_t)size);
    uint8_t *data = p->in.data + p->in.head;
    for (size_t i = 0; i < head.length; i++)
        data[i] ^= head.key[i % 4];
    *frame =
        (struct peer_frame){head.opcode, head.fin, hwi_span(data, head.length)};
    p->in.head += head.length; /* stays readable until the next one */
    return true;
}

void peer_expect(struct peer *p, unsigned opcode, const char *text)
{
    struct peer_frame frame;
    if (!peer_take(p, &frame))
        fail_msg("no frame came, where '%s' was to", text);
    assert_int_equal(frame.opcode, opcode);
    assert_true(frame.fin);
    if (!hwi_span_is(frame.data, text))
        fail_msg("'%.*s' came, where '%s' was to", (int)frame.data.size,
                 (const char *)frame.data.data, text);
}

void peer_expect_close(struct peer *p, unsigned code)
{
    struct peer_frame frame;
    assert_true(peer_take(p, &frame));
    assert_int_equal(frame.opcode, HWS_OP_CLOSE);
    assert_int_equal(
        frame.data.size < 2 ? 0 : frame.data.data[0] << 8 | frame.data.data[1],
        code);
}

void peer_expect_nothing(struct peer *p)
{
    peer_read(p);
    assert_int_equal(hwi_buf_size(&p->in), 0);
}

void peer_answer_ping(struct peer *p)
{
    struct peer_frame frame;
    assert_true(peer_take(p, &frame));
    assert_int_equal(frame.opcode, HWS_OP_PING);
    peer_send_pong(p, frame.data);
}

void peer_end(struct peer *p)
{
    hws_link_free(p->end);
    p->end = NULL;
}

void peer_cut(struct peer *p)
{
    if (strcmp(p->end->ops->name, "pair") == 0)
        hws_pair_break(p->end, false);
    hws_link_abort(p->end);
    peer_end(p);
}

void peer_quiet(struct peer *p)
{
    hws_pair_break(p->end, true);
}
