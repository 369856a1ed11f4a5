#include "loop/hub.h"

#include "base/mem.h"
#include "base/status.h"
#include "loop/pollfd.h"

#define BUCKETS_FIRST 16
#define LOOK_AGAIN_DELAY HWS_S(1)

/* ---- whom readiness is told to */

static unsigned wanted(const struct hwi_slot *slot)
{
    unsigned events = 0;
    for (const struct hws_source *s = slot->first; s; s = s->next)
        events |= s->events;
    /* Readiness of the loop is that of the sources, one bit lower. */
    unsigned interest = events >> 1 & HWI_READY_ALL;
    if (interest == 0 && (events & HWS_EV_ERROR) && !slot->is_parked)
        interest = HWS_READ;
    return interest;
}

int hwi_slot_settle(struct hwi_slot *slot)
{
    unsigned interest = slot->fd < 0 ? 0 : wanted(slot);
    if (interest == slot->watch.interest)
        return 0;
    return hws_loop_watch(slot->hub->loop, &slot->watch, slot->fd, interest);
}

/* A loop reports an error as all of the interest: only then look closer. */
static bool is_broken(const struct hwi_slot *slot, unsigned ready)
{
    struct pollfd entry = {.fd = slot->fd};
    bool errors_wanted = false;
    if (ready != slot->watch.interest)
        return false;
    for (const struct hws_source *s = slot->first; s; s = s->next)
        errors_wanted |= (s->events & HWS_EV_ERROR) != 0;
    return errors_wanted && poll(&entry, 1, 0) > 0;
}

/* Nobody reads the bytes that wait: they must not wake us again and again. */
static void park(struct hwi_slot *slot, hws_time now)
{
    slot->is_parked = true;
    if (hws_loop_timer(slot->hub->loop, &slot->look_again,
                       now + LOOK_AGAIN_DELAY) != 0)
        slot->is_parked = false;
    hwi_slot_settle(slot);
}

static void unpark(struct hwi_slot *slot)
{
    if (slot->is_parked)
        hws_loop_timer(slot->hub->loop, &slot->look_again, HWS_NEVER);
    slot->is_parked = false;
}

static void look_again(struct hws_timer *timer, hws_time now)
{
    struct hwi_slot *slot =
        (void *)((char *)timer - offsetof(struct hwi_slot, look_again));
    (void)now;
    slot->is_parked = false;
    hwi_slot_settle(slot);
}

/* A source that was added meanwhile hears of the next readiness only. */
static void tell_all(struct hwi_slot *slot, unsigned events, hws_time now)
{
    struct hws_hub *hub = slot->hub;
    struct hwi_telling telling = {.upcoming = slot->first};
    uint64_t round = ++hub->round;
    hub->telling = &telling;
    while (telling.upcoming) {
        struct hws_source *s = telling.upcoming;
        telling.upcoming = s->next;
        if (s->since < round && (s->events & events))
            hwi_source_tell(s, s->events & events, now);
    }
    if (telling.is_hub_gone)
        return;
    hub->telling = NULL;
    hwi_slot_settle(slot);
}

static void slot_ready(struct hws_watch *watch, unsigned ready, hws_time now)
{
    struct hwi_slot *slot = (struct hwi_slot *)(void *)watch;
    unsigned events = ready << 1;
    if (is_broken(slot, ready))
        events |= HWS_EV_ERROR;
    bool is_heard = false;
    for (const struct hws_source *s = slot->first; s; s = s->next)
        is_heard |= (s->events & events) != 0;
    if (is_heard)
        tell_all(slot, events, now);
    else
        park(slot, now);
}

void hwi_slot_push(struct hwi_slot *slot, struct hws_source *source)
{
    source->slot = slot;
    source->since = slot->hub->round;
    source->next = NULL;
    source->link = slot->end;
    *slot->end = source;
    slot->end = &source->next;
    unpark(slot);
}

void hwi_slot_remove(struct hws_source *source)
{
    struct hwi_slot *slot = source->slot;
    struct hwi_telling *telling = slot->hub->telling;
    if (telling && telling->upcoming == source)
        telling->upcoming = source->next;
    *source->link = source->next;
    if (source->next)
        source->next->link = source->link;
    else
        slot->end = source->link;
    unpark(slot);
}

/* ---- which descriptors there are */

static void slot_init(struct hwi_slot *slot, struct hws_hub *hub, int fd)
{
    *slot = (struct hwi_slot){.watch.ready = slot_ready,
                              .look_again.due = look_again,
                              .hub = hub,
                              .fd = fd};
    slot->end = &slot->first;
}

static struct hwi_slot **bucket_of(const struct hws_hub *hub, int fd)
{
    return &hub->buckets[(size_t)fd & (hub->bucket_count - 1)];
}

static void put_in_bucket(struct hws_hub *hub, struct hwi_slot *slot)
{
    struct hwi_slot **bucket = bucket_of(hub, slot->fd);
    slot->next = *bucket;
    *bucket = slot;
}

/* Twice the buckets once there is a slot for each. 0 or HWS_E_MEMORY. */
static int grow(struct hws_hub *hub)
{
    if (hub->slot_count < hub->bucket_count)
        return 0;
    struct hws_hub old = *hub;
    size_t count = old.bucket_count ? 2 * old.bucket_count : BUCKETS_FIRST;
    struct hwi_slot **buckets =
        hwi_alloc_zero(count * sizeof(struct hwi_slot *));
    if (!buckets)
        return HWS_E_MEMORY;
    hub->buckets = buckets;
    hub->bucket_count = count;
    for (size_t i = 0; i < old.bucket_count; i++) {
        struct hwi_slot *slot = old.buckets[i];
        while (slot) {
            struct hwi_slot *next = slot->next;
            put_in_bucket(hub, slot);
            slot = next;
        }
    }
    hwi_free(old.buckets);
    return 0;
}

struct hwi_slot *hwi_hub_slot(struct hws_hub *hub, int fd)
{
    if (fd < 0)
        return &hub->loose;
    struct hwi_slot *slot = hub->buckets ? *bucket_of(hub, fd) : NULL;
    while (slot && slot->fd != fd)
        slot = slot->next;
    if (slot || grow(hub) != 0)
        return slot;
    slot = hwi_alloc(sizeof(*slot));
    if (!slot)
        return NULL;
    slot_init(slot, hub, fd);
    put_in_bucket(hub, slot);
    hub->slot_count++;
    return slot;
}

/* ---- the hub itself */

struct hws_hub *hws_hub_new(struct hws_loop *loop, struct hws_fault *fault)
{
    struct hws_hub *hub = hwi_alloc_zero(sizeof(*hub));
    if (!hub) {
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                      "cannot make a hub: no memory");
        return NULL;
    }
    hub->loop = loop;
    slot_init(&hub->loose, hub, -1);
    return hub;
}

static void empty_slot(struct hwi_slot *slot)
{
    while (slot->first)
        hws_source_delete(slot->first);
}

void hws_hub_abort(struct hws_hub *hub)
{
    empty_slot(&hub->loose);
    for (size_t i = 0; i < hub->bucket_count; i++)
        for (struct hwi_slot *s = hub->buckets[i]; s; s = s->next)
            empty_slot(s);
}

void hws_hub_free(struct hws_hub *hub)
{
    if (!hub)
        return;
    hws_hub_abort(hub);
    if (hub->telling)
        hub->telling->is_hub_gone = true;
    for (size_t i = 0; i < hub->bucket_count; i++) {
        struct hwi_slot *slot = hub->buckets[i];
        while (slot) {
            struct hwi_slot *next = slot->next;
            unpark(slot);
            hwi_free(slot);
            slot = next;
        }
    }
    hwi_free(hub->buckets);
    hwi_free(hub);
}

void hws_hub_abort_branch(struct hws_hub *hub)
{
    if (hub->telling)
        hub->telling->upcoming = NULL;
}

static size_t count_in(const struct hwi_slot *slot, unsigned events)
{
    size_t count = 0;
    for (const struct hws_source *s = slot->first; s; s = s->next)
        count += (hws_source_pending(s) & events) != 0;
    return count;
}

size_t hws_hub_count(const struct hws_hub *hub, unsigned events)
{
    size_t count = count_in(&hub->loose, events);
    for (size_t i = 0; i < hub->bucket_count; i++)
        for (const struct hwi_slot *s = hub->buckets[i]; s; s = s->next)
            count += count_in(s, events);
    return count;
}
