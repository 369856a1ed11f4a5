#include "ends.h"

#include <stdlib.h>

static struct test_certs certs;

const struct test_certs *ends_certs(void)
{
    if (certs.dir[0] == '\0')
        assert_int_equal(test_certs_new(&certs), 0);
    return &certs;
}

int ends_certs_remove(void **state)
{
    (void)state;
    if (certs.dir[0])
        test_certs_free(&certs);
    return 0;
}

static struct hws_tls_context *context(const struct hws_tls_options *o,
                                       bool server)
{
    struct hws_fault fault = {0};
    struct hws_tls_context *c = hws_tls_context_new(o, server, &fault);
    if (!c)
        fail_msg("%s", fault.text);
    return c;
}

struct hws_tls_options ends_client_tls(void)
{
    struct hws_tls_options o;
    hws_tls_options_init(&o);
    o.ca_file = ends_certs()->ca;
    return o;
}

struct hws_tls_options ends_server_tls(void)
{
    struct hws_tls_options o;
    hws_tls_options_init(&o);
    o.certificate = ends_certs()->leaf;
    o.private_key = ends_certs()->key;
    return o;
}

static void make_contexts(struct ends *e, const struct ends_options *o)
{
    struct hws_tls_options client = ends_client_tls();
    struct hws_tls_options server = ends_server_tls();
    if (o->ca)
        client.ca_file = o->ca;
    if (o->certificate)
        server.certificate = o->certificate;
    if (o->client_version_min)
        client.version_min = o->client_version_min;
    if (o->server_version_min)
        server.version_min = o->server_version_min;
    e->client_context = context(o->client_tls ? o->client_tls : &client, false);
    e->server_context = context(o->server_tls ? o->server_tls : &server, true);
}

void ends_make(struct ends *e, const struct ends_options *o)
{
    memset(e, 0, sizeof(*e));
    e->in = (struct hws_scratch){malloc(SCRATCH_SIZE), SCRATCH_SIZE};
    e->out = (struct hws_scratch){malloc(SCRATCH_SIZE), SCRATCH_SIZE};
    make_contexts(e, o);
}

void ends_connect(struct ends *e, const struct ends_options *o)
{
    hws_time delay = o->handshake_delay ? o->handshake_delay : HWS_S(5);
    const char *name = o->name ? o->name : "feed.example";
    assert_int_equal(hws_pair_new(&o->pair, e->wires), 0);
    e->client =
        hws_tls_new(e->client_context, e->wires[0], name, delay, e->in, e->out);
    e->server =
        hws_tls_new(e->server_context, e->wires[1], NULL, delay, e->in, e->out);
    assert_non_null(e->client);
    assert_non_null(e->server);
}

void ends_disconnect(struct ends *e)
{
    hws_link_free(e->client);
    hws_link_free(e->server);
    e->client = e->server = NULL;
}

void ends_free(struct ends *e)
{
    ends_disconnect(e);
    hws_tls_context_free(e->client_context);
    hws_tls_context_free(e->server_context);
    free(e->in.data);
    free(e->out.data);
}

static int step(struct hws_link *link, hws_time now)
{
    int status = hws_link_open(link, now);
    struct hws_want want[HWS_WANTS_MAX];
    if (status == 0 && hws_link_wants(link, want) == 1 &&
        (want[0].interest & HWS_WRITE))
        (void)hws_link_write(link, NULL, 0);
    return status;
}

int ends_open(struct ends *e)
{
    int client = HWS_E_AGAIN;
    int server = HWS_E_AGAIN;
    for (int turn = 0; turn < 20000; turn++) {
        client = step(e->client, e->now);
        server = step(e->server, e->now);
        if (client != HWS_E_AGAIN && server != HWS_E_AGAIN)
            break;
        if (client != HWS_E_AGAIN && client != 0)
            break;
    }
    return client;
}

size_t ends_drain(struct hws_link *link, uint8_t *bytes, size_t size,
                  int *status)
{
    size_t done = 0;
    ptrdiff_t got = 0;
    while (done < size) {
        got = hws_link_read(link, bytes + done, size - done);
        if (got <= 0)
            break;
        done += (size_t)got;
    }
    if (status)
        *status = got < 0 ? (int)got : 0;
    return done;
}

static uint8_t pattern(size_t i)
{
    return (uint8_t)(i * 31 + (i >> 8) * 7 + (i >> 16));
}

static size_t push(struct hws_link *from, size_t sent, size_t size)
{
    uint8_t piece[5000];
    size_t part = size - sent < sizeof(piece) ? size - sent : sizeof(piece);
    for (size_t i = 0; i < part; i++)
        piece[i] = pattern(sent + i);
    ptrdiff_t put = hws_link_write(from, part ? piece : NULL, part);
    if (put < 0)
        assert_int_equal(put, HWS_E_AGAIN);
    return put > 0 ? (size_t)put : 0;
}

void ends_pass(struct ends *e, struct hws_link *from, struct hws_link *to,
               size_t size)
{
    uint8_t piece[7000];
    size_t sent = 0;
    size_t came = 0;
    (void)e;
    for (size_t turn = 0; came < size; turn++) {
        assert_true(turn < 4 * size + 1000);
        sent += push(from, sent, size);
        ptrdiff_t got = hws_link_read(to, piece, sizeof(piece));
        if (got < 0)
            assert_int_equal(got, HWS_E_AGAIN);
        for (ptrdiff_t i = 0; i < got; i++)
            assert_int_equal(piece[i], pattern(came + (size_t)i));
        came += got > 0 ? (size_t)got : 0;
    }
    assert_int_equal(sent, size);
}

void ends_up(struct ends *e, const struct ends_options *o)
{
    ends_make(e, o);
    ends_connect(e, o);
    if (ends_open(e) != 0)
        fail_msg("%s", e->client->fault.text);
    assert_int_equal(hws_link_open(e->server, e->now), 0);
}
