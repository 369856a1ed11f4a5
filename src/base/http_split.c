/*
 * A complete head, split into its start line and headers without a copy. It
 * does not rely on hwi_http_find() having seen the bytes.
 */
#include "base/http.h"

static int refuse(const char **why, const char *text)
{
    *why = text;
    return HWS_E_HTTP;
}

/* Take a line with its CRLF off `rest`. False: there is none. */
static bool take_line(struct hws_span *rest, struct hws_span *line)
{
    size_t end = hwi_span_find(*rest, '\n');
    if (end == rest->size || end == 0 || rest->data[end - 1] != '\r')
        return false;
    *line = hwi_span_part(*rest, 0, end - 1);
    *rest = hwi_span_part(*rest, end + 1, rest->size);
    return true;
}

static int split_header(struct hwi_http_head *head, struct hws_span line,
                        const char **why)
{
    if (line.data[0] == ' ' || line.data[0] == '\t')
        return refuse(why, "folded header line");
    size_t colon = hwi_span_find(line, ':');
    if (colon == line.size)
        return refuse(why, "header line without a colon");
    struct hws_span name = hwi_span_part(line, 0, colon);
    if (hwi_span_trim(name).size != name.size)
        return refuse(why, "space before the colon of a header");
    if (!hwi_http_is_token(name))
        return refuse(why, "header name is not a token");
    struct hws_span value =
        hwi_span_trim(hwi_span_part(line, colon + 1, line.size));
    if (!hwi_http_is_field_value(value))
        return refuse(why, "control byte in a header value");
    if (head->header_count == head->header_max)
        return refuse(why, "too many headers");
    head->headers[head->header_count++] =
        (struct hwi_http_header){.name = name, .value = value};
    return 0;
}

static int split_headers(struct hwi_http_head *head, struct hws_span rest,
                         const char **why)
{
    struct hws_span line;
    while (take_line(&rest, &line)) {
        if (line.size == 0) {
            head->size -= rest.size;
            return 0;
        }
        int status = split_header(head, line, why);
        if (status)
            return status;
    }
    return refuse(why, "head without an empty line");
}

/* Start over, but keep the array that the caller gave. */
static int begin(struct hwi_http_head *head, struct hws_span *bytes,
                 const char **why)
{
    *head = (struct hwi_http_head){.headers = head->headers,
                                   .header_max = head->header_max,
                                   .size = bytes->size};
    if (!take_line(bytes, &head->line))
        return refuse(why, "head without a start line");
    if (!hwi_http_is_field_value(head->line))
        return refuse(why, "control byte in the start line");
    return 0;
}

/* "HTTP/1." and one digit. */
static bool split_version(struct hwi_http_head *head, struct hws_span s)
{
    if (s.size != 8 || memcmp(s.data, "HTTP/1.", 7) != 0)
        return false;
    head->minor = s.data[7] - '0';
    return head->minor >= 0 && head->minor <= 9;
}

static int split_status_line(struct hwi_http_head *head, const char **why)
{
    struct hws_span line = head->line;
    if (!split_version(head, hwi_span_part(line, 0, 8)))
        return refuse(why, "status line does not begin with HTTP/1.x");
    uint64_t status = 0;
    /* The space after the status belongs to the grammar, but servers without
     * a reason leave it out. */
    bool fits = line.size >= 12 && line.data[8] == ' ' &&
                (line.size == 12 || line.data[12] == ' ');
    if (!fits || !hwi_span_number(hwi_span_part(line, 9, 3), 999, &status) ||
        status < 100)
        return refuse(why, "status is not a number of three digits");
    head->status = (int)status;
    head->reason = hwi_span_trim(hwi_span_part(line, 13, line.size));
    return 0;
}

int hwi_http_split_answer(struct hwi_http_head *head, struct hws_span bytes,
                          const char **why)
{
    int status = begin(head, &bytes, why);
    if (status == 0)
        status = split_status_line(head, why);
    return status ? status : split_headers(head, bytes, why);
}

/* Printable ASCII without space. */
static bool is_target(struct hws_span s)
{
    for (size_t i = 0; i < s.size; i++) {
        if (s.data[i] <= 0x20 || s.data[i] >= 0x7f)
            return false;
    }
    return s.size > 0;
}

static int split_request_line(struct hwi_http_head *head, const char **why)
{
    struct hws_span rest = head->line;
    size_t space = hwi_span_find(rest, ' ');
    head->method = hwi_span_part(rest, 0, space);
    if (!hwi_http_is_token(head->method))
        return refuse(why, "request method is not a token");
    rest = hwi_span_part(rest, space + 1, rest.size);
    space = hwi_span_find(rest, ' ');
    head->target = hwi_span_part(rest, 0, space);
    if (!is_target(head->target))
        return refuse(why, "request target is empty or not printable ASCII");
    if (!split_version(head, hwi_span_part(rest, space + 1, rest.size)))
        return refuse(why, "request line does not end with HTTP/1.x");
    return 0;
}

int hwi_http_split_request(struct hwi_http_head *head, struct hws_span bytes,
                           const char **why)
{
    int status = begin(head, &bytes, why);
    if (status == 0)
        status = split_request_line(head, why);
    return status ? status : split_headers(head, bytes, why);
}
