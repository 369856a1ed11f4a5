#include "proto/upgrade.h"

#include "base/status.h"

#include <openssl/sha.h>

/* Section 1.3: the text that only a WebSocket server appends to the key. */
static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

void hwi_upgrade_key(char out[HWI_KEY_SIZE + 1], struct hws_random random)
{
    uint8_t nonce[16];
    random.fill(random.context, nonce, sizeof(nonce));
    hwi_base64(out, hwi_span(nonce, sizeof(nonce)));
}

void hwi_upgrade_accept(char out[HWI_ACCEPT_SIZE + 1], struct hws_span key)
{
    uint8_t text[HWI_KEY_SIZE + sizeof(guid) - 1];
    uint8_t hash[SHA_DIGEST_LENGTH];
    memcpy(text, key.data, HWI_KEY_SIZE);
    memcpy(text + HWI_KEY_SIZE, guid, sizeof(guid) - 1);
    SHA1(text, sizeof(text), hash);
    hwi_base64(out, hwi_span(hash, sizeof(hash)));
}

static bool is_base64(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c >= '0' && c <= '9') || c == '+' || c == '/';
}

bool hwi_upgrade_key_is_valid(struct hws_span key)
{
    if (key.size != HWI_KEY_SIZE)
        return false;
    for (size_t i = 0; i < 22; i++) {
        if (!is_base64(key.data[i]))
            return false;
    }
    /* 16 bytes leave four bits without a meaning, which are 0. */
    return strchr("AQgw", key.data[21]) && memcmp(key.data + 22, "==", 2) == 0;
}

static bool is_ours(struct hws_span name)
{
    static const char prefix[] = "sec-websocket-";
    struct hws_span begin = hwi_span_part(name, 0, sizeof(prefix) - 1);
    return hwi_span_is_nocase(begin, prefix) ||
           hwi_span_is_nocase(name, "upgrade") ||
           hwi_span_is_nocase(name, "connection");
}

/* The handshake has no body (RFC 6455 section 4.1 asks for a GET). */
static bool frames_a_body(struct hws_span name)
{
    return hwi_span_is_nocase(name, "content-length") ||
           hwi_span_is_nocase(name, "transfer-encoding");
}

static int refuse(struct hws_fault *fault, const char *name, const char *why)
{
    return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT,
                         "header '%.64s' %s", name ? name : "", why);
}

int hwi_upgrade_check_headers(const struct hws_header *headers, size_t count,
                              struct hws_fault *fault)
{
    for (size_t i = 0; i < count; i++) {
        const char *name = headers[i].name;
        struct hws_span value = hws_span_text(headers[i].value);
        if (!hwi_http_is_token(hws_span_text(name)))
            return refuse(fault, name, "is no valid name");
        if (is_ours(hws_span_text(name)))
            return refuse(fault, name, "is set by the handshake itself");
        if (frames_a_body(hws_span_text(name)))
            return refuse(fault, name, "announces a body, and there is none");
        if (!hwi_http_is_field_value(value))
            return refuse(fault, name, "has a value with control bytes");
    }
    return 0;
}

int hwi_upgrade_write_headers(struct hwi_buf *out,
                              const struct hws_header *headers, size_t count)
{
    int status = 0;
    for (size_t i = 0; i < count && !status; i++)
        status = hwi_buf_format(out, "%s: %s\r\n", headers[i].name,
                                headers[i].value ? headers[i].value : "");
    return status;
}
