#include "link/tls_bio.h"

/* A whole certificate flight and one call's worth of records fit. */
#define KEPT_OUT_MAX ((size_t)1 << 20)

void hwi_tls_bio_init(struct hwi_tls_bio *b, struct hws_link *below,
                      struct hws_scratch in, struct hws_scratch out)
{
    *b = (struct hwi_tls_bio){.below = below, .in = in, .out = out};
    hwi_buf_init(&b->kept_in, in.size);
    hwi_buf_init(&b->kept_out, KEPT_OUT_MAX);
}

void hwi_tls_bio_release(struct hwi_tls_bio *b)
{
    hwi_buf_release(&b->kept_in);
    hwi_buf_release(&b->kept_out);
}

void hwi_tls_bio_begin(struct hwi_tls_bio *b)
{
    b->drained = false;
}

/* A full kept_in is emptied before the scratch is filled again, so it never
 * holds more than one scratch. */
static void keep_rest(struct hwi_tls_bio *b)
{
    if (b->fresh.size == 0)
        return;
    int status = hwi_buf_push(&b->kept_in, b->fresh);
    if (status < 0)
        b->in_status = status;
    b->fresh = hwi_span(NULL, 0);
}

int hwi_tls_bio_end(struct hwi_tls_bio *b)
{
    keep_rest(b);
    return hwi_tls_bio_flush(b);
}

/* Write `bytes` below. How many it took; a failure is kept in out_status. */
static size_t write_below(struct hwi_tls_bio *b, struct hws_span bytes)
{
    size_t done = 0;
    while (done < bytes.size) {
        ptrdiff_t put =
            hws_link_write(b->below, bytes.data + done, bytes.size - done);
        if (put < 0 && put != HWS_E_AGAIN)
            b->out_status = (int)put;
        if (put <= 0)
            break;
        done += (size_t)put;
    }
    return done;
}

static void keep_unwritten(struct hwi_tls_bio *b, struct hws_span bytes)
{
    int status = hwi_buf_push(&b->kept_out, bytes);
    if (status < 0 && b->out_status == 0)
        b->out_status = status;
}

int hwi_tls_bio_flush(struct hwi_tls_bio *b)
{
    if (hwi_tls_bio_holds(b) && b->out_status == 0)
        hwi_buf_take(&b->kept_out, write_below(b, hwi_buf_span(&b->kept_out)));

    struct hws_span wrote = hwi_span(b->out.data, b->out_size);
    b->out_size = 0;
    if (!hwi_tls_bio_holds(b) && b->out_status == 0) {
        size_t put = write_below(b, wrote);
        wrote = hwi_span_part(wrote, put, wrote.size);
    }
    if (wrote.size && b->out_status == 0)
        keep_unwritten(b, wrote);
    if (b->out_status)
        return b->out_status;
    return hwi_tls_bio_holds(b) ? HWS_E_AGAIN : 0;
}

void hwi_tls_bio_trim(struct hwi_tls_bio *b)
{
    hwi_buf_trim(&b->kept_in);
    hwi_buf_trim(&b->kept_out);
}

/* Fill `fresh` by one read below. A short read says that nothing more is
 * there, which saves the read that would find nothing. */
static void read_below(struct hwi_tls_bio *b)
{
    ptrdiff_t got = hws_link_read(b->below, b->in.data, b->in.size);
    if (got > 0)
        b->fresh = hwi_span(b->in.data, (size_t)got);
    else if (got != HWS_E_AGAIN)
        b->in_status = (int)got;
    b->drained = got < (ptrdiff_t)b->in.size;
}

/* Bytes of a record with this header (RFC 8446 section 5.1). */
static size_t record_size(const uint8_t *head)
{
    return 5 + ((size_t)head[3] << 8 | head[4]);
}

/* OpenSSL does not tell what it has of a record that is not whole: count. */
static void follow(struct hwi_tls_bio *b, struct hws_span bytes)
{
    while (bytes.size > 0) {
        size_t size = sizeof(b->head);
        if (b->part >= sizeof(b->head))
            size = record_size(b->head);
        struct hws_span next = hwi_span_part(bytes, 0, size - b->part);
        if (b->part < sizeof(b->head))
            memcpy(b->head + b->part, next.data, next.size);
        b->part += next.size;
        if (b->part >= sizeof(b->head) && b->part == record_size(b->head))
            b->part = 0;
        bytes = hwi_span_part(bytes, next.size, bytes.size);
    }
}

static size_t take_kept(struct hwi_tls_bio *b, char *bytes, size_t size)
{
    struct hws_span part = hwi_span_part(hwi_buf_span(&b->kept_in), 0, size);
    memcpy(bytes, part.data, part.size);
    follow(b, part);
    hwi_buf_take(&b->kept_in, part.size);
    return part.size;
}

static size_t take_fresh(struct hwi_tls_bio *b, char *bytes, size_t size)
{
    struct hws_span part = hwi_span_part(b->fresh, 0, size);
    memcpy(bytes, part.data, part.size);
    follow(b, part);
    b->fresh = hwi_span_part(b->fresh, part.size, b->fresh.size);
    return part.size;
}

static int bio_read(BIO *bio, char *bytes, size_t size, size_t *got)
{
    struct hwi_tls_bio *b = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (hwi_buf_size(&b->kept_in)) {
        *got = take_kept(b, bytes, size);
        return 1;
    }
    if (b->fresh.size == 0 && b->in_status == 0 && !b->drained)
        read_below(b);
    if (b->fresh.size) {
        *got = take_fresh(b, bytes, size);
        return 1;
    }
    if (b->in_status == 0)
        BIO_set_retry_read(bio);
    return b->in_status == HWS_E_EOF ? 0 : -1;
}

/* Never short and never "again": what does not fit the scratch is written
 * below or kept, so that OpenSSL never has to repeat a write. */
static int bio_write(BIO *bio, const char *bytes, size_t size, size_t *put)
{
    struct hwi_tls_bio *b = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (size > b->out.size - b->out_size)
        hwi_tls_bio_flush(b);
    if (b->out_status)
        return -1;
    if (size > b->out.size) {
        keep_unwritten(b, hwi_span(bytes, size));
    } else {
        memcpy(b->out.data + b->out_size, bytes, size);
        b->out_size += size;
    }
    *put = size;
    return b->out_status ? -1 : 1;
}

static long bio_ctrl(BIO *bio, int command, long number, void *pointer)
{
    const struct hwi_tls_bio *b = BIO_get_data(bio);
    (void)number;
    (void)pointer;
    if (command == BIO_CTRL_EOF)
        return b->in_status == HWS_E_EOF;
    return command == BIO_CTRL_FLUSH; /* the call's end flushes */
}

static int bio_create(BIO *bio)
{
    BIO_set_init(bio, 1);
    return 1;
}

BIO_METHOD *hwi_tls_bio_method(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "hawser");
    if (!method)
        return NULL;
    BIO_meth_set_read_ex(method, bio_read);
    BIO_meth_set_write_ex(method, bio_write);
    BIO_meth_set_ctrl(method, bio_ctrl);
    BIO_meth_set_create(method, bio_create);
    return method;
}
