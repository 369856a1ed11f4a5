#include "loop/timers.h"

#include "base/mem.h"

void hwi_timers_init(struct hwi_timers *t)
{
    hwi_heap_init(&t->heap);
    t->spare = NULL;
}

static struct hwi_timer_node *first(const struct hwi_timers *t)
{
    return (struct hwi_timer_node *)(void *)hwi_heap_first(&t->heap);
}

static void put_back(struct hwi_timers *t, struct hwi_timer_node *n)
{
    n->timer = NULL;
    n->next = t->spare;
    t->spare = n;
}

void hwi_timers_release(struct hwi_timers *t)
{
    struct hwi_timer_node *n;
    while ((n = first(t)) != NULL) {
        hwi_heap_remove(&t->heap, &n->node);
        put_back(t, n);
    }
    while ((n = t->spare) != NULL) {
        t->spare = n->next;
        hwi_free(n);
    }
    hwi_heap_release(&t->heap);
}

static struct hwi_timer_node *take_spare(struct hwi_timers *t)
{
    struct hwi_timer_node *n = t->spare;
    if (n)
        t->spare = n->next;
    else
        n = hwi_alloc(sizeof(*n));
    if (n)
        *n = (struct hwi_timer_node){.node.place = HWI_HEAP_NOWHERE};
    return n;
}

static int insert(struct hwi_timers *t, struct hws_timer *timer, hws_time key)
{
    struct hwi_timer_node *n = take_spare(t);
    if (!n)
        return HWS_E_MEMORY;
    int status = hwi_heap_set(&t->heap, &n->node, key);
    if (status) {
        put_back(t, n);
        return status;
    }
    n->timer = timer;
    timer->host = n;
    return 0;
}

int hwi_timers_set(struct hwi_timers *t, struct hws_timer *timer,
                   hws_time deadline, hws_time not_before)
{
    hws_time key = deadline > not_before ? deadline : not_before;
    struct hwi_timer_node *n = timer->host;
    int status =
        n ? hwi_heap_set(&t->heap, &n->node, key) : insert(t, timer, key);
    if (status == 0)
        timer->deadline = deadline;
    return status;
}

void hwi_timers_remove(struct hwi_timers *t, struct hws_timer *timer)
{
    struct hwi_timer_node *n = timer->host;
    timer->deadline = HWS_NEVER;
    timer->host = NULL;
    if (!n)
        return;
    hwi_heap_remove(&t->heap, &n->node);
    put_back(t, n);
}

hws_time hwi_timers_first(const struct hwi_timers *t)
{
    const struct hwi_timer_node *n = first(t);
    return n ? n->node.key : HWS_NEVER;
}

struct hws_timer *hwi_timers_take(struct hwi_timers *t, hws_time now)
{
    struct hwi_timer_node *n = first(t);
    if (!n || n->node.key > now)
        return NULL;
    struct hws_timer *timer = n->timer;
    hwi_timers_remove(t, timer);
    return timer;
}
