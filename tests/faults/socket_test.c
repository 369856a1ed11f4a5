/* Faults that need real sockets and real TLS below a client. */
#include "support/street.h"
#include "support/test.h"

#include <stdlib.h>
#include <sys/socket.h>

/* ---- the opening */

static struct hws_span kept_body; /* of the last DOWN, copied */

static void keep_body(struct scene *s, const struct hws_event *e)
{
    (void)s;
    if (e->kind != HWS_DOWN)
        return;
    free((void *)(uintptr_t)kept_body.data);
    uint8_t *copy = malloc(e->down.body.size + 1);
    if (e->down.body.size)
        memcpy(copy, e->down.body.data, e->down.body.size);
    kept_body = (struct hws_span){copy, e->down.body.size};
}

static void assert_refusal(const char *answer, int status, const char *body)
{
    struct street s;
    street_begin(&s, NULL);
    s.scene.options.retry.enabled = false;
    s.scene.then = keep_body;
    street_open(&s);
    street_meet(&s);
    peer_write_text(&s.scene.peer, answer);
    street_wait_down(&s);
    assert_int_equal(s.scene.fault.status, HWS_E_REFUSED);
    assert_int_equal(s.scene.fault.http_status, status);
    assert_true(strncmp(s.scene.fault.peer, "127.0.0.1:", 10) == 0);
    assert_int_equal(kept_body.size, strlen(body));
    assert_memory_equal(kept_body.data, body, strlen(body));
    street_end(&s);
    free((void *)(uintptr_t)kept_body.data);
    kept_body = (struct hws_span){0};
}

TEST(fault_06_refusals_bring_their_body)
{
    assert_refusal("HTTP/1.1 403 No\r\nContent-Length: 6\r\n\r\nbanned", 403,
                   "banned");
    assert_refusal(
        "HTTP/1.1 400 No\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nbad\r\n4\r\n key\r\n0\r\n\r\n",
        400, "bad key");
    assert_refusal("HTTP/1.1 426 No\r\nContent-Length: 0\r\n\r\n", 426, "");
}

static bool is_down(struct street *s)
{
    return s->scene.is_down;
}

/* Says 200, and then a body that has no end. */
static bool body_goes_on(struct street *s)
{
    static const char line[4096] = {'x'};
    if (!s->scene.is_down)
        peer_write(&s->scene.peer, line, sizeof(line));
    return is_down(s);
}

TEST(fault_06_endless_body_is_cut_at_64_KiB)
{
    struct street s;
    street_begin(&s, NULL);
    s.scene.options.retry.enabled = false;
    s.scene.then = keep_body;
    street_open(&s);
    street_meet(&s);
    peer_write_text(&s.scene.peer,
                    "HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n");
    street_wait(&s, body_goes_on);
    assert_int_equal(s.scene.fault.http_status, 200);
    assert_int_equal(kept_body.size, 64 << 10);
    street_end(&s);
    free((void *)(uintptr_t)kept_body.data);
    kept_body = (struct hws_span){0};
}

TEST(fault_10_early_hints_come_before_the_101)
{
    struct street s;
    street_begin(&s, NULL);
    street_open(&s);
    street_meet(&s);
    peer_write_text(&s.scene.peer, "HTTP/1.1 100 Continue\r\n\r\n");
    peer_write_text(&s.scene.peer,
                    "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n");
    street_turn(&s, HWS_MS(20));
    assert_int_equal(s.scene.downs, 0);
    peer_accept(&s.scene.peer);
    street_wait_up(&s);
    street_end(&s);
}

static bool has_three(struct street *s)
{
    return s->scene.messages == 3;
}

static void assert_glued(const struct test_certs *certs)
{
    struct street s;
    char bytes[512];
    street_begin(&s, certs);
    street_open(&s);
    street_meet(&s);
    int size = snprintf(bytes, sizeof(bytes),
                        "%s\x81\x01"
                        "a\x81\x01"
                        "b\x81\x01"
                        "c",
                        peer_accept_text(&s.scene.peer));
    assert_int_equal(peer_write(&s.scene.peer, bytes, (size_t)size), size);
    street_wait(&s, has_three);
    scene_expect(&s.scene, "up text(a) text(b) text(c)");
    street_end(&s);
}

TEST(fault_09_frames_come_with_the_101)
{
    struct test_certs certs;
    assert_int_equal(test_certs_new(&certs), 0);
    assert_glued(NULL);
    assert_glued(&certs);
    test_certs_free(&certs);
}

/* ---- the transport goes away */

static void assert_reset_after(const void *bytes, size_t size)
{
    struct street s;
    street_begin(&s, NULL);
    street_open_up(&s);
    peer_write(&s.scene.peer, bytes, size);
    street_turn(&s, HWS_MS(5));
    peer_cut(&s.scene.peer);
    street_wait_down(&s);
    assert_int_equal(s.scene.fault.status, HWS_E_RESET);
    assert_int_equal(s.scene.down.down.by, HWS_PARTY_NETWORK);
    assert_int_equal(s.scene.messages, 0);
    street_meet(&s); /* and it dials again */
    street_end(&s);
}

TEST(fault_30_reset_inside_a_frame)
{
    assert_reset_after("\x81", 1);                    /* in the header */
    assert_reset_after("\x81\x7e\x01", 3);            /* in the length */
    assert_reset_after("\x81\x05hel", 5);             /* in the payload */
    assert_reset_after("\x01\x05hello\x80\x02x", 10); /* in a fragment */
}

TEST(fault_30_reset_inside_a_tls_record)
{
    struct test_certs certs;
    struct street s;
    assert_int_equal(test_certs_new(&certs), 0);
    street_begin(&s, &certs);
    street_open_up(&s);
    /* The header of a record of 256 bytes, and no more. */
    assert_int_equal(send(street_peer_fd(&s), "\x17\x03\x03\x01\x00half", 9, 0),
                     9);
    street_turn(&s, HWS_MS(5));
    peer_cut(&s.scene.peer);
    street_wait_down(&s);
    assert_true(s.scene.fault.status == HWS_E_RESET ||
                s.scene.fault.status == HWS_E_TLS);
    street_end(&s);
    test_certs_free(&certs);
}

TEST(fault_31_fin_without_a_close_frame)
{
    struct street s;
    street_begin(&s, NULL);
    street_open_up(&s);
    peer_end(&s.scene.peer);
    street_wait_down(&s);
    assert_int_equal(s.scene.fault.status, HWS_E_EOF);
    assert_int_equal(s.scene.down.down.received_code, 1006);
    assert_false(s.scene.down.down.clean);
    assert_false(s.scene.down.down.truncated);
    street_end(&s);
}

TEST(fault_31_tls_without_close_notify_is_truncated)
{
    struct test_certs certs;
    struct street s;
    assert_int_equal(test_certs_new(&certs), 0);
    street_begin(&s, &certs);
    street_open_up(&s);
    assert_int_equal(shutdown(street_peer_fd(&s), SHUT_WR), 0);
    street_wait_down(&s);
    assert_int_equal(s.scene.fault.status, HWS_E_EOF);
    assert_true(s.scene.down.down.truncated);
    assert_int_equal(s.scene.down.down.received_code, 1006);
    street_end(&s);
    test_certs_free(&certs);
}

/* ---- many at once */

static bool has_fifty(struct street *s)
{
    return s->scene.messages >= 50;
}

TEST(fault_33_fifty_frames_in_one_tls_record_then_silence)
{
    struct test_certs certs;
    struct street s;
    uint8_t bytes[50 * 12];
    assert_int_equal(test_certs_new(&certs), 0);
    street_begin(&s, &certs);
    street_open_up(&s);
    for (size_t i = 0; i < 50; i++)
        memcpy(bytes + 12 * i,
               "\x81\x0a"
               "0123456789",
               12);
    /* One write of our TLS layer is one record up to 16 KiB. */
    assert_int_equal(peer_write(&s.scene.peer, bytes, sizeof(bytes)),
                     sizeof(bytes));
    uint64_t reads = scene_snapshot(&s.scene).reads;
    street_wait(&s, has_fifty);
    assert_int_equal(s.scene.messages, 50);
    assert_true(scene_snapshot(&s.scene).reads - reads <= 2);
    street_end(&s);
    test_certs_free(&certs);
}

/* ---- a peer that does not read */

static bool sees_alive(struct street *s)
{
    return s->scene.messages > 0;
}

TEST(fault_35_zero_window_peer_stops_nothing_but_sending)
{
    static uint8_t block[64 << 10];
    const struct hws_span data = {block, sizeof(block)};
    struct street s;
    int status;
    street_begin(&s, NULL);
    s.scene.options.delays.ping = HWS_MS(50);
    s.scene.options.delays.silent = HWS_S(60);
    s.scene.options.delays.close = HWS_MS(100);
    s.scene.options.limits.send_queue_max = 1 << 20;
    street_open_up(&s);
    do {
        status = hws_client_send(s.scene.client, HWS_BINARY, data);
        street_turn(&s, HWS_US(100));
    } while (status == 0);
    assert_int_equal(status, HWS_E_FULL);

    /* Time goes on: pings are due, though they cannot leave. */
    street_turn(&s, HWS_MS(120));
    assert_true(s.scene.is_up);
    assert_true(scene_snapshot(&s.scene).pings_out >= 1);
    /* What the peer says still arrives. */
    peer_send_text(&s.scene.peer, "alive");
    street_wait(&s, sees_alive);
    /* No spin meanwhile: the loop waits for the window. */
    struct hws_loop_stats before, after;
    hws_loop_get_stats(s.scene.loop, &before);
    street_turn(&s, HWS_MS(100));
    hws_loop_get_stats(s.scene.loop, &after);
    assert_true(after.turns - before.turns < 20);
    /* And close ends it at its deadline, behind data that never left. */
    hws_client_close(s.scene.client, 1000, hws_span_text(""));
    street_wait_down(&s);
    assert_int_equal(s.scene.fault.status, HWS_E_TIMEOUT);
    assert_true(s.scene.down.down.unsent_messages > 0);
    street_end(&s);
}

/* ---- no hot loop */

TEST(fault_43_quick_closes_do_not_spin_on_sockets)
{
    struct street s;
    street_begin(&s, NULL);
    s.scene.options.retry.delay_min = HWS_MS(10);
    s.scene.options.retry.delay_max = HWS_MS(50);
    street_open(&s);
    for (int i = 0; i < 10; i++) {
        street_meet(&s);
        peer_accept(&s.scene.peer);
        peer_send_close(&s.scene.peer, 1000, "");
        peer_end(&s.scene.peer);
        s.scene.is_down = false;
        street_wait_down(&s);
        assert_true(s.scene.down.down.retry_at - s.scene.down.at >= HWS_MS(5));
    }
    struct hws_snapshot now = scene_snapshot(&s.scene);
    assert_true(now.wakeups < 200);
    street_end(&s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RUN(fault_06_refusals_bring_their_body),
        RUN(fault_06_endless_body_is_cut_at_64_KiB),
        RUN(fault_09_frames_come_with_the_101),
        RUN(fault_10_early_hints_come_before_the_101),
        RUN(fault_30_reset_inside_a_frame),
        RUN(fault_30_reset_inside_a_tls_record),
        RUN(fault_31_fin_without_a_close_frame),
        RUN(fault_31_tls_without_close_notify_is_truncated),
        RUN(fault_33_fifty_frames_in_one_tls_record_then_silence),
        RUN(fault_35_zero_window_peer_stops_nothing_but_sending),
        RUN(fault_43_quick_closes_do_not_spin_on_sockets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
