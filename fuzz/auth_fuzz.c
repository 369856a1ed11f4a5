/*
 * Challenges of any shape: their parts lie inside the bytes, and an answer to
 * one that was chosen is a line that no header can be smuggled into.
 */
#include "fuzz.h"

#include "base/http_auth.h"
#include "base/http_challenge.h"
#include "base/mem.h"

static void fill(void *context, void *bytes, size_t size)
{
    (void)context;
    memset(bytes, 1, size);
}

static void check_inside(struct hws_span part, struct hws_span whole)
{
    if (part.size)
        FUZZ_CHECK(part.data >= whole.data &&
                   part.data + part.size <= whole.data + whole.size);
}

static void check_param(struct hws_span params, const char *name)
{
    struct hws_span value;
    if (!hwi_http_param(params, name, &value))
        return;
    check_inside(value, params);
    char *text = hwi_alloc(value.size + 1);
    if (text)
        FUZZ_CHECK(hwi_http_unquote(text, value) <= value.size);
    hwi_free(text);
}

static void take_apart(struct hws_span list)
{
    struct hws_span whole = list;
    struct hwi_http_challenge c;
    size_t left = list.size + 1;
    while (hwi_http_next_challenge(&list, &c)) {
        FUZZ_CHECK(list.size < left);
        left = list.size;
        check_inside(c.scheme, whole);
        check_inside(c.params, whole);
        FUZZ_CHECK(hwi_http_is_token(c.scheme));
        check_param(c.params, "realm");
        check_param(c.params, "nonce");
    }
}

static void answer(struct hws_span list)
{
    struct hwi_http_header header = {
        .name = hws_span_text("Proxy-Authenticate"), .value = list};
    const struct hwi_http_head head = {
        .status = 407, .headers = &header, .header_count = 1};
    const struct hwi_auth_request request = {
        .method = "CONNECT",
        .target = "feed.example:443",
        .user = "an\"na",
        .password = "secret",
        .random = {.fill = fill},
    };
    struct hwi_auth auth = {0};
    struct hwi_buf out;
    hwi_buf_init(&out, SIZE_MAX / 2);
    if (hwi_auth_choose(&auth, &head, "proxy-authenticate") == 0 &&
        hwi_auth_write(&auth, &out, &request) == 0)
        FUZZ_CHECK(hwi_http_is_field_value(hwi_buf_span(&out)));
    else
        FUZZ_CHECK(auth.scheme == HWI_AUTH_NONE);
    hwi_buf_release(&out);
    hwi_auth_release(&auth);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hws_span list = hwi_span(data, size);
    take_apart(list);
    /* Nothing else comes out of the splitting of a head. */
    if (hwi_http_is_field_value(list))
        answer(list);
    return 0;
}
