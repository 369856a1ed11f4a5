#include "base/status.h"

#include "base/span.h"

#include <stdarg.h>
#include <stdio.h>

const char *hws_status_name(int status)
{
    static const char *const names[] = {
        [0] = "ok",
        [-HWS_E_AGAIN] = "again",
        [-HWS_E_EOF] = "eof",
        [-HWS_E_RESET] = "reset",
        [-HWS_E_MEMORY] = "memory",
        [-HWS_E_ARGUMENT] = "argument",
        [-HWS_E_STATE] = "state",
        [-HWS_E_FULL] = "full",
        [-HWS_E_TOO_BIG] = "too-big",
        [-HWS_E_TIMEOUT] = "timeout",
        [-HWS_E_RESOLVE] = "resolve",
        [-HWS_E_CONNECT] = "connect",
        [-HWS_E_TLS] = "tls",
        [-HWS_E_CERTIFICATE] = "certificate",
        [-HWS_E_HTTP] = "http",
        [-HWS_E_REFUSED] = "refused",
        [-HWS_E_HANDSHAKE] = "handshake",
        [-HWS_E_PROTOCOL] = "protocol",
        [-HWS_E_UTF8] = "utf8",
        [-HWS_E_SILENT] = "silent",
        [-HWS_E_CLOSED] = "closed",
        [-HWS_E_SYSTEM] = "system",
        [-HWS_E_SUPPORT] = "support",
        [-HWS_E_FORK] = "fork",
        [-HWS_E_CANCELLED] = "cancelled",
    };
    if (status > 0 || -status >= (int)(sizeof(names) / sizeof(names[0])))
        return "unknown";
    return names[-status];
}

const char *hws_phase_name(enum hws_phase phase)
{
    static const char *const names[] = {
        [HWS_PHASE_NONE] = "none",   [HWS_PHASE_LOCAL] = "local",
        [HWS_PHASE_DNS] = "dns",     [HWS_PHASE_TCP] = "tcp",
        [HWS_PHASE_PROXY] = "proxy", [HWS_PHASE_TLS] = "tls",
        [HWS_PHASE_HTTP] = "http",   [HWS_PHASE_FRAME] = "frame",
        [HWS_PHASE_CLOSE] = "close", [HWS_PHASE_IDLE] = "idle",
    };
    return (unsigned)phase <= HWS_PHASE_IDLE ? names[phase] : "unknown";
}

const char *hws_event_name(enum hws_event_kind kind)
{
    static const char *const names[] = {
        [HWS_UP] = "up",
        [HWS_MESSAGE] = "message",
        [HWS_PING] = "ping",
        [HWS_PONG] = "pong",
        [HWS_CLOSING] = "closing",
        [HWS_DOWN] = "down",
        [HWS_REQUEST] = "request",
        [HWS_HIGH_WATER] = "high-water",
        [HWS_LOW_WATER] = "low-water",
    };
    if (kind < HWS_UP || kind > HWS_LOW_WATER)
        return "unknown";
    return names[kind];
}

const char *hws_version(void)
{
    return HWS_VERSION;
}

/* Cut a text that filled its field back to the end of a whole character. */
static void cut_whole(char *text, size_t length)
{
    size_t start = length;
    while (start && ((uint8_t)text[start - 1] & 0xc0) == 0x80)
        start--;
    if (start && ((uint8_t)text[start - 1] & 0x80))
        text[start - 1] = '\0';
}

static void hide_controls(char *text)
{
    for (; *text; text++) {
        if ((uint8_t)*text < 0x20 || *text == 0x7f)
            *text = '?';
    }
}

static void write_text(struct hws_fault *fault, const char *format,
                       va_list arguments)
{
    size_t size = sizeof(fault->text);
    int length = vsnprintf(fault->text, size, format, arguments);
    if (length >= (int)size)
        cut_whole(fault->text, size - 1);
    hide_controls(fault->text);
}

/* A fault is filled anew, but the peer that was known stays known. */
static void begin(struct hws_fault *fault, enum hws_phase phase, int status)
{
    fault->status = (enum hws_status)status;
    fault->phase = phase;
    fault->os_error = 0;
    fault->tls_error = 0;
    fault->tls_verify = 0;
    fault->http_status = 0;
    fault->close_code = 0;
}

int hwi_fault_set(struct hws_fault *fault, enum hws_phase phase, int status,
                  const char *format, ...)
{
    if (!fault)
        return status;
    va_list arguments;
    va_start(arguments, format);
    begin(fault, phase, status);
    write_text(fault, format, arguments);
    va_end(arguments);
    return status;
}

int hwi_fault_os(struct hws_fault *fault, enum hws_phase phase, int os_error,
                 const char *format, ...)
{
    if (!fault)
        return HWS_E_SYSTEM;
    va_list arguments;
    va_start(arguments, format);
    begin(fault, phase, HWS_E_SYSTEM);
    fault->os_error = os_error;
    write_text(fault, format, arguments);
    va_end(arguments);

    char reason[80] = "";
    size_t used = strlen(fault->text);
    if (strerror_r(os_error, reason, sizeof(reason)) != 0)
        reason[0] = '\0';
    snprintf(fault->text + used, sizeof(fault->text) - used, ": %s (%d)",
             reason, os_error);
    return HWS_E_SYSTEM;
}
