/*
 * UTF-8: every variant says the same as the grammar, whole and in parts.
 * The first byte says where the text is split.
 */
#include "fuzz.h"

#include "base/utf8.h"
#include "base/utf8_reference.h"

static const char *const variants[] = {"plain", "sse4", "avx2"};

static size_t split_feed(struct hws_span text, size_t at)
{
    struct hwi_utf8 u;
    hwi_utf8_reset(&u);
    size_t good = hwi_utf8_feed(&u, hwi_span_part(text, 0, at));
    if (good < at)
        return good;
    good += hwi_utf8_feed(&u, hwi_span_part(text, at, text.size));
    /* One past the end stands for a text that stops inside a character. */
    return good == text.size && !hwi_utf8_done(&u) ? good + 1 : good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct hws_span text = hwi_span(data + 1, size - 1);
    size_t at = text.size ? data[0] % (text.size + 1) : 0;
    bool done;
    size_t good = utf8_reference(text.data, text.size, &done);
    if (good == text.size && !done)
        good++;
    for (size_t i = 0; i < sizeof(variants) / sizeof(*variants); i++) {
        if (!hwi_utf8_choose(variants[i]))
            continue;
        FUZZ_CHECK(split_feed(text, text.size) == good);
        FUZZ_CHECK(split_feed(text, at) == good);
        FUZZ_CHECK(hwi_utf8_valid(text) == (good == text.size));
    }
    return 0;
}
