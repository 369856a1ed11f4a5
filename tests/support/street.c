#include "support/street.h"

#include "support/test.h"

#include <stdlib.h>

#define SCRATCH ((size_t)64 * 1024)

static hws_time present(void)
{
    return hws_clock_now(HWS_CLOCK_MONOTONIC);
}

void street_begin(struct street *s, const struct test_certs *certs)
{
    struct hws_fault fault = {0};
    memset(s, 0, sizeof(*s));
    scene_begin(&s->scene);
    s->scene.loop = hws_loop_new(NULL, &fault);
    s->listener = hws_listener_new("127.0.0.1", 0, 16, &fault);
    if (!s->scene.loop || !s->listener)
        fail_msg("%s", fault.text);
    snprintf(s->url, sizeof(s->url), "%s://127.0.0.1:%u/", certs ? "wss" : "ws",
             hws_listener_port(s->listener));
    s->scene.options.url = s->url;
    s->scene.options.on_link = NULL;
    s->scene.options.random.fill = NULL;
    s->scene.options.retry.delay_min = HWS_MS(1);
    s->scene.options.retry.delay_max = HWS_MS(20);
    if (!certs)
        return;
    struct hws_tls_options tls;
    hws_tls_options_init(&tls);
    tls.certificate = certs->leaf;
    tls.private_key = certs->key;
    s->tls = hws_tls_context_new(&tls, true, &fault);
    if (!s->tls)
        fail_msg("%s", fault.text);
    s->scratch = malloc(2 * SCRATCH);
    s->scene.options.tls.ca_file = certs->ca;
}

void street_open(struct street *s)
{
    struct hws_fault fault = {0};
    s->scene.client = hws_client_new(s->scene.loop, &s->scene.options, &fault);
    if (!s->scene.client)
        fail_msg("no client: %s", fault.text);
    assert_int_equal(hws_client_open(s->scene.client), 0);
}

void street_wait(struct street *s, bool (*done)(struct street *s))
{
    hws_time end = present() + HWS_S(10);
    while (!done(s)) {
        assert_true(present() < end);
        assert_int_equal(
            hws_loop_run_once(s->scene.loop, present() + HWS_MS(2)), 0);
    }
}

void street_turn(struct street *s, hws_time delay)
{
    hws_time end = present() + delay;
    while (present() < end)
        assert_int_equal(hws_loop_run_once(s->scene.loop, end), 0);
}

static bool has_dialed(struct street *s)
{
    struct hws_link *link;
    if (hws_listener_accept(s->listener, &link) != 0)
        return false;
    if (s->tls) {
        struct hws_scratch in = {s->scratch, SCRATCH};
        struct hws_scratch out = {s->scratch + SCRATCH, SCRATCH};
        link = hws_tls_new(s->tls, link, NULL, HWS_S(5), in, out);
    }
    peer_take_over(&s->scene.peer, link);
    return true;
}

static bool is_open(struct street *s)
{
    int status = hws_link_open(s->scene.peer.end, present());
    assert_true(status == 0 || status == HWS_E_AGAIN);
    return status == 0;
}

static bool has_request(struct street *s)
{
    return peer_has_request(&s->scene.peer);
}

static bool is_up(struct street *s)
{
    return s->scene.is_up;
}

static bool is_down(struct street *s)
{
    return s->scene.is_down;
}

void street_meet(struct street *s)
{
    street_wait(s, has_dialed);
    street_wait(s, is_open);
    street_wait(s, has_request);
}

void street_wait_up(struct street *s)
{
    street_wait(s, is_up);
}

void street_wait_down(struct street *s)
{
    street_wait(s, is_down);
}

void street_open_up(struct street *s)
{
    street_open(s);
    street_meet(s);
    peer_accept(&s->scene.peer);
    street_wait_up(s);
    scene_forget(&s->scene);
}

int street_peer_fd(const struct street *s)
{
    struct hws_want wants[HWS_WANTS_MAX];
    assert_int_equal(hws_link_wants(s->scene.peer.end, wants), 1);
    return wants[0].fd;
}

void street_end(struct street *s)
{
    struct hws_loop *loop = s->scene.loop;
    hws_client_free(s->scene.client);
    s->scene.client = NULL;
    peer_release(&s->scene.peer);
    scene_end(&s->scene);
    hws_loop_free(loop);
    hws_listener_free(s->listener);
    hws_tls_context_free(s->tls);
    free(s->scratch);
}
