/* Signals on any loop: told in turn, to whoever asked, and from no handler. */
#include "kit.h"

#include <pthread.h>
#include <signal.h>

struct catcher {
    struct hws_signal signal;
    unsigned calls;
    int number;
    void (*then)(struct catcher *c);
};

static void caught(struct hws_signal *signal, int number, hws_time now)
{
    struct catcher *c = (struct catcher *)(void *)signal;
    CHECK(now <= kit_now());
    c->calls++;
    c->number = number;
    if (c->then)
        c->then(c);
}

static void catch_signal(struct kit *k, struct catcher *c, int number)
{
    *c = (struct catcher){.signal.caught = caught, .then = c->then};
    CHECK_EQ(hws_signal_watch(k->loop, &c->signal, number), 0);
}

SCENARIO(signal_is_handled_in_turn)
{
    struct catcher c = {.calls = 0};
    catch_signal(k, &c, SIGUSR1);
    raise(SIGUSR1);
    CHECK_EQ(c.calls, 0);
    LOOK_UNTIL(k, c.calls == 1);
    CHECK_EQ(c.number, SIGUSR1);
    kit_look_around(k);
    CHECK_EQ(c.calls, 1);
    hws_signal_forget(&c.signal);
}

SCENARIO(signals_are_told_apart)
{
    struct catcher one = {.calls = 0}, two = {.calls = 0};
    catch_signal(k, &one, SIGUSR1);
    catch_signal(k, &two, SIGUSR2);
    raise(SIGUSR2);
    LOOK_UNTIL(k, two.calls == 1);
    CHECK_EQ(one.calls, 0);
    raise(SIGUSR1);
    LOOK_UNTIL(k, one.calls == 1);
    hws_signal_forget(&one.signal);
    hws_signal_forget(&two.signal);
}

SCENARIO(every_catcher_of_a_signal_is_told)
{
    struct catcher c[5];
    for (size_t i = 0; i < 5; i++) {
        c[i].then = NULL;
        catch_signal(k, &c[i], SIGUSR1);
    }
    raise(SIGUSR1);
    for (size_t i = 0; i < 5; i++)
        LOOK_UNTIL(k, c[i].calls == 1);
    for (size_t i = 0; i < 5; i++)
        hws_signal_forget(&c[i].signal);
}

static void forget_signal(struct catcher *c)
{
    hws_signal_forget(&c->signal);
}

SCENARIO(signal_is_forgotten_inside_its_callback)
{
    struct catcher c = {.calls = 0};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGUSR1, &ignore, NULL);
    c.then = forget_signal;
    catch_signal(k, &c, SIGUSR1);
    raise(SIGUSR1);
    LOOK_UNTIL(k, c.calls == 1);
    raise(SIGUSR1); /* ignored again, as before */
    kit_look_around(k);
    CHECK_EQ(c.calls, 1);
}

static void raise_again(struct catcher *c)
{
    if (c->calls < 20)
        raise(c->number);
}

SCENARIO(signal_raised_inside_its_callback_is_handled)
{
    struct catcher c = {.calls = 0};
    c.then = raise_again;
    catch_signal(k, &c, SIGUSR1);
    raise(SIGUSR1);
    LOOK_UNTIL(k, c.calls == 20);
    hws_signal_forget(&c.signal);
}

static void *raise_in(void *thread)
{
    pthread_kill(*(pthread_t *)thread, SIGUSR1);
    return NULL;
}

/* It comes before or during the wait; either way the wait ends. */
SCENARIO(signal_ends_a_wait)
{
    struct catcher c = {.calls = 0};
    pthread_t self = pthread_self();
    catch_signal(k, &c, SIGUSR1);
    for (unsigned i = 1; i <= 20; i++) {
        pthread_t other;
        CHECK_EQ(pthread_create(&other, NULL, raise_in, &self), 0);
        WAIT_UNTIL(k, c.calls == i);
        pthread_join(other, NULL);
    }
    hws_signal_forget(&c.signal);
}

extern const struct kit_scenario kit_signals[];
const struct kit_scenario kit_signals[] = {
    LIST(signal_is_handled_in_turn),
    LIST(signals_are_told_apart),
    LIST(every_catcher_of_a_signal_is_told),
    LIST(signal_is_forgotten_inside_its_callback),
    LIST(signal_raised_inside_its_callback_is_handled),
    LIST(signal_ends_a_wait),
    LIST_END,
};
