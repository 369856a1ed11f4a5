/*
 * TLS over the in-memory pair: the handshake, how it ends, and bytes under
 * every shape of the wire.
 */
#include "ends.h"

#include <stdlib.h>

TEST(handshake_opens_both_and_names_version_and_cipher)
{
    struct ends e;
    ends_up(&e, &(struct ends_options){0});
    assert_non_null(strstr(hws_link_tls_text(e.client), "TLSv1.3 TLS_"));
    assert_string_equal(hws_link_tls_text(e.wires[0]), "");
    assert_int_equal(hws_link_deadline(e.client), HWS_NEVER);
    struct hws_want wants[HWS_WANTS_MAX];
    assert_int_equal(hws_link_wants(e.client, wants), 1);
    assert_int_equal(wants[0].interest, HWS_READ);
    ends_free(&e);
}

/* The wire holds less than the record that is sent. */
TEST(part_of_a_record_is_pending_until_the_rest_comes)
{
    struct ends_options o = {.pair.capacity = 200};
    struct ends e;
    uint8_t bytes[1000] = {0}, got[1000];
    int status;
    ends_up(&e, &o);
    do /* tickets */
        ends_drain(e.client, got, sizeof(got), &status);
    while (hws_link_write(e.server, bytes, 0) == HWS_E_AGAIN);
    ends_drain(e.client, got, sizeof(got), &status);
    assert_int_equal(hws_link_tls_pending(e.client), 0);
    assert_int_equal(hws_link_write(e.server, bytes, sizeof(bytes)), 1000);
    assert_int_equal(ends_drain(e.client, got, sizeof(got), &status), 0);
    assert_in_range(hws_link_tls_pending(e.client), 190, 200);
    while (hws_link_tls_pending(e.client) > 0) {
        hws_link_write(e.server, bytes, 0);
        ends_drain(e.client, got, sizeof(got), &status);
    }
    assert_int_equal(hws_link_tls_pending(e.wires[0]), 0);
    ends_free(&e);
}

TEST(fault_34_one_byte_reads_and_writes_pass_all)
{
    struct ends e;
    struct ends_options o = {.pair = {.read_max = 1, .write_max = 1}};
    ends_up(&e, &o);
    ends_pass(&e, e.client, e.server, 20000);
    ends_pass(&e, e.server, e.client, 20000);
    ends_free(&e);
}

TEST(fault_34_small_capacity_holds_back_and_passes_all)
{
    struct ends e;
    struct ends_options o = {.pair = {.capacity = 700, .write_max = 13}};
    ends_up(&e, &o);
    ends_pass(&e, e.client, e.server, 200000);
    ends_pass(&e, e.server, e.client, 200000);
    ends_free(&e);
}

TEST(held_back_bytes_are_told_by_wants_and_flushed_by_empty_write)
{
    struct ends e;
    struct ends_options o = {.pair = {.capacity = 4096}};
    static uint8_t data[60000], got[60000];
    ends_up(&e, &o);
    ptrdiff_t taken = hws_link_write(e.client, data, sizeof(data));
    assert_true(taken > 4096);
    assert_int_equal(hws_link_write(e.client, data, 1), HWS_E_AGAIN);

    struct hws_want want[HWS_WANTS_MAX];
    size_t came = 0;
    for (;;) {
        hws_link_wants(e.client, want);
        if (!(want[0].interest & HWS_WRITE))
            break;
        came += ends_drain(e.server, got + came, sizeof(got) - came, NULL);
        ptrdiff_t flushed = hws_link_write(e.client, NULL, 0);
        assert_true(flushed == 0 || flushed == HWS_E_AGAIN);
    }
    came += ends_drain(e.server, got + came, sizeof(got) - came, NULL);
    assert_int_equal(came, taken);
    assert_memory_equal(got, data, came);
    ends_free(&e);
}

TEST(fault_33_many_frames_in_one_record_are_read_by_one_call)
{
    struct ends e;
    uint8_t frames[50 * 20], got[4096];
    ends_up(&e, &(struct ends_options){0});
    memset(frames, 'f', sizeof(frames));
    assert_int_equal(hws_link_write(e.server, frames, sizeof(frames)),
                     sizeof(frames));
    assert_int_equal(hws_link_read(e.client, got, sizeof(got)), sizeof(frames));
    assert_int_equal(hws_link_read(e.client, got, sizeof(got)), HWS_E_AGAIN);
    ends_free(&e);
}

TEST(fault_33_many_records_in_one_segment_are_read_by_one_call)
{
    struct ends e;
    uint8_t got[4096];
    ends_up(&e, &(struct ends_options){0});
    for (int i = 0; i < 50; i++)
        assert_int_equal(
            hws_link_write(e.server, (const uint8_t *)"0123456789", 10), 10);
    assert_int_equal(hws_link_read(e.client, got, sizeof(got)), 500);
    ends_free(&e);
}

TEST(fault_33_full_buffer_leaves_the_rest_for_the_next_call)
{
    struct ends e;
    uint8_t got[64];
    ends_up(&e, &(struct ends_options){0});
    for (int i = 0; i < 50; i++)
        assert_int_equal(
            hws_link_write(e.server, (const uint8_t *)"0123456789", 10), 10);
    /* The wire is empty after the first call: what follows comes from what
     * the layer kept, with scratch that others have used in between. */
    size_t came = 0;
    for (ptrdiff_t n = sizeof(got); n == sizeof(got); came += (size_t)n) {
        n = hws_link_read(e.client, got, sizeof(got));
        assert_true(n > 0);
        for (ptrdiff_t i = 0; i < n; i++)
            assert_int_equal(got[i], '0' + (int)((came + (size_t)i) % 10));
        assert_int_equal(hws_pair_ready(e.wires[0]) & HWS_READ, 0);
        memset(e.in.data, 0xee, e.in.size);
    }
    assert_int_equal(came, 500);
    ends_free(&e);
}

/* A layer that only counts what is asked of the pair below it. */
struct counter {
    struct hws_link link;
    int reads, writes;
};

static struct counter counter;

static int count_open(struct hws_link *link, hws_time now)
{
    return hws_link_open(link->below, now);
}

static ptrdiff_t count_read(struct hws_link *link, uint8_t *bytes, size_t size)
{
    counter.reads++;
    return hws_link_read(link->below, bytes, size);
}

static ptrdiff_t count_write(struct hws_link *link, const uint8_t *bytes,
                             size_t size)
{
    counter.writes++;
    return hws_link_write(link->below, bytes, size);
}

static void count_free(struct hws_link *link)
{
    hws_link_free(link->below);
}

TEST(one_read_below_feeds_many_records_and_one_write_takes_many)
{
    static const struct hws_link_ops ops = {.name = "counter",
                                            .open = count_open,
                                            .read = count_read,
                                            .write = count_write,
                                            .free = count_free};
    struct ends e;
    struct ends_options o = {.pair = {.capacity = 1 << 20}};
    static uint8_t data[40000], got[65536];
    ends_make(&e, &o);
    assert_int_equal(hws_pair_new(&o.pair, e.wires), 0);
    counter = (struct counter){.link = {.ops = &ops, .below = e.wires[0]}};
    e.client = hws_tls_new(e.client_context, &counter.link, "feed.example",
                           HWS_S(5), e.in, e.out);
    e.server =
        hws_tls_new(e.server_context, e.wires[1], NULL, HWS_S(5), e.in, e.out);
    while (hws_link_open(e.client, 0) | hws_link_open(e.server, 0))
        continue;

    for (int i = 0; i < 50; i++)
        hws_link_write(e.server, data, 100);
    counter.reads = counter.writes = 0;
    assert_int_equal(hws_link_read(e.client, got, sizeof(got)), 5000);
    assert_int_equal(counter.reads, 1); /* short: nothing more is there */
    assert_int_equal(hws_link_write(e.client, data, sizeof(data)),
                     sizeof(data));
    assert_int_equal(counter.writes, 1); /* three records */
    ends_free(&e);
}

TEST(large_transfers_pass_in_both_directions_at_once)
{
    enum { SIZE = 3 << 20 };
    struct ends e;
    struct ends_options o = {.pair = {.capacity = 30000}};
    uint8_t *data = calloc(1, SIZE);
    uint8_t *got[2] = {malloc(SIZE), malloc(SIZE)};
    size_t sent[2] = {0}, came[2] = {0};
    ends_up(&e, &o);
    struct hws_link *ends[2] = {e.client, e.server};
    for (size_t i = 0; i < SIZE; i++)
        data[i] = (uint8_t)(i ^ (i >> 9));
    for (int turn = 0; came[0] < SIZE || came[1] < SIZE; turn++) {
        assert_true(turn < 10000);
        for (int i = 0; i < 2; i++) {
            ptrdiff_t put =
                hws_link_write(ends[i], data + sent[i], SIZE - sent[i]);
            assert_true(put >= 0 || put == HWS_E_AGAIN);
            sent[i] += put > 0 ? (size_t)put : 0;
            came[!i] +=
                ends_drain(ends[!i], got[!i] + came[!i], SIZE - came[!i], NULL);
        }
    }
    assert_memory_equal(got[0], data, SIZE);
    assert_memory_equal(got[1], data, SIZE);
    free(data);
    free(got[0]);
    free(got[1]);
    ends_free(&e);
}

TEST(session_is_resumed_by_the_next_connection_even_after_a_cut)
{
    struct ends e;
    struct ends_options o = {0};
    ends_up(&e, &o);
    assert_null(strstr(hws_link_tls_text(e.client), "resumed"));
    ends_pass(&e, e.server, e.client, 100); /* tickets come along */
    hws_pair_break(e.wires[1], false);
    uint8_t byte;
    assert_int_equal(hws_link_read(e.client, &byte, 1), HWS_E_RESET);
    ends_disconnect(&e);

    ends_connect(&e, &o);
    assert_int_equal(ends_open(&e), 0);
    assert_non_null(strstr(hws_link_tls_text(e.client), "resumed"));
    ends_disconnect(&e);

    struct ends_options other = {.name = "localhost"};
    ends_connect(&e, &other);
    assert_int_equal(ends_open(&e), 0);
    assert_null(strstr(hws_link_tls_text(e.client), "resumed"));
    ends_free(&e);
}

TEST(garbage_instead_of_tls_is_a_clear_fault)
{
    struct ends e;
    struct ends_options o = {0};
    ends_make(&e, &o);
    ends_connect(&e, &o);
    const char *text = "HTTP/1.1 400 Bad Request\r\n\r\n";
    assert_int_equal(hws_link_open(e.client, 0), HWS_E_AGAIN);
    hws_link_write(e.wires[1], (const uint8_t *)text, strlen(text));
    assert_int_equal(hws_link_open(e.client, 0), HWS_E_TLS);
    assert_int_not_equal(e.client->fault.tls_error, 0);
    assert_non_null(strstr(e.client->fault.text,
                           "tls handshake with 'feed.example' failed: "));
    ends_free(&e);
}

TEST(silent_peer_ends_the_handshake_at_its_deadline)
{
    struct ends e;
    struct ends_options o = {.handshake_delay = HWS_S(5)};
    ends_make(&e, &o);
    ends_connect(&e, &o);
    assert_int_equal(hws_link_open(e.client, HWS_S(100)), HWS_E_AGAIN);
    assert_int_equal(hws_link_deadline(e.client), HWS_S(105));
    assert_int_equal(hws_link_open(e.client, HWS_S(105) - 1), HWS_E_AGAIN);
    assert_int_equal(hws_link_open(e.client, HWS_S(105)), HWS_E_TIMEOUT);
    assert_string_equal(
        e.client->fault.text,
        "tls handshake with 'feed.example' not done within 5.0 s");
    ends_free(&e);
}

TEST(fault_31_end_without_close_notify_is_marked_truncated)
{
    struct ends e;
    uint8_t got[16];
    ends_up(&e, &(struct ends_options){0});
    hws_link_write(e.server, (const uint8_t *)"last", 4);
    hws_link_shut(e.wires[1]);
    assert_int_equal(hws_link_read(e.client, got, sizeof(got)), 4);
    assert_int_equal(hws_link_read(e.client, got, sizeof(got)), HWS_E_EOF);
    assert_true(e.client->truncated);
    assert_int_equal(e.client->fault.status, HWS_OK);
    assert_int_equal(hws_link_read(e.client, got, sizeof(got)), HWS_E_EOF);
    ends_free(&e);
}

TEST(fault_31_close_notify_is_an_orderly_end_and_we_can_still_write)
{
    struct ends e;
    uint8_t got[16];
    ends_up(&e, &(struct ends_options){0});
    hws_link_write(e.server, (const uint8_t *)"last", 4);
    assert_int_equal(hws_link_shut(e.server), 0);
    assert_int_equal(ends_drain(e.client, got, sizeof(got), NULL), 4);
    assert_int_equal(hws_link_read(e.client, got, sizeof(got)), HWS_E_EOF);
    assert_false(e.client->truncated);

    assert_int_equal(hws_link_write(e.client, got, 4), 4);
    assert_int_equal(hws_link_read(e.server, got, sizeof(got)), 4);
    assert_int_equal(hws_link_shut(e.client), 0);
    assert_int_equal(hws_link_read(e.server, got, sizeof(got)), HWS_E_EOF);
    assert_false(e.server->truncated);
    ends_free(&e);
}

TEST(fault_31_end_within_the_handshake_is_a_fault)
{
    struct ends e;
    struct ends_options o = {0};
    ends_make(&e, &o);
    ends_connect(&e, &o);
    assert_int_equal(hws_link_open(e.client, 0), HWS_E_AGAIN);
    hws_link_shut(e.wires[1]);
    assert_int_equal(hws_link_open(e.client, 0), HWS_E_TLS);
    assert_non_null(strstr(e.client->fault.text, "ended the connection"));
    ends_free(&e);
}

TEST(fault_30_reset_within_a_record_gives_what_was_whole_then_the_reset)
{
    struct ends e;
    uint8_t got[64], wire[512];
    ends_up(&e, &(struct ends_options){0});
    ends_pass(&e, e.server, e.client, 1);
    hws_link_write(e.server, (const uint8_t *)"whole", 5);
    assert_int_equal(hws_link_read(e.client, got, sizeof(got)), 5);
    hws_link_write(e.server, (const uint8_t *)"halved", 6);
    /* Take the record off the wire and put only its half back. */
    ptrdiff_t size = hws_link_read(e.wires[0], wire, sizeof(wire));
    hws_link_write(e.wires[1], wire, (size_t)size / 2);
    assert_int_equal(hws_link_read(e.client, got, sizeof(got)), HWS_E_AGAIN);
    hws_pair_break(e.wires[1], false);
    assert_int_equal(hws_link_read(e.client, got, sizeof(got)), HWS_E_RESET);
    assert_int_equal(e.client->fault.status, HWS_E_RESET);
    assert_int_equal(e.client->fault.phase, HWS_PHASE_TCP);
    assert_int_equal(hws_link_read(e.client, got, sizeof(got)), HWS_E_RESET);
    ends_free(&e);
}

TEST(damaged_record_is_a_fault_of_tls)
{
    struct ends e;
    uint8_t got[64], wire[512];
    ends_up(&e, &(struct ends_options){0});
    ends_pass(&e, e.server, e.client, 1);
    hws_link_write(e.server, (const uint8_t *)"changed", 7);
    ptrdiff_t size = hws_link_read(e.wires[0], wire, sizeof(wire));
    wire[size - 1] ^= 1;
    hws_link_write(e.wires[1], wire, (size_t)size);
    assert_int_equal(hws_link_read(e.client, got, sizeof(got)), HWS_E_TLS);
    assert_non_null(strstr(e.client->fault.text, "bad record mac"));
    assert_true(hws_link_write(e.client, got, 1) < 0);
    ends_free(&e);
}

TEST(fault_29_half_open_line_takes_bytes_and_says_nothing)
{
    struct ends e;
    uint8_t got[64];
    ends_up(&e, &(struct ends_options){0});
    hws_pair_break(e.wires[0], true);
    assert_int_equal(hws_link_write(e.client, (const uint8_t *)"x", 1), 1);
    assert_int_equal(hws_link_read(e.client, got, sizeof(got)), HWS_E_AGAIN);
    assert_int_equal(hws_link_shut(e.client), 0);
    assert_int_equal(hws_link_read(e.server, got, sizeof(got)), HWS_E_AGAIN);
    ends_free(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(handshake_opens_both_and_names_version_and_cipher),
        RUN(part_of_a_record_is_pending_until_the_rest_comes),
        RUN(fault_34_one_byte_reads_and_writes_pass_all),
        RUN(fault_34_small_capacity_holds_back_and_passes_all),
        RUN(held_back_bytes_are_told_by_wants_and_flushed_by_empty_write),
        RUN(fault_33_many_frames_in_one_record_are_read_by_one_call),
        RUN(fault_33_many_records_in_one_segment_are_read_by_one_call),
        RUN(fault_33_full_buffer_leaves_the_rest_for_the_next_call),
        RUN(one_read_below_feeds_many_records_and_one_write_takes_many),
        RUN(large_transfers_pass_in_both_directions_at_once),
        RUN(session_is_resumed_by_the_next_connection_even_after_a_cut),
        RUN(garbage_instead_of_tls_is_a_clear_fault),
        RUN(silent_peer_ends_the_handshake_at_its_deadline),
        RUN(fault_31_end_without_close_notify_is_marked_truncated),
        RUN(fault_31_close_notify_is_an_orderly_end_and_we_can_still_write),
        RUN(fault_31_end_within_the_handshake_is_a_fault),
        RUN(fault_30_reset_within_a_record_gives_what_was_whole_then_the_reset),
        RUN(damaged_record_is_a_fault_of_tls),
        RUN(fault_29_half_open_line_takes_bytes_and_says_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, ends_certs_remove);
}
