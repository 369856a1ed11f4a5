/*
 * A wake-up that has read its budget goes on in the next turn by itself: what
 * lies inside a layer, as decrypted bytes do, makes no descriptor ready.
 */
#include "support/test.h"
#include "support/world.h"

#include <sys/eventfd.h>
#include <unistd.h>

#define FRAMES 49152 /* of 64 bytes: 3 MiB, three budgets */

static const char request[] =
    "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/* A layer that holds the request and all the frames from the begin. */
struct full {
    struct hws_link link;
    int fd; /* never ready */
    size_t at;
};

static uint8_t byte_at(size_t at)
{
    /* Binary, masked with a key of zeros. */
    static const uint8_t frame[64] = {0x82, 0x80 | (64 - 6)};
    if (at < sizeof(request) - 1)
        return (uint8_t)request[at];
    return frame[(at - (sizeof(request) - 1)) % sizeof(frame)];
}

static int full_open(struct hws_link *link, hws_time now)
{
    (void)link, (void)now;
    return 0;
}

static ptrdiff_t full_read(struct hws_link *link, uint8_t *bytes, size_t size)
{
    struct full *f = (struct full *)(void *)link;
    size_t total = sizeof(request) - 1 + (size_t)FRAMES * 64, got = 0;
    while (got < size && f->at < total)
        bytes[got++] = byte_at(f->at++);
    return got ? (ptrdiff_t)got : HWS_E_AGAIN;
}

static ptrdiff_t full_write(struct hws_link *link, const uint8_t *bytes,
                            size_t size)
{
    (void)link, (void)bytes;
    return (ptrdiff_t)size;
}

static int full_shut(struct hws_link *link)
{
    (void)link;
    return 0;
}

static size_t full_wants(const struct hws_link *link, struct hws_want *wants)
{
    wants[0] = (struct hws_want){((const struct full *)(const void *)link)->fd,
                                 HWS_READ};
    return 1;
}

static hws_time full_deadline(const struct hws_link *link)
{
    (void)link;
    return HWS_NEVER;
}

static void full_free(struct hws_link *link)
{
    close(((struct full *)(void *)link)->fd);
}

static const struct hws_link_ops full_ops = {
    "full",    full_open,  full_read,     full_write,
    full_shut, full_wants, full_deadline, full_free,
};

static void count(struct hws_conn *conn, const struct hws_event *e, void *user)
{
    (void)conn;
    *(unsigned *)user += e->kind == HWS_MESSAGE;
}

TEST(what_a_budget_leaves_is_read_without_readiness)
{
    struct world w;
    struct full full = {.link = {.ops = &full_ops}, .fd = eventfd(0, 0)};
    struct hws_conn_options options;
    unsigned received = 0;
    world_init(&w, 1);
    hws_conn_options_init(&options);
    options.proto.role = HWS_SERVER;
    options.on_event = count;
    options.user = &received;
    struct hws_conn *conn = hws_conn_new(&w.loop, &full.link, &options, NULL);
    assert_non_null(conn);

    world_settle(&w); /* the clock does not move */

    assert_int_equal(received, FRAMES);
    assert_true(w.turns >= 2); /* others have theirs in between */
    hws_conn_free(conn);
    world_release(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(what_a_budget_leaves_is_read_without_readiness),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
