/* Releases that people must be warned of. */
#include "known_bad.h"
#include "support/test.h"

TEST(bad_release_is_found_in_the_text_of_its_library)
{
    assert_non_null(known_bad("OpenSSL", "OpenSSL 3.0.4 21 Jun 2022"));
    assert_non_null(known_bad("OpenSSL", "OpenSSL 3.0.0 7 sep 2021"));
    assert_non_null(known_bad("c-ares", "1.34.4"));
    assert_non_null(known_bad("c-ares", "1.33.0"));
}

TEST(neighbours_of_a_bad_release_are_good)
{
    assert_null(known_bad("OpenSSL", "OpenSSL 3.0.5 5 Jul 2022"));
    assert_null(known_bad("OpenSSL", "OpenSSL 3.0.2 15 Mar 2022"));
    assert_null(known_bad("OpenSSL", "OpenSSL 3.5.0"));
    assert_null(known_bad("c-ares", "1.34.5"));
    assert_null(known_bad("c-ares", "1.18.1"));
}

TEST(other_library_of_the_same_number_is_good)
{
    assert_null(known_bad("c-ares", "3.0.4"));
}

TEST(loaded_release_line_is_compared_with_the_built_one)
{
    assert_true(known_older("OpenSSL 3.0.17", "OpenSSL 3.2.0"));
    assert_true(known_older("1.9.9", "1.18.0"));
    assert_false(known_older("OpenSSL 3.0.1", "OpenSSL 3.0.17"));
    assert_false(known_older("4.0.0", "3.9.9"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(bad_release_is_found_in_the_text_of_its_library),
        RUN(neighbours_of_a_bad_release_are_good),
        RUN(other_library_of_the_same_number_is_good),
        RUN(loaded_release_line_is_compared_with_the_built_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
