/*
 * What two peers agree on about permessage-deflate (RFC 7692 section 7.1): the
 * client's offer, the server's answer, and what either means. It knows the
 * words of the handshake and compresses nothing.
 */
#ifndef HWI_DEFLATE_H
#define HWI_DEFLATE_H

#include "base/buf.h"
#include "hawser/proto.h"
#include "proto/extension.h"

#define HWI_WINDOW_BITS_MAX 15

struct hwi_deflate_terms {
    bool agreed;       /* else the rest says nothing */
    bool forget;       /* we: every message is compressed by itself */
    bool peer_forgets; /* the peer: likewise */
    uint8_t bits;      /* our window is 2^bits bytes at most; 8 to 15 */
    uint8_t peer_bits; /* the peer's */
    bool window_asked; /* server: the offer named server_max_window_bits */
};

/* Check a caller's wishes. 0, or HWS_E_ARGUMENT naming the option. */
int hwi_deflate_check(const struct hws_deflate *wish, struct hws_fault *fault);

/* Client: write the header line of the offer. 0 or status. */
int hwi_deflate_write_offer(struct hwi_buf *out,
                            const struct hws_deflate *wish);
/* Client: read the answer to that offer. NULL, or what is wrong with it, to be
 * shown with `subject`. */
const char *hwi_deflate_read_answer(struct hwi_deflate_terms *terms,
                                    const struct hws_deflate *wish,
                                    const struct hwi_http_head *head,
                                    struct hws_span *subject);

/* Server: agree to the first offer that can be honoured, if there is one.
 * NULL, or what is wrong with the whole list. */
const char *hwi_deflate_choose(struct hwi_deflate_terms *terms,
                               const struct hws_deflate *wish,
                               const struct hwi_http_head *head,
                               struct hws_span *subject);
/* Server: write the header line of the answer, if there is one. 0 or status. */
int hwi_deflate_write_answer(struct hwi_buf *out,
                             const struct hwi_deflate_terms *terms);

#endif
