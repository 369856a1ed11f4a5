#include "proto/answer.h"

#include "base/status.h"
#include "base/url.h"

static int refuse(struct hws_fault *fault, const char *why,
                  struct hws_span subject)
{
    hwi_fault_set(fault, HWS_PHASE_HTTP, HWS_E_HANDSHAKE, "101 %s%s%.*s%s", why,
                  subject.size ? " '" : "",
                  (int)(subject.size < 80 ? subject.size : 80),
                  subject.size ? (const char *)subject.data : "",
                  subject.size ? "'" : "");
    if (fault)
        fault->http_status = 101;
    return HWS_E_HANDSHAKE;
}

static struct hws_span value_of(const struct hwi_http_head *head,
                                const char *name)
{
    const struct hwi_http_header *header = hwi_http_get(head, name);
    return header ? header->value : hwi_span(NULL, 0);
}

/* The element of the list that equals `wanted`, or size 0. */
static struct hws_span find(struct hws_span list, struct hws_span wanted)
{
    struct hws_span element;
    while (hwi_span_next_element(&list, &element)) {
        if (hwi_span_equal(element, wanted))
            return element;
    }
    return hwi_span(NULL, 0);
}

static int check_subprotocol(const struct hwi_http_head *head,
                             const char *offered, struct hws_span *chosen,
                             struct hws_fault *fault)
{
    static const char name[] = "Sec-WebSocket-Protocol";
    *chosen = value_of(head, name);
    if (hwi_http_count(head, name) > 1)
        return refuse(fault, "with more than one subprotocol", *chosen);
    if (!hwi_http_get(head, name))
        return 0;
    if (find(hws_span_text(offered), *chosen).size == 0)
        return refuse(fault, "with a subprotocol that was not offered",
                      *chosen);
    return 0;
}

int hwi_answer_check(const struct hwi_http_head *head, const char *accept,
                     const char *offered, struct hws_span *subprotocol,
                     struct hws_fault *fault)
{
    struct hws_span none = hwi_span(NULL, 0);
    struct hws_span proof = value_of(head, "Sec-WebSocket-Accept");
    struct hws_span upgrade = value_of(head, "Upgrade");
    if (head->minor < 1)
        return refuse(fault, "in HTTP/1.0", none);
    if (hwi_http_count(head, "Upgrade") != 1 ||
        !hwi_span_is_nocase(upgrade, "websocket"))
        return refuse(fault, "without 'Upgrade: websocket'", none);
    if (!hwi_http_has_token(head, "Connection", "upgrade"))
        return refuse(fault, "without 'Connection: Upgrade'", none);
    if (hwi_http_count(head, "Sec-WebSocket-Accept") == 0)
        return refuse(fault, "without Sec-WebSocket-Accept", none);
    if (hwi_http_count(head, "Sec-WebSocket-Accept") > 1)
        return refuse(fault, "with two Sec-WebSocket-Accept", none);
    if (!hwi_span_is(proof, accept))
        return refuse(fault, "with the wrong Sec-WebSocket-Accept", proof);
    return check_subprotocol(head, offered, subprotocol, fault);
}

/* Section 11.3.2: one line of it at most. */
int hwi_answer_check_extensions(const struct hwi_http_head *head,
                                const struct hws_deflate *offered,
                                struct hwi_deflate_terms *terms,
                                struct hws_fault *fault)
{
    struct hws_span subject = hwi_span(NULL, 0);
    if (hwi_http_count(head, "Sec-WebSocket-Extensions") > 1)
        return refuse(fault, "with two Sec-WebSocket-Extensions", subject);
    const char *flaw = hwi_deflate_read_answer(terms, offered, head, &subject);
    return flaw ? refuse(fault, flaw, subject) : 0;
}

/* As much of a peer's words as a fault's text can hold. */
static int shown(struct hws_span text)
{
    return text.size < 80 ? (int)text.size : 80;
}

/* What the head says beside its status, and around it the words for that. */
static struct hws_span hint(const struct hwi_http_head *head,
                            const char **before, const char **after)
{
    struct hws_span text = hwi_span(NULL, 0);
    *before = *after = "";
    if (head->status >= 300 && head->status < 400) {
        text = hwi_url_without_userinfo(value_of(head, "Location"));
        *before = ": redirect to '";
        *after = "' is not followed";
    } else if (head->status == 401) {
        text = value_of(head, "WWW-Authenticate");
        *before = ": it asks for '";
        *after = "'";
    }
    if (text.size == 0)
        *before = *after = "";
    return text;
}

void hwi_answer_refused(const struct hwi_http_head *head,
                        struct hws_fault *fault)
{
    const char *before, *after;
    struct hws_span reason = head->reason;
    struct hws_span text = hint(head, &before, &after);
    hwi_fault_set(fault, HWS_PHASE_HTTP, HWS_E_REFUSED,
                  "server answered %d%s%.*s instead of 101%s%.*s%s",
                  head->status, reason.size ? " " : "", shown(reason),
                  reason.size ? (const char *)reason.data : "", before,
                  shown(text), text.size ? (const char *)text.data : "", after);
    fault->http_status = head->status;
}

struct hws_span hwi_answer_offered(const struct hwi_http_head *request,
                                   struct hws_span name)
{
    struct hws_span found = hwi_span(NULL, 0);
    for (size_t i = 0; i < request->header_count && !found.size; i++) {
        const struct hwi_http_header *header = &request->headers[i];
        if (hwi_span_is_nocase(header->name, "Sec-WebSocket-Protocol"))
            found = find(header->value, name);
    }
    return found;
}

struct hws_span hwi_answer_choose(const struct hwi_http_head *request,
                                  const char *supported)
{
    struct hws_span list = hws_span_text(supported);
    struct hws_span name;
    while (hwi_span_next_element(&list, &name)) {
        if (hwi_answer_offered(request, name).size)
            return name;
    }
    return hwi_span(NULL, 0);
}

int hwi_answer_write(struct hwi_buf *out, const char *accept,
                     struct hws_span subprotocol,
                     const struct hwi_deflate_terms *terms,
                     const struct hws_header *headers, size_t header_count)
{
    int status = hwi_buf_format(out,
                                "HTTP/1.1 101 Switching Protocols\r\n"
                                "Upgrade: websocket\r\n"
                                "Connection: Upgrade\r\n"
                                "Sec-WebSocket-Accept: %s\r\n",
                                accept);
    if (!status && subprotocol.size)
        status = hwi_buf_format(out, "Sec-WebSocket-Protocol: %.*s\r\n",
                                (int)subprotocol.size,
                                (const char *)subprotocol.data);
    if (!status)
        status = hwi_deflate_write_answer(out, terms);
    if (!status)
        status = hwi_upgrade_write_headers(out, headers, header_count);
    return status ? status : hwi_buf_text(out, "\r\n");
}

static const char *reason_of(int http_status)
{
    switch (http_status) {
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 426:
        return "Upgrade Required";
    case 429:
        return "Too Many Requests";
    case 503:
        return "Service Unavailable";
    default:
        return "Refused";
    }
}

int hwi_answer_write_refusal(struct hwi_buf *out, int http_status,
                             const struct hws_header *headers,
                             size_t header_count, struct hws_span body)
{
    int status =
        hwi_buf_format(out, "HTTP/1.1 %d %s\r\n%sContent-Length: %zu\r\n",
                       http_status, reason_of(http_status),
                       http_status == 426 ? "Connection: close, Upgrade\r\n"
                                            "Upgrade: websocket\r\n"
                                            "Sec-WebSocket-Version: 13\r\n"
                                          : "Connection: close\r\n",
                       body.size);
    if (!status)
        status = hwi_upgrade_write_headers(out, headers, header_count);
    if (!status)
        status = hwi_buf_text(out, "\r\n");
    return status ? status : hwi_buf_push(out, body);
}
