/* The protocol core alone: no socket, no loop, no health. */
#include "hawser/proto.h"
#include "ours.h"
#include "wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fill(void *context, void *bytes, size_t size)
{
    (void)context;
    memset(bytes, 7, size);
}

static int take_events(struct hws_proto *p, uint64_t *messages, bool *up)
{
    struct hws_event event;
    while (hws_proto_next(p, &event)) {
        *messages += event.kind == HWS_MESSAGE;
        *up |= event.kind == HWS_UP;
        if (event.kind == HWS_DOWN)
            return -1;
    }
    return 0;
}

static int bring_up(struct hws_proto *p)
{
    static const char name[] = "Sec-WebSocket-Key: ";
    char request[2048];
    char accept[32];
    char answer[256];
    uint64_t messages = 0;
    bool up = false;
    struct hws_span out = hws_proto_output(p);
    snprintf(request, sizeof(request), "%.*s", (int)out.size,
             (const char *)out.data);
    hws_proto_wrote(p, out.size, 1);
    const char *key = strstr(request, name);
    if (!key)
        return -1;
    wire_accept_key(key + sizeof(name) - 1, 24, accept);
    int size = snprintf(answer, sizeof(answer),
                        "HTTP/1.1 101 Switching Protocols\r\n"
                        "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Accept: %s\r\n\r\n",
                        accept);
    hws_proto_feed(p, (uint8_t *)answer, (size_t)size, 1);
    if (take_events(p, &messages, &up) != 0)
        return -1;
    return up ? 0 : -1;
}

/* Feed `block` from its begin until so many messages came, in pieces that cut
 * frames where they fall, as reads do. */
static int feed(struct hws_proto *p, uint8_t *block, size_t used,
                uint64_t messages)
{
    uint64_t seen = 0;
    bool up = true;
    hws_time now = 1;
    while (seen < messages) {
        for (size_t at = 0; at < used; at += WIRE_READ) {
            size_t piece = used - at < WIRE_READ ? used - at : WIRE_READ;
            if (hws_proto_feed(p, block + at, piece, ++now) != 0 ||
                take_events(p, &seen, &up) != 0)
                return -1;
        }
    }
    return 0;
}

int ours_read_core(const struct scene *scene, struct cost *cost)
{
    struct hws_proto_options options;
    struct meter meter = {.stepped = scene->stepped};
    size_t frame = wire_frame_size(scene->size, false);
    uint64_t room = scene->messages * frame;
    uint8_t *block = malloc(WIRE_BLOCK);
    hws_proto_options_init(&options);
    options.host = "127.0.0.1";
    options.random.fill = fill;
    struct hws_proto *p = hws_proto_new(&options, 1, NULL);
    if (!p || !block || bring_up(p) != 0)
        return -1;
    size_t used = wire_frames(block, room < WIRE_BLOCK ? room : WIRE_BLOCK,
                              scene->size, false);
    if (feed(p, block, used, scene->warm) != 0)
        return -1;
    meter_begin(&meter);
    if (feed(p, block, used, scene->messages) != 0)
        return -1;
    meter_end(&meter, cost);
    uint64_t frames = used / frame;
    cost->messages = (scene->messages + frames - 1) / frames * frames;
    hws_proto_free(p);
    free(block);
    return 0;
}
