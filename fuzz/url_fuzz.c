/*
 * URLs: whatever is accepted has a host, a target and a port, and no byte that
 * could break a request.
 */
#include "fuzz.h"

#include "base/url.h"

#include <string.h>

static void check_text(const char *text)
{
    for (; *text; text++)
        FUZZ_CHECK(*text > ' ' && *text < 0x7f);
}

static void check_url(const struct hwi_url *url)
{
    FUZZ_CHECK(url->host[0] && url->authority[0]);
    FUZZ_CHECK(url->target[0] == '/' || url->target[0] == '?');
    FUZZ_CHECK(url->is_unix || url->port);
    check_text(url->authority);
    check_text(url->target);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hws_fault fault;
    struct hwi_url url;
    char *text = malloc(size + 1);
    FUZZ_CHECK(text);
    memcpy(text, data, size);
    text[size] = '\0';
    memset(&fault, 0, sizeof(fault));
    if (hwi_url_parse(&url, text, &fault) == 0)
        check_url(&url);
    else
        FUZZ_CHECK(fault.status == HWS_E_ARGUMENT && fault.text[0]);
    hwi_url_release(&url);
    free(text);
    return 0;
}
