/*
 * The compressing of what we send (RFC 7692 section 7.2.1): bytes to bytes,
 * message after message. It knows no frame and no queue. Its memory comes with
 * the first byte.
 *
 * Every push ends on a byte between two blocks. So what was sent so far can
 * always be forgotten, even inside a message: later blocks then refer to
 * nothing before them, and the peer need not be told.
 */
#ifndef HWI_DEFLATE_OUT_H
#define HWI_DEFLATE_OUT_H

#include "proto/deflate.h"

struct hwi_deflater;

/* NULL without memory. */
struct hwi_deflater *hwi_deflater_new(const struct hwi_deflate_terms *terms,
                                      const struct hws_deflate *wish);
void hwi_deflater_free(struct hwi_deflater *z);

/* The most bytes that `size` bytes can become. */
static inline size_t hwi_deflater_bound(size_t size)
{
    return size + size / 8 + size / 64 + 16;
}

/*
 * Append `data`, a message or a part of one, compressed to `out`; `last` ends
 * the message. HWS_E_MEMORY: nothing was appended, and all is forgotten.
 */
int hwi_deflater_push(struct hwi_deflater *z, struct hwi_buf *out,
                      struct hws_span data, bool last);
/* Whether messages may refer to those before them. */
bool hwi_deflater_remembers(const struct hwi_deflater *z);
/* What comes next refers to nothing that was pushed before. */
void hwi_deflater_forget(struct hwi_deflater *z);

/* Give back what the next message does not need. */
void hwi_deflater_trim(struct hwi_deflater *z);
size_t hwi_deflater_memory(const struct hwi_deflater *z);
/* What was compressed is queued, as so many bytes. */
void hwi_deflater_note(struct hwi_deflater *z, size_t plain, size_t compressed);
/* Fill in what was noted, and add the memory. */
void hwi_deflater_count(const struct hwi_deflater *z,
                        struct hws_compression *compression);

#endif
