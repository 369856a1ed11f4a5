/*
 * The log: which events are life, how often they may be told, and their lines.
 */
#include "hawser/log.h"

#include "base/mem.h"
#include "base/span.h"
#include "base/status.h"
#include "json_write.h"
#include "secret.h"

#include <stdio.h>
#include <time.h>

#define LINE_MAX_SIZE 4096

struct hws_log {
    struct hws_log_options options;
    hws_time full_at;  /* monotonic: when the whole burst is allowed again */
    uint64_t left_out; /* since the last line */
};

void hws_log_options_init(struct hws_log_options *options)
{
    *options = (struct hws_log_options){.burst = 100, .pause = HWS_MS(100)};
}

struct hws_log *hws_log_new(const struct hws_log_options *options,
                            struct hws_fault *fault)
{
    if (!options->write || options->pause <= 0) {
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT, "%s",
                      options->write ? "option 'pause': must be above 0"
                                     : "option 'write': must not be NULL");
        return NULL;
    }
    struct hws_log *log = hwi_alloc(sizeof(*log));
    if (!log) {
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                      "no memory for a log");
        return NULL;
    }
    *log = (struct hws_log){.options = *options};
    return log;
}

/* ---- a line */

static void put_moment(struct hwi_json *j, hws_time realtime)
{
    char text[48];
    time_t seconds = (time_t)(realtime / HWS_S(1));
    struct tm day;
    gmtime_r(&seconds, &day);
    size_t used = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &day);
    snprintf(text + used, sizeof(text) - used, ".%06ldZ",
             (long)(realtime % HWS_S(1) / 1000));
    hwi_json_text(j, "time", text);
}

static void put_masked(struct hwi_json *j, const char *name, const char *value)
{
    char masked[1024];
    hwi_secret_mask(masked, sizeof(masked), value);
    hwi_json_text(j, name, masked);
}

static void put_fault(struct hwi_json *j, const struct hws_fault *fault)
{
    hwi_json_text(j, "status", hws_status_name((int)fault->status));
    hwi_json_text(j, "phase", hws_phase_name(fault->phase));
    put_masked(j, "text", fault->text);
    if (fault->peer[0])
        hwi_json_text(j, "peer", fault->peer);
    if (fault->os_error)
        hwi_json_signed(j, "os_error", fault->os_error);
    if (fault->tls_error)
        hwi_json_count(j, "tls_error", fault->tls_error);
    if (fault->tls_verify)
        hwi_json_signed(j, "tls_verify", fault->tls_verify);
    if (fault->http_status)
        hwi_json_signed(j, "http_status", fault->http_status);
}

static const char *party_name(enum hws_party party)
{
    static const char *const names[] = {"none", "local", "peer", "network"};
    return names[party];
}

static void put_up(struct hwi_json *j, const struct hws_event *e)
{
    hwi_json_text(j, "peer", e->up.peer);
    if (e->up.subprotocol.size)
        hwi_json_span(j, "subprotocol", e->up.subprotocol);
    hwi_json_count(j, "attempt", e->up.attempt);
    hwi_json_count(j, "connection_count", e->up.connection);
    if (e->up.redirects)
        hwi_json_count(j, "redirects", e->up.redirects);
}

static void put_down(struct hwi_json *j, const struct hws_event *e)
{
    hws_time retry = e->down.retry_at;
    if (retry != HWS_NEVER)
        retry = retry > e->at ? retry - e->at : 0;
    hwi_json_text(j, "by", party_name(e->down.by));
    put_fault(j, e->down.fault);
    if (e->down.sent_code)
        hwi_json_count(j, "sent_code", e->down.sent_code);
    if (e->down.received_code)
        hwi_json_count(j, "received_code", e->down.received_code);
    if (e->down.reason.size)
        hwi_json_span(j, "reason", e->down.reason);
    hwi_json_bool(j, "was_up", e->down.was_up);
    hwi_json_bool(j, "clean", e->down.clean);
    hwi_json_bool(j, "final", e->down.final);
    hwi_json_seconds(j, "retry_in", retry);
    hwi_json_count(j, "unsent", e->down.unsent_messages);
}

static void put_alarm(struct hwi_json *j, const struct hws_event *e)
{
    bool is_time = e->alarm.what == HWS_ALARM_LAG;
    hwi_json_text(j, "what", hws_alarm_name(e->alarm.what));
    hwi_json_bool(j, "raised", e->alarm.raised);
    (is_time ? hwi_json_seconds : hwi_json_signed)(j, "value", e->alarm.value);
    (is_time ? hwi_json_seconds : hwi_json_signed)(j, "limit", e->alarm.limit);
}

/* What the event says of itself. False: it is none for a log. */
static bool put_event(struct hwi_json *j, const struct hws_event *e)
{
    switch (e->kind) {
    case HWS_UP:
        put_up(j, e);
        return true;
    case HWS_DOWN:
        put_down(j, e);
        return true;
    case HWS_CLOSING:
        hwi_json_text(j, "by", party_name(e->closing.by));
        hwi_json_count(j, "code", e->closing.code);
        hwi_json_span(j, "reason", e->closing.reason);
        return true;
    case HWS_REDIRECT:
        hwi_json_signed(j, "http_status", e->redirect.http_status);
        put_masked(j, "to", e->redirect.url);
        return true;
    case HWS_WARNING:
        put_fault(j, e->warning.fault);
        return true;
    case HWS_STALE:
    case HWS_FRESH:
        if (e->stale.channel.size)
            hwi_json_span(j, "channel", e->stale.channel);
        hwi_json_seconds(j, "silence", e->at - e->stale.since);
        return true;
    case HWS_VERDICT:
        hwi_json_text(j, "now", hws_verdict_name(e->verdict.now));
        hwi_json_text(j, "before", hws_verdict_name(e->verdict.before));
        hwi_json_text(j, "text", e->verdict.text);
        return true;
    case HWS_ALARM:
        put_alarm(j, e);
        return true;
    case HWS_HIGH_WATER:
    case HWS_LOW_WATER:
        hwi_json_count(j, "queued", e->water.queued);
        return true;
    default:
        return false;
    }
}

static void write_line(struct hws_log *log, struct hwi_json *j)
{
    hwi_json_close(j);
    hwi_json_put(j, "\n");
    int length = hwi_json_length(j);
    if (length < 0)
        log->left_out++;
    else
        log->options.write(
            log->options.user,
            (struct hws_span){(const uint8_t *)j->text, (size_t)length});
}

/* ---- the rate */

/* A line now, if the burst and the time since allow one. */
static bool may_write(struct hws_log *log, hws_time now)
{
    const struct hws_log_options *o = &log->options;
    if (o->burst == 0)
        return true;
    hws_time full_at = log->full_at > now ? log->full_at : now;
    if (full_at - now > (hws_time)(o->burst - 1) * o->pause)
        return false;
    log->full_at = full_at + o->pause;
    return true;
}

static void say_left_out(struct hws_log *log)
{
    char text[128];
    struct hwi_json j = {.text = text, .size = sizeof(text)};
    if (log->left_out == 0)
        return;
    hwi_json_put(&j, "{");
    hwi_json_text(&j, "event", "left-out");
    hwi_json_count(&j, "lines", log->left_out);
    log->left_out = 0;
    write_line(log, &j);
}

void hws_log_note(struct hws_log *log, const struct hws_log_subject *subject,
                  const struct hws_event *event)
{
    char text[LINE_MAX_SIZE];
    struct hwi_json j = {.text = text, .size = sizeof(text)};
    hwi_json_put(&j, "{");
    put_moment(&j, subject->realtime);
    if (subject->name)
        hwi_json_text(&j, "connection", subject->name);
    if (subject->url)
        put_masked(&j, "url", subject->url);
    hwi_json_text(&j, "event", hws_event_name(event->kind));
    if (!put_event(&j, event))
        return;
    if (!may_write(log, event->at)) {
        log->left_out++;
        return;
    }
    say_left_out(log);
    write_line(log, &j);
}

void hws_log_free(struct hws_log *log)
{
    if (!log)
        return;
    say_left_out(log);
    hwi_free(log);
}
