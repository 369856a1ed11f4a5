#include "proxying.h"

static struct hws_link *connect_pair(struct proxying *p)
{
    struct hws_link *ends[2];
    if (hws_pair_new(&p->pair, ends) != 0)
        return NULL;
    assert_true(p->dials < PROXYING_DIALS_MAX);
    p->fars[p->dials] = p->far = ends[1];
    return ends[0];
}

struct hws_link *proxying_begin(struct proxying *p)
{
    return connect_pair(p);
}

struct hws_link *proxying_redial(void *user)
{
    struct proxying *p = user;
    if (p->dials_refused) {
        p->dials_refused--;
        return NULL;
    }
    p->dials++;
    return connect_pair(p);
}

void proxying_options(struct proxying *p, struct hws_tunnel_options *o,
                      const char *user, const char *password)
{
    o->proxy = "p.example:3128";
    o->host = "feed.example";
    o->port = 443;
    o->user = user;
    o->password = password;
    o->redial = proxying_redial;
    o->redial_user = p;
}

static void fill(void *context, void *bytes, size_t size)
{
    (void)context;
    for (size_t i = 0; i < size; i++)
        ((uint8_t *)bytes)[i] = (uint8_t)i;
}

void proxying_begin_http(struct proxying *p, const char *user,
                         const char *password)
{
    struct hws_http_proxy_options o;
    hws_http_proxy_options_init(&o);
    proxying_options(p, &o.tunnel, user, password);
    o.random.fill = fill;
    p->layer = hws_http_proxy_new(&o, proxying_begin(p));
    assert_non_null(p->layer);
}

/* Hear what the layer said. False: nothing. */
static bool hear(struct proxying *p)
{
    size_t room = sizeof(p->said) - 1 - p->said_size;
    ptrdiff_t got =
        hws_link_read(p->far, (uint8_t *)p->said + p->said_size, room);
    if (got <= 0)
        return false;
    p->said_size += (size_t)got;
    p->said[p->said_size] = '\0';
    return true;
}

int proxying_open(struct proxying *p)
{
    struct hws_link *far;
    int status;
    do {
        far = p->far;
        status = hws_link_open(p->layer, p->now);
    } while (hear(p) || (status == HWS_E_AGAIN && p->far != far));
    return status;
}

static int say(struct proxying *p, const char *bytes, size_t size, int status)
{
    while (size && (status == HWS_E_AGAIN || status == 0)) {
        struct hws_link *far = p->far;
        ptrdiff_t put = hws_link_write(far, (const uint8_t *)bytes, size);
        if (put < 0 && put != HWS_E_AGAIN)
            return status; /* it hung up on us */
        bytes += put > 0 ? put : 0;
        size -= put > 0 ? (size_t)put : 0;
        if (size && status == 0 && put < 0)
            return status; /* nobody reads the tunnel here */
        if (size && status == HWS_E_AGAIN)
            status = proxying_open(p);
        if (p->far != far)
            return status;
    }
    return status;
}

int proxying_play(struct proxying *p, const struct proxying_turn *turns,
                  size_t count)
{
    int status = proxying_open(p);
    for (size_t i = 0; i < count && status == HWS_E_AGAIN; i++) {
        const struct proxying_turn *turn = &turns[i];
        struct hws_link *far = p->far;
        size_t size = turn->size ? turn->size : strlen(turn->bytes);
        size_t head = p->cut < size ? p->cut : size;
        p->said_size = 0;
        p->said[0] = '\0';
        status = say(p, turn->bytes, head, status);
        if (p->cut && status == HWS_E_AGAIN && p->far == far)
            status = proxying_open(p);
        if (p->far == far)
            status = say(p, turn->bytes + head, size - head, status);
        if (turn->end && p->far == far)
            hws_link_shut(far);
        if (status == HWS_E_AGAIN)
            status = proxying_open(p);
    }
    return status;
}

void proxying_expect(const struct proxying *p, int status, int http_status,
                     const char *text)
{
    const struct hws_fault *fault = &p->layer->fault;
    assert_string_equal(fault->text, text);
    assert_int_equal(fault->status, status);
    assert_int_equal(fault->phase, HWS_PHASE_PROXY);
    assert_int_equal(fault->http_status, http_status);
    /* It stays so. */
    assert_int_equal(hws_link_open(p->layer, p->now), status);
}

static void expect_bytes(struct hws_link *link, const char *text)
{
    char got[256] = "";
    size_t size = 0;
    ptrdiff_t n;
    while ((n = hws_link_read(link, (uint8_t *)got + size,
                              sizeof(got) - 1 - size)) > 0)
        size += (size_t)n;
    assert_int_equal(n, HWS_E_AGAIN);
    assert_string_equal(got, text);
}

static void put_all(struct hws_link *link, const char *text)
{
    for (size_t done = 0; done < strlen(text);) {
        ptrdiff_t put = hws_link_write(link, (const uint8_t *)text + done,
                                       strlen(text) - done);
        assert_true(put > 0);
        done += (size_t)put;
    }
}

void proxying_expect_tunnel(struct proxying *p, const char *first)
{
    struct hws_want want[HWS_WANTS_MAX];
    assert_int_equal(hws_link_open(p->layer, p->now), 0);
    assert_int_equal(hws_link_deadline(p->layer), HWS_NEVER);
    assert_int_equal(hws_link_wants(p->layer, want), 1);
    assert_int_equal(want[0].interest, HWS_READ);
    expect_bytes(p->layer, first);
    put_all(p->far, "down the tunnel");
    expect_bytes(p->layer, "down the tunnel");
    put_all(p->layer, "and up");
    expect_bytes(p->far, "and up");
    assert_string_equal(hws_link_peer(p->layer), "feed.example:443 via pair");
}

void proxying_end(struct proxying *p)
{
    hws_link_free(p->layer);
    for (unsigned i = 0; i <= p->dials; i++)
        hws_link_free(p->fars[i]);
}
