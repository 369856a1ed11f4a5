#include "base/buf.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>

#define BUF_FIRST 256

void hwi_buf_init(struct hwi_buf *b, size_t limit)
{
    *b = (struct hwi_buf){.limit = limit};
}

void hwi_buf_release(struct hwi_buf *b)
{
    hwi_free(b->data);
    hwi_buf_init(b, b->limit);
}

static void move_to_front(struct hwi_buf *b)
{
    size_t size = hwi_buf_size(b);
    if (b->head && size)
        memmove(b->data, b->data + b->head, size);
    b->head = 0;
    b->tail = size;
}

/* The next capacity that holds `needed`: doubled, and never past the limit. */
static size_t grown(const struct hwi_buf *b, size_t needed)
{
    size_t capacity = b->capacity ? b->capacity : BUF_FIRST;
    while (capacity < needed) {
        if (capacity > b->limit / 2)
            return b->limit;
        capacity *= 2;
    }
    return capacity < b->limit ? capacity : b->limit;
}

static int set(int *status, int value)
{
    if (status)
        *status = value;
    return value;
}

/* How much to ask for, to hold `needed`: more than that already when three
 * quarters are used, or a steady stream through a nearly full buffer would
 * move its content for every few bytes. */
static size_t wanted(const struct hwi_buf *b, size_t needed)
{
    bool crowded = hwi_buf_size(b) > b->capacity / 4 * 3;
    if (crowded && needed <= b->capacity && b->capacity < b->limit)
        return b->capacity + 1;
    return needed;
}

static int grow(struct hwi_buf *b, size_t needed)
{
    if (needed <= b->capacity && b->data)
        return 0;
    size_t capacity = grown(b, needed);
    uint8_t *data = hwi_resize(b->data, capacity);
    if (!data)
        return HWS_E_MEMORY;
    b->data = data;
    b->capacity = capacity;
    return 0;
}

uint8_t *hwi_buf_reserve(struct hwi_buf *b, size_t size, int *status)
{
    if (size <= b->capacity - b->tail && b->data) {
        set(status, 0);
        return b->data + b->tail;
    }
    size_t used = hwi_buf_size(b);
    if (b->limit == 0 || size > b->limit - used) {
        set(status, HWS_E_TOO_BIG);
        return NULL;
    }
    move_to_front(b);
    if (set(status, grow(b, wanted(b, used + size))) != 0)
        return NULL;
    return b->data + b->tail;
}

int hwi_buf_push(struct hwi_buf *b, struct hws_span bytes)
{
    int status = 0;
    if (bytes.size == 0)
        return 0;
    uint8_t *room = hwi_buf_reserve(b, bytes.size, &status);
    if (!room)
        return status;
    memcpy(room, bytes.data, bytes.size);
    hwi_buf_wrote(b, bytes.size);
    return 0;
}

int hwi_buf_text(struct hwi_buf *b, const char *text)
{
    return hwi_buf_push(b, hws_span_text(text));
}

int hwi_buf_format(struct hwi_buf *b, const char *format, ...)
{
    char small[256];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(small, sizeof(small), format, arguments);
    va_end(arguments);
    if (length < 0)
        return HWS_E_ARGUMENT;
    if ((size_t)length < sizeof(small))
        return hwi_buf_push(b, hwi_span(small, (size_t)length));

    /* The NUL of printf may have no room below the limit. */
    char *large = hwi_alloc((size_t)length + 1);
    if (!large)
        return HWS_E_MEMORY;
    va_start(arguments, format);
    vsnprintf(large, (size_t)length + 1, format, arguments);
    va_end(arguments);
    int status = hwi_buf_push(b, hwi_span(large, (size_t)length));
    hwi_free(large);
    return status;
}

void hwi_buf_trim(struct hwi_buf *b)
{
    if (hwi_buf_size(b) == 0)
        hwi_buf_release(b);
}
