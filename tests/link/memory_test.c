/*
 * Memory: a constructor that fails at the n-th allocation leaves nothing
 * behind, and moving bytes allocates nothing.
 */
#include "ends.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static long countdown; /* allocations until one fails; below 0: none does */
static long allocations;

static bool spent(void)
{
    allocations++;
    return countdown >= 0 && countdown-- == 0;
}

static void *take(void *context, size_t size)
{
    (void)context;
    return spent() ? NULL : malloc(size);
}

static void *resize(void *context, void *old, size_t size)
{
    (void)context;
    return spent() ? NULL : realloc(old, size);
}

static void give(void *context, void *old)
{
    (void)context;
    free(old);
}

static const struct hws_memory failing = {take, resize, give, NULL};

/*
 * Run `story` with each allocation of it failing in turn, until it has no
 * n-th one. What is leaked is found by the sanitizer.
 */
static void fail_each(int (*story)(void))
{
    hws_memory_set(&failing);
    long n = 0;
    bool failed;
    do {
        assert_true(n < 1000);
        countdown = n++;
        int status = story();
        failed = countdown < 0;
        assert_true(failed || status == 0);
    } while (failed);
    countdown = -1;
    hws_memory_set(NULL);
    assert_true(n > 1); /* something was allocated at all */
}

static int make_pair(void)
{
    struct hws_link *ends[2];
    int status = hws_pair_new(NULL, ends);
    if (status < 0)
        return status;
    ptrdiff_t put = hws_link_write(ends[0], (const uint8_t *)"x", 1);
    hws_link_free(ends[0]);
    hws_link_free(ends[1]);
    return put < 0 ? (int)put : 0;
}

static int make_socket(void)
{
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    struct hws_link *link = hws_socket_new(fds[0]);
    close(fds[1]);
    hws_link_free(link);
    assert_int_equal(fcntl(fds[0], F_GETFD), -1); /* taken in any case */
    return link ? 0 : HWS_E_MEMORY;
}

static int make_unix(void)
{
    struct hws_link *link = hws_unix_new("/nowhere");
    hws_link_free(link);
    return link ? 0 : HWS_E_MEMORY;
}

static int make_listener(void)
{
    char path[300];
    struct hws_fault fault;
    snprintf(path, sizeof(path), "%s/socket", ends_certs()->dir);
    struct hws_listener *l = hws_listener_new(path, 0, 1, &fault);
    hws_listener_free(l);
    assert_int_not_equal(access(path, F_OK), 0);
    return l ? 0 : HWS_E_MEMORY;
}

static int make_dial(void)
{
    struct hws_dial_options o;
    hws_dial_options_init(&o);
    o.host = "feed.example";
    o.nameservers = "127.0.0.1:1";
    struct hws_link *link = hws_dial_new(&o);
    hws_link_free(link);
    return link ? 0 : HWS_E_MEMORY;
}

static int make_tls(void)
{
    static const char *const pins[] = {
        "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "sha256//BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA="};
    struct hws_tls_options o;
    struct hws_fault fault;
    struct hws_link *ends[2];
    uint8_t room[2][20000];
    struct hws_scratch in = {room[0], sizeof(room[0])};
    struct hws_scratch out = {room[1], sizeof(room[1])};
    hws_tls_options_init(&o);
    o.ca_file = ends_certs()->ca;
    o.pins = pins;
    o.pin_count = 2;
    struct hws_tls_context *c = hws_tls_context_new(&o, false, &fault);
    if (!c)
        return HWS_E_MEMORY;
    if (hws_pair_new(NULL, ends) < 0) {
        hws_tls_context_free(c);
        return HWS_E_MEMORY;
    }
    struct hws_link *link = hws_tls_new(c, ends[0], "x", HWS_S(5), in, out);
    hws_tls_context_free(c); /* the layer keeps its share */
    hws_link_free(ends[1]);
    hws_link_free(link);
    return link ? 0 : HWS_E_MEMORY;
}

TEST(fault_42_constructors_survive_every_failing_allocation)
{
    ends_certs();
    fail_each(make_pair);
    fail_each(make_socket);
    fail_each(make_unix);
    fail_each(make_listener);
    fail_each(make_dial);
    fail_each(make_tls);
}

/* A whole TLS life over a narrow wire; everything that is kept must grow. */
static int live(void)
{
    struct ends e;
    static uint8_t data[100000], got[100000];
    struct ends_options o = {.pair = {.capacity = 3000}};
    long kept = countdown;
    int status = HWS_OK;
    countdown = -1;
    ends_make(&e, &o);
    ends_connect(&e, &o);
    countdown = kept;
    if (ends_open(&e) != 0 || hws_link_open(e.server, 0) != 0)
        status = HWS_E_MEMORY;
    int turns = 0;
    for (size_t came = 0; status == 0 && came < sizeof(data);) {
        assert_true(turns++ < 10000);
        ptrdiff_t n = hws_link_write(e.server, data, sizeof(data));
        if (n < 0 && n != HWS_E_AGAIN)
            status = HWS_E_MEMORY;
        n = hws_link_read(e.client, got, 50);
        if (n < 0 && n != HWS_E_AGAIN)
            status = HWS_E_MEMORY;
        came += n > 0 ? (size_t)n : 0;
    }
    ends_free(&e);
    return status;
}

TEST(fault_42_tls_line_fails_cleanly_at_every_failing_allocation)
{
    ends_certs();
    fail_each(live);
}

TEST(moving_bytes_allocates_nothing_in_steady_state)
{
    struct ends e;
    struct ends_options o = {.pair = {.capacity = 1 << 20}};
    static uint8_t data[60000], got[65536];
    hws_memory_set(&failing);
    countdown = -1;
    ends_make(&e, &o);
    ends_connect(&e, &o);
    assert_int_equal(ends_open(&e), 0);
    long before = 0;
    for (int turn = 0; turn < 200; turn++) {
        size_t size = turn % 2 ? sizeof(data) : 100;
        if (turn == 20)
            before = allocations;
        assert_int_equal(hws_link_write(e.server, data, size), size);
        assert_int_equal(hws_link_read(e.client, got, sizeof(got)), size);
        assert_int_equal(hws_link_write(e.client, data, 50), 50);
        assert_int_equal(hws_link_read(e.server, got, sizeof(got)), 50);
    }
    assert_int_equal(allocations, before);
    ends_free(&e);
    hws_memory_set(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(fault_42_constructors_survive_every_failing_allocation),
        RUN(fault_42_tls_line_fails_cleanly_at_every_failing_allocation),
        RUN(moving_bytes_allocates_nothing_in_steady_state),
    };
    return cmocka_run_group_tests(tests, NULL, ends_certs_remove);
}
