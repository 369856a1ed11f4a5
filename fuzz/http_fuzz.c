/*
 * HTTP heads: found alike whether they come at once or byte by byte, split
 * without leaving the bytes, and a chunked body never yields more than it has.
 */
#include "fuzz.h"

#include "base/http.h"

#include "hawser/types.h"

#define HEADERS 16
#define HEAD_MAX 4096

/* The size of the head that is found when `step` more bytes come each time. */
static ptrdiff_t find_by(struct hws_span bytes, size_t step)
{
    struct hwi_http_scan scan = {0};
    const char *why = NULL;
    ptrdiff_t found = HWS_E_AGAIN;
    for (size_t seen = 0; found == HWS_E_AGAIN && seen < bytes.size;) {
        seen += step < bytes.size - seen ? step : bytes.size - seen;
        found = hwi_http_find(&scan, hwi_span_part(bytes, 0, seen), HEAD_MAX,
                              HEADERS, &why);
    }
    FUZZ_CHECK(found != HWS_E_HTTP || why);
    return found;
}

static void check_inside(struct hws_span part, struct hws_span whole)
{
    if (part.size)
        FUZZ_CHECK(part.data >= whole.data &&
                   part.data + part.size <= whole.data + whole.size);
}

static void check_head(const struct hwi_http_head *head, struct hws_span bytes)
{
    uint64_t length;
    FUZZ_CHECK(head->header_count <= HEADERS);
    for (size_t i = 0; i < head->header_count; i++) {
        check_inside(head->headers[i].name, bytes);
        check_inside(head->headers[i].value, bytes);
        FUZZ_CHECK(hwi_http_is_token(head->headers[i].name));
        hwi_http_retry_after(head->headers[i].value, HWS_S(1800000000));
    }
    hwi_http_has_token(head, "connection", "upgrade");
    hwi_http_body(head, &length);
}

static void split(struct hws_span bytes)
{
    struct hwi_http_header headers[HEADERS];
    struct hwi_http_head head = {.headers = headers, .header_max = HEADERS};
    const char *why = NULL;
    if (hwi_http_split_answer(&head, bytes, &why) == 0)
        check_head(&head, bytes);
    else
        FUZZ_CHECK(why);
    head = (struct hwi_http_head){.headers = headers, .header_max = HEADERS};
    if (hwi_http_split_request(&head, bytes, &why) == 0)
        check_head(&head, bytes);
}

/* Decode with `step` bytes coming and `room` bytes offered at a time. Returns
 * the size of the payload, its sum in *sum. */
static size_t dechunk_by(struct hws_span body, size_t step, size_t room,
                         uint64_t *sum)
{
    struct hwi_http_chunked chunked = {0};
    uint8_t out[64];
    size_t all = body.size, taken = 0;
    int status = 0;
    *sum = 0;
    while (status == 0 && body.size && !chunked.done) {
        struct hws_span in = hwi_span_part(body, 0, step);
        size_t stored = room, before = in.size;
        status = hwi_http_dechunk(&chunked, &in, out, &stored);
        FUZZ_CHECK(stored <= room && (taken += stored) <= all);
        FUZZ_CHECK(status || stored || in.size < before);
        for (size_t i = 0; i < stored; i++)
            *sum = *sum * 31 + out[i];
        body = hwi_span_part(body, before - in.size, body.size);
    }
    return taken;
}

/* The payload is the same however it comes and wherever it goes. */
static void dechunk(struct hws_span body)
{
    uint64_t whole, cut;
    size_t size = dechunk_by(body, body.size, 64, &whole);
    FUZZ_CHECK(dechunk_by(body, 1, 64, &cut) == size && cut == whole);
    FUZZ_CHECK(dechunk_by(body, 7, 3, &cut) == size && cut == whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hws_span bytes = hwi_span(data, size);
    ptrdiff_t found = find_by(bytes, size ? size : 1);
    ptrdiff_t slowly = find_by(bytes, 1);
    /* A limit is noticed sooner when bytes trickle; a head is the same. */
    FUZZ_CHECK(found <= 0 || slowly == found);
    if (found > 0) {
        split(hwi_span_part(bytes, 0, (size_t)found));
        dechunk(hwi_span_part(bytes, (size_t)found, size));
    }
    dechunk(bytes);
    return 0;
}
