/*
 * Ciphertext between OpenSSL and the layer below. One large read below feeds
 * many records, and what OpenSSL writes in one call leaves in one write. It
 * knows bytes and the layer below, and no TLS.
 *
 * Between calls nothing lies in the scratch: ciphertext that OpenSSL has not
 * taken is in `kept_in`, what the layer below has not taken in `kept_out`.
 */
#ifndef HWI_TLS_BIO_H
#define HWI_TLS_BIO_H

#include "base/buf.h"
#include "hawser/link.h"

#include <openssl/bio.h>

/* The longest record on the wire: header, 2^14 bytes, expansion. */
#define HWI_TLS_RECORD_MAX ((size_t)(5 + 16384 + 256))

struct hwi_tls_bio {
    struct hws_link *below; /* lent */
    struct hws_scratch in, out;
    struct hws_span fresh; /* unread part of `in`, within a call */
    size_t out_size;       /* bytes in `out`, within a call */
    uint8_t head[5];       /* of the record that OpenSSL takes; so far ... */
    size_t part;           /* ... it has so many bytes of it; 0: between two */
    struct hwi_buf kept_in, kept_out;
    int in_status;  /* how reading below ended for good, or 0 */
    int out_status; /* the same for writing */
    bool drained;   /* nothing more below for the rest of this call */
};

/* A method for BIO_new(); BIO_set_data() gives it the hwi_tls_bio. */
BIO_METHOD *hwi_tls_bio_method(void);

void hwi_tls_bio_init(struct hwi_tls_bio *b, struct hws_link *below,
                      struct hws_scratch in, struct hws_scratch out);
void hwi_tls_bio_release(struct hwi_tls_bio *b);

/* Every call on the layer stands between begin and end. */
void hwi_tls_bio_begin(struct hwi_tls_bio *b);
/*
 * Keep what is left of the scratch and write what OpenSSL wrote. 0: nothing is
 * held back; HWS_E_AGAIN: some is; else the failure below.
 */
int hwi_tls_bio_end(struct hwi_tls_bio *b);
/* Write what is held back and what OpenSSL wrote. Answers as end(). */
int hwi_tls_bio_flush(struct hwi_tls_bio *b);
/* Give back the memory of buffers that are empty. */
void hwi_tls_bio_trim(struct hwi_tls_bio *b);

/* Whether the next record fits the scratch without a write below. */
static inline bool hwi_tls_bio_has_room(const struct hwi_tls_bio *b)
{
    return b->out.size - b->out_size >= HWI_TLS_RECORD_MAX;
}
static inline bool hwi_tls_bio_holds(const struct hwi_tls_bio *b)
{
    return hwi_buf_size(&b->kept_out) > 0;
}

#endif
