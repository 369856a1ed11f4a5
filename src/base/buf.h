/*
 * Owned bytes with a read end, a write end and a hard limit: the only growable
 * thing. Between calls 0 <= head <= tail <= capacity <= limit holds, and the
 * readable bytes are data[head .. tail).
 */
#ifndef HWI_BUF_H
#define HWI_BUF_H

#include "base/span.h"

struct hwi_buf {
    uint8_t *data; /* NULL while capacity is 0 */
    size_t head, tail, capacity, limit;
};

void hwi_buf_init(struct hwi_buf *b, size_t limit); /* allocates nothing */
void hwi_buf_release(struct hwi_buf *b);            /* empty, limit kept */

static inline size_t hwi_buf_size(const struct hwi_buf *b)
{
    return b->tail - b->head;
}
static inline struct hws_span hwi_buf_span(const struct hwi_buf *b)
{
    return hwi_span(b->head ? b->data + b->head : b->data, b->tail - b->head);
}

/*
 * Make room for `size` more bytes at the write end: moves the content to the
 * front or grows (doubling, at most to the limit). Returns where to write, or
 * NULL with *status HWS_E_TOO_BIG (limit) or HWS_E_MEMORY (status may be
 * NULL). Then hwi_buf_wrote() says how many were written.
 */
uint8_t *hwi_buf_reserve(struct hwi_buf *b, size_t size, int *status);
static inline void hwi_buf_wrote(struct hwi_buf *b, size_t size)
{
    b->tail += size;
}
/* Drop `size` bytes from the read end; an empty buffer starts over. */
static inline void hwi_buf_take(struct hwi_buf *b, size_t size)
{
    b->head += size;
    if (b->head == b->tail)
        b->head = b->tail = 0;
}
int hwi_buf_push(struct hwi_buf *b, struct hws_span bytes); /* 0 or status */
int hwi_buf_text(struct hwi_buf *b, const char *text);
/* printf into the buffer; no NUL is left behind. 0 or status. */
int hwi_buf_format(struct hwi_buf *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static inline void hwi_buf_clear(struct hwi_buf *b)
{
    b->head = b->tail = 0;
}
/* Give the memory back if nothing is readable. */
void hwi_buf_trim(struct hwi_buf *b);

#endif
