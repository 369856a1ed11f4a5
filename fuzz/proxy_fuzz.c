/*
 * A proxy that says anything, to layers of every kind: the talk ends in a
 * tunnel or in a fault, bytes behind the tunnel's begin are all handed out, and
 * whether a first answer is a yes does not hang on how its bytes come.
 */
#include "fuzz.h"

#include "base/span.h"
#include "hawser/link.h"

#define PASSWORD "pa55w0rd"
#define GLUED_MAX ((size_t)1 << 17)

/* The first byte of an input. */
enum kind { HTTP, HTTP_LOGIN, SOCKS4A, SOCKS5H, SOCKS5H_LOGIN, KINDS };

struct talk {
    enum kind kind;
    struct hws_span script; /* what every connection says */
    struct hws_link *far;   /* the newest connection's other end, or NULL */
    size_t said;            /* on that connection */
    uint64_t sum;           /* of the bytes that came through the tunnel */
    size_t glued;
};

static void fill(void *context, void *bytes, size_t size)
{
    (void)context;
    memset(bytes, 1, size);
}

static struct hws_link *dial(void *user)
{
    struct talk *t = user;
    struct hws_pair_options o = {.capacity = GLUED_MAX};
    struct hws_link *ends[2];
    FUZZ_CHECK(hws_pair_new(&o, ends) == 0);
    hws_link_free(t->far);
    t->far = ends[1];
    t->said = 0;
    return ends[0];
}

static void describe(struct talk *t, struct hws_tunnel_options *o, bool login)
{
    o->proxy = "p.example:3128";
    o->host = "feed.example";
    o->port = 443;
    o->user = login ? "anna" : NULL;
    o->password = login ? PASSWORD : NULL;
    o->redial = dial;
    o->redial_user = t;
}

static struct hws_link *make(struct talk *t)
{
    struct hws_http_proxy_options http;
    struct hws_socks_options socks;
    bool login = t->kind == HTTP_LOGIN || t->kind == SOCKS5H_LOGIN;
    if (t->kind <= HTTP_LOGIN) {
        hws_http_proxy_options_init(&http);
        describe(t, &http.tunnel, login);
        http.random.fill = fill;
        return hws_http_proxy_new(&http, dial(t));
    }
    hws_socks_options_init(&socks);
    describe(t, &socks.tunnel, login);
    socks.version = t->kind == SOCKS4A ? HWS_SOCKS4A : HWS_SOCKS5H;
    return hws_socks_new(&socks, dial(t));
}

/* Say `step` more bytes, and at the end of the script hang up. */
static void say(struct talk *t, size_t step)
{
    uint8_t ignored[4096];
    while (hws_link_read(t->far, ignored, sizeof(ignored)) > 0)
        continue;
    struct hws_span part = hwi_span_part(t->script, t->said, step);
    if (part.size)
        hws_link_write(t->far, part.data, part.size);
    else
        hws_link_shut(t->far);
    t->said += part.size;
}

static void drain(struct talk *t, struct hws_link *link, size_t step)
{
    uint8_t bytes[37];
    ptrdiff_t got;
    while ((got = hws_link_read(link, bytes, sizeof(bytes))) > 0 ||
           got == HWS_E_AGAIN) {
        for (ptrdiff_t i = 0; i < got; i++)
            t->sum = t->sum * 31 + bytes[i];
        t->glued += got > 0 ? (size_t)got : 0;
        if (got == HWS_E_AGAIN)
            say(t, step);
    }
    FUZZ_CHECK(got == HWS_E_EOF);
}

/* Whether the proxy itself has said the password, which may be shown then. */
static bool knows_password(struct hws_span script)
{
    size_t size = sizeof(PASSWORD) - 1;
    for (size_t i = 0; i + size <= script.size; i++) {
        if (memcmp(script.data + i, PASSWORD, size) == 0)
            return true;
    }
    return false;
}

static int run(struct talk *t, size_t step)
{
    struct hws_link *link = make(t);
    int status, turns = 0;
    FUZZ_CHECK(link);
    while ((status = hws_link_open(link, 0)) == HWS_E_AGAIN) {
        say(t, step);
        FUZZ_CHECK(++turns < (int)(8 * GLUED_MAX));
    }
    if (status == 0)
        drain(t, link, step);
    FUZZ_CHECK((status != 0) == (link->fault.status != HWS_OK));
    FUZZ_CHECK(!strstr(link->fault.text, PASSWORD) ||
               knows_password(t->script));
    hws_link_free(link);
    hws_link_free(t->far);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > GLUED_MAX)
        return 0;
    struct talk whole = {.kind = data[0] % KINDS,
                         .script = hwi_span(data + 1, size - 1)};
    struct talk slow = whole;
    int status = run(&whole, size);
    int slowly = run(&slow, 1);
    /* Behind a question for a password the bytes that came too early tell. */
    if (whole.kind == HTTP_LOGIN)
        return 0;
    FUZZ_CHECK((status == 0) == (slowly == 0));
    FUZZ_CHECK(whole.glued == slow.glued && whole.sum == slow.sum);
    return 0;
}
