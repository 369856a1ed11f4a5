/*
 * TLS can read the end of a connection together with the last bytes, while
 * its descriptor stays quiet: nothing will wake us for it again.
 */
#include "support/test.h"

#include <sys/eventfd.h>
#include <unistd.h>

static const char last_bytes[] =
    "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/* A layer that gives its bytes and meets the end at once. */
struct last {
    struct hws_link link;
    int fd; /* never ready */
};

static int last_open(struct hws_link *link, hws_time now)
{
    (void)link;
    (void)now;
    return 0;
}

static ptrdiff_t last_read(struct hws_link *link, uint8_t *bytes, size_t size)
{
    if (link->ended)
        return HWS_E_EOF;
    assert_true(size > sizeof(last_bytes) - 1);
    memcpy(bytes, last_bytes, sizeof(last_bytes) - 1);
    link->ended = true;
    return sizeof(last_bytes) - 1;
}

static ptrdiff_t last_write(struct hws_link *link, const uint8_t *bytes,
                            size_t size)
{
    (void)link;
    (void)bytes;
    return (ptrdiff_t)size;
}

static int last_shut(struct hws_link *link)
{
    (void)link;
    return 0;
}

static size_t last_wants(const struct hws_link *link, struct hws_want *wants)
{
    wants[0] = (struct hws_want){((const struct last *)link)->fd, HWS_READ};
    return 1;
}

static hws_time last_deadline(const struct hws_link *link)
{
    (void)link;
    return HWS_NEVER;
}

static void last_free(struct hws_link *link)
{
    close(((struct last *)link)->fd);
}

static const struct hws_link_ops last_ops = {
    .name = "last",
    .open = last_open,
    .read = last_read,
    .write = last_write,
    .shut = last_shut,
    .wants = last_wants,
    .deadline = last_deadline,
    .free = last_free,
};

struct seen {
    bool up, down;
};

static void on_event(struct hws_conn *conn, const struct hws_event *e,
                     void *user)
{
    struct seen *seen = user;
    (void)conn;
    seen->up |= e->kind == HWS_UP;
    seen->down |= e->kind == HWS_DOWN;
}

TEST(end_that_came_with_the_last_bytes_is_told_at_once)
{
    struct seen seen = {0};
    struct last last = {.link.ops = &last_ops,
                        .fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
    struct hws_loop *loop = hws_loop_new(NULL, NULL);
    struct hws_conn_options options;
    hws_conn_options_init(&options);
    options.proto.role = HWS_SERVER;
    options.on_event = on_event;
    options.user = &seen;
    struct hws_conn *conn = hws_conn_new(loop, &last.link, &options, NULL);
    assert_non_null(conn);

    hws_time end = hws_clock_now(HWS_CLOCK_MONOTONIC) + HWS_MS(300);
    while (!seen.down && hws_clock_now(HWS_CLOCK_MONOTONIC) < end)
        assert_int_equal(hws_loop_run_once(loop, end), 0);
    assert_true(seen.up);
    assert_true(seen.down);
    hws_conn_free(conn);
    hws_loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(end_that_came_with_the_last_bytes_is_told_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
