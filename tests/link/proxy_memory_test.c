/*
 * Memory: proxy layers that fail at the n-th allocation leave nothing behind,
 * and a tunnel that stands allocates nothing.
 */
#include "proxying.h"

#include <stdlib.h>

static struct proxying p;
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

static void fill(void *context, void *bytes, size_t size)
{
    (void)context;
    memset(bytes, 7, size);
}

/* Let a pair have its buffers. */
static void warm(struct hws_link *from, struct hws_link *to)
{
    uint8_t bytes[1000] = {0};
    assert_int_equal(hws_link_write(from, bytes, sizeof(bytes)), 1000);
    assert_int_equal(hws_link_read(to, bytes, sizeof(bytes)), 1000);
}

/* Make the pairs without failing: they are not what is tested. */
static struct hws_link *redial(void *user)
{
    long kept = countdown;
    countdown = -1;
    struct hws_link *link = proxying_redial(user);
    warm(link, p.far);
    warm(p.far, link);
    countdown = kept;
    return link;
}

static struct hws_link *first(void)
{
    p = (struct proxying){0};
    p.dials--; /* the first redial is the first dial */
    return redial(&p);
}

static int finish(const struct proxying_turn *turns, size_t count)
{
    int status = HWS_E_MEMORY;
    if (p.layer)
        status = proxying_play(&p, turns, count);
    if (p.layer && status)
        assert_int_equal(p.layer->fault.status, HWS_E_MEMORY);
    proxying_end(&p);
    return status;
}

/* A challenge on the first connection, another nonce on the second. */
static int connect_http(void)
{
    static const struct proxying_turn turns[] = {
        {.bytes =
             WHO("Digest realm=\"x\", nonce=\"a\", algorithm=SHA-256-sess, "
                 "qop=auth, opaque=\"o\", userhash=true") "Connection: "
                                                          "close\r\n\r\n",
         .end = true},
        {.bytes = WHO(
             "Digest realm=\"x\", nonce=\"b\", stale=true") "Content-Length: "
                                                            "4\r\n\r\nbody"},
        {.bytes = YES "glued"},
    };
    struct hws_http_proxy_options o;
    struct hws_link *below = first();
    hws_http_proxy_options_init(&o);
    proxying_options(&p, &o.tunnel, "anna", "secret");
    o.tunnel.redial = redial;
    o.random.fill = fill;
    p.layer = hws_http_proxy_new(&o, below);
    return finish(turns, 3);
}

static int connect_basic(void)
{
    static const struct proxying_turn turns[] = {
        {.bytes = WHO_BASIC},
        {.bytes = YES},
    };
    struct hws_link *below = first();
    struct hws_http_proxy_options o;
    hws_http_proxy_options_init(&o);
    proxying_options(&p, &o.tunnel, "anna", "secret");
    p.layer = hws_http_proxy_new(&o, below);
    return finish(turns, 2);
}

static int connect_socks(void)
{
    static const struct proxying_turn turns[] = {
        {.bytes = "\x05\x02"},
        {.bytes = "\x01\x00", .size = 2},
        {.bytes = "\x05\x00\x00\x01\x7f\x00\x00\x01\x1f\x90", .size = 10},
    };
    struct hws_link *below = first();
    struct hws_socks_options o;
    hws_socks_options_init(&o);
    proxying_options(&p, &o.tunnel, "anna", "secret");
    o.tunnel.host = "localhost";
    o.version = HWS_SOCKS5;
    o.nameservers = "127.0.0.1:1";
    p.layer = hws_socks_new(&o, below);
    return finish(turns, 3);
}

/* Run `story` with each allocation of it failing in turn, until it has no
 * n-th one. What is leaked is found by the sanitizer. */
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
        assert_int_equal(status, failed ? HWS_E_MEMORY : 0);
    } while (failed);
    countdown = -1;
    hws_memory_set(NULL);
    assert_true(n > 5);
}

TEST(fault_42_tunnels_fail_cleanly_at_every_failing_allocation)
{
    fail_each(connect_http);
    fail_each(connect_basic);
    fail_each(connect_socks);
}

TEST(tunnel_that_stands_allocates_nothing_and_keeps_no_buffer)
{
    uint8_t bytes[500] = {0};
    const struct proxying_turn turn = {.bytes = YES "glued"};
    hws_memory_set(&failing);
    countdown = -1;
    p = (struct proxying){0};
    proxying_begin_http(&p, NULL, NULL);
    assert_int_equal(proxying_play(&p, &turn, 1), 0);
    assert_int_equal(hws_link_read(p.layer, bytes, sizeof(bytes)), 5);
    /* the pair's own buffers */
    hws_link_write(p.layer, bytes, sizeof(bytes));
    hws_link_write(p.far, bytes, sizeof(bytes));
    long before = allocations;
    for (int i = 0; i < 100; i++) {
        assert_int_equal(hws_link_read(p.layer, bytes, 500), 500);
        assert_int_equal(hws_link_read(p.far, bytes, 500), 500);
        assert_int_equal(hws_link_write(p.layer, bytes, 500), 500);
        assert_int_equal(hws_link_write(p.far, bytes, 500), 500);
    }
    assert_int_equal(allocations, before);
    proxying_end(&p);
    hws_memory_set(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(fault_42_tunnels_fail_cleanly_at_every_failing_allocation),
        RUN(tunnel_that_stands_allocates_nothing_and_keeps_no_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
