/* Faults of the process around a client: fork, descriptors, SIGPIPE; and the
 * few numbers that only a real loop can show. */
#include "support/host.h"
#include "support/street.h"
#include "support/test.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static bool has_echo(struct street *s)
{
    return s->scene.messages > 0;
}

/* A street whose client talks to a host on another thread. */
static void begin_with_host(struct street *s, const struct host *h)
{
    street_begin(s, NULL);
    s->scene.options.url = h->url;
}

/* ---- fork with a live connection */

static int misuse_in_child(struct street *s)
{
    struct hws_client *c = s->scene.client;
    const struct hws_span x = hws_span_text("from the child");
    if (hws_client_send(c, HWS_TEXT, x) != HWS_E_FORK)
        return 1;
    if (hws_client_ping(c, x) != HWS_E_FORK)
        return 2;
    if (hws_client_close(c, 1000, x) != HWS_E_FORK)
        return 3;
    if (hws_client_reconnect(c) != HWS_E_FORK)
        return 4;
    if (hws_client_open(c) != HWS_E_FORK)
        return 5;
    if (hws_loop_run_once(s->scene.loop, 0) != HWS_E_FORK)
        return 6;
    hws_client_pause(c);
    hws_client_resume(c);
    hws_client_flush(c);
    hws_client_free(c);
    hws_loop_free(s->scene.loop);
    return 0;
}

/* A child may make a loop and clients of its own. */
static int live_in_child(const char *url)
{
    struct hws_client_options o;
    hws_client_options_init(&o);
    o.url = url;
    struct hws_sync *s = hws_sync_open(&o, HWS_S(10), NULL);
    struct hws_sync_message m;
    if (!s)
        return 10;
    if (hws_sync_send(s, HWS_TEXT, hws_span_text("own"), HWS_S(5)) != 0)
        return 11;
    if (hws_sync_receive(s, &m, HWS_S(5)) != 0 || m.data.size != 3)
        return 12;
    hws_sync_free(s);
    return 0;
}

static void assert_exits(pid_t child)
{
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

TEST(fault_42_fork_with_a_live_connection)
{
    struct host h;
    struct street s;
    host_start(&h, NULL);
    begin_with_host(&s, &h);
    street_open(&s);
    street_wait_up(&s);
    pid_t child = fork();
    if (child == 0) {
        int failed = misuse_in_child(&s);
        _exit(failed ? failed : live_in_child(h.url));
    }
    assert_exits(child);
    /* The parent's line has not noticed. */
    scene_send(&s.scene, "still mine");
    street_wait(&s, has_echo);
    assert_int_equal(s.scene.downs, 0);
    street_end(&s);
    host_end(&h);
}

/* ---- descriptors exhausted */

static void limit_descriptors(rlim_t count)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = count;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static rlim_t next_descriptor(void)
{
    int fd = dup(0);
    close(fd);
    return (rlim_t)fd;
}

static bool was_refused(struct street *s)
{
    return s->scene.downs > 0;
}

static int run_out(struct street *s)
{
    limit_descriptors(next_descriptor());
    street_wait(s, was_refused);
    if (s->scene.fault.os_error != EMFILE)
        return 1;
    if (s->scene.down.down.final)
        return 2;
    limit_descriptors(256);
    street_wait_up(s);
    return 0;
}

TEST(fault_42_descriptors_run_out_and_come_back)
{
    struct host h;
    host_start(&h, NULL);
    pid_t child = fork();
    if (child == 0) {
        struct street s;
        begin_with_host(&s, &h);
        street_open(&s);
        int failed = run_out(&s);
        if (failed)
            fprintf(stderr, "%d: %s\n", failed, s.scene.fault.text);
        _exit(failed);
    }
    assert_exits(child);
    host_end(&h);
}

static int make_without_descriptors(void)
{
    struct hws_fault fault = {0};
    limit_descriptors(next_descriptor());
    if (hws_loop_new(NULL, &fault))
        return 1;
    if (fault.status != HWS_E_SYSTEM || fault.os_error != EMFILE)
        return 2;
    limit_descriptors(256);
    struct street s;
    street_begin(&s, NULL);
    limit_descriptors(next_descriptor());
    if (hws_client_new(s.scene.loop, &s.scene.options, &fault))
        return 3;
    if (fault.status != HWS_E_SYSTEM || fault.os_error != EMFILE)
        return 4;
    return 0;
}

TEST(fault_42_no_descriptor_for_a_client_is_named)
{
    pid_t child = fork();
    if (child == 0)
        _exit(make_without_descriptors());
    assert_exits(child);
}

/* ---- SIGPIPE */

static int write_to_nobody(void)
{
    struct street s;
    signal(SIGPIPE, SIG_DFL);
    street_begin(&s, NULL);
    street_open_up(&s);
    peer_cut(&s.scene.peer);
    for (int i = 0; i < 100; i++)
        hws_client_send(s.scene.client, HWS_TEXT, hws_span_text("hello?"));
    street_wait_down(&s);
    street_end(&s);
    return 0;
}

TEST(fault_42_writing_to_a_closed_socket_raises_no_signal)
{
    pid_t child = fork();
    if (child == 0)
        _exit(write_to_nobody());
    assert_exits(child);
}

/* ---- numbers */

static bool has_5000(struct street *s)
{
    return s->scene.messages >= 5000;
}

static void assert_few_reads(const struct test_certs *certs)
{
    struct host h;
    struct street s;
    host_start(&h, certs);
    begin_with_host(&s, &h);
    if (certs)
        s.scene.options.tls.ca_file = certs->ca;
    street_open(&s);
    street_wait_up(&s);
    uint64_t before = scene_snapshot(&s.scene).reads;
    scene_send(&s.scene, "burst 5000");
    street_wait(&s, has_5000);
    uint64_t reads = scene_snapshot(&s.scene).reads - before;
    print_message("5,000 frames in %u reads\n", (unsigned)reads);
    assert_true(reads < 100);
    street_end(&s);
    host_end(&h);
}

TEST(burst_of_5000_frames_takes_fewer_than_100_reads)
{
    struct test_certs certs;
    assert_int_equal(test_certs_new(&certs), 0);
    assert_few_reads(NULL);
    assert_few_reads(&certs);
    test_certs_free(&certs);
}

/* A tenth of a second of an idle connection with a ping in it. */
TEST(idle_connection_turns_its_loop_for_pings_alone)
{
    struct host h;
    struct street s;
    struct hws_loop_stats before, after;
    host_start(&h, NULL);
    begin_with_host(&s, &h);
    s.scene.options.delays.ping = HWS_MS(150);
    street_open(&s);
    street_wait_up(&s);
    street_turn(&s, HWS_MS(20));
    hws_loop_get_stats(s.scene.loop, &before);
    street_turn(&s, HWS_MS(500));
    hws_loop_get_stats(s.scene.loop, &after);
    /* For each of 3 pings: the alarm and the pong; and our own deadline. */
    assert_true(after.turns - before.turns <= 3 * 2 + 2);
    assert_true(scene_snapshot(&s.scene).pongs_in >= 2);
    street_end(&s);
    host_end(&h);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RUN(fault_42_fork_with_a_live_connection),
        RUN(fault_42_descriptors_run_out_and_come_back),
        RUN(fault_42_no_descriptor_for_a_client_is_named),
        RUN(fault_42_writing_to_a_closed_socket_raises_no_signal),
        RUN(burst_of_5000_frames_takes_fewer_than_100_reads),
        RUN(idle_connection_turns_its_loop_for_pings_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
