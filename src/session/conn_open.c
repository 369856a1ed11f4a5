/*
 * Until the link is open it may want many descriptors at once (name servers,
 * racing connects). They are all forgotten before each step and watched anew
 * after it: a step may close a descriptor and get the same number again.
 */
#include "base/mem.h"
#include "base/status.h"
#include "session/conn.h"

struct dial_watch {
    struct hws_watch watch;
    struct hws_conn *conn;
};

struct hwi_conn_dial {
    size_t count;
    struct dial_watch watches[HWS_WANTS_MAX];
};

int hwi_conn_dial_new(struct hws_conn *c)
{
    c->dial = hwi_alloc_zero(sizeof(*c->dial));
    return c->dial ? 0 : HWS_E_MEMORY;
}

static void forget_all(struct hws_conn *c)
{
    struct hwi_conn_dial *d = c->dial;
    for (size_t i = 0; i < d->count; i++) {
        struct hws_watch *watch = &d->watches[i].watch;
        if (watch->interest)
            hws_loop_watch(c->loop, watch, watch->fd, 0);
    }
    d->count = 0;
}

void hwi_conn_dial_free(struct hws_conn *c)
{
    if (!c->dial)
        return;
    forget_all(c);
    hwi_free(c->dial);
    c->dial = NULL;
}

static void dial_ready(struct hws_watch *watch, unsigned ready, hws_time now)
{
    struct dial_watch *w = hwi_container(watch, struct dial_watch, watch);
    (void)ready;
    hwi_conn_due(&w->conn->timer, now);
}

static int watch_all(struct hws_conn *c)
{
    struct hwi_conn_dial *d = c->dial;
    struct hws_want wants[HWS_WANTS_MAX];
    size_t count = hws_link_wants(c->link, wants);
    for (size_t i = 0; i < count; i++) {
        d->watches[i] = (struct dial_watch){.conn = c};
        d->watches[i].watch.ready = dial_ready;
        d->count = i + 1;
        int status = hws_loop_watch(c->loop, &d->watches[i].watch, wants[i].fd,
                                    wants[i].interest);
        if (status)
            return status;
    }
    return 0;
}

static void opened(struct hws_conn *c, hws_time now)
{
    hwi_conn_dial_free(c);
    c->stage = HWI_CONN_SPEAKING;
    hwi_conn_stamp(c);
    hws_proto_begin(c->proto, now);
    if (c->on_open)
        c->on_open(c, c->user);
}

static void cannot_watch(struct hws_conn *c, int status, hws_time now)
{
    struct hws_fault fault = {0};
    hwi_fault_set(&fault, HWS_PHASE_LOCAL, status,
                  "cannot watch a descriptor: %s", hws_status_name(status));
    hwi_conn_lost(c, &fault, now);
}

void hwi_conn_dial_step(struct hws_conn *c, hws_time now)
{
    forget_all(c);
    int status = hws_link_open(c->link, now);
    if (status == 0) {
        opened(c, now);
    } else if (status == HWS_E_AGAIN) {
        status = watch_all(c);
        if (status)
            cannot_watch(c, status, now);
    } else {
        hwi_conn_lost(c, &c->link->fault, now);
    }
}
