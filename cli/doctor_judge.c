/* All judges, in the order in which a connection comes about. */
#include "doctor_facts.h"

bool doctor_failed_in(const struct doctor_facts *facts, enum hws_phase phase)
{
    return !facts->was_up && facts->fault.status && facts->fault.phase == phase;
}

/* What no line above has taken for its own: a fault of this machine, such as
 * no memory or no descriptor. */
static void judge_rest(const struct doctor_facts *facts,
                       struct doctor_sheet *sheet)
{
    bool is_told = doctor_worst(sheet) == DOCTOR_BAD;
    if (facts->was_up || !facts->fault.status || is_told)
        return;
    struct doctor_finding *f = doctor_begin(sheet, "attempt", "attempt");
    doctor_say(f, "%s", facts->fault.text);
    doctor_raise(f, DOCTOR_BAD);
}

void doctor_judge(const struct doctor_facts *facts, hws_time realtime,
                  struct doctor_sheet *sheet)
{
    doctor_judge_names(facts, sheet);
    doctor_judge_race(facts, sheet);
    doctor_judge_tcp(facts, sheet);
    doctor_judge_proxy(facts, sheet);
    if (facts->is_tls) {
        doctor_judge_tls(facts, sheet);
        doctor_judge_certificate(facts, realtime, sheet);
        doctor_judge_resumption(facts, sheet);
    }
    doctor_judge_handshake(facts, sheet);
    doctor_judge_messages(facts, sheet);
    doctor_judge_compression(facts, sheet);
    doctor_judge_ping(facts, sheet);
    doctor_judge_clock(facts, sheet);
    doctor_judge_kernel(facts, sheet);
    doctor_judge_close(facts, sheet);
    judge_rest(facts, sheet);
}
