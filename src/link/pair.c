/*
 * Two ends in memory. What one end writes lies in the other's inbox until it
 * is read; nothing takes time and nothing waits. Both ends and their buffers
 * live in one block that goes when the second end is freed.
 */
#include "link/pair.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/status.h"

#include <pthread.h>

#define PAIR_FD_FIRST (1 << 20)
#define PAIR_CAPACITY ((size_t)64 * 1024)
#define PAIR_BUCKETS 256

struct pair;

struct end {
    struct hws_link link;
    struct pair *pair;
    struct end *next; /* in its bucket */
    struct hwi_buf inbox;
    int fd;
    bool shut;  /* its own direction has ended */
    bool reset; /* what comes after the inbox is a reset */
    bool abort; /* freeing it resets the other end */
    bool gone;  /* freed by its owner */
};

struct pair {
    struct hws_pair_options options;
    struct end ends[2];
    bool silent; /* bytes vanish in both directions */
};

/* Ends by number. Ends may be made and looked up from several threads. */
static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static struct end *registry[PAIR_BUCKETS];
static int next_fd = PAIR_FD_FIRST;

static struct end **bucket_of(int fd)
{
    return &registry[(unsigned)fd % PAIR_BUCKETS];
}

static void enroll(struct end *e)
{
    pthread_mutex_lock(&registry_lock);
    e->fd = next_fd++;
    e->next = *bucket_of(e->fd);
    *bucket_of(e->fd) = e;
    pthread_mutex_unlock(&registry_lock);
}

static void strike(struct end *e)
{
    pthread_mutex_lock(&registry_lock);
    struct end **at = bucket_of(e->fd);
    while (*at != e)
        at = &(*at)->next;
    *at = e->next;
    pthread_mutex_unlock(&registry_lock);
}

struct hws_link *hws_pair_of(int fd)
{
    pthread_mutex_lock(&registry_lock);
    struct end *e = fd >= PAIR_FD_FIRST ? *bucket_of(fd) : NULL;
    while (e && e->fd != fd)
        e = e->next;
    pthread_mutex_unlock(&registry_lock);
    return e ? &e->link : NULL;
}

static struct end *self(const struct hws_link *link)
{
    return (struct end *)(uintptr_t)link;
}

static struct end *other(const struct end *e)
{
    return &e->pair->ends[e == &e->pair->ends[0]];
}

static int fail(struct end *e)
{
    struct hws_fault *fault = &e->link.fault;
    if (!fault->status)
        hwi_fault_set(fault, HWS_PHASE_TCP, HWS_E_RESET,
                      "connection to '%s' was reset", fault->peer);
    return fault->status;
}

static int pair_open(struct hws_link *link, hws_time now)
{
    (void)link;
    (void)now;
    return 0;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* What an end finds once its inbox is empty. */
static int dry(struct end *e)
{
    if (e->reset)
        return fail(e);
    if (other(e)->shut && !e->pair->silent)
        return HWS_E_EOF;
    return HWS_E_AGAIN;
}

static ptrdiff_t pair_read(struct hws_link *link, uint8_t *bytes, size_t size)
{
    struct end *e = self(link);
    size_t read_max = e->pair->options.read_max;
    size_t count = least(size, hwi_buf_size(&e->inbox));
    if (read_max)
        count = least(count, read_max);
    if (count == 0)
        return dry(e);
    memcpy(bytes, e->inbox.data + e->inbox.head, count);
    hwi_buf_take(&e->inbox, count);
    return (ptrdiff_t)count;
}

static size_t room(const struct end *e)
{
    return e->pair->options.capacity - hwi_buf_size(&other(e)->inbox);
}

static ptrdiff_t pair_write(struct hws_link *link, const uint8_t *bytes,
                            size_t size)
{
    struct end *e = self(link);
    size_t write_max = e->pair->options.write_max;
    if (size == 0)
        return 0;
    if (e->reset || e->shut || other(e)->gone)
        return fail(e);
    if (e->pair->silent)
        return (ptrdiff_t)size;
    size_t count = least(size, room(e));
    if (write_max)
        count = least(count, write_max);
    if (count == 0)
        return HWS_E_AGAIN;
    int status = hwi_buf_push(&other(e)->inbox, hwi_span(bytes, count));
    if (status < 0)
        return hwi_fault_set(&link->fault, HWS_PHASE_LOCAL, status,
                             "no memory for '%s'", link->fault.peer);
    return (ptrdiff_t)count;
}

static int pair_shut(struct hws_link *link)
{
    if (self(link)->reset)
        return fail(self(link));
    self(link)->shut = true;
    return 0;
}

static size_t pair_wants(const struct hws_link *link, struct hws_want *wants)
{
    wants[0] = (struct hws_want){.fd = self(link)->fd, .interest = HWS_READ};
    return 1;
}

static hws_time pair_deadline(const struct hws_link *link)
{
    (void)link;
    return HWS_NEVER;
}

static void pair_free(struct hws_link *link)
{
    struct end *e = self(link);
    strike(e);
    hwi_buf_release(&e->inbox);
    e->gone = e->shut = true;
    if (e->abort && !e->pair->silent)
        other(e)->reset = true;
    if (other(e)->gone)
        hwi_free(e->pair);
}

static const struct hws_link_ops pair_ops = {
    .name = "pair",
    .open = pair_open,
    .read = pair_read,
    .write = pair_write,
    .shut = pair_shut,
    .wants = pair_wants,
    .deadline = pair_deadline,
    .free = pair_free,
};

int hws_pair_new(const struct hws_pair_options *options,
                 struct hws_link *ends[2])
{
    struct pair *pair = hwi_alloc_zero(sizeof(*pair));
    if (!pair)
        return HWS_E_MEMORY;
    if (options)
        pair->options = *options;
    if (pair->options.capacity == 0)
        pair->options.capacity = PAIR_CAPACITY;
    for (int i = 0; i < 2; i++) {
        struct end *e = &pair->ends[i];
        e->link.ops = &pair_ops;
        e->pair = pair;
        memcpy(e->link.fault.peer, "pair", sizeof("pair"));
        hwi_buf_init(&e->inbox, pair->options.capacity);
        enroll(e);
        ends[i] = &e->link;
    }
    return 0;
}

unsigned hws_pair_ready(const struct hws_link *link)
{
    struct end *e = self(link);
    unsigned ready = 0;
    bool failing = e->reset || (other(e)->gone && !e->pair->silent);
    if (hwi_buf_size(&e->inbox) || failing ||
        (other(e)->shut && !e->pair->silent))
        ready |= HWS_READ;
    if (failing || e->pair->silent || room(e) > 0)
        ready |= HWS_WRITE;
    return ready;
}

int hws_pair_fd(const struct hws_link *link)
{
    return self(link)->fd;
}

void hws_pair_break(struct hws_link *link, bool silent)
{
    struct end *e = self(link);
    if (!silent) {
        hwi_buf_clear(&e->inbox);
        e->reset = other(e)->reset = true;
        return;
    }
    e->pair->silent = true;
    hwi_buf_clear(&e->inbox);
    hwi_buf_clear(&other(e)->inbox);
}

size_t hwi_pair_queue(const struct hws_link *link)
{
    return link->ops == &pair_ops ? hwi_buf_size(&self(link)->inbox) : 0;
}

void hwi_pair_abort(const struct hws_link *link)
{
    if (link->ops == &pair_ops)
        self(link)->abort = true;
}
