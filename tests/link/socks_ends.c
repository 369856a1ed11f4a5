#include "socks_ends.h"

struct proxying p;
struct hws_socks_options options;

void prepare(enum hws_socks version, const char *user, const char *password)
{
    p = (struct proxying){.pair = p.pair, .cut = p.cut};
    hws_socks_options_init(&options);
    proxying_options(&p, &options.tunnel, user, password);
    options.version = version;
}

void start(void)
{
    p.layer = hws_socks_new(&options, proxying_begin(&p));
    assert_non_null(p.layer);
}

void begin(enum hws_socks version)
{
    prepare(version, NULL, NULL);
    start();
}

int play_bytes(const char *bytes, size_t size, bool end)
{
    const struct proxying_turn turn = {bytes, size, end};
    return proxying_play(&p, &turn, 1);
}

void expect_said(const char *bytes, size_t size)
{
    assert_int_equal(p.said_size, size);
    assert_memory_equal(p.said, bytes, size);
}
