/*
 * Real sockets: connected ones, listeners, Unix names, and how they end.
 */
#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

struct line {
    struct hws_listener *listener;
    struct hws_link *client, *server;
};

static void wait_for(int fd, short events)
{
    struct pollfd p = {fd, events, 0};
    assert_int_equal(poll(&p, 1, 5000), 1);
}

static int fd_of(const struct hws_link *link)
{
    struct hws_want want[HWS_WANTS_MAX];
    assert_int_equal(hws_link_wants(link, want), 1);
    return want[0].fd;
}

static void finish_open(struct hws_link *link)
{
    struct hws_want want[HWS_WANTS_MAX];
    int status;
    while ((status = hws_link_open(link, 0)) == HWS_E_AGAIN) {
        assert_true(hws_link_wants(link, want) > 0);
        wait_for(want[0].fd, POLLOUT);
    }
    assert_int_equal(status, 0);
}

static struct hws_link *take_one(struct hws_listener *listener)
{
    struct hws_link *link = NULL;
    wait_for(hws_listener_fd(listener), POLLIN);
    assert_int_equal(hws_listener_accept(listener, &link), 0);
    return link;
}

static void line_init(struct line *l)
{
    struct hws_dial_options o;
    l->listener = hws_listener_new("127.0.0.1", 0, 8, NULL);
    assert_non_null(l->listener);
    hws_dial_options_init(&o);
    o.host = "127.0.0.1";
    o.port = hws_listener_port(l->listener);
    l->client = hws_dial_new(&o);
    finish_open(l->client);
    l->server = take_one(l->listener);
}

static void line_free(struct line *l)
{
    hws_link_free(l->client);
    hws_link_free(l->server);
    hws_listener_free(l->listener);
}

static ptrdiff_t put(struct hws_link *link, const char *text)
{
    return hws_link_write(link, (const uint8_t *)text, strlen(text));
}

static ptrdiff_t get(struct hws_link *link, char *text, size_t size)
{
    memset(text, 0, size);
    wait_for(fd_of(link), POLLIN);
    return hws_link_read(link, (uint8_t *)text, size - 1);
}

TEST(accepted_and_dialed_ends_know_each_other)
{
    struct line l;
    struct hws_link *none;
    char got[16];
    line_init(&l);
    assert_int_equal(hws_listener_accept(l.listener, &none), HWS_E_AGAIN);
    assert_int_equal(put(l.client, "hello"), 5);
    assert_int_equal(get(l.server, got, sizeof(got)), 5);
    assert_string_equal(got, "hello");
    assert_int_equal(hws_link_read(l.server, (uint8_t *)got, 1), HWS_E_AGAIN);
    assert_memory_equal(hws_link_peer(l.server), "127.0.0.1:", 10);
    assert_int_equal(hws_link_receive_queue(l.server), 0);
    put(l.client, "queued");
    wait_for(fd_of(l.server), POLLIN);
    assert_int_equal(hws_link_receive_queue(l.server), 6);
    line_free(&l);
}

/* What is not asked for is the system's: only that it is told is checked. */
TEST(kernel_tells_addresses_options_buffers_and_queues)
{
    struct line l;
    struct hws_socket_info client, server;
    int off = 0;
    line_init(&l);
    assert_int_equal(put(l.client, "queued"), 6);
    wait_for(fd_of(l.server), POLLIN);
    assert_int_equal(hws_link_socket_info(l.client, &client), 0);
    assert_int_equal(hws_link_socket_info(l.server, &server), 0);
    assert_string_equal(client.local, server.peer);
    assert_string_equal(client.peer, server.local);
    assert_true(client.is_tcp && client.no_delay && client.keep_alive);
    assert_int_equal(client.keep_idle, 30);
    assert_int_equal(server.receive_queue, 6);
    assert_int_equal(client.receive_queue, 0);
    assert_true(client.receive_buffer > 0 && client.send_buffer > 0);
#ifdef __linux__
    assert_true(client.round_trip > 0 && client.round_trip < HWS_S(5));
    assert_true(client.segment_max > 0 && client.congestion[0]);
    assert_int_equal(client.send_queue, 0); /* acknowledged unread */
    assert_int_equal(client.retransmits, 0);
    assert_int_equal(hws_link_send_queue(l.client), 0);
#endif
    setsockopt(fd_of(l.client), SOL_SOCKET, SO_KEEPALIVE, &off, sizeof(off));
    assert_int_equal(hws_link_socket_info(l.client, &client), 0);
    assert_false(client.keep_alive);
    assert_int_equal(client.keep_idle, -1);
    line_free(&l);
}

TEST(unix_sockets_have_no_facts_of_tcp)
{
    struct hws_socket_info info;
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    struct hws_link *link = hws_socket_new(fds[0]);
    assert_int_equal(hws_link_socket_info(link, &info), 0);
    assert_false(info.is_tcp);
    assert_true(info.receive_buffer > 0);
    assert_string_equal(info.congestion, "");
    hws_link_free(link);
    close(fds[1]);
}

TEST(links_without_a_connected_socket_have_no_facts)
{
    struct hws_socket_info info;
    struct hws_pair_options pair = {.capacity = 100};
    struct hws_dial_options dial;
    struct hws_link *ends[2];
    assert_int_equal(hws_pair_new(&pair, ends), 0);
    assert_int_equal(hws_link_socket_info(ends[0], &info), HWS_E_SUPPORT);
    hws_link_free(ends[0]);
    hws_link_free(ends[1]);
    hws_dial_options_init(&dial);
    dial.host = "127.0.0.1";
    struct hws_link *link = hws_dial_new(&dial);
    assert_int_equal(hws_link_socket_info(link, &info), HWS_E_STATE);
    hws_link_free(link);
}

TEST(descriptors_are_not_inherited)
{
    struct line l;
    line_init(&l);
    assert_int_equal(fcntl(fd_of(l.client), F_GETFD), FD_CLOEXEC);
    assert_int_equal(fcntl(fd_of(l.server), F_GETFD), FD_CLOEXEC);
    assert_int_equal(fcntl(hws_listener_fd(l.listener), F_GETFD), FD_CLOEXEC);
    line_free(&l);
}

TEST(shut_is_an_end_for_the_peer_who_can_still_write)
{
    struct line l;
    char got[16];
    line_init(&l);
    assert_int_equal(hws_link_shut(l.client), 0);
    assert_int_equal(get(l.server, got, sizeof(got)), HWS_E_EOF);
    assert_int_equal(put(l.server, "bye"), 3);
    assert_int_equal(get(l.client, got, sizeof(got)), 3);
    line_free(&l);
}

TEST(abort_is_a_reset_for_the_peer)
{
    struct line l;
    char got[16];
    line_init(&l);
    hws_link_abort(l.client);
    hws_link_free(l.client);
    l.client = NULL;
    assert_int_equal(get(l.server, got, sizeof(got)), HWS_E_RESET);
    assert_int_equal(l.server->fault.os_error, ECONNRESET);
    assert_int_equal(l.server->fault.phase, HWS_PHASE_TCP);
    assert_non_null(strstr(l.server->fault.text, "127.0.0.1:"));
    /* The first cause stays, though the kernel has forgotten it. */
    assert_int_equal(hws_link_read(l.server, (uint8_t *)got, 1), HWS_E_RESET);
    assert_int_equal(put(l.server, "x"), HWS_E_RESET);
    assert_int_equal(l.server->fault.os_error, ECONNRESET);
    line_free(&l);
}

TEST(fault_30_what_came_before_a_failed_write_is_still_read)
{
    struct line l;
    char got[16];
    line_init(&l);
    put(l.server, "reason");
    wait_for(fd_of(l.client), POLLIN);
    hws_link_free(l.server);
    l.server = NULL;
    while (put(l.client, "x") >= 0) /* until the peer's reset is here */
        wait_for(fd_of(l.client), POLLIN);
    assert_int_equal(l.client->fault.status, HWS_E_RESET);
    assert_int_equal(get(l.client, got, sizeof(got)), 6);
    assert_string_equal(got, "reason");
    assert_int_equal(get(l.client, got, sizeof(got)), HWS_E_RESET);
    line_free(&l);
}

TEST(fault_42_write_to_a_closed_pipe_raises_no_signal)
{
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    struct hws_link *link = hws_socket_new(fds[0]);
    close(fds[1]);
    signal(SIGPIPE, SIG_DFL);
    assert_int_equal(put(link, "x"), HWS_E_RESET);
    assert_int_equal(link->fault.os_error, EPIPE);
    hws_link_free(link);
}

TEST(fault_35_full_socket_says_again_and_goes_on_when_read)
{
    struct line l;
    static uint8_t block[65536];
    line_init(&l);
    size_t sent = 0;
    size_t came = 0;
    ptrdiff_t n;
    while ((n = hws_link_write(l.client, block, sizeof(block))) > 0)
        sent += (size_t)n;
    assert_int_equal(n, HWS_E_AGAIN);
    assert_int_equal(l.client->fault.status, HWS_OK);
#ifdef __linux__
    assert_in_range(hws_link_send_queue(l.client), 1, sent);
#endif
    while (came < sent) {
        wait_for(fd_of(l.server), POLLIN);
        while ((n = hws_link_read(l.server, block, sizeof(block))) > 0)
            came += (size_t)n;
    }
    assert_int_equal(came, sent);
    wait_for(fd_of(l.client), POLLOUT);
    assert_int_equal(hws_link_write(l.client, block, 1), 1);
    line_free(&l);
}

static void on_alarm(int signal_number)
{
    (void)signal_number;
}

/* Signals come all the time while bytes pass; none of them may show. */
TEST(fault_34_interrupting_signals_do_not_show)
{
    struct line l;
    static uint8_t block[65536];
    struct sigaction action = {.sa_handler = on_alarm};
    struct sigaction old;
    line_init(&l);
    sigaction(SIGUSR1, &action, &old);
    size_t sent = 0;
    size_t came = 0;
    while (came < 4 << 20) {
        pthread_kill(pthread_self(), SIGUSR1);
        ptrdiff_t n = hws_link_write(l.client, block, sizeof(block));
        assert_true(n > 0 || n == HWS_E_AGAIN);
        sent += n > 0 ? (size_t)n : 0;
        pthread_kill(pthread_self(), SIGUSR1);
        n = hws_link_read(l.server, block, sizeof(block));
        assert_true(n > 0 || n == HWS_E_AGAIN);
        came += n > 0 ? (size_t)n : 0;
    }
    assert_true(came <= sent);
    sigaction(SIGUSR1, &old, NULL);
    line_free(&l);
}

static void connect_by(const char *path)
{
    struct hws_fault fault = {0};
    struct hws_listener *listener = hws_listener_new(path, 0, 8, &fault);
    if (!listener)
        fail_msg("%s", fault.text);
    struct hws_link *client = hws_unix_new(path);
    char got[16];
    finish_open(client);
    struct hws_link *server = take_one(listener);
    assert_string_equal(hws_link_peer(client), path);
    put(client, "hello");
    assert_int_equal(get(server, got, sizeof(got)), 5);
    hws_link_free(client);
    hws_link_free(server);
    hws_listener_free(listener);
}

TEST(unix_sockets_connect_by_path_and_by_abstract_name)
{
    char dir[] = "/tmp/hawser-unix-XXXXXX";
    char path[64];
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/socket", dir);
    connect_by(path);
    assert_int_equal(access(path, F_OK), -1); /* removed by the listener */
    rmdir(dir);
    snprintf(path, sizeof(path), "@hawser-test-%d", (int)getpid());
    connect_by(path);
}

TEST(unix_path_without_a_listener_is_a_clear_fault)
{
    struct hws_link *link = hws_unix_new("/nowhere/hawser");
    assert_int_equal(hws_link_open(link, 0), HWS_E_CONNECT);
    assert_int_equal(link->fault.os_error, ENOENT);
    assert_string_equal(link->fault.peer, "/nowhere/hawser");
    assert_memory_equal(link->fault.text,
                        "cannot connect to '/nowhere/hawser': ", 37);
    assert_int_equal(hws_link_deadline(link), HWS_NEVER);
    hws_link_free(link);
}

/* Nothing becomes ready when a Unix backlog is full: time has to ask again. */
TEST(unix_backlog_that_is_full_is_asked_again_until_the_deadline)
{
    char name[64];
    snprintf(name, sizeof(name), "@hawser-full-%d", (int)getpid());
    struct hws_listener *listener = hws_listener_new(name, 0, 1, NULL);
    struct hws_link *links[8];
    size_t count = 0;
    hws_time now = HWS_S(9);
    do {
        links[count] = hws_unix_new(name);
    } while (hws_link_open(links[count++], now) == 0);
    struct hws_link *late = links[count - 1];
    struct hws_want want[HWS_WANTS_MAX];
    assert_int_equal(hws_link_wants(late, want), 0);
    assert_true(hws_link_deadline(late) > now);
    struct hws_link *server = take_one(listener);
    assert_int_equal(hws_link_open(late, hws_link_deadline(late)), 0);
    hws_link_free(server);

    links[count] = hws_unix_new(name);
    int status;
    while ((status = hws_link_open(links[count], now)) == HWS_E_AGAIN)
        now = hws_link_deadline(links[count]);
    assert_int_equal(status, HWS_E_TIMEOUT);
    assert_int_equal(now, HWS_S(14));
    for (size_t i = 0; i <= count; i++)
        hws_link_free(links[i]);
    hws_listener_free(listener);
}

TEST(listener_names_what_it_cannot_listen_on)
{
    struct hws_fault fault = {0};
    struct hws_listener *first = hws_listener_new("127.0.0.1", 0, 8, NULL);
    unsigned port = hws_listener_port(first);
    assert_null(hws_listener_new("127.0.0.1", (uint16_t)port, 8, &fault));
    assert_int_equal(fault.os_error, EADDRINUSE);
    assert_int_equal(fault.phase, HWS_PHASE_LOCAL);
    assert_non_null(strstr(fault.text, "cannot listen on '127.0.0.1' port "));
    assert_null(hws_listener_new("not an address", 0, 8, &fault));
    assert_int_equal(fault.os_error, EINVAL);
    hws_listener_free(first);
}

static struct hws_link *knock(const struct hws_listener *listener)
{
    struct hws_dial_options o;
    hws_dial_options_init(&o);
    o.host = "127.0.0.1";
    o.port = hws_listener_port(listener);
    struct hws_link *link = hws_dial_new(&o);
    finish_open(link);
    wait_for(hws_listener_fd(listener), POLLIN);
    return link;
}

/* Accept twice while no descriptor from `lowest` on can be made. */
static void accept_under(struct hws_listener *listener, int lowest,
                         int answers[2])
{
    struct hws_link *link;
    struct rlimit kept;
    getrlimit(RLIMIT_NOFILE, &kept);
    struct rlimit tight = {(rlim_t)lowest, kept.rlim_max};
    setrlimit(RLIMIT_NOFILE, &tight);
    answers[0] = hws_listener_accept(listener, &link);
    answers[1] = hws_listener_accept(listener, &link);
    setrlimit(RLIMIT_NOFILE, &kept);
}

/* Without a free descriptor the waiting peer is dropped: a listener that
 * stayed ready would turn its loop into a spin. */
/* valgrind keeps the limit of descriptors by itself: it lets the kernel accept
 * and then says EMFILE. */
static void needs_the_kernels_limit(void)
{
    if (is_under_valgrind())
        skip();
}

TEST(fault_42_listener_without_descriptors_does_not_stay_ready)
{
    struct line l;
    int answers[2];
    char got[4];
    needs_the_kernels_limit();
    line_init(&l);
    struct hws_link *second = knock(l.listener);
    int lowest = dup(0);
    close(lowest);
    accept_under(l.listener, lowest, answers);
    assert_int_equal(answers[0], HWS_E_SYSTEM);
    assert_int_equal(answers[1], HWS_E_AGAIN);

    struct pollfd p = {hws_listener_fd(l.listener), POLLIN, 0};
    assert_int_equal(poll(&p, 1, 0), 0);
    ptrdiff_t end = get(second, got, sizeof(got));
    assert_true(end == HWS_E_EOF || end == HWS_E_RESET);
    hws_link_free(second);
    line_free(&l);
}

/* Another thread may take the descriptor that the listener let go. */
TEST(fault_42_listener_that_lost_its_reserve_takes_another)
{
    struct line l;
    int answers[2];
    needs_the_kernels_limit();
    line_init(&l);
    struct hws_link *second = knock(l.listener);
    accept_under(l.listener, 0, answers);
    assert_int_equal(answers[0], HWS_E_SYSTEM);
    assert_int_equal(answers[1], HWS_E_SYSTEM);
    struct hws_link *served = take_one(l.listener);

    struct hws_link *third = knock(l.listener);
    int lowest = dup(0);
    close(lowest);
    accept_under(l.listener, lowest, answers);
    assert_int_equal(answers[0], HWS_E_SYSTEM);
    assert_int_equal(answers[1], HWS_E_AGAIN);
    hws_link_free(third);
    hws_link_free(served);
    hws_link_free(second);
    line_free(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(accepted_and_dialed_ends_know_each_other),
        RUN(kernel_tells_addresses_options_buffers_and_queues),
        RUN(unix_sockets_have_no_facts_of_tcp),
        RUN(links_without_a_connected_socket_have_no_facts),
        RUN(descriptors_are_not_inherited),
        RUN(shut_is_an_end_for_the_peer_who_can_still_write),
        RUN(abort_is_a_reset_for_the_peer),
        RUN(fault_30_what_came_before_a_failed_write_is_still_read),
        RUN(fault_42_write_to_a_closed_pipe_raises_no_signal),
        RUN(fault_35_full_socket_says_again_and_goes_on_when_read),
        RUN(fault_34_interrupting_signals_do_not_show),
        RUN(unix_sockets_connect_by_path_and_by_abstract_name),
        RUN(unix_path_without_a_listener_is_a_clear_fault),
        RUN(unix_backlog_that_is_full_is_asked_again_until_the_deadline),
        RUN(listener_names_what_it_cannot_listen_on),
        RUN(fault_42_listener_without_descriptors_does_not_stay_ready),
        RUN(fault_42_listener_that_lost_its_reserve_takes_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
