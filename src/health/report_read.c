/*
 * The reverse of report.c, by the same names.
 */
#include "report_read.h"

#include "decimal.h"
#include "json_find.h"

#include <stdio.h>
#include <string.h>

#define DEPTH_MAX 3

/* What stands for null, or for nothing at all. */
enum kind {
    COUNT, /* 64 bits: 0 */
    SIZE,  /* size_t: 0 */
    TIME,  /* HWS_NEVER */
    KNOWN, /* 64 bits: -1 */
};

#define AT(member) offsetof(struct hws_snapshot, member)

static const struct {
    const char *path;
    enum kind kind;
    size_t at;
} members[] = {
    {"at", TIME, AT(at)},
    {"up_since", TIME, AT(up_since)},
    {"connections", COUNT, AT(connections)},
    {"attempts", COUNT, AT(attempts)},
    {"failures", COUNT, AT(failures)},
    {"messages_in", COUNT, AT(messages_in)},
    {"messages_out", COUNT, AT(messages_out)},
    {"bytes_in", COUNT, AT(bytes_in)},
    {"bytes_out", COUNT, AT(bytes_out)},
    {"reads", COUNT, AT(reads)},
    {"writes", COUNT, AT(writes)},
    {"pings_in", COUNT, AT(pings_in)},
    {"pongs_in", COUNT, AT(pongs_in)},
    {"pings_out", COUNT, AT(pings_out)},
    {"unsent_messages", COUNT, AT(unsent_messages)},
    {"wakeups", COUNT, AT(wakeups)},
    {"idle_wakeups", COUNT, AT(idle_wakeups)},
    {"last_byte_at", TIME, AT(last_byte_at)},
    {"last_message_at", TIME, AT(last_message_at)},
    {"round_trip_last", TIME, AT(round_trip_last)},
    {"round_trip_min", TIME, AT(round_trip_min)},
    {"round_trip_smooth", TIME, AT(round_trip_smooth)},
    {"receive_queue", SIZE, AT(receive_queue)},
    {"tls_pending", SIZE, AT(tls_pending)},
    {"decoder_backlog", SIZE, AT(decoder_backlog)},
    {"send_queue", SIZE, AT(send_queue)},
    {"memory", SIZE, AT(memory)},
    {"kernel_send_queue", KNOWN, AT(kernel_send_queue)},
    {"path/round_trip", TIME, AT(path.round_trip)},
    {"path/round_trip_min", TIME, AT(path.round_trip_min)},
    {"path/retransmits", KNOWN, AT(path.retransmits)},
    {"path/unacknowledged", KNOWN, AT(path.unacknowledged)},
    {"path/receive_window", KNOWN, AT(path.receive_window)},
    {"path/delivery_rate", KNOWN, AT(path.delivery_rate)},
    {"compression/memory", SIZE, AT(compression.memory)},
    {"compression/in_compressed", COUNT, AT(compression.in_compressed)},
    {"compression/in_inflated", COUNT, AT(compression.in_inflated)},
    {"compression/out_plain", COUNT, AT(compression.out_plain)},
    {"compression/out_compressed", COUNT, AT(compression.out_compressed)},
    {"callback_total", TIME, AT(callback_total)},
    {"callback_max", TIME, AT(callback_max)},
    {"lag_count", COUNT, AT(lag_count)},
    {"lag_missing", COUNT, AT(lag_missing)},
    {"lag_last", COUNT, AT(lag_last)},
    {"lag_min", COUNT, AT(lag_min)},
    {"lag_max", COUNT, AT(lag_max)},
    {"lag_p50", COUNT, AT(lag_p50)},
    {"lag_p99", COUNT, AT(lag_p99)},
    {"clock_offset", TIME, AT(clock_offset)},
};

static bool find(struct hws_span json, const char *path,
                 struct hwi_json_value *value)
{
    struct hwi_json_step steps[DEPTH_MAX];
    size_t depth = 0;
    while (*path && depth < DEPTH_MAX) {
        size_t size = strcspn(path, "/");
        steps[depth++] = (struct hwi_json_step){
            .name = (const uint8_t *)path,
            .size = (uint16_t)size,
            .index = HWI_JSON_NO_INDEX,
        };
        path += size + (path[size] == '/');
    }
    return hwi_json_find(json, steps, depth, value);
}

bool hwi_report_integer(struct hws_span json, const char *path, int64_t *value)
{
    struct hwi_json_value found;
    return find(json, path, &found) && !found.is_string &&
           hwi_number_read(found.text, 0, value);
}

bool hwi_report_bool(struct hws_span json, const char *path)
{
    struct hwi_json_value found;
    return find(json, path, &found) && !found.is_string &&
           found.text.size == 4 && memcmp(found.text.data, "true", 4) == 0;
}

/* Of the escapes the writer knows two: a quote's and a backslash's. */
bool hwi_report_text(struct hws_span json, const char *path, char *text,
                     size_t size)
{
    struct hwi_json_value found;
    size_t used = 0;
    text[0] = '\0';
    if (!find(json, path, &found) || !found.is_string)
        return false;
    for (size_t i = 0; i < found.text.size && used + 1 < size; i++) {
        char c = (char)found.text.data[i];
        if (c == '\\' && i + 1 < found.text.size)
            c = (char)found.text.data[++i];
        text[used++] = c;
    }
    text[used] = '\0';
    return true;
}

static void put(void *at, enum kind kind, bool is_there, int64_t value)
{
    if (kind == SIZE)
        *(size_t *)at = is_there && value > 0 ? (size_t)value : 0;
    else if (is_there)
        *(int64_t *)at = value;
    else
        *(int64_t *)at = kind == TIME ? HWS_NEVER : kind == KNOWN ? -1 : 0;
}

static int64_t stage_value(struct hws_span json, enum hws_stage stage,
                           const char *name)
{
    char path[48];
    int64_t value;
    snprintf(path, sizeof(path), "stages/%s/%s", hws_stage_name(stage), name);
    return hwi_report_integer(json, path, &value) ? value : 0;
}

static void read_stages(struct hws_span json, struct hws_snapshot *s)
{
    for (unsigned i = 0; i < HWS_STAGES; i++) {
        enum hws_stage stage = (enum hws_stage)i;
        s->stages[i] = (struct hws_stage_lag){
            .count = (uint64_t)stage_value(json, stage, "count"),
            .last = stage_value(json, stage, "last"),
            .p50 = stage_value(json, stage, "p50"),
            .p99 = stage_value(json, stage, "p99"),
            .max = stage_value(json, stage, "max"),
        };
    }
}

static void read_verdict(struct hws_span json, struct hws_snapshot *s)
{
    char name[16];
    hwi_report_text(json, "verdict", name, sizeof(name));
    for (int i = HWS_VERDICT_NONE; i <= HWS_VERDICT_TLS; i++)
        if (strcmp(name, hws_verdict_name((enum hws_verdict)i)) == 0)
            s->verdict = (enum hws_verdict)i;
}

void hwi_report_read(struct hws_span json, struct hws_snapshot *snapshot)
{
    struct hwi_json_value rate;
    int64_t value = 0;
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        bool is_there = hwi_report_integer(json, members[i].path, &value);
        put((char *)snapshot + members[i].at, members[i].kind, is_there, value);
    }
    if (find(json, "message_rate", &rate) &&
        hwi_number_read(rate.text, 3, &value))
        snapshot->message_rate = (double)value / 1e3;
    snapshot->compression.agreed = hwi_report_bool(json, "compression/agreed");
    read_stages(json, snapshot);
    read_verdict(json, snapshot);
}

static int number_in(struct hws_span json, const char *path)
{
    int64_t value;
    return hwi_report_integer(json, path, &value) ? (int)value : 0;
}

void hwi_report_fault(struct hws_span json, struct hws_fault *fault)
{
    char name[32];
    int64_t value;
    *fault = (struct hws_fault){0};
    if (!hwi_report_text(json, "last_fault/status", name, sizeof(name)))
        return;
    for (int i = 0; i >= HWS_E_COMPRESSION; i--)
        if (strcmp(name, hws_status_name(i)) == 0)
            fault->status = (enum hws_status)i;
    hwi_report_text(json, "last_fault/phase", name, sizeof(name));
    for (int i = HWS_PHASE_NONE; i <= HWS_PHASE_IDLE; i++)
        if (strcmp(name, hws_phase_name((enum hws_phase)i)) == 0)
            fault->phase = (enum hws_phase)i;
    fault->os_error = number_in(json, "last_fault/os_error");
    fault->tls_verify = number_in(json, "last_fault/tls_verify");
    fault->http_status = number_in(json, "last_fault/http_status");
    fault->close_code = number_in(json, "last_fault/close_code");
    if (hwi_report_integer(json, "last_fault/tls_error", &value))
        fault->tls_error = (unsigned long)value;
    hwi_report_text(json, "last_fault/text", fault->text, sizeof(fault->text));
    hwi_report_text(json, "last_fault/peer", fault->peer, sizeof(fault->peer));
}
