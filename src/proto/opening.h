/*
 * The opening handshake while it lasts: collects the HTTP head (and the body
 * of a refusal), bounded in size, lines and time, and has it checked. It takes
 * not one byte beyond the head, for those are frames. It knows no frame.
 */
#ifndef HWI_OPENING_H
#define HWI_OPENING_H

#include "proto/answer.h"
#include "proto/request.h"

/* The body that explains a refusal. */
struct hwi_refusal {
    struct hwi_buf bytes;
    enum hwi_http_body framing;
    uint64_t left; /* with HWI_BODY_LENGTH */
    struct hwi_http_chunked chunked;
};

struct hwi_opening {
    enum hws_role role;
    bool manual;      /* server: the caller answers */
    bool refused;     /* client: the rest is the body of a refusal */
    unsigned skipped; /* 1xx answers */
    hws_time deadline;
    struct hwi_buf bytes; /* the head, as it came */
    size_t head_size_max;
    unsigned header_max;
    struct hwi_http_scan scan;
    struct hwi_http_head head;
    struct hwi_refusal body;
    struct hws_span subprotocol;    /* chosen */
    struct hws_deflate deflate;     /* offered, or what we agree to */
    struct hwi_deflate_terms terms; /* agreed */
    char *subprotocols; /* the list that was offered or is supported */
    char accept[HWI_ACCEPT_SIZE + 1];
};

enum hwi_opened {
    HWI_OPENED_MORE,    /* bytes are needed */
    HWI_OPENED_GOOD,    /* client: we are up; server: answer the request */
    HWI_OPENED_BAD,     /* `fault` ends the attempt */
    HWI_OPENED_REFUSED, /* `fault` stands; go on feeding for the body */
    HWI_OPENED_ENDED,   /* the body is complete, or as much as is kept */
};

/* NULL without memory. */
struct hwi_opening *hwi_opening_new(const struct hws_proto_options *options,
                                    hws_time deadline);
void hwi_opening_free(struct hwi_opening *o);

/* Client: write the request. 0 or status. */
int hwi_opening_request(struct hwi_opening *o, struct hwi_buf *out,
                        const struct hws_proto_options *options);
/* Take bytes off `in`. */
enum hwi_opened hwi_opening_feed(struct hwi_opening *o, struct hws_span *in,
                                 struct hws_fault *fault);

static inline struct hws_span hwi_opening_head(const struct hwi_opening *o)
{
    return hwi_span(o->bytes.data, o->head.size);
}
static inline struct hws_span hwi_opening_body(const struct hwi_opening *o)
{
    return hwi_span(o->body.bytes.data, hwi_buf_size(&o->body.bytes));
}
size_t hwi_opening_memory(const struct hwi_opening *o);

#endif
