#include "tls_line.h"

#include <unistd.h>

struct test_certs line_certs;

int line_make_certs(void **state)
{
    (void)state;
    return test_certs_new(&line_certs);
}

int line_remove_certs(void **state)
{
    (void)state;
    test_certs_free(&line_certs);
    return 0;
}

static void note_up(struct line *l)
{
    l->ups++;
    assert_int_equal(
        hws_link_tls_info(hws_client_get_link(l->client), &l->info), 0);
}

static void note(struct hws_client *client, const struct hws_event *e,
                 void *user)
{
    struct line *l = user;
    if (e->kind == HWS_UP) {
        note_up(l);
    } else if (e->kind == HWS_DOWN) {
        l->downs++;
        l->fault = *e->down.fault;
    } else if (e->kind == HWS_WARNING) {
        l->warnings++;
        l->warning = *e->warning.fault;
        if (l->free_when_warned)
            hws_client_free(client);
    } else if (e->kind == HWS_MESSAGE) {
        l->messages++;
    }
}

void line_replace(const char *path, const char *content)
{
    char fresh[320], line[512];
    snprintf(fresh, sizeof(fresh), "%s.new", path);
    FILE *in = fopen(content, "r");
    FILE *out = fopen(fresh, "w");
    assert_non_null(in);
    assert_non_null(out);
    while (fgets(line, sizeof(line), in))
        assert_true(fputs(line, out) >= 0);
    fclose(in);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(rename(fresh, path), 0);
}

void line_begin(struct line *l)
{
    memset(l, 0, sizeof(*l));
    host_start(&l->host, &line_certs);
    l->loop = hws_loop_new(NULL, NULL);
    assert_non_null(l->loop);
    snprintf(l->trust, sizeof(l->trust), "%s/trust.pem", line_certs.dir);
    snprintf(l->own, sizeof(l->own), "%s/own.pem", line_certs.dir);
    snprintf(l->own_key, sizeof(l->own_key), "%s/own_key.pem", line_certs.dir);
    line_replace(l->trust, line_certs.ca);
    hws_client_options_init(&l->options);
    l->options.url = l->host.url;
    l->options.tls.ca_file = l->trust;
    l->options.retry.delay_min = HWS_MS(1);
    l->options.retry.delay_max = HWS_MS(5);
    l->options.on_event = note;
    l->options.user = l;
}

void line_open(struct line *l)
{
    struct hws_fault fault = {0};
    l->client = hws_client_new(l->loop, &l->options, &fault);
    if (!l->client)
        fail_msg("%s", fault.text);
    assert_int_equal(hws_client_open(l->client), 0);
}

void line_end(struct line *l)
{
    if (!l->free_when_warned)
        hws_client_free(l->client);
    hws_loop_free(l->loop);
    host_end(&l->host);
    unlink(l->trust);
    unlink(l->own);
    unlink(l->own_key);
}

void line_wait_beyond(struct line *l, const unsigned *count, unsigned before)
{
    hws_time end = hws_clock_now(HWS_CLOCK_MONOTONIC) + HWS_S(10);
    while (*count <= before) {
        assert_true(hws_clock_now(HWS_CLOCK_MONOTONIC) < end);
        assert_int_equal(hws_loop_run_once(l->loop, end), 0);
    }
}

void line_wait_up(struct line *l)
{
    line_wait_beyond(l, &l->ups, l->ups);
    hws_client_send(l->client, HWS_TEXT, hws_span_text("hello"));
    line_wait_beyond(l, &l->messages, l->messages);
}

void line_cut(struct line *l)
{
    unsigned before = l->downs;
    hws_client_send(l->client, HWS_TEXT, hws_span_text("cut"));
    line_wait_beyond(l, &l->downs, before);
}

void line_serve_with(struct line *l, const struct hws_tls_options *options)
{
    host_stop(&l->host);
    hws_tls_context_free(l->host.tls);
    l->host.tls = hws_tls_context_new(options, true, NULL);
    assert_non_null(l->host.tls);
    host_restart(&l->host);
}

struct hws_tls_options line_server_of(const char *certificate)
{
    struct hws_tls_options o;
    hws_tls_options_init(&o);
    o.certificate = certificate;
    o.private_key = line_certs.key;
    return o;
}
