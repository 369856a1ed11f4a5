/*
 * hawser on GLib (2.36 and later): a hws_loop over a GMainContext. Each watch
 * is a GSource, the timers are one more, all of the default priority. A
 * GMainLoop runs until it is told to quit; nothing here keeps or ends it.
 */
#ifndef HAWSER_ADAPTERS_GLIB_H
#define HAWSER_ADAPTERS_GLIB_H

#include <glib.h>
#include <hawser/host.h>

struct hws_glib {
    struct hws_host host;
    GMainContext *context;
    GSource *alarm;
};

struct hws_glib_source {
    GSource source;
    union {
        struct hws_watch *watch;
        struct hws_host *host;
    } of;
    gpointer tag; /* of the watch's descriptor */
};

static inline gboolean hws_glib_alarmed(GSource *source, GSourceFunc call,
                                        gpointer data)
{
    (void)call, (void)data;
    hws_host_run(((struct hws_glib_source *)(void *)source)->of.host);
    return G_SOURCE_CONTINUE;
}

/* In microseconds, rounded up; GLib's time is the same monotonic clock. A time
 * that has passed makes the next turn one that does not wait. */
static inline void hws_glib_aim(struct hws_host *host)
{
    hws_time delay = hws_host_delay(host);
    gint64 at = -1;
    if (delay != HWS_NEVER)
        at = g_get_monotonic_time() + delay / 1000 + (delay % 1000 != 0);
    g_source_set_ready_time(((struct hws_glib *)host)->alarm, at);
}

static inline gboolean hws_glib_ready(GSource *source, GSourceFunc call,
                                      gpointer data)
{
    struct hws_glib_source *s = (struct hws_glib_source *)(void *)source;
    int found = (int)g_source_query_unix_fd(source, s->tag);
    int wrong = G_IO_ERR | G_IO_HUP | G_IO_NVAL;
    (void)call, (void)data;
    hws_host_ready(s->of.watch, found & (G_IO_IN | wrong),
                   found & (G_IO_OUT | wrong));
    return G_SOURCE_CONTINUE;
}

static inline struct hws_glib_source *
hws_glib_attach(struct hws_host *host, GSourceFuncs *funcs, const char *name)
{
    struct hws_glib_source *s = (struct hws_glib_source *)(void *)g_source_new(
        funcs, sizeof(struct hws_glib_source));
    g_source_set_name(&s->source, name);
    g_source_attach(&s->source, ((struct hws_glib *)host)->context);
    return s;
}

static inline int hws_glib_set(struct hws_host *host, struct hws_watch *watch,
                               unsigned interest)
{
    static GSourceFuncs funcs = {NULL, NULL, hws_glib_ready, NULL, NULL, NULL};
    struct hws_glib_source *s = (struct hws_glib_source *)watch->host;
    int what = (interest & HWS_READ ? G_IO_IN : 0) |
               (interest & HWS_WRITE ? G_IO_OUT : 0);
    if (watch->interest == 0) {
        watch->host = s = hws_glib_attach(host, &funcs, "hawser watch");
        s->of.watch = watch;
        s->tag =
            g_source_add_unix_fd(&s->source, watch->fd, (GIOCondition)what);
    } else if (interest) {
        g_source_modify_unix_fd(&s->source, s->tag, (GIOCondition)what);
    } else {
        g_source_destroy(&s->source);
        g_source_unref(&s->source);
    }
    return 0;
}

/* On `context`, NULL for the default one. NULL, with `fault`, when there is no
 * memory. */
static inline struct hws_loop *hws_glib_new(GMainContext *context,
                                            struct hws_fault *fault)
{
    static const struct hws_host_ops ops = {"glib", hws_glib_set, hws_glib_aim};
    static GSourceFuncs funcs = {NULL, NULL, hws_glib_alarmed,
                                 NULL, NULL, NULL};
    struct hws_host *host = hws_host_new(sizeof(struct hws_glib), &ops, fault);
    struct hws_glib *l = (struct hws_glib *)host;
    if (!l)
        return NULL;
    l->context =
        g_main_context_ref(context ? context : g_main_context_default());
    struct hws_glib_source *s = hws_glib_attach(host, &funcs, "hawser timers");
    s->of.host = host;
    l->alarm = &s->source;
    return &host->loop;
}

/* After all clients of the loop. */
static inline void hws_glib_free(struct hws_loop *loop)
{
    struct hws_glib *l = (struct hws_glib *)(void *)loop;
    hws_loop_release(loop);
    g_source_destroy(l->alarm);
    g_source_unref(l->alarm);
    g_main_context_unref(l->context);
    hws_host_free(&l->host);
}

#endif
