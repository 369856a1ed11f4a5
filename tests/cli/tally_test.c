/* Every number is received, lost in a gap, or missing at the end. */
#include "support/test.h"
#include "tally.h"

TEST(gap_is_lost)
{
    struct tally tally = {0};
    tally_note(&tally, 1);
    tally_note(&tally, 2);
    tally_note(&tally, 6);
    assert_int_equal(tally.received, 3);
    assert_int_equal(tally.lost, 3);
}

TEST(begin_and_end_that_never_came_are_lost)
{
    struct tally tally = {0};
    tally_note(&tally, 4);
    tally_end(&tally, 10);
    assert_int_equal(tally.received, 1);
    assert_int_equal(tally.lost, 9);
}

TEST(fault_47_number_that_comes_twice_is_not_received_twice)
{
    struct tally tally = {0};
    tally_note(&tally, 1);
    tally_note(&tally, 2);
    tally_note(&tally, 2);
    tally_note(&tally, 1);
    tally_end(&tally, 2);
    assert_int_equal(tally.received, 2);
    assert_int_equal(tally.lost, 0);
    assert_int_equal(tally.duplicates, 2);
    assert_int_equal(tally.late, 0);
}

TEST(fault_47_number_that_comes_late_is_not_lost)
{
    struct tally tally = {0};
    tally_note(&tally, 1);
    tally_note(&tally, 4);
    tally_note(&tally, 3);
    tally_note(&tally, 3);
    assert_int_equal(tally.received, 3);
    assert_int_equal(tally.late, 1);
    assert_int_equal(tally.duplicates, 1);
    assert_int_equal(tally.lost, 1);
}

TEST(fault_47_number_behind_the_window_stays_lost)
{
    struct tally tally = {0};
    tally_note(&tally, 2);
    tally_note(&tally, 66);
    tally_note(&tally, 1);
    assert_int_equal(tally.lost, 64);
    assert_int_equal(tally.duplicates, 1);
    tally_note(&tally, 3);
    assert_int_equal(tally.lost, 63);
    assert_int_equal(tally.late, 1);
}

TEST(fault_47_numbers_may_wrap_around)
{
    struct tally tally = {.last = UINT64_MAX - 1};
    tally_note(&tally, UINT64_MAX);
    tally_note(&tally, 1);
    tally_note(&tally, 0);
    tally_note(&tally, UINT64_MAX);
    tally_end(&tally, 3);
    assert_int_equal(tally.received, 3);
    assert_int_equal(tally.late, 1);
    assert_int_equal(tally.duplicates, 1);
    assert_int_equal(tally.lost, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(gap_is_lost),
        RUN(begin_and_end_that_never_came_are_lost),
        RUN(fault_47_number_that_comes_twice_is_not_received_twice),
        RUN(fault_47_number_that_comes_late_is_not_lost),
        RUN(fault_47_number_behind_the_window_stays_lost),
        RUN(fault_47_numbers_may_wrap_around),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
