#include "session/commons.h"

#include "base/mem.h"
#include "base/status.h"
#include "link/routes.h"
#include "session/entropy.h"
#include "session/tls_cache.h"

#include <errno.h>
#include <unistd.h>

/* Ten years: a timer that only keeps the loop from ending. */
#define FAR_AHEAD HWS_S((hws_time)10 * 365 * 86400)

#ifdef HWI_THREAD_MARK
_Thread_local char hwi_thread_mark;
#endif

/* Mail that was posted before a last call is run before it. Running it takes
 * back the wake of last calls that came meanwhile: look for them again. */
static void call_lasts(struct hws_commons *m)
{
    struct hwi_last *last;
    while ((last = atomic_exchange(&m->lasts, NULL))) {
        hwi_mailbox_run(&m->mailbox);
        while (last) {
            struct hwi_last *older = last->older;
            last->call(last);
            last = older;
        }
    }
}

static void mail_ready(struct hws_watch *watch, unsigned ready, hws_time now)
{
    struct hws_commons *m =
        hwi_container(watch, struct hws_commons, mail_watch);
    (void)ready;
    hwi_commons_enter(m);
    m->now = now;
    hwi_mailbox_run(&m->mailbox);
    call_lasts(m);
    hwi_commons_leave(m, now);
}

void hwi_commons_call_last(struct hws_commons *m, struct hwi_last *last)
{
    last->older = atomic_load(&m->lasts);
    while (!atomic_compare_exchange_weak(&m->lasts, &last->older, last))
        continue;
    hwi_mailbox_wake(&m->mailbox);
}

/* ---- routes */

static void tell_lines(struct hws_commons *m)
{
    m->sleeps++;
    for (struct hwi_list *l = m->lines.next; l != &m->lines; l = l->next) {
        struct hwi_line *line = hwi_container(l, struct hwi_line, link);
        line->slept(line);
    }
}

static void tell_routes(struct hws_commons *m, hws_time now)
{
    hwi_commons_enter(m);
    m->now = now;
    m->routes_told_at = now;
    tell_lines(m);
    hwi_commons_leave(m, now);
}

static void routes_due(struct hws_timer *timer, hws_time now)
{
    tell_routes(hwi_container(timer, struct hws_commons, routes_timer), now);
}

static void routes_ready(struct hws_watch *watch, unsigned ready, hws_time now)
{
    struct hws_commons *m =
        hwi_container(watch, struct hws_commons, routes_watch);
    (void)ready;
    if (!hwi_routes_changed(watch->fd) || hwi_list_empty(&m->lines))
        return;
    if (m->routes_told_at == HWS_NEVER ||
        now - m->routes_told_at >= HWI_ROUTES_DELAY)
        tell_routes(m, now);
    else if (m->routes_timer.deadline == HWS_NEVER)
        hws_loop_timer(m->loop, &m->routes_timer,
                       m->routes_told_at + HWI_ROUTES_DELAY);
}

/* Who cannot hear of routes lives without. */
static void open_routes(struct hws_commons *m)
{
    m->routes_watch.ready = routes_ready;
    m->routes_watch.background = true;
    int fd = hwi_routes_open();
    if (fd >= 0 && hws_loop_watch(m->loop, &m->routes_watch, fd, HWS_READ) != 0)
        close(fd);
}

static void close_routes(struct hws_commons *m)
{
    int fd = m->routes_watch.fd;
    if (!m->routes_watch.interest)
        return;
    hws_loop_timer(m->loop, &m->routes_timer, HWS_NEVER);
    hws_loop_watch(m->loop, &m->routes_watch, fd, 0);
    close(fd);
}

/* ---- the life of connections */

static void alive_due(struct hws_timer *timer, hws_time now)
{
    struct hws_commons *m = hwi_container(timer, struct hws_commons, alive);
    hws_loop_timer(m->loop, timer, now + FAR_AHEAD);
}

int hwi_commons_join(struct hws_commons *m, struct hwi_line *line, hws_time now)
{
    if (hwi_list_empty(&m->lines) &&
        hws_loop_timer(m->loop, &m->alive, now + FAR_AHEAD) != 0)
        return HWS_E_MEMORY;
    hwi_list_push(&m->lines, &line->link);
    return 0;
}

void hwi_commons_part(struct hws_commons *m, struct hwi_line *line)
{
    hwi_list_remove(&line->link);
    if (hwi_list_empty(&m->lines) && !hwi_commons_forked(m))
        hws_loop_timer(m->loop, &m->alive, HWS_NEVER);
}

static hws_time sleep_offset(struct hws_loop *loop)
{
    return hws_loop_clock(loop, HWS_CLOCK_BOOTTIME) -
           hws_loop_clock(loop, HWS_CLOCK_MONOTONIC);
}

/* A child process must not touch the mailbox that it shares. */
static void commons_free(struct hws_commons *m)
{
    close_routes(m);
    hws_loop_watch(m->loop, &m->mail_watch, m->mail_watch.fd, 0);
    if (!hwi_commons_forked(m))
        /* Clients freed from other threads; the loop may have run on one. */
        mail_ready(&m->mail_watch, HWS_READ,
                   hws_loop_clock(m->loop, HWS_CLOCK_MONOTONIC));
    hwi_mailbox_release(&m->mailbox);
    hwi_tls_cache_free(m->tls_cache);
    hwi_free(m->read_buffer);
    for (size_t i = 0; i < 4; i++)
        hwi_free(m->tls[i / 2][i % 2]);
    hwi_free(m);
}

/* The mailbox alone keeps no loop alive. */
static bool open_mailbox(struct hws_commons *m, struct hws_fault *fault)
{
    if (hwi_mailbox_init(&m->mailbox) != 0) {
        hwi_fault_os(fault, HWS_PHASE_LOCAL, errno,
                     "cannot make the mailbox of the connections");
        return false;
    }
    m->mail_watch.ready = mail_ready;
    m->mail_watch.background = true;
    int fd = hwi_mailbox_fd(&m->mailbox);
    int status = hws_loop_watch(m->loop, &m->mail_watch, fd, HWS_READ);
    if (status == 0)
        return true;
    hwi_fault_set(fault, HWS_PHASE_LOCAL, status,
                  "cannot watch the mailbox of the connections: %s",
                  hws_status_name(status));
    hwi_mailbox_release(&m->mailbox);
    return false;
}

static struct hws_commons *commons_new(struct hws_loop *loop,
                                       struct hws_fault *fault)
{
    struct hws_commons *m = hwi_alloc_zero(sizeof(*m));
    if (!m)
        goto fail;
    m->loop = loop;
    m->alive.due = alive_due;
    m->alive.deadline = HWS_NEVER;
    m->routes_timer.due = routes_due;
    m->routes_timer.deadline = HWS_NEVER;
    m->routes_told_at = HWS_NEVER;
    m->fork_generation = hwi_fork_generation();
    m->sleep_offset = sleep_offset(loop);
    hwi_rng_init(&m->rng, hwi_entropy());
    hwi_list_init(&m->dirty);
    hwi_list_init(&m->lines);
    hwi_list_init(&m->clients);
    atomic_init(&m->owner, 0);
    m->read_buffer = hwi_alloc(HWI_READ_SIZE);
    if (!m->read_buffer)
        goto fail;
    if (!open_mailbox(m, fault))
        goto fail_kept;
    open_routes(m);
    return m;
fail:
    hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                  "cannot prepare the loop for connections: no memory");
fail_kept:
    if (m)
        hwi_free(m->read_buffer);
    hwi_free(m);
    return NULL;
}

/* The end of a wake-up that was not ours alone. */
static void commons_settle(struct hws_commons *m, hws_time now)
{
    if (hwi_list_empty(&m->dirty))
        return;
    hwi_commons_enter(m);
    m->now = now;
    hwi_commons_leave(m, now);
}

struct hws_commons *hwi_commons_of(struct hws_loop *loop,
                                   struct hws_fault *fault)
{
    if (!loop->commons) {
        loop->commons = commons_new(loop, fault);
        loop->commons_free = commons_free;
        loop->commons_settle = commons_settle;
    }
    return loop->commons;
}

void hwi_commons_enter(struct hws_commons *m)
{
    if (m->depth++ == 0)
        m->wakes++;
    hwi_commons_adopt(m);
}

/* The first time this fences off what other threads asked for before: whoever
 * saw no owner is seen here. */
void hwi_commons_adopt(struct hws_commons *m)
{
    if (!hwi_commons_is_owner(m))
        atomic_store(&m->owner, hwi_this_thread());
}

void hwi_commons_leave(struct hws_commons *m, hws_time now)
{
    struct hwi_list *link;
    /* Settling may mark others dirty, and may call users back: all of it still
     * belongs to this wake-up. */
    while (m->depth == 1 && (link = hwi_list_take(&m->dirty))) {
        struct hwi_dirt *dirt = hwi_container(link, struct hwi_dirt, link);
        dirt->settle(dirt, now);
    }
    m->depth--;
}

void hwi_commons_look_for_sleep(struct hws_commons *m, hws_time now)
{
    /* Both clocks are read here: the time of the wake-up is old by now, if a
     * callback took long. */
    hws_time offset = sleep_offset(m->loop);
    bool slept = offset - m->sleep_offset >= HWI_SLEEP_MIN;
    m->sleep_offset = offset;
    m->looked_at = now;
    if (slept)
        tell_lines(m);
}

static bool have(uint8_t **buffer)
{
    if (!*buffer)
        *buffer = hwi_alloc(HWI_READ_SIZE);
    return *buffer != NULL;
}

bool hwi_commons_tls_scratch(struct hws_commons *m, enum hwi_tls_place place,
                             struct hws_scratch *in, struct hws_scratch *out)
{
    uint8_t **buffers = m->tls[place];
    if (!have(&buffers[0]) || !have(&buffers[1]))
        return false;
    *in = (struct hws_scratch){.data = buffers[0], .size = HWI_READ_SIZE};
    *out = (struct hws_scratch){.data = buffers[1], .size = HWI_READ_SIZE};
    return true;
}
