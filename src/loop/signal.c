/*
 * Signals, handled in turn. The handler itself only marks a bit and sets a
 * wake for every loop that wants the number; the loop watches that wake like
 * any other descriptor. Nothing here asks which loop it is.
 *
 * A catcher is what one loop has here. The handler may run on any thread at
 * any moment, so catchers are never freed: one that is let go is taken up by
 * the next loop that handles a signal.
 */
#include "base/mem.h"
#include "hawser/loop.h"
#include "loop/fork.h"
#include "loop/wake.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#define NUMBER_MAX 64 /* one bit each */

struct catcher {
    struct hwi_wake wake;     /* fixed, as are the next two */
    unsigned generation;      /* hwi_fork_generation() of its process */
    struct catcher *next;     /* among all of this program */
    _Atomic uint64_t wanted;  /* numbers, one bit each */
    _Atomic uint64_t pending; /* caught, not yet told */
    struct hws_loop *loop;    /* under the lock; NULL: let go */
    struct hws_watch watch;   /* the loop thread's, from here on */
    struct hws_signal *signals;
    struct hws_signal *upcoming; /* while telling: the next to look at */
    bool is_telling;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct catcher *_Atomic catchers;
/* Under the lock: who needs our handler, and what was there before it. */
static struct {
    unsigned users;
    struct sigaction previous;
} handled[NUMBER_MAX + 1];

static uint64_t bit_of(int number)
{
    return (uint64_t)1 << (number - 1);
}

static void handler(int number)
{
    unsigned generation = hwi_fork_generation();
    for (struct catcher *c = atomic_load(&catchers); c; c = c->next) {
        /* A child shares its parent's wakes, and must not set them. */
        if (c->generation != generation ||
            !(atomic_load(&c->wanted) & bit_of(number)))
            continue;
        atomic_fetch_or(&c->pending, bit_of(number));
        hwi_wake_set(&c->wake);
    }
}

static int install(int number)
{
    if (handled[number].users == 0) {
        struct sigaction action = {.sa_handler = handler,
                                   .sa_flags = SA_RESTART};
        sigfillset(&action.sa_mask);
        if (sigaction(number, &action, &handled[number].previous) != 0)
            return errno == EINVAL ? HWS_E_ARGUMENT : HWS_E_SYSTEM;
    }
    handled[number].users++;
    return 0;
}

static void uninstall(int number)
{
    if (--handled[number].users == 0)
        sigaction(number, &handled[number].previous, NULL);
}

/* ---- on the loop's thread */

static void let_go(struct catcher *c)
{
    hws_loop_watch(c->loop, &c->watch, c->wake.fd, 0);
    c->loop = NULL;
}

static void tell(struct catcher *c, int number, hws_time now)
{
    for (struct hws_signal *s = c->signals; s; s = c->upcoming) {
        c->upcoming = s->next;
        if (s->number == number)
            s->caught(s, number, now);
    }
}

static void wake_ready(struct hws_watch *watch, unsigned ready, hws_time now)
{
    (void)ready;
    struct catcher *c =
        (void *)((char *)watch - offsetof(struct catcher, watch));
    hwi_wake_clear(&c->wake);
    uint64_t pending = atomic_exchange(&c->pending, 0);

    c->is_telling = true;
    for (int number = 1; number <= NUMBER_MAX; number++)
        if (pending & bit_of(number))
            tell(c, number, now);
    c->is_telling = false;

    pthread_mutex_lock(&lock);
    if (!c->signals)
        let_go(c);
    pthread_mutex_unlock(&lock);
}

/* The catcher that `loop` (NULL: nobody) has in this process, or NULL. */
static struct catcher *find(const struct hws_loop *loop, unsigned generation)
{
    struct catcher *c = atomic_load(&catchers);
    while (c && (c->loop != loop || c->generation != generation))
        c = c->next;
    return c;
}

static struct catcher *make(int *status)
{
    struct catcher *c = hwi_alloc_zero(sizeof(*c));
    *status = HWS_E_MEMORY;
    if (!c)
        return NULL;
    *status = hwi_wake_init(&c->wake);
    if (*status) {
        hwi_free(c);
        return NULL;
    }
    c->generation = hwi_fork_generation();
    c->watch.ready = wake_ready;
    c->watch.background = true;
    c->watch.urgent = true;
    c->next = atomic_load(&catchers);
    atomic_store(&catchers, c);
    return c;
}

static struct catcher *catcher_for(struct hws_loop *loop, int *status)
{
    unsigned generation = hwi_fork_generation();
    struct catcher *c = find(loop, generation);
    if (c)
        return c;
    c = find(NULL, generation);
    if (!c)
        c = make(status);
    if (!c)
        return NULL;
    hwi_wake_clear(&c->wake);
    atomic_store(&c->pending, 0);
    *status = hws_loop_watch(loop, &c->watch, c->wake.fd, HWS_READ);
    if (*status)
        return NULL;
    c->loop = loop;
    return c;
}

static bool is_wanted(const struct catcher *c, int number)
{
    const struct hws_signal *s = c->signals;
    while (s && s->number != number)
        s = s->next;
    return s != NULL;
}

/* After a signal of `number` left the list, or could not join it. */
static void forget_number(struct catcher *c, int number)
{
    if (!is_wanted(c, number))
        atomic_fetch_and(&c->wanted, ~bit_of(number));
    if (!c->signals && !c->is_telling)
        let_go(c);
}

static int enter(struct hws_loop *loop, struct hws_signal *signal, int number)
{
    int status = 0;
    struct catcher *c = catcher_for(loop, &status);
    if (!c)
        return status;
    /* Wanted first: the handler drops what nobody wants. */
    atomic_fetch_or(&c->wanted, bit_of(number));
    status = install(number);
    if (status) {
        forget_number(c, number);
        return status;
    }
    signal->number = number;
    signal->loop = loop;
    signal->next = c->signals;
    c->signals = signal;
    return 0;
}

int hws_signal_watch(struct hws_loop *loop, struct hws_signal *signal,
                     int number)
{
    if (number < 1 || number > NUMBER_MAX)
        return HWS_E_ARGUMENT;
    if (signal->loop)
        return HWS_E_STATE;
    pthread_mutex_lock(&lock);
    int status = enter(loop, signal, number);
    pthread_mutex_unlock(&lock);
    return status;
}

/* Take `signal` out of its catcher's list, and out of the way of tell(). */
static void unlink_signal(struct catcher *c, struct hws_signal *signal)
{
    struct hws_signal **at = &c->signals;
    while (*at != signal)
        at = &(*at)->next;
    *at = signal->next;
    if (c->upcoming == signal)
        c->upcoming = signal->next;
}

static void take_out(struct hws_signal *signal)
{
    struct catcher *c = atomic_load(&catchers);
    while (c->loop != signal->loop)
        c = c->next;
    unlink_signal(c, signal);
    uninstall(signal->number);
    forget_number(c, signal->number);
}

void hws_signal_forget(struct hws_signal *signal)
{
    if (!signal->loop)
        return;
    pthread_mutex_lock(&lock);
    take_out(signal);
    pthread_mutex_unlock(&lock);
    signal->loop = NULL;
    signal->next = NULL;
}
