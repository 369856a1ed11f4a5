/*
 * A wake-up of the user's own, a timer say, is a wake-up all the same: what it
 * sends leaves together.
 */
#include "support/test.h"

#include <sys/socket.h>

#define BURST 100

struct duo {
    struct hws_loop *loop;
    struct hws_conn *client, *server;
    struct hws_health *health; /* of the client */
    struct hws_timer timer;
    unsigned received;
};

static void on_client(struct hws_conn *conn, const struct hws_event *e,
                      void *user)
{
    struct duo *duo = user;
    (void)conn;
    if (e->kind == HWS_UP)
        hws_loop_timer(duo->loop, &duo->timer,
                       hws_clock_now(HWS_CLOCK_MONOTONIC));
}

static void on_server(struct hws_conn *conn, const struct hws_event *e,
                      void *user)
{
    struct duo *duo = user;
    (void)conn;
    if (e->kind == HWS_MESSAGE && ++duo->received == BURST)
        hws_loop_stop(duo->loop);
}

static void send_burst(struct hws_timer *timer, hws_time now)
{
    struct duo *duo =
        (struct duo *)(void *)((char *)timer - offsetof(struct duo, timer));
    (void)now;
    for (unsigned i = 0; i < BURST; i++)
        assert_int_equal(
            hws_conn_send(duo->client, HWS_TEXT, hws_span_text("tick"), true),
            0);
}

static struct hws_conn *join(struct duo *duo, int fd, enum hws_role role)
{
    struct hws_conn_options options;
    hws_conn_options_init(&options);
    options.proto.role = role;
    options.proto.host = "localhost";
    options.on_event = role == HWS_CLIENT ? on_client : on_server;
    options.health = role == HWS_CLIENT ? duo->health : NULL;
    options.user = duo;
    return hws_conn_new(duo->loop, hws_socket_new(fd), &options, NULL);
}

TEST(sends_of_a_users_timer_leave_in_one_write)
{
    struct duo duo = {.timer = {.due = send_burst, .deadline = HWS_NEVER}};
    struct hws_snapshot snapshot;
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    duo.loop = hws_loop_new(NULL, NULL);
    duo.health = hws_health_new(NULL);
    duo.client = join(&duo, fds[0], HWS_CLIENT);
    duo.server = join(&duo, fds[1], HWS_SERVER);

    assert_int_equal(hws_loop_run(duo.loop), 0);

    hws_health_snapshot(duo.health, 0, &snapshot);
    assert_int_equal(duo.received, BURST);
    assert_int_equal(snapshot.messages_out, BURST);
    assert_int_equal(snapshot.writes, 2); /* the request and the burst */
    hws_conn_free(duo.client);
    hws_conn_free(duo.server);
    hws_health_free(duo.health);
    hws_loop_free(duo.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(sends_of_a_users_timer_leave_in_one_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
