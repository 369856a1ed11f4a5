/*
 * The in-memory pair: its shape, its ends and its numbers.
 */
#include "support/test.h"

static struct hws_link *a, *b;

static void open_pair(size_t capacity, size_t read_max, size_t write_max)
{
    struct hws_pair_options o = {capacity, read_max, write_max};
    struct hws_link *ends[2];
    assert_int_equal(hws_pair_new(&o, ends), 0);
    a = ends[0];
    b = ends[1];
}

static void free_pair(void)
{
    hws_link_free(a);
    hws_link_free(b);
}

static ptrdiff_t put(struct hws_link *link, const char *text)
{
    return hws_link_write(link, (const uint8_t *)text, strlen(text));
}

static ptrdiff_t get(struct hws_link *link, char *text, size_t size)
{
    memset(text, 0, size);
    return hws_link_read(link, (uint8_t *)text, size - 1);
}

TEST(bytes_pass_both_ways_in_order)
{
    char got[16];
    open_pair(0, 0, 0);
    assert_int_equal(hws_link_open(a, 0), 0);
    assert_int_equal(get(b, got, sizeof(got)), HWS_E_AGAIN);
    assert_int_equal(put(a, "one"), 3);
    assert_int_equal(put(a, "two"), 3);
    assert_int_equal(put(b, "back"), 4);
    assert_int_equal(hws_link_receive_queue(b), 6);
    assert_int_equal(get(b, got, sizeof(got)), 6);
    assert_string_equal(got, "onetwo");
    assert_int_equal(get(a, got, sizeof(got)), 4);
    assert_string_equal(hws_link_peer(a), "pair");
    free_pair();
}

TEST(shape_limits_what_one_call_moves)
{
    char got[16];
    open_pair(5, 2, 3);
    assert_int_equal(put(a, "abcdef"), 3);
    assert_int_equal(put(a, "def"), 2); /* capacity */
    assert_int_equal(put(a, "f"), HWS_E_AGAIN);
    assert_int_equal(hws_pair_ready(a), 0);
    assert_int_equal(hws_pair_ready(b), HWS_READ | HWS_WRITE);
    assert_int_equal(get(b, got, sizeof(got)), 2);
    assert_string_equal(got, "ab");
    assert_int_equal(hws_pair_ready(a), HWS_WRITE);
    free_pair();
}

TEST(shut_lets_the_rest_be_read_then_ends)
{
    char got[16];
    open_pair(0, 0, 0);
    put(a, "last");
    assert_int_equal(hws_link_shut(a), 0);
    assert_int_equal(get(b, got, sizeof(got)), 4);
    assert_int_equal(hws_pair_ready(b) & HWS_READ, HWS_READ);
    assert_int_equal(get(b, got, sizeof(got)), HWS_E_EOF);
    assert_int_equal(put(b, "more"), 4);
    assert_int_equal(get(a, got, sizeof(got)), 4);
    free_pair();
}

TEST(freed_end_is_an_end_to_read_and_a_reset_to_write)
{
    char got[16];
    open_pair(0, 0, 0);
    put(a, "last");
    hws_link_free(a);
    assert_int_equal(get(b, got, sizeof(got)), 4);
    assert_int_equal(get(b, got, sizeof(got)), HWS_E_EOF);
    assert_int_equal(put(b, "x"), HWS_E_RESET);
    assert_int_equal(b->fault.phase, HWS_PHASE_TCP);
    hws_link_free(b);
}

TEST(aborted_end_is_a_reset)
{
    char got[16];
    open_pair(0, 0, 0);
    hws_link_abort(a);
    hws_link_free(a);
    assert_int_equal(get(b, got, sizeof(got)), HWS_E_RESET);
    hws_link_free(b);
}

TEST(fault_30_break_is_a_reset_after_what_had_come)
{
    char got[16];
    open_pair(0, 0, 0);
    put(a, "half");
    hws_pair_break(a, false);
    assert_int_equal(get(b, got, sizeof(got)), 4);
    assert_int_equal(get(b, got, sizeof(got)), HWS_E_RESET);
    assert_int_equal(put(b, "x"), HWS_E_RESET);
    assert_int_equal(get(a, got, sizeof(got)), HWS_E_RESET);
    assert_string_equal(b->fault.text, "connection to 'pair' was reset");
    free_pair();
}

TEST(fault_29_silent_break_swallows_both_directions)
{
    char got[16];
    open_pair(4, 0, 0);
    put(a, "lost");
    hws_pair_break(b, true);
    assert_int_equal(put(a, "taken all the same"), 18);
    assert_int_equal(put(b, "this too"), 8);
    assert_int_equal(get(a, got, sizeof(got)), HWS_E_AGAIN);
    assert_int_equal(get(b, got, sizeof(got)), HWS_E_AGAIN);
    assert_int_equal(hws_pair_ready(a), HWS_WRITE);
    hws_link_free(a);
    assert_int_equal(get(b, got, sizeof(got)), HWS_E_AGAIN);
    hws_link_free(b);
}

TEST(numbers_lead_to_ends_and_are_never_used_twice)
{
    struct hws_want want[HWS_WANTS_MAX];
    open_pair(0, 0, 0);
    int fd = hws_pair_fd(a);
    assert_true(fd >= 1 << 20);
    assert_int_not_equal(fd, hws_pair_fd(b));
    assert_ptr_equal(hws_pair_of(fd), a);
    assert_null(hws_pair_of(3));
    assert_int_equal(hws_link_wants(a, want), 1);
    assert_int_equal(want[0].fd, fd);
    assert_int_equal(want[0].interest, HWS_READ);
    hws_link_free(a);
    assert_null(hws_pair_of(fd));
    hws_link_free(b);
    open_pair(0, 0, 0);
    assert_true(hws_pair_fd(a) > fd);
    free_pair();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(bytes_pass_both_ways_in_order),
        RUN(shape_limits_what_one_call_moves),
        RUN(shut_lets_the_rest_be_read_then_ends),
        RUN(freed_end_is_an_end_to_read_and_a_reset_to_write),
        RUN(aborted_end_is_a_reset),
        RUN(fault_30_break_is_a_reset_after_what_had_come),
        RUN(fault_29_silent_break_swallows_both_directions),
        RUN(numbers_lead_to_ends_and_are_never_used_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
