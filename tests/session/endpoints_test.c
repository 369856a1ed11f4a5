/* Where to connect next: turns after failures, return to the first. */
#include "support/test.h"

#include "session/endpoints.h"

#define RETURN HWS_S(300)

static const char *const three[] = {"ws://a.example/", "wss://b.example:99/x",
                                    "ws://c.example/"};

static struct hwi_endpoints made(size_t count)
{
    struct hwi_endpoints e;
    assert_int_equal(hwi_endpoints_init(&e, three, count, NULL), 0);
    return e;
}

TEST(first_is_the_preferred_one)
{
    struct hwi_endpoints e = made(3);
    assert_string_equal(hwi_endpoints_now(&e)->text, three[0]);
    hwi_endpoints_release(&e);
}

TEST(failures_go_round)
{
    struct hwi_endpoints e = made(3);
    for (size_t i = 1; i <= 7; i++) {
        hwi_endpoints_note(&e, 0, RETURN);
        assert_string_equal(hwi_endpoints_now(&e)->text, three[i % 3]);
    }
    hwi_endpoints_release(&e);
}

TEST(place_that_was_up_is_tried_again)
{
    struct hwi_endpoints e = made(3);
    hwi_endpoints_note(&e, 0, RETURN);
    hwi_endpoints_note(&e, RETURN - 1, RETURN);
    assert_string_equal(hwi_endpoints_now(&e)->text, three[1]);
    hwi_endpoints_release(&e);
}

TEST(first_is_tried_again_after_return_delay)
{
    struct hwi_endpoints e = made(3);
    hwi_endpoints_note(&e, 0, RETURN);
    hwi_endpoints_note(&e, 0, RETURN);
    hwi_endpoints_note(&e, RETURN, RETURN);
    assert_string_equal(hwi_endpoints_now(&e)->text, three[0]);
    hwi_endpoints_release(&e);
}

TEST(time_away_from_the_first_adds_up_over_cuts)
{
    struct hwi_endpoints e = made(2);
    hwi_endpoints_note(&e, 0, RETURN);
    for (unsigned i = 1; i < 5; i++) {
        hwi_endpoints_note(&e, RETURN / 5, RETURN);
        assert_string_equal(hwi_endpoints_now(&e)->text, three[1]);
    }
    hwi_endpoints_note(&e, RETURN / 5, RETURN);
    assert_string_equal(hwi_endpoints_now(&e)->text, three[0]);
    hwi_endpoints_release(&e);
}

TEST(fault_43_place_that_hangs_up_at_once_gives_way)
{
    struct hwi_endpoints e = made(3);
    hwi_endpoints_note(&e, HWS_MS(10), RETURN);
    assert_string_equal(hwi_endpoints_now(&e)->text, three[1]);
    hwi_endpoints_release(&e);
}

TEST(single_place_is_always_the_next)
{
    struct hwi_endpoints e = made(1);
    hwi_endpoints_note(&e, 0, RETURN);
    hwi_endpoints_note(&e, RETURN, RETURN);
    hwi_endpoints_note(&e, 0, RETURN);
    assert_string_equal(hwi_endpoints_now(&e)->text, three[0]);
    hwi_endpoints_release(&e);
}

TEST(fault_names_the_bad_url_among_many)
{
    const char *const urls[] = {"ws://good.example/", "htp://bad.example/"};
    struct hwi_endpoints e;
    struct hws_fault fault = {0};
    assert_int_equal(hwi_endpoints_init(&e, urls, 2, &fault), HWS_E_ARGUMENT);
    assert_non_null(strstr(fault.text, "htp://bad.example/"));
    hwi_endpoints_release(&e);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RUN(first_is_the_preferred_one),
        RUN(failures_go_round),
        RUN(place_that_was_up_is_tried_again),
        RUN(first_is_tried_again_after_return_delay),
        RUN(time_away_from_the_first_adds_up_over_cuts),
        RUN(fault_43_place_that_hangs_up_at_once_gives_way),
        RUN(single_place_is_always_the_next),
        RUN(fault_names_the_bad_url_among_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
