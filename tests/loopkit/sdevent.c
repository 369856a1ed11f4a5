/* sd-event through the kit. */
#include <hawser/adapters/sdevent.h>
#include <hawser/loopkit.h>

static struct hws_loop *open_loop(void *user)
{
    sd_event *event = NULL;
    (void)user;
    return sd_event_new(&event) >= 0 ? hws_sdevent_new(event, NULL) : NULL;
}

static sd_event *event_of(struct hws_loop *loop)
{
    return ((struct hws_sdevent *)(void *)loop)->event;
}

static void close_loop(struct hws_loop *loop, void *user)
{
    sd_event *event = event_of(loop);
    (void)user;
    hws_sdevent_free(loop);
    sd_event_unref(event);
}

static void turn(struct hws_loop *loop, bool wait, void *user)
{
    (void)user;
    sd_event_run(event_of(loop), wait ? UINT64_MAX : 0);
}

int main(int argc, char **argv)
{
    const struct hws_loopkit_host host = {"sd-event", open_loop, close_loop,
                                          turn,       NULL,      NULL};
    return hws_loopkit_main(argc, argv, &host, 1);
}
