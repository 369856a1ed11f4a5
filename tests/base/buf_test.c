/* The growable buffer: its order, its limit, its memory. */
#include "support/test.h"

#include "base/buf.h"
#include "starved.h"

TEST(new_buffer_holds_no_memory)
{
    struct hwi_buf b;
    hwi_buf_init(&b, 100);
    assert_null(b.data);
    assert_int_equal(hwi_buf_size(&b), 0);
    assert_int_equal(hwi_buf_span(&b).size, 0);
    hwi_buf_release(&b);
}

TEST(bytes_come_out_as_they_went_in)
{
    struct hwi_buf b;
    hwi_buf_init(&b, 1000);
    assert_int_equal(hwi_buf_text(&b, "hello "), 0);
    assert_int_equal(hwi_buf_format(&b, "%s %d", "world", 7), 0);
    assert_span(hwi_buf_span(&b), "hello world 7");
    hwi_buf_take(&b, 6);
    assert_span(hwi_buf_span(&b), "world 7");
    hwi_buf_take(&b, 7);
    assert_int_equal(b.head, 0);
    hwi_buf_release(&b);
}

TEST(limit_is_reached_exactly_and_never_passed)
{
    struct hwi_buf b;
    int status = 0;
    hwi_buf_init(&b, 10);
    assert_int_equal(hwi_buf_text(&b, "0123456789"), 0);
    assert_int_equal(hwi_buf_text(&b, "x"), HWS_E_TOO_BIG);
    assert_null(hwi_buf_reserve(&b, 1, &status));
    assert_int_equal(status, HWS_E_TOO_BIG);
    assert_null(hwi_buf_reserve(&b, SIZE_MAX, NULL));
    assert_span(hwi_buf_span(&b), "0123456789");
    assert_true(b.capacity <= 10);
    hwi_buf_take(&b, 4);
    assert_int_equal(hwi_buf_text(&b, "abcd"), 0);
    assert_span(hwi_buf_span(&b), "456789abcd");
    hwi_buf_release(&b);
}

TEST(format_needs_no_room_for_a_nul)
{
    struct hwi_buf b;
    hwi_buf_init(&b, 5);
    assert_int_equal(hwi_buf_format(&b, "%05d", 42), 0);
    assert_span(hwi_buf_span(&b), "00042");
    assert_int_equal(hwi_buf_format(&b, "%d", 1), HWS_E_TOO_BIG);
    hwi_buf_release(&b);
}

TEST(format_takes_long_texts)
{
    struct hwi_buf b;
    hwi_buf_init(&b, 1000);
    assert_int_equal(hwi_buf_format(&b, "%01000d", 7), 0);
    assert_int_equal(hwi_buf_size(&b), 1000);
    assert_int_equal(b.data[999], '7');
    assert_int_equal(hwi_buf_format(&b, "%01000d", 7), HWS_E_TOO_BIG);
    hwi_buf_release(&b);
}

TEST(buffer_of_limit_0_takes_nothing)
{
    struct hwi_buf b;
    int status = 0;
    hwi_buf_init(&b, 0);
    assert_null(hwi_buf_reserve(&b, 0, &status));
    assert_int_equal(status, HWS_E_TOO_BIG);
    assert_int_equal(hwi_buf_push(&b, hwi_span(NULL, 0)), 0);
    hwi_buf_release(&b);
}

TEST(reserve_of_nothing_gives_a_place)
{
    struct hwi_buf b;
    int status = 1;
    hwi_buf_init(&b, 10);
    assert_non_null(hwi_buf_reserve(&b, 0, &status));
    assert_int_equal(status, 0);
    hwi_buf_release(&b);
}

/* A queue that is nearly full all the time must not move its content for
 * every few bytes: it grows instead, while the limit allows. */
TEST(steady_stream_through_a_full_buffer_makes_it_grow)
{
    struct hwi_buf b;
    hwi_buf_init(&b, 1 << 20);
    for (int i = 0; i < 250; i++)
        hwi_buf_text(&b, "x");
    assert_int_equal(b.capacity, 256);
    for (int i = 0; i < 20; i++) {
        hwi_buf_take(&b, 1);
        assert_int_equal(hwi_buf_text(&b, "y"), 0);
    }
    assert_int_equal(b.capacity, 512);
    assert_int_equal(hwi_buf_size(&b), 250);
    hwi_buf_release(&b);
}

TEST(long_stream_keeps_order_in_small_memory)
{
    struct hwi_buf b;
    uint8_t next_in = 0, next_out = 0;
    hwi_buf_init(&b, 64);
    for (unsigned i = 0; i < 10000; i++) {
        size_t in = i * 7 % 13;
        while (in-- && hwi_buf_push(&b, hwi_span(&next_in, 1)) == 0)
            next_in++;
        for (size_t out = i * 5 % 11; out && hwi_buf_size(&b); out--) {
            assert_int_equal(hwi_buf_span(&b).data[0], next_out++);
            hwi_buf_take(&b, 1);
        }
    }
    assert_true(b.capacity <= 64);
    hwi_buf_release(&b);
}

TEST(trim_gives_memory_back_only_when_empty)
{
    struct hwi_buf b;
    hwi_buf_init(&b, 100);
    hwi_buf_text(&b, "x");
    hwi_buf_trim(&b);
    assert_span(hwi_buf_span(&b), "x");
    hwi_buf_clear(&b);
    hwi_buf_trim(&b);
    assert_null(b.data);
    assert_int_equal(hwi_buf_text(&b, "again"), 0);
    hwi_buf_release(&b);
}

TEST(no_memory_leaves_the_content_alone)
{
    struct hwi_buf b;
    int status = 0;
    hwi_buf_init(&b, 100000);
    hwi_buf_text(&b, "kept");
    starve_after(0);
    assert_null(hwi_buf_reserve(&b, 5000, &status));
    assert_int_equal(status, HWS_E_MEMORY);
    assert_int_equal(hwi_buf_format(&b, "%05000d", 1), HWS_E_MEMORY);
    starve_after(1);
    assert_int_equal(hwi_buf_format(&b, "%05000d", 1), HWS_E_MEMORY);
    starve_no_more();
    assert_span(hwi_buf_span(&b), "kept");
    hwi_buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(new_buffer_holds_no_memory),
        RUN(bytes_come_out_as_they_went_in),
        RUN(limit_is_reached_exactly_and_never_passed),
        RUN(format_needs_no_room_for_a_nul),
        RUN(format_takes_long_texts),
        RUN(buffer_of_limit_0_takes_nothing),
        RUN(reserve_of_nothing_gives_a_place),
        RUN(steady_stream_through_a_full_buffer_makes_it_grow),
        RUN(long_stream_keeps_order_in_small_memory),
        RUN(trim_gives_memory_back_only_when_empty),
        RUN(no_memory_leaves_the_content_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
