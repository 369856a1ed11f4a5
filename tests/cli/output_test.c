/* What a peer can make the terminal do: nothing. */
#include "json.h"
#include "output.h"
#include "support/test.h"

#include <signal.h>
#include <unistd.h>

#define SPAN(text) \
    ((struct hws_span){.data = (const uint8_t *)(text), sizeof(text) - 1})

/* An output that is looked at instead of written. */
static struct output looked_at(void)
{
    struct output out;
    output_init(&out, -1);
    return out;
}

static void assert_holds(struct output *out, const char *wanted)
{
    output_bytes(out, "", 1);
    assert_string_equal(out->data, wanted);
    out->size = 0;
    output_release(out);
}

static void assert_escaped(struct hws_span text, const char *wanted)
{
    struct output out = looked_at();
    output_escaped(&out, text);
    assert_holds(&out, wanted);
}

TEST(plain_text_of_any_script_stays)
{
    assert_escaped(SPAN("plain \\ text\t~"), "plain \\ text\t~");
    assert_escaped(SPAN("\u00e9\u4e2d\U0001f600"), "\u00e9\u4e2d\U0001f600");
    assert_escaped(SPAN(""), "");
}

TEST(controls_are_shown_as_hexadecimal)
{
    assert_escaped(SPAN("\x1b[2J"), "\\x1b[2J");
    assert_escaped(SPAN("a\0b\x7f"), "a\\x00b\\x7f");
    assert_escaped(SPAN("one\r\ntwo"), "one\\r\\ntwo");
}

TEST(c1_controls_and_direction_marks_are_shown)
{
    assert_escaped(SPAN("\xc2\x9b"
                        "31m"),
                   "\\u009b31m");
    assert_escaped(SPAN("\u202egnp.exe"), "\\u202egnp.exe");
    assert_escaped(SPAN("\u2066x\u2069\u200f\ufeff"),
                   "\\u2066x\\u2069\\u200f\\ufeff");
    assert_escaped(SPAN("\U000e0041"), "\\U000e0041");
}

TEST(bytes_that_are_no_utf8_are_shown)
{
    assert_escaped(SPAN("\xff"), "\\xff");
    assert_escaped(SPAN("\xc0\x80"), "\\xc0\\x80");
    assert_escaped(SPAN("\xed\xa0\x80"), "\\xed\\xa0\\x80");
    assert_escaped(SPAN("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
    assert_escaped(SPAN("cut \xe2\x82"), "cut \\xe2\\x82");
}

TEST(json_keeps_the_meaning_and_escapes_alike)
{
    struct output out = looked_at();
    struct json j = {.out = &out};
    json_open(&j, NULL);
    json_text(&j, "t", SPAN("\"\\\n\x1b\u202e\U000e0041\xff"));
    json_integer(&j, "i", -3);
    json_bool(&j, "b", true);
    json_ms(&j, "m", HWS_US(1500));
    json_ms(&j, "n", HWS_NEVER);
    json_open(&j, "o");
    json_close(&j);
    json_end(&j);
    assert_holds(&out,
                 "{\"t\":\"\\\"\\\\\\n\\u001b\\u202e\\udb40\\udc41"
                 "\\ufffd\",\"i\":-3,\"b\":true,\"m\":1.500,"
                 "\"n\":null,\"o\":{}}\n");
}

static void assert_base64(struct hws_span bytes, const char *wanted)
{
    struct output out = looked_at();
    struct json j = {.out = &out};
    json_base64(&j, NULL, bytes);
    assert_holds(&out, wanted);
}

TEST(base64_pads_every_length)
{
    assert_base64(SPAN(""), "\"\"");
    assert_base64(SPAN("f"), "\"Zg==\"");
    assert_base64(SPAN("fo"), "\"Zm8=\"");
    assert_base64(SPAN("foo"), "\"Zm9v\"");
    assert_base64(SPAN("\xfb\xff\xfe"), "\"+//+\"");
}

TEST(flush_reports_a_reader_that_left)
{
    struct output out;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    output_init(&out, ends[1]);
    output_text(&out, "heard");
    assert_true(output_flush(&out));
    close(ends[0]);
    output_text(&out, "unheard");
    assert_false(output_flush(&out));
    assert_int_not_equal(out.error, 0);
    output_text(&out, "dropped");
    assert_false(output_flush(&out));
    output_release(&out);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(plain_text_of_any_script_stays),
        RUN(controls_are_shown_as_hexadecimal),
        RUN(c1_controls_and_direction_marks_are_shown),
        RUN(bytes_that_are_no_utf8_are_shown),
        RUN(json_keeps_the_meaning_and_escapes_alike),
        RUN(base64_pads_every_length),
        RUN(flush_reports_a_reader_that_left),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
