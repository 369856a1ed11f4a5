/* libevent through the kit, on each of its methods here. */
#include <hawser/adapters/libevent.h>
#include <hawser/loopkit.h>

#include <stdint.h>
#include <string.h>

#define METHODS_MAX 8

/* Asked for once: each call frees what the last one returned, and the kit opens
 * loops on several threads. */
static const char *methods[METHODS_MAX];
static size_t method_count;

static void list_methods(void)
{
    const char **all = event_get_supported_methods();
    for (; all[method_count] && method_count < METHODS_MAX; method_count++)
        methods[method_count] = all[method_count];
}

static struct hws_loop *open_loop(void *method)
{
    struct event_config *config = event_config_new();
    event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
    for (size_t i = 0; i < method_count; i++)
        if (strcmp(methods[i], method) != 0)
            event_config_avoid_method(config, methods[i]);
    struct event_base *base = event_base_new_with_config(config);
    event_config_free(config);
    return base ? hws_libevent_new(base, NULL) : NULL;
}

static struct event_base *base_of(struct hws_loop *loop)
{
    return ((struct hws_libevent *)(void *)loop)->base;
}

static void close_loop(struct hws_loop *loop, void *method)
{
    struct event_base *base = base_of(loop);
    (void)method;
    hws_libevent_free(loop);
    event_base_free(base);
}

/* EVLOOP_NONBLOCK alone goes on as long as something is ready. */
static void turn(struct hws_loop *loop, bool wait, void *method)
{
    (void)method;
    event_base_loop(base_of(loop), EVLOOP_ONCE | (wait ? 0 : EVLOOP_NONBLOCK));
}

static void be_silent(int severity, const char *text)
{
    (void)severity, (void)text;
}

int main(int argc, char **argv)
{
    struct hws_loopkit_host hosts[METHODS_MAX];
    event_set_log_callback(be_silent);
    list_methods();
    for (size_t i = 0; i < method_count; i++)
        hosts[i] = (struct hws_loopkit_host){
            .name = methods[i],
            .open = open_loop,
            .close = close_loop,
            .turn = turn,
            .user = (void *)(uintptr_t)methods[i],
        };
    return hws_loopkit_main(argc, argv, hosts, method_count);
}
