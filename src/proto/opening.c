#include "proto/opening.h"

#include "base/mem.h"
#include "base/status.h"

#define SKIPPED_MAX 16 /* 1xx answers before the one that counts */

/* "a, b, c": the form in which the list stands in a header. */
static char *join(const char *const *names, size_t count)
{
    struct hwi_buf list;
    hwi_buf_init(&list, SIZE_MAX / 2);
    int status = 0;
    for (size_t i = 0; i < count && !status; i++)
        status = hwi_buf_format(&list, "%s%s", i ? ", " : "", names[i]);
    if (!status)
        status = hwi_buf_push(&list, hwi_span("", 1));
    if (!status)
        return (char *)list.data;
    hwi_buf_release(&list);
    return NULL;
}

struct hwi_opening *hwi_opening_new(const struct hws_proto_options *options,
                                    hws_time deadline)
{
    struct hwi_opening *o = hwi_alloc_zero(sizeof(*o));
    if (!o)
        return NULL;
    o->role = options->role;
    o->manual = options->manual_accept;
    o->deadline = deadline;
    o->deflate = options->deflate;
    o->head_size_max = options->limits.head_size_max;
    o->header_max = options->limits.header_max;
    hwi_buf_init(&o->bytes, o->head_size_max);
    hwi_buf_init(&o->body.bytes, options->limits.body_size_max);
    o->subprotocols = join(options->subprotocols, options->subprotocol_count);
    if (o->subprotocols)
        return o;
    hwi_opening_free(o);
    return NULL;
}

void hwi_opening_free(struct hwi_opening *o)
{
    if (!o)
        return;
    hwi_buf_release(&o->bytes);
    hwi_buf_release(&o->body.bytes);
    hwi_free(o->head.headers);
    hwi_free(o->subprotocols);
    hwi_free(o);
}

int hwi_opening_request(struct hwi_opening *o, struct hwi_buf *out,
                        const struct hws_proto_options *options)
{
    char key[HWI_KEY_SIZE + 1];
    hwi_upgrade_key(key, options->random);
    hwi_upgrade_accept(o->accept, hwi_span(key, HWI_KEY_SIZE));
    return hwi_request_write(out, options, key, o->subprotocols);
}

static enum hwi_opened bad(struct hws_fault *fault, int status, const char *why)
{
    hwi_fault_set(fault, HWS_PHASE_HTTP, status,
                  "cannot use the peer's HTTP head: %s", why);
    return HWI_OPENED_BAD;
}

static enum hwi_opened no_memory(struct hws_fault *fault)
{
    hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                  "no memory for the peer's HTTP head");
    return HWI_OPENED_BAD;
}

/* Collect bytes up to the end of the head. 1: complete; 0: more; or status. */
static int collect(struct hwi_opening *o, struct hws_span *in, const char **why)
{
    size_t had = hwi_buf_size(&o->bytes);
    size_t size = in->size;
    size = size < o->head_size_max - had ? size : o->head_size_max - had;
    int status = hwi_buf_push(&o->bytes, hwi_span_part(*in, 0, size));
    if (status)
        return status;
    ptrdiff_t end = hwi_http_find(&o->scan, hwi_buf_span(&o->bytes),
                                  o->head_size_max, o->header_max, why);
    size_t used = end > 0 ? (size_t)end - had : size;
    o->bytes.tail = had + used;
    *in = hwi_span_part(*in, used, in->size);
    if (end > 0)
        return 1;
    return end == HWS_E_AGAIN ? 0 : (int)end;
}

static int split(struct hwi_opening *o, const char **why)
{
    size_t lines = o->scan.lines;
    hwi_free(o->head.headers);
    o->head = (struct hwi_http_head){.header_max = lines};
    o->head.headers = hwi_alloc(lines * sizeof(*o->head.headers));
    if (!o->head.headers)
        return HWS_E_MEMORY;
    struct hws_span bytes = hwi_buf_span(&o->bytes);
    return o->role == HWS_CLIENT ? hwi_http_split_answer(&o->head, bytes, why)
                                 : hwi_http_split_request(&o->head, bytes, why);
}

static enum hwi_opened check_request(struct hwi_opening *o,
                                     struct hws_fault *fault)
{
    if (hwi_request_check(&o->head, fault) ||
        hwi_request_check_extensions(&o->head, &o->deflate, &o->terms, fault))
        return HWI_OPENED_BAD;
    hwi_upgrade_accept(o->accept,
                       hwi_http_get(&o->head, "Sec-WebSocket-Key")->value);
    o->subprotocol = hwi_answer_choose(&o->head, o->subprotocols);
    return HWI_OPENED_GOOD;
}

/* Any other 1xx says nothing yet (RFC 9110 section 15.2). */
static enum hwi_opened skip_answer(struct hwi_opening *o,
                                   struct hws_fault *fault)
{
    if (++o->skipped > SKIPPED_MAX)
        return bad(fault, HWS_E_HTTP, "too many 1xx answers");
    hwi_buf_clear(&o->bytes);
    o->scan = (struct hwi_http_scan){0};
    return HWI_OPENED_MORE;
}

static enum hwi_opened begin_refusal(struct hwi_opening *o,
                                     struct hws_fault *fault)
{
    o->refused = true;
    o->body.framing = hwi_http_body(&o->head, &o->body.left);
    hwi_answer_refused(&o->head, fault);
    return HWI_OPENED_REFUSED;
}

static enum hwi_opened check_answer(struct hwi_opening *o,
                                    struct hws_fault *fault)
{
    int http_status = o->head.status;
    if (http_status >= 100 && http_status < 200 && http_status != 101)
        return skip_answer(o, fault);
    if (http_status != 101)
        return begin_refusal(o, fault);
    int status = hwi_answer_check(&o->head, o->accept, o->subprotocols,
                                  &o->subprotocol, fault);
    if (!status)
        status = hwi_answer_check_extensions(&o->head, &o->deflate, &o->terms,
                                             fault);
    return status ? HWI_OPENED_BAD : HWI_OPENED_GOOD;
}

static enum hwi_opened feed_head(struct hwi_opening *o, struct hws_span *in,
                                 struct hws_fault *fault)
{
    const char *why = "";
    int status = collect(o, in, &why);
    if (status == 0)
        return HWI_OPENED_MORE;
    if (status > 0)
        status = split(o, &why);
    if (status == HWS_E_MEMORY)
        return no_memory(fault);
    if (status)
        return bad(fault, status, why);
    return o->role == HWS_CLIENT ? check_answer(o, fault)
                                 : check_request(o, fault);
}

/* Keep as much of `in` as the limit allows and take all of it. */
static int keep(struct hwi_buf *bytes, struct hws_span in)
{
    size_t room = bytes->limit - hwi_buf_size(bytes);
    return hwi_buf_push(bytes, hwi_span_part(in, 0, room));
}

static bool is_complete(const struct hwi_refusal *body)
{
    switch (body->framing) {
    case HWI_BODY_LENGTH:
        if (body->left == 0)
            return true;
        break;
    case HWI_BODY_CHUNKED:
        if (body->chunked.done)
            return true;
        break;
    case HWI_BODY_UNTIL_EOF:
        break;
    default:
        return true;
    }
    return hwi_buf_size(&body->bytes) == body->bytes.limit;
}

/* What stands before bad framing is kept: else the body would depend on how
 * the bytes were cut. */
static int keep_chunked(struct hwi_refusal *body, struct hws_span *in)
{
    int framing = 0, kept = 0;
    while (!framing && !kept && in->size && !is_complete(body)) {
        uint8_t piece[512];
        size_t size = sizeof(piece);
        framing = hwi_http_dechunk(&body->chunked, in, piece, &size);
        kept = keep(&body->bytes, hwi_span(piece, size));
    }
    return framing ? framing : kept;
}

static int keep_plain(struct hwi_refusal *body, struct hws_span *in)
{
    struct hws_span part = *in;
    in->size = 0;
    if (body->framing != HWI_BODY_LENGTH)
        return keep(&body->bytes, part);
    if (part.size > body->left)
        part.size = (size_t)body->left;
    body->left -= part.size;
    return keep(&body->bytes, part);
}

/* The body only illustrates: what is wrong with it ends it, and no more. */
static enum hwi_opened feed_body(struct hwi_opening *o, struct hws_span *in)
{
    int status = 0;
    if (in->size && !is_complete(&o->body))
        status = o->body.framing == HWI_BODY_CHUNKED
                     ? keep_chunked(&o->body, in)
                     : keep_plain(&o->body, in);
    in->size = 0;
    return status || is_complete(&o->body) ? HWI_OPENED_ENDED : HWI_OPENED_MORE;
}

enum hwi_opened hwi_opening_feed(struct hwi_opening *o, struct hws_span *in,
                                 struct hws_fault *fault)
{
    if (o->refused)
        return feed_body(o, in);
    enum hwi_opened opened = HWI_OPENED_MORE;
    while (opened == HWI_OPENED_MORE && in->size)
        opened = feed_head(o, in, fault);
    return opened;
}

size_t hwi_opening_memory(const struct hwi_opening *o)
{
    return sizeof(*o) + o->bytes.capacity + o->body.bytes.capacity +
           o->head.header_max * sizeof(*o->head.headers) +
           strlen(o->subprotocols) + 1;
}
