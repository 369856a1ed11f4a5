/*
 * The other end of the door: a line of the answer, read back.
 */
#include "hawser/control.h"

#include "health/report_read.h"

#include <string.h>

int hws_control_read(struct hws_span line, struct hws_control_line *control)
{
    struct hws_control_line *c = control;
    int64_t id;
    memset(c, 0, sizeof(*c));
    if (!hwi_report_integer(line, "id", &id) || id < 0 ||
        !hwi_report_text(line, "state", c->state, sizeof(c->state)))
        return HWS_E_ARGUMENT;
    c->id = (uint64_t)id;
    c->paused = hwi_report_bool(line, "paused");
    hwi_report_text(line, "url", c->url, sizeof(c->url));
    hwi_report_read(line, &c->snapshot);
    hwi_report_fault(line, &c->last_fault);
    hwi_report_text(line, "verdict_text", c->verdict_text,
                    sizeof(c->verdict_text));
    c->snapshot.last_fault = &c->last_fault;
    c->snapshot.verdict_text = c->verdict_text;
    return 0;
}
