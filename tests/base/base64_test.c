/* base64 against the vectors of its standard. */
#include "support/test.h"

#include "base/http.h"

static const char *encoded(const char *text)
{
    static char out[64];
    memset(out, '!', sizeof(out));
    hwi_base64(out, hws_span_text(text));
    return out;
}

/* RFC 4648 section 10. */
TEST(vectors_of_the_standard)
{
    assert_string_equal(encoded(""), "");
    assert_string_equal(encoded("f"), "Zg==");
    assert_string_equal(encoded("fo"), "Zm8=");
    assert_string_equal(encoded("foo"), "Zm9v");
    assert_string_equal(encoded("foob"), "Zm9vYg==");
    assert_string_equal(encoded("fooba"), "Zm9vYmE=");
    assert_string_equal(encoded("foobar"), "Zm9vYmFy");
}

TEST(high_bytes_use_the_last_digits)
{
    assert_string_equal(encoded("\xff\xff\xff\xfb"), "////+w==");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(vectors_of_the_standard),
        RUN(high_bytes_use_the_last_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
