#include "support/host.h"

#include "support/test.h"

#include <stdlib.h>

#define SCRATCH ((size_t)64 * 1024)

struct guest {
    struct hwi_list link;
    struct host *host;
    struct hws_conn *conn;
};

static void leave(struct guest *g)
{
    hwi_list_remove(&g->link);
    hws_conn_free(g->conn);
    free(g);
}

static void burst(struct guest *g, unsigned long count)
{
    static const uint8_t frame[64] = {0};
    while (count-- > 0) {
        while (hws_conn_send(g->conn, HWS_BINARY,
                             (struct hws_span){frame, sizeof(frame)},
                             true) == HWS_E_FULL)
            hws_conn_flush(g->conn);
    }
}

static void obey(struct guest *g, const struct hws_event *e)
{
    char word[32] = "";
    struct hws_span data = e->message.data;
    if (e->message.opcode == HWS_TEXT && data.size < sizeof(word))
        memcpy(word, data.data, data.size);
    if (strcmp(word, "close") == 0)
        hws_conn_close(g->conn, 1001, hws_span_text("as told"));
    else if (strcmp(word, "cut") == 0)
        leave(g);
    else if (strncmp(word, "burst ", 6) == 0)
        burst(g, strtoul(word + 6, NULL, 10));
    else if (strcmp(word, "quiet") != 0)
        hws_conn_send(g->conn, (enum hws_opcode)e->message.opcode, data, true);
}

static void on_event(struct hws_conn *conn, const struct hws_event *e,
                     void *user)
{
    (void)conn;
    if (e->kind == HWS_MESSAGE)
        obey(user, e);
    else if (e->kind == HWS_DOWN)
        leave(user);
}

static struct hws_link *over_tls(struct host *h, struct hws_link *below)
{
    if (!h->tls)
        return below;
    struct hws_scratch in = {h->scratch, SCRATCH};
    struct hws_scratch out = {h->scratch + SCRATCH, SCRATCH};
    return hws_tls_new(h->tls, below, NULL, HWS_S(5), in, out);
}

static void welcome(struct host *h, struct hws_link *link)
{
    struct hws_conn_options options;
    struct guest *g = calloc(1, sizeof(*g));
    hws_conn_options_init(&options);
    options.proto.role = HWS_SERVER;
    options.on_event = on_event;
    options.user = g;
    g->host = h;
    g->conn = hws_conn_new(h->loop, over_tls(h, link), &options, NULL);
    hwi_list_push(&h->guests, &g->link);
}

static void ready(struct hws_watch *watch, unsigned what, hws_time now)
{
    struct host *h = hwi_container(watch, struct host, watch);
    struct hws_link *link;
    (void)what;
    (void)now;
    while (hws_listener_accept(h->listener, &link) == 0)
        welcome(h, link);
}

static void *run(void *context)
{
    struct host *h = context;
    hws_loop_run(h->loop);
    return NULL;
}

static void listen_on(struct host *h, uint16_t port)
{
    struct hws_fault fault = {0};
    h->loop = hws_loop_new(NULL, &fault);
    assert_non_null(h->loop);
    h->listener = hws_listener_new(h->address, port, 64, &fault);
    if (!h->listener)
        fail_msg("%s", fault.text);
    h->port = hws_listener_port(h->listener);
    snprintf(h->url, sizeof(h->url), "%s://%s:%u/", h->tls ? "wss" : "ws",
             h->address, h->port);
    h->watch = (struct hws_watch){.ready = ready};
    assert_int_equal(hws_loop_watch(h->loop, &h->watch,
                                    hws_listener_fd(h->listener), HWS_READ),
                     0);
    assert_int_equal(pthread_create(&h->thread, NULL, run, h), 0);
}

void host_start(struct host *h, const struct test_certs *certs)
{
    host_start_at(h, "127.0.0.1", certs);
}

void host_start_at(struct host *h, const char *address,
                   const struct test_certs *certs)
{
    *h = (struct host){.address = address};
    hwi_list_init(&h->guests);
    if (certs) {
        struct hws_tls_options options;
        hws_tls_options_init(&options);
        options.certificate = certs->leaf;
        options.private_key = certs->key;
        h->tls = hws_tls_context_new(&options, true, NULL);
        assert_non_null(h->tls);
        h->scratch = malloc(2 * SCRATCH);
    }
    listen_on(h, 0);
}

void host_stop(struct host *h)
{
    struct hwi_list *link;
    if (!h->loop)
        return;
    hws_loop_stop(h->loop);
    pthread_join(h->thread, NULL);
    while ((link = hwi_list_take(&h->guests)))
        leave(hwi_container(link, struct guest, link));
    hws_loop_watch(h->loop, &h->watch, h->watch.fd, 0);
    hws_listener_free(h->listener);
    hws_loop_free(h->loop);
    h->loop = NULL;
}

void host_restart(struct host *h)
{
    host_stop(h);
    listen_on(h, h->port);
}

void host_end(struct host *h)
{
    host_stop(h);
    hws_tls_context_free(h->tls);
    free(h->scratch);
}
