/*
 * Locations: wherever a reference leads, it is a URL without userinfo that
 * parses again to itself, on ws, wss or the socket that it came from; and from
 * there the empty reference leads nowhere else.
 */
#include "fuzz.h"

#include "base/url.h"

#include <string.h>

static const char *const bases[] = {
    "ws://h/a/b;c?d/e",
    "wss://u:p@[2001:db8::1]:8443",
    "ws+unix:///run/s%3a.sock:/a/b?c",
};

static void check_place(const struct hwi_url *base, const struct hwi_url *to)
{
    FUZZ_CHECK(!to->userinfo && to->target[0] == '/');
    FUZZ_CHECK(!strstr(to->target, "#"));
    if (to->is_unix)
        FUZZ_CHECK(base->is_unix && strcmp(to->host, base->host) == 0);
    if (hwi_url_same_origin(base, to))
        FUZZ_CHECK(strcmp(base->host, to->host) == 0);
}

static void check_again(const struct hwi_url *to)
{
    struct hwi_url again;
    FUZZ_CHECK(hwi_url_parse(&again, to->text, NULL) == 0);
    FUZZ_CHECK(strcmp(again.target, to->target) == 0);
    hwi_url_release(&again);
    FUZZ_CHECK(hwi_url_resolve(&again, to, (struct hws_span){0}, NULL) == 0);
    FUZZ_CHECK(strcmp(again.authority, to->authority) == 0);
    FUZZ_CHECK(hwi_url_same_origin(to, &again));
    hwi_url_release(&again);
}

static void resolve(const char *text, struct hws_span reference)
{
    struct hwi_url base, to;
    struct hws_fault fault;
    memset(&fault, 0, sizeof(fault));
    FUZZ_CHECK(hwi_url_parse(&base, text, NULL) == 0);
    if (hwi_url_resolve(&to, &base, reference, &fault) == 0) {
        check_place(&base, &to);
        check_again(&to);
    } else {
        FUZZ_CHECK(fault.status == HWS_E_ARGUMENT && fault.text[0]);
    }
    hwi_url_release(&base);
    hwi_url_release(&to);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hws_span reference = {data, size};
    for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++)
        resolve(bases[i], reference);
    FUZZ_CHECK(hwi_url_without_userinfo(reference).size <= size);
    return 0;
}
