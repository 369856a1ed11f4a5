/* libev through the kit, on each of its usual backends. */
#include <hawser/adapters/ev.h>
#include <hawser/loopkit.h>

static struct hws_loop *open_loop(void *backend)
{
    struct ev_loop *ev = ev_loop_new(*(unsigned *)backend | EVFLAG_NOENV);
    return ev ? hws_ev_new(ev, NULL) : NULL;
}

static struct ev_loop *ev_of(struct hws_loop *loop)
{
    return ((struct hws_ev *)(void *)loop)->ev;
}

static void close_loop(struct hws_loop *loop, void *backend)
{
    struct ev_loop *ev = ev_of(loop);
    (void)backend;
    hws_ev_free(loop);
    ev_loop_destroy(ev);
}

static void turn(struct hws_loop *loop, bool wait, void *backend)
{
    (void)backend;
    ev_run(ev_of(loop), wait ? EVRUN_ONCE : EVRUN_NOWAIT);
}

static void run(struct hws_loop *loop, void *backend)
{
    (void)backend;
    ev_run(ev_of(loop), 0);
}

int main(int argc, char **argv)
{
    static unsigned backends[] = {EVBACKEND_EPOLL, EVBACKEND_POLL};
    const struct hws_loopkit_host hosts[] = {
        {"libev epoll", open_loop, close_loop, turn, run, &backends[0]},
        {"libev poll", open_loop, close_loop, turn, run, &backends[1]},
    };
    return hws_loopkit_main(argc, argv, hosts, 2);
}
