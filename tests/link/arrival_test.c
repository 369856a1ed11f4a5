/* When bytes came, as the kernel says. */
#include "support/test.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

struct ends {
    struct hws_listener *listener;
    struct hws_link *near, *far;
};

static void wait_for(const struct hws_link *link, short events)
{
    struct hws_want want[HWS_WANTS_MAX];
    assert_int_equal(hws_link_wants(link, want), 1);
    struct pollfd p = {want[0].fd, events, 0};
    assert_int_equal(poll(&p, 1, 5000), 1);
}

static void ends_init(struct ends *e)
{
    struct hws_dial_options o;
    e->listener = hws_listener_new("127.0.0.1", 0, 1, NULL);
    hws_dial_options_init(&o);
    o.host = "127.0.0.1";
    o.port = hws_listener_port(e->listener);
    e->far = hws_dial_new(&o);
    while (hws_link_open(e->far, 0) == HWS_E_AGAIN)
        wait_for(e->far, POLLOUT);
    struct pollfd p = {hws_listener_fd(e->listener), POLLIN, 0};
    assert_int_equal(poll(&p, 1, 5000), 1);
    assert_int_equal(hws_listener_accept(e->listener, &e->near), 0);
}

static void ends_free(struct ends *e)
{
    hws_link_free(e->far);
    hws_link_free(e->near);
    hws_listener_free(e->listener);
}

static void put(struct ends *e, const char *text)
{
    size_t size = strlen(text);
    assert_int_equal(hws_link_write(e->far, (const uint8_t *)text, size), size);
}

static ptrdiff_t get(struct ends *e, size_t size)
{
    uint8_t bytes[16];
    wait_for(e->near, POLLIN);
    return hws_link_read(e->near, bytes, size);
}

#ifdef __linux__

/* Stamps begin some packets after they were asked for: the kernel switches
 * them on at its leisure. Returns when the stamped packet left at earliest. */
static hws_time until_stamped(struct ends *e, const struct hws_arrival *arrival)
{
    hws_time before = 0;
    for (int i = 0; i < 10000 && arrival->at == HWS_NEVER; i++) {
        before = hws_clock_now(HWS_CLOCK_REALTIME);
        put(e, "abc");
        assert_int_equal(get(e, 4), 3);
    }
    return before;
}

TEST(a_stamped_read_tells_when_bytes_came_and_what_is_left)
{
    struct ends e;
    ends_init(&e);
    assert_null(hws_link_arrival(e.near));
    assert_int_equal(hws_link_stamp(e.near), 0);
    const struct hws_arrival *arrival = hws_link_arrival(e.near);
    assert_int_equal(arrival->at, HWS_NEVER);
    assert_int_equal(arrival->left, -1);
    hws_time before = until_stamped(&e, arrival);
    assert_in_range(arrival->at, before, hws_clock_now(HWS_CLOCK_REALTIME));
    assert_int_equal(arrival->left, 0);
    put(&e, "defgh");
    assert_int_equal(get(&e, 3), 3);
    assert_int_equal(arrival->left, 2);
    assert_int_equal(get(&e, 3), 2);
    uint8_t byte;
    assert_int_equal(hws_link_read(e.near, &byte, 1), HWS_E_AGAIN);
    assert_int_equal(arrival->left, 0); /* of the last that found some */
    ends_free(&e);
}

#else

TEST(a_stamped_read_tells_when_bytes_came_and_what_is_left)
{
    struct ends e;
    ends_init(&e);
    assert_int_equal(hws_link_stamp(e.near), HWS_E_SUPPORT);
    put(&e, "abc");
    assert_int_equal(get(&e, 4), 3);
    ends_free(&e);
}

#endif

TEST(no_stamps_where_no_tcp_is_below)
{
    struct hws_link *pair[2];
    struct hws_pair_options options = {.capacity = 10};
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    struct hws_link *link = hws_socket_new(fds[0]);
    assert_int_equal(hws_link_stamp(link), HWS_E_SUPPORT);
    assert_null(hws_link_arrival(link));
    hws_link_free(link);
    close(fds[1]);
    assert_int_equal(hws_pair_new(&options, pair), 0);
    assert_int_equal(hws_link_stamp(pair[0]), HWS_E_SUPPORT);
    hws_link_free(pair[0]);
    hws_link_free(pair[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(a_stamped_read_tells_when_bytes_came_and_what_is_left),
        RUN(no_stamps_where_no_tcp_is_below),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
