/*
 * Bytes for a descriptor, bounded. Invariant between calls: its source waits
 * for writability exactly while bytes are queued, and none are queued once it
 * has failed. It knows what a descriptor takes, not what the bytes mean.
 */
#include "base/buf.h"
#include "base/mem.h"
#include "base/status.h"
#include "hawser/event.h"

#include <assert.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#define QUEUE_MAX_DEFAULT ((size_t)4 << 20)

struct hws_writer {
    struct hws_hub *hub;
    struct hws_writer_options options;
    struct hws_source source;
    struct hwi_buf queue;
    struct hws_fault fault;
    bool is_high;              /* between on_high and on_low */
    bool is_telling, is_freed; /* freed while telling: gone at its end */
};

/* ---- handing bytes to the kernel */

static int status_of(int error)
{
    if (error == EAGAIN || error == EWOULDBLOCK)
        return HWS_E_AGAIN;
    return error == EPIPE || error == ECONNRESET ? HWS_E_RESET : HWS_E_SYSTEM;
}

static ptrdiff_t write_fd(void *user, int fd, const uint8_t *bytes, size_t size)
{
    ssize_t wrote;
    (void)user;
    do {
        wrote = send(fd, bytes, size, MSG_NOSIGNAL);
        if (wrote < 0 && errno == ENOTSOCK)
            wrote = write(fd, bytes, size);
    } while (wrote < 0 && errno == EINTR);
    return wrote < 0 ? status_of(errno) : wrote;
}

/* Note why writing ended; the first cause only. Returns its status. */
static int fail(struct hws_writer *w, int status, int error)
{
    hws_source_delete(&w->source);
    hwi_buf_release(&w->queue);
    w->is_high = false;
    if (error)
        hwi_fault_os(&w->fault, HWS_PHASE_LOCAL, error,
                     "cannot write to descriptor %d", w->source.handle);
    else
        hwi_fault_set(&w->fault, HWS_PHASE_LOCAL, status,
                      "cannot write to descriptor %d: %s", w->source.handle,
                      hws_status_name(status));
    w->fault.status = (enum hws_status)status;
    return status;
}

/* Bytes taken, 0: none at present, or the status of a failure. */
static ptrdiff_t hand_over(struct hws_writer *w, struct hws_span bytes)
{
    bool is_ours = w->options.write == write_fd;
    ptrdiff_t took = w->options.write(w->options.user, w->source.handle,
                                      bytes.data, bytes.size);
    if (took == HWS_E_AGAIN)
        return 0;
    assert(took != 0 && (took < 0 || (size_t)took <= bytes.size));
    return took > 0 ? took : fail(w, (int)took, is_ours ? errno : 0);
}

/* ---- later, when it is writable */

static bool falls_low(struct hws_writer *w)
{
    if (!w->is_high || hws_writer_queued(w) > w->options.low_water)
        return false;
    w->is_high = false;
    return true;
}

static void release(struct hws_writer *w)
{
    hwi_buf_release(&w->queue);
    hwi_free(w);
}

/* The last thing that is done: each callee may free the writer. */
static void tell_progress(struct hws_writer *w)
{
    w->is_telling = true;
    if (falls_low(w) && w->options.on_low)
        w->options.on_low(w, w->options.user);
    if (!w->is_freed && hws_writer_queued(w) == 0 && w->options.on_drained)
        w->options.on_drained(w, w->options.user);
    w->is_telling = false;
    if (w->is_freed)
        release(w);
}

static void writable(struct hws_source *source, unsigned what, hws_time now)
{
    struct hws_writer *w =
        (void *)((char *)source - offsetof(struct hws_writer, source));
    (void)what, (void)now;
    ptrdiff_t took = hand_over(w, hwi_buf_span(&w->queue));
    if (took < 0) {
        if (w->options.on_failed)
            w->options.on_failed(w, &w->fault, w->options.user);
        return;
    }
    hwi_buf_take(&w->queue, (size_t)took);
    if (hws_writer_queued(w) == 0) {
        hwi_buf_trim(&w->queue);
        hws_source_delete(source);
    }
    tell_progress(w);
}

/* ---- writing */

/* Queue what was not taken now. Once a part has left, the rest must follow. */
static int queue_rest(struct hws_writer *w, struct hws_span rest, bool is_cut)
{
    int status = hwi_buf_push(&w->queue, rest);
    if (status == 0 && !w->source.hub) {
        status = hws_source_add(w->hub, &w->source, HWS_NEVER);
        is_cut |= status != 0;
    }
    if (status)
        return is_cut ? fail(w, status, 0) : status;
    if (w->is_high || hws_writer_queued(w) <= w->options.high_water)
        return 0;
    w->is_high = true;
    if (w->options.on_high)
        w->options.on_high(w, w->options.user);
    return 0;
}

int hws_writer_write(struct hws_writer *writer, struct hws_span bytes)
{
    size_t queued = hws_writer_queued(writer);
    if (writer->fault.status)
        return writer->fault.status;
    if (bytes.size > writer->options.queue_max)
        return HWS_E_TOO_BIG;
    if (bytes.size > writer->options.queue_max - queued)
        return HWS_E_FULL;
    ptrdiff_t took = 0;
    if (queued == 0 && bytes.size > 0)
        took = hand_over(writer, bytes);
    if (took < 0)
        return (int)took;
    bytes = hwi_span(bytes.data + took, bytes.size - (size_t)took);
    return bytes.size ? queue_rest(writer, bytes, took > 0) : 0;
}

size_t hws_writer_queued(const struct hws_writer *writer)
{
    return hwi_buf_size(&writer->queue);
}

const struct hws_fault *hws_writer_fault(const struct hws_writer *writer)
{
    return &writer->fault;
}

/* ---- made and freed */

void hws_writer_options_init(struct hws_writer_options *options)
{
    *options = (struct hws_writer_options){
        .queue_max = QUEUE_MAX_DEFAULT,
        .high_water = QUEUE_MAX_DEFAULT / 4 * 3,
        .low_water = QUEUE_MAX_DEFAULT / 4,
    };
}

static int check(int fd, const struct hws_writer_options *o,
                 struct hws_fault *fault)
{
    if (fd < 0)
        return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT,
                             "cannot make a writer: descriptor %d", fd);
    if (o->queue_max == 0 || o->high_water > o->queue_max ||
        o->low_water > o->high_water)
        return hwi_fault_set(
            fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT,
            "cannot make a writer: low_water %zu, high_water %zu and "
            "queue_max %zu are out of order",
            o->low_water, o->high_water, o->queue_max);
    return 0;
}

struct hws_writer *hws_writer_new(struct hws_hub *hub, int fd,
                                  const struct hws_writer_options *options,
                                  struct hws_fault *fault)
{
    if (check(fd, options, fault) != 0)
        return NULL;
    struct hws_writer *w = hwi_alloc_zero(sizeof(*w));
    if (!w) {
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                      "cannot make a writer: no memory");
        return NULL;
    }
    w->hub = hub;
    w->options = *options;
    if (!w->options.write)
        w->options.write = write_fd;
    w->source.happened = writable;
    w->source.events = (unsigned)HWS_EV_WRITE | (unsigned)HWS_EV_PERSIST;
    w->source.handle = fd;
    hwi_buf_init(&w->queue, w->options.queue_max);
    return w;
}

void hws_writer_free(struct hws_writer *writer)
{
    if (!writer)
        return;
    hws_source_delete(&writer->source);
    writer->is_freed = true;
    if (!writer->is_telling)
        release(writer);
}
