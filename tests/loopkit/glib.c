/* GLib through the kit. */
#include <hawser/adapters/glib.h>
#include <hawser/loopkit.h>

static struct hws_loop *open_loop(void *user)
{
    GMainContext *context = g_main_context_new();
    struct hws_loop *loop = hws_glib_new(context, NULL);
    (void)user;
    g_main_context_unref(context); /* the loop has its own share */
    return loop;
}

static void close_loop(struct hws_loop *loop, void *user)
{
    (void)user;
    hws_glib_free(loop);
}

static void turn(struct hws_loop *loop, bool wait, void *user)
{
    (void)user;
    g_main_context_iteration(((struct hws_glib *)(void *)loop)->context, wait);
}

int main(int argc, char **argv)
{
    const struct hws_loopkit_host host = {"glib", open_loop, close_loop,
                                          turn,   NULL,      NULL};
    return hws_loopkit_main(argc, argv, &host, 1);
}
