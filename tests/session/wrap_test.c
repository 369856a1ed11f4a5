/*
 * A layer of the caller's on top of every transport: it sees all bytes, and
 * the transport when it fails.
 */
#include "support/street.h"
#include "support/test.h"

#include <stdlib.h>

struct onlooker {
    struct hws_link link;
};

struct log {
    unsigned wrapped, opened, freed, refuse;
    size_t written, read;
    enum hws_status fault; /* of the transport, when open() failed */
    char first[64];        /* bytes that were written first */
};

static struct log seen;

static struct onlooker *self(const struct hws_link *link)
{
    return (struct onlooker *)(uintptr_t)link;
}

static int look_open(struct hws_link *link, hws_time now)
{
    int status = hws_link_open(link->below, now);
    seen.opened += status == 0;
    if (status == 0 || status == HWS_E_AGAIN)
        return status;
    link->fault = link->below->fault;
    seen.fault = link->fault.status;
    return status;
}

static ptrdiff_t look_read(struct hws_link *link, uint8_t *bytes, size_t size)
{
    ptrdiff_t got = hws_link_read(link->below, bytes, size);
    if (got > 0)
        seen.read += (size_t)got;
    return got;
}

static ptrdiff_t look_write(struct hws_link *link, const uint8_t *bytes,
                            size_t size)
{
    ptrdiff_t put = hws_link_write(link->below, bytes, size);
    if (put > 0 && seen.written == 0)
        memcpy(seen.first, bytes, 4);
    if (put > 0)
        seen.written += (size_t)put;
    return put;
}

static int look_shut(struct hws_link *link)
{
    return hws_link_shut(link->below);
}

static size_t look_wants(const struct hws_link *link, struct hws_want *wants)
{
    return hws_link_wants(link->below, wants);
}

static hws_time look_deadline(const struct hws_link *link)
{
    return hws_link_deadline(link->below);
}

static void look_free(struct hws_link *link)
{
    seen.freed++;
    hws_link_free(link->below);
    free(self(link));
}

static const struct hws_link_ops look_ops = {
    "look",    look_open,  look_read,     look_write,
    look_shut, look_wants, look_deadline, look_free,
};

static struct hws_link *wrap(struct hws_client *client, struct hws_link *link,
                             void *user)
{
    (void)client;
    assert_non_null(user);
    seen.wrapped++;
    if (seen.refuse) {
        hws_link_free(link);
        return NULL;
    }
    struct onlooker *o = calloc(1, sizeof(*o));
    assert_non_null(o);
    o->link.ops = &look_ops;
    o->link.below = link;
    return &o->link;
}

TEST(every_byte_of_a_connection_passes_the_layer)
{
    struct scene s;
    seen = (struct log){.wrapped = 0};
    scene_begin(&s);
    s.options.on_wrap = wrap;
    scene_open_up(&s);
    assert_int_equal(seen.wrapped, 1);
    assert_int_equal(seen.opened, 1);
    assert_string_equal(seen.first, "GET ");
    size_t head = seen.read;
    peer_send_text(&s.peer, "hello");
    scene_settle(&s);
    assert_int_equal(seen.read - head, 2 + 5);
    size_t request = seen.written;
    scene_send(&s, "back");
    scene_settle(&s);
    assert_int_equal(seen.written - request, 2 + 4 + 4);
    hws_client_reconnect(s.client);
    scene_next_attempt(&s);
    assert_int_equal(seen.wrapped, 2);
    assert_int_equal(seen.freed, 1);
    scene_end(&s);
    assert_int_equal(seen.freed, 2);
}

TEST(transport_that_fails_to_open_is_seen)
{
    struct street s;
    seen = (struct log){.wrapped = 0};
    street_begin(&s, NULL);
    s.scene.options.on_wrap = wrap;
    s.scene.options.retry.enabled = false;
    hws_listener_free(s.listener);
    s.listener = NULL;
    street_open(&s);
    street_wait_down(&s);
    assert_int_equal(seen.fault, HWS_E_CONNECT);
    assert_int_equal(s.scene.fault.status, HWS_E_CONNECT);
    assert_int_equal(seen.freed, 1);
    street_end(&s);
}

TEST(layer_that_is_not_made_fails_the_attempt)
{
    struct scene s;
    seen = (struct log){.refuse = 1};
    scene_begin(&s);
    s.options.on_wrap = wrap;
    s.options.retry.enabled = false;
    s.client = hws_client_new(s.loop, &s.options, NULL);
    assert_int_equal(hws_client_open(s.client), 0);
    scene_settle(&s);
    scene_expect(&s, "down(memory)!");
    assert_string_equal(s.fault.text, "the transport was not wrapped");
    scene_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(every_byte_of_a_connection_passes_the_layer),
        RUN(transport_that_fails_to_open_is_seen),
        RUN(layer_that_is_not_made_fails_the_attempt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
