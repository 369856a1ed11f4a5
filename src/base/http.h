/*
 * One bounded HTTP/1.1 head: found, split and checked in place, for requests
 * and answers alike. Allocates nothing but the header array of its owner.
 */
#ifndef HWI_HTTP_H
#define HWI_HTTP_H

#include "base/span.h"

struct hwi_http_header {
    struct hws_span name, value; /* value without space around it */
};

struct hwi_http_head {
    struct hws_span line;           /* the start line */
    struct hws_span method, target; /* of a request */
    int status;             /* of an answer, 100 to 999; 0 for a request */
    struct hws_span reason; /* of an answer */
    int minor;              /* HTTP/1.minor */
    struct hwi_http_header *headers; /* array of the caller's */
    size_t header_count, header_max;
    size_t size; /* bytes of the head, its empty line included */
};

/* Where the search for the end of the head stands between calls. */
struct hwi_http_scan {
    size_t seen;    /* bytes looked at */
    size_t line_at; /* where the present line began */
    unsigned lines;
};

/*
 * Look for the end of the head in `bytes` (all that came so far, from its
 * begin), going on where the last call stopped. Returns its size; or
 * HWS_E_AGAIN; HWS_E_TOO_BIG above size_max bytes or header_max lines;
 * HWS_E_HTTP for a NUL, a bare CR or LF, or a control byte, with *why.
 */
ptrdiff_t hwi_http_find(struct hwi_http_scan *scan, struct hws_span bytes,
                        size_t size_max, unsigned header_max, const char **why);

/*
 * Split a complete head. 0, or HWS_E_HTTP with *why (a constant text): start
 * line, version, status, header name (RFC 9110 token), folded line, space
 * before the colon, more headers than header_max.
 */
int hwi_http_split_answer(struct hwi_http_head *head, struct hws_span bytes,
                          const char **why);
int hwi_http_split_request(struct hwi_http_head *head, struct hws_span bytes,
                           const char **why);

/* The first header of that name (any letter case), or NULL; and how many. */
const struct hwi_http_header *hwi_http_get(const struct hwi_http_head *head,
                                           const char *name);
size_t hwi_http_count(const struct hwi_http_head *head, const char *name);
/* Whether a list-valued header (all its lines together) holds `token`. */
bool hwi_http_has_token(const struct hwi_http_head *head, const char *name,
                        const char *token);
/*
 * Walk the headers of an answer or request whose split succeeded before:
 * `rest` begins as the whole head and shrinks by a line with each call, so
 * that no array is needed. False at the end.
 */
bool hwi_http_next(struct hws_span *rest, struct hwi_http_header *header);

bool hwi_http_is_token(struct hws_span s); /* RFC 9110 5.6.2 */
bool hwi_http_is_field_value(
    struct hws_span s); /* RFC 9110 5.5, no CR LF NUL */

/* The body that follows an answer. */
enum hwi_http_body {
    HWI_BODY_NONE,
    HWI_BODY_LENGTH,
    HWI_BODY_CHUNKED,
    HWI_BODY_UNTIL_EOF,
    HWI_BODY_BAD
};
enum hwi_http_body hwi_http_body(const struct hwi_http_head *head,
                                 uint64_t *length);

/* Decoding of a chunked body, byte by byte resumable. */
struct hwi_http_chunked {
    uint64_t left;  /* of the present chunk */
    uint16_t extra; /* bytes of the present size line, or of the trailers */
    uint8_t state;
    bool done;
}; /* begins zeroed */
/*
 * Take body bytes off `in` (advanced), and store the payload found at `out`,
 * *out_size (in: room, out: stored). 0; HWS_E_HTTP for bad framing, with
 * what was stored before it. Stops when done, when `in` is empty or when `out`
 * is full; with no room at all it reads on up to the next payload byte.
 */
int hwi_http_dechunk(struct hwi_http_chunked *c, struct hws_span *in,
                     uint8_t *out, size_t *out_size);

/*
 * "Retry-After" (RFC 9110 10.2.3): seconds, or an HTTP-date against
 * `realtime` (ns since 1970). The delay, 0 to 100 years, or HWS_NEVER if
 * unreadable.
 */
hws_time hwi_http_retry_after(struct hws_span value, hws_time realtime);

/* base64 with padding (RFC 4648): writes 4 * ceil(n / 3) bytes plus NUL. */
void hwi_base64(char *out, struct hws_span in);

#endif
