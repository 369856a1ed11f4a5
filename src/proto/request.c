#include "proto/request.h"

#include "base/status.h"

static int refuse_option(struct hws_fault *fault, const char *what,
                         const char *text)
{
    return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT,
                         "%s '%.100s' cannot stand in a request", what,
                         text ? text : "");
}

/* Printable ASCII without spaces, and none of `bad`. */
static bool is_plain(const char *text, const char *bad)
{
    if (!text || !*text)
        return false;
    for (; *text; text++) {
        uint8_t c = (uint8_t)*text;
        if (c <= ' ' || c >= 0x7f || strchr(bad, c))
            return false;
    }
    return true;
}

static bool is_repeated(const struct hws_proto_options *options, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(options->subprotocols[i], options->subprotocols[index]) == 0)
            return true;
    }
    return false;
}

static int check_subprotocols(const struct hws_proto_options *options,
                              struct hws_fault *fault)
{
    for (size_t i = 0; i < options->subprotocol_count; i++) {
        const char *name = options->subprotocols[i];
        if (!hwi_http_is_token(hws_span_text(name)) || is_repeated(options, i))
            return refuse_option(fault, "subprotocol", name);
    }
    return 0;
}

int hwi_request_check_options(const struct hws_proto_options *options,
                              struct hws_fault *fault)
{
    int status = hwi_deflate_check(&options->deflate, fault);
    if (!status)
        status = check_subprotocols(options, fault);
    if (status || options->role == HWS_SERVER)
        return status;
    if (!is_plain(options->host, "/?#@\\"))
        return refuse_option(fault, "host", options->host);
    if (!is_plain(options->target, "#") || options->target[0] != '/')
        return refuse_option(fault, "target", options->target);
    return hwi_upgrade_check_headers(options->headers, options->header_count,
                                     fault);
}

/* A caller's Host header stands in place of ours. */
static bool has_host(const struct hws_proto_options *options)
{
    for (size_t i = 0; i < options->header_count; i++) {
        struct hws_span name = hws_span_text(options->headers[i].name);
        if (hwi_span_is_nocase(name, "host"))
            return true;
    }
    return false;
}

int hwi_request_write(struct hwi_buf *out,
                      const struct hws_proto_options *options, const char *key,
                      const char *offered)
{
    int status = hwi_buf_format(out, "GET %s HTTP/1.1\r\n", options->target);
    if (!status && !has_host(options))
        status = hwi_buf_format(out, "Host: %s\r\n", options->host);
    if (!status)
        status = hwi_buf_format(out,
                                "Upgrade: websocket\r\n"
                                "Connection: Upgrade\r\n"
                                "Sec-WebSocket-Key: %s\r\n"
                                "Sec-WebSocket-Version: 13\r\n",
                                key);
    if (!status && *offered)
        status = hwi_buf_format(out, "Sec-WebSocket-Protocol: %s\r\n", offered);
    if (!status && options->deflate.enabled)
        status = hwi_deflate_write_offer(out, &options->deflate);
    if (!status)
        status = hwi_upgrade_write_headers(out, options->headers,
                                           options->header_count);
    return status ? status : hwi_buf_text(out, "\r\n");
}

static int refuse(struct hws_fault *fault, int answer, const char *why)
{
    hwi_fault_set(fault, HWS_PHASE_HTTP, HWS_E_HANDSHAKE, "request %s", why);
    fault->http_status = answer;
    return HWS_E_HANDSHAKE;
}

static bool has_one(const struct hwi_http_head *head, const char *name)
{
    return hwi_http_count(head, name) == 1;
}

/* A path, or the whole URI of one; a fragment names no resource. */
static bool names_resource(struct hws_span target)
{
    if (hwi_span_find(target, '#') < target.size)
        return false;
    struct hws_span scheme =
        hwi_span_part(target, 0, hwi_span_find(target, ':'));
    struct hws_span rest = hwi_span_part(target, scheme.size, 3);
    return target.data[0] == '/' || (scheme.size && hwi_span_is(rest, "://"));
}

int hwi_request_check(const struct hwi_http_head *head, struct hws_fault *fault)
{
    if (!hwi_span_is(head->method, "GET"))
        return refuse(fault, 400, "is not a GET");
    if (head->minor < 1)
        return refuse(fault, 400, "is older than HTTP/1.1");
    if (!names_resource(head->target))
        return refuse(fault, 400, "for a target that names no resource");
    if (!has_one(head, "Host"))
        return refuse(fault, 400, "without exactly one Host header");
    if (!hwi_http_has_token(head, "Upgrade", "websocket"))
        return refuse(fault, 400, "without 'Upgrade: websocket'");
    if (!hwi_http_has_token(head, "Connection", "upgrade"))
        return refuse(fault, 400, "without 'Connection: Upgrade'");
    if (!has_one(head, "Sec-WebSocket-Version") ||
        !hwi_span_is(hwi_http_get(head, "Sec-WebSocket-Version")->value, "13"))
        return refuse(fault, 426, "without Sec-WebSocket-Version 13");
    if (!has_one(head, "Sec-WebSocket-Key") ||
        !hwi_upgrade_key_is_valid(
            hwi_http_get(head, "Sec-WebSocket-Key")->value))
        return refuse(fault, 400, "without one Sec-WebSocket-Key of 16 bytes");
    return 0;
}

int hwi_request_check_extensions(const struct hwi_http_head *head,
                                 const struct hws_deflate *wish,
                                 struct hwi_deflate_terms *terms,
                                 struct hws_fault *fault)
{
    struct hws_span subject = hwi_span(NULL, 0);
    const char *flaw = hwi_deflate_choose(terms, wish, head, &subject);
    if (!flaw)
        return 0;
    hwi_fault_set(fault, HWS_PHASE_HTTP, HWS_E_HANDSHAKE, "request %s '%.*s'",
                  flaw, (int)(subject.size < 80 ? subject.size : 80),
                  subject.size ? (const char *)subject.data : "");
    fault->http_status = 400;
    return HWS_E_HANDSHAKE;
}
