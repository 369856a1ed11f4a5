/*
 * Limits of the caller's, looked at with the judge: told when something is
 * above its limit twice in a row, and again when it is below half of it twice.
 */
#include "base/status.h"
#include "session/client.h"
#include "session/conn.h"

#define LOOKS 2 /* that have to agree */

static bool is_set(const struct hws_alarms *a)
{
    return a->lag || a->receive_queue || a->send_queue || a->spin;
}

bool hwi_client_has_alarms(const struct hws_client *c)
{
    return is_set(&c->options.alarms);
}

static int64_t limit_of(const struct hws_alarms *a, enum hws_alarm what)
{
    switch (what) {
    case HWS_ALARM_LAG:
        return a->lag;
    case HWS_ALARM_RECEIVE_QUEUE:
        return (int64_t)a->receive_queue;
    case HWS_ALARM_SEND_QUEUE:
        return (int64_t)a->send_queue;
    default:
        return (int64_t)a->spin;
    }
}

/* Wake-ups without progress in a second, since the last look. */
static int64_t spin_rate(struct hws_client *c, const struct hws_snapshot *now)
{
    hws_time passed = now->at - c->alarms.looked_at;
    uint64_t idle = now->idle_wakeups - c->alarms.idle_wakeups;
    bool is_first = c->alarms.looked_at == 0;
    c->alarms.looked_at = now->at;
    c->alarms.idle_wakeups = now->idle_wakeups;
    if (is_first || passed <= 0)
        return 0;
    return (int64_t)((double)idle * 1e9 / (double)passed);
}

static void measure(struct hws_client *c, hws_time lag,
                    int64_t values[HWS_ALARM_COUNT])
{
    struct hws_snapshot now;
    hws_client_snapshot(c, &now);
    values[HWS_ALARM_LAG] = lag == HWS_NEVER ? 0 : lag;
    values[HWS_ALARM_RECEIVE_QUEUE] = (int64_t)now.receive_queue;
    values[HWS_ALARM_SEND_QUEUE] = (int64_t)now.send_queue;
    values[HWS_ALARM_SPIN] = spin_rate(c, &now);
}

/* Whether it changes now: enough looks in a row say so. */
static bool turns(struct hwi_alarm *alarm, int64_t value, int64_t limit)
{
    bool is_other = alarm->raised ? value < limit / 2 : value > limit;
    alarm->looks = is_other ? alarm->looks + 1 : 0;
    if (alarm->looks < LOOKS)
        return false;
    alarm->looks = 0;
    alarm->raised = !alarm->raised;
    return true;
}

static void tell(struct hws_client *c, enum hws_alarm what, int64_t value,
                 hws_time now)
{
    struct hws_event event = {.kind = HWS_ALARM, .at = now};
    event.alarm.what = what;
    event.alarm.raised = c->alarms.of[what].raised;
    event.alarm.value = value;
    event.alarm.limit = limit_of(&c->options.alarms, what);
    c->options.on_event(c, &event, c->options.user);
}

static void give_up(struct hws_client *c, enum hws_alarm what)
{
    struct hws_fault fault = {0};
    hwi_fault_set(&fault, HWS_PHASE_IDLE, HWS_E_STALE,
                  "the limit of '%s' was exceeded", hws_alarm_name(what));
    hws_conn_fail(c->conn, &fault);
}

bool hwi_client_look_at_alarms(struct hws_client *c, hws_time lag, hws_time now)
{
    struct hws_conn *conn = c->conn;
    int64_t values[HWS_ALARM_COUNT];
    bool any = false;
    measure(c, lag, values);
    for (unsigned i = 0; i < HWS_ALARM_COUNT; i++) {
        int64_t limit = limit_of(&c->options.alarms, (enum hws_alarm)i);
        struct hwi_alarm *alarm = &c->alarms.of[i];
        if (limit && turns(alarm, values[i], limit)) {
            tell(c, (enum hws_alarm)i, values[i], now);
            /* The callback may have done anything. */
            if (c->freed || c->conn != conn)
                return false;
            if (alarm->raised && c->options.alarms.reconnect)
                give_up(c, (enum hws_alarm)i);
        }
        any = any || alarm->raised || alarm->looks;
    }
    return any;
}

/* On another connection all begins anew. */
void hwi_client_reset_alarms(struct hws_client *c)
{
    c->alarms = (struct hwi_alarms){0};
}
