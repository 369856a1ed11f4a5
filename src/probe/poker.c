#include "probe/poker.h"

#include "hawser/loop.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

/* The thread's own: what its wake-ups cost is the measure of the machine. */
struct sleeper {
    struct hwi_poker *poker;
    struct hwi_account account;
};

static hws_time now_ns(void)
{
    return hws_clock_now(HWS_CLOCK_MONOTONIC);
}

/* Called and left with the lock held. */
static void sleep_until(struct sleeper *s, hws_time deadline)
{
    struct hwi_poker *p = s->poker;
    struct timespec until = {.tv_sec = (time_t)(deadline / HWS_S(1)),
                             .tv_nsec = (long)(deadline % HWS_S(1))};
    hws_time waited = hwi_account_read(&s->account).waited;
    if (pthread_cond_timedwait(&p->changed, &p->lock, &until) != ETIMEDOUT)
        return;
    hws_time late = now_ns() - deadline;
    waited = hwi_account_read(&s->account).waited - waited;
    hws_histogram_note(p->lateness, late - waited);
}

static void poke(struct hwi_target *target)
{
    if (target->poke) {
        target->poke(target->context);
        return;
    }
    while (target->fd >= 0 && write(target->fd, "x", 1) < 0 && errno == EINTR)
        continue;
}

/* The next of the plan. Called and left with the lock held; without it while
 * it pokes, for the callee may take locks of its own. */
static void poke_next(struct hwi_poker *p)
{
    struct hwi_target *target = &p->plan.targets[p->plan.next];
    p->plan.next = (p->plan.next + 1) % p->plan.count;
    p->plan.at += p->plan.interval;
    p->plan.left--;
    if (target->is_set)
        return;
    target->is_set = true;
    target->stamp.usage = hwi_account_read(p->subject);
    target->stamp.at = now_ns();
    pthread_mutex_unlock(&p->lock);
    poke(target);
    pthread_mutex_lock(&p->lock);
}

static void *run(void *context)
{
    struct sleeper s = {.poker = context};
    struct hwi_poker *p = s.poker;
    hwi_account_open(&s.account);
    hwi_account_sharpen();
    pthread_mutex_lock(&p->lock);
    while (!p->is_stopped) {
        if (p->plan.left == 0)
            pthread_cond_wait(&p->changed, &p->lock);
        else if (now_ns() < p->plan.at)
            sleep_until(&s, p->plan.at);
        else
            poke_next(p);
    }
    pthread_mutex_unlock(&p->lock);
    hwi_account_shut(&s.account);
    return NULL;
}

/* A thread of the library takes no signal that is meant for the program. */
static int start(struct hwi_poker *p)
{
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int error = pthread_create(&p->thread, NULL, run, p);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return error;
}

int hwi_poker_init(struct hwi_poker *p, struct hws_histogram *lateness)
{
    pthread_condattr_t monotonic;
    *p = (struct hwi_poker){.lateness = lateness};
    pthread_mutex_init(&p->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&p->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    int error = start(p);
    if (error == 0)
        return 0;
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->lock);
    errno = error;
    return HWS_E_SYSTEM;
}

void hwi_poker_release(struct hwi_poker *p)
{
    pthread_mutex_lock(&p->lock);
    p->is_stopped = true;
    pthread_cond_signal(&p->changed);
    pthread_mutex_unlock(&p->lock);
    pthread_join(p->thread, NULL);
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->lock);
}

void hwi_poker_ask(struct hwi_poker *p, const struct hwi_plan *plan)
{
    pthread_mutex_lock(&p->lock);
    p->plan = *plan;
    pthread_cond_signal(&p->changed);
    pthread_mutex_unlock(&p->lock);
}

bool hwi_poker_look(struct hwi_poker *p, const struct hwi_target *target,
                    struct hwi_stamp *stamp)
{
    pthread_mutex_lock(&p->lock);
    bool is_set = target->is_set;
    if (is_set)
        *stamp = target->stamp;
    pthread_mutex_unlock(&p->lock);
    return is_set;
}

bool hwi_poker_take(struct hwi_poker *p, struct hwi_target *target,
                    struct hwi_stamp *stamp)
{
    pthread_mutex_lock(&p->lock);
    bool is_set = target->is_set;
    if (is_set)
        *stamp = target->stamp;
    target->is_set = false;
    pthread_mutex_unlock(&p->lock);
    return is_set;
}
