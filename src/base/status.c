#include "base/status.h"

#include "base/span.h"
#include "base/utf8_plain.h"

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
        [-HWS_E_REDIRECT] = "redirect",
        [-HWS_E_STALE] = "stale",
        [-HWS_E_COMPRESSION] = "compression",
    };
    const int count = sizeof(names) / sizeof(names[0]);
    if (status > 0 || status <= -count)
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
        [HWS_REDIRECT] = "redirect",
        [HWS_STALE] = "stale",
        [HWS_FRESH] = "fresh",
        [HWS_WARNING] = "warning",
        [HWS_VERDICT] = "verdict",
        [HWS_ALARM] = "alarm",
    };
    if (kind < HWS_UP || kind > HWS_ALARM)
        return "unknown";
    return names[kind];
}

const char *hws_version(void)
{
    return HWS_VERSION;
}

/* U+0080 to U+009F are controls to some terminals; they are C2, then this. */
static bool is_high_control(const char *text)
{
    return (uint8_t)text[0] == 0xc2 && (uint8_t)text[1] < 0xa0;
}

static void hide_controls(char *text)
{
    for (; *text; text++) {
        if ((uint8_t)*text < 0x20 || *text == 0x7f)
            *text = '?';
        else if (is_high_control(text))
            text[0] = text[1] = '?';
    }
}

/* Make valid UTF-8 of what may hold anything: wrong bytes become '?', and a
 * character that was cut at the end goes. */
static void mend(char *text)
{
    uint8_t *at = (uint8_t *)text;
    for (size_t left = strlen(text); left;) {
        size_t whole, good = hwi_utf8_begin(at, left, &whole);
        bool cut = good == left && good < whole;
        if (good == 0 || good < whole) {
            *at = cut ? '\0' : '?';
            whole = cut ? left : 1;
        }
        at += whole;
        left -= whole;
    }
}

/* Written aside first: the arguments may point into the old text. */
static void write_text(struct hws_fault *fault, const char *format,
                       va_list arguments)
{
    char text[sizeof(fault->text)];
    vsnprintf(text, sizeof(text), format, arguments);
    mend(text);
    hide_controls(text);
    memcpy(fault->text, text, sizeof(text));
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

void hwi_reason_lower(char *text)
{
    bool word = text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a';
    if (word)
        text[0] = (char)(text[0] + 32);
}

/* The reason stays whole; a long subject gives way to it. */
static void append_reason(struct hws_fault *fault)
{
    char reason[80], tail[100];
    if (strerror_r(fault->os_error, reason, sizeof(reason)) != 0)
        snprintf(reason, sizeof(reason), "error");
    hwi_reason_lower(reason);
    int length =
        snprintf(tail, sizeof(tail), ": %s (%d)", reason, fault->os_error);
    size_t room = sizeof(fault->text) - 1 - (size_t)length;
    if (strlen(fault->text) > room) {
        fault->text[room] = '\0';
        mend(fault->text);
    }
    strcat(fault->text, tail);
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

    append_reason(fault);
    return HWS_E_SYSTEM;
}

const char *hws_alarm_name(enum hws_alarm alarm)
{
    static const char *const names[] = {
        [HWS_ALARM_LAG] = "lag",
        [HWS_ALARM_RECEIVE_QUEUE] = "receive queue",
        [HWS_ALARM_SEND_QUEUE] = "send queue",
        [HWS_ALARM_SPIN] = "spin",
    };
    return (unsigned)alarm < HWS_ALARM_COUNT ? names[alarm] : "unknown";
}
