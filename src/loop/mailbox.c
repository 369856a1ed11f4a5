#include "loop/mailbox.h"

#include "loop/fork.h"

#include <errno.h>

/* A buffer that a burst drove above this size is given back once it was run;
 * up to it the memory is kept for the next calls. */
#define KEEP_MAX ((size_t)1 << 20)

/* The head of one call; its bytes follow, padded to the next head. */
struct message {
    void (*call)(void *context, struct hws_span bytes);
    void *context;
    size_t size;
};

static size_t padded(size_t size)
{
    size_t unit = _Alignof(struct message);
    return (size + unit - 1) / unit * unit;
}

int hwi_mailbox_init(struct hwi_mailbox *mb)
{
    *mb = (struct hwi_mailbox){.generation = hwi_fork_generation()};
    hwi_buf_init(&mb->filling, HWI_MAILBOX_LIMIT);
    hwi_buf_init(&mb->running, HWI_MAILBOX_LIMIT);
    int error = pthread_mutex_init(&mb->lock, NULL);
    if (error) {
        errno = error;
        return HWS_E_SYSTEM;
    }
    int status = hwi_wake_init(&mb->wake);
    if (status)
        pthread_mutex_destroy(&mb->lock);
    return status;
}

int hwi_mailbox_fd(const struct hwi_mailbox *mb)
{
    return mb->wake.fd;
}

static bool is_forked(const struct hwi_mailbox *mb)
{
    return hwi_fork_since(mb->generation);
}

/* Under the lock. */
static int append(struct hwi_mailbox *mb, struct message head,
                  struct hws_span bytes)
{
    size_t size = sizeof(head) + padded(bytes.size);
    int status;
    uint8_t *room = hwi_buf_reserve(&mb->filling, size, &status);
    if (!room)
        return status == HWS_E_TOO_BIG ? HWS_E_FULL : status;
    memcpy(room, &head, sizeof(head));
    if (bytes.size)
        memcpy(room + sizeof(head), bytes.data, bytes.size);
    hwi_buf_wrote(&mb->filling, size);
    return 0;
}

int hwi_mailbox_post(struct hwi_mailbox *mb,
                     void (*call)(void *context, struct hws_span bytes),
                     void *context, struct hws_span bytes)
{
    /* Before the lock: another thread may have held it when we forked. */
    if (is_forked(mb))
        return HWS_E_FORK;
    if (bytes.size > HWI_MAILBOX_LIMIT - sizeof(struct message))
        return HWS_E_TOO_BIG;
    struct message head = {call, context, bytes.size};

    pthread_mutex_lock(&mb->lock);
    bool was_empty = hwi_buf_size(&mb->filling) == 0;
    int status = mb->shut ? HWS_E_STATE : append(mb, head, bytes);
    /* Under the lock, because the call may lead to the release of this very
     * mailbox before a later write to its descriptor. */
    if (status == 0 && was_empty)
        hwi_wake_set(&mb->wake);
    pthread_mutex_unlock(&mb->lock);
    return status;
}

static void take_filled(struct hwi_mailbox *mb)
{
    pthread_mutex_lock(&mb->lock);
    hwi_wake_clear(&mb->wake);
    struct hwi_buf empty = mb->running;
    mb->running = mb->filling;
    mb->filling = empty;
    pthread_mutex_unlock(&mb->lock);
}

void hwi_mailbox_run(struct hwi_mailbox *mb)
{
    if (mb->is_running)
        return;
    take_filled(mb);

    mb->is_running = true;
    while (hwi_buf_size(&mb->running) > 0) {
        struct message head;
        const uint8_t *at = mb->running.data + mb->running.head;
        memcpy(&head, at, sizeof(head));
        head.call(head.context, hwi_span(at + sizeof(head), head.size));
        hwi_buf_take(&mb->running, sizeof(head) + padded(head.size));
    }
    mb->is_running = false;

    if (mb->running.capacity > KEEP_MAX)
        hwi_buf_release(&mb->running);
}

void hwi_mailbox_release(struct hwi_mailbox *mb)
{
    if (!is_forked(mb)) {
        pthread_mutex_lock(&mb->lock);
        mb->shut = true;
        pthread_mutex_unlock(&mb->lock);
        pthread_mutex_destroy(&mb->lock);
    }
    hwi_wake_release(&mb->wake);
    hwi_buf_release(&mb->filling);
    hwi_buf_release(&mb->running);
}

void hwi_mailbox_wake(struct hwi_mailbox *mb)
{
    if (!is_forked(mb))
        hwi_wake_set(&mb->wake);
}

bool hwi_mailbox_empty(struct hwi_mailbox *mb)
{
    pthread_mutex_lock(&mb->lock);
    bool empty = hwi_buf_size(&mb->filling) == 0;
    pthread_mutex_unlock(&mb->lock);
    return empty;
}
