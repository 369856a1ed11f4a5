/* Our own dispatcher through the kit, on every poller. */
#include <hawser/loopkit.h>

#include <stdint.h>

#define POLLERS_MAX 8

static struct hws_loop *open_loop(void *poller)
{
    return hws_loop_new(poller, NULL);
}

static void close_loop(struct hws_loop *loop, void *poller)
{
    (void)poller;
    hws_loop_free(loop);
}

static void turn(struct hws_loop *loop, bool wait, void *poller)
{
    (void)poller;
    hws_loop_run_once(loop, wait ? HWS_NEVER : 0);
}

static void run(struct hws_loop *loop, void *poller)
{
    (void)poller;
    hws_loop_run(loop);
}

int main(int argc, char **argv)
{
    struct hws_loopkit_host hosts[POLLERS_MAX];
    const char *const *names = hws_loop_pollers();
    size_t count = 0;
    for (; names[count] && count < POLLERS_MAX; count++)
        hosts[count] = (struct hws_loopkit_host){
            .name = names[count],
            .open = open_loop,
            .close = close_loop,
            .turn = turn,
            .run = run,
            .user = (void *)(uintptr_t)names[count],
        };
    return hws_loopkit_main(argc, argv, hosts, count);
}
