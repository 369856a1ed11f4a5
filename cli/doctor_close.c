/* Judges how a connection ended: the closing handshake, or what came before. */
#include "doctor_facts.h"
#include "units.h"

/* After both close frames the server has to close the connection, too. */
static void judge_end(struct doctor_finding *f,
                      const struct doctor_facts *facts)
{
    if (facts->wire.ended_at == HWS_NEVER)
        doctor_advise(f, DOCTOR_WARN,
                      "the server left its end of the connection open, and has "
                      "to close first (RFC 6455 section 7.1.1): it keeps a "
                      "socket until the network gives up");
    else if (facts->truncated)
        doctor_advise(f, DOCTOR_WARN,
                      "TLS ended without a close_notify: messages that were "
                      "cut off at the end would not be noticed");
}

static void judge_asked(struct doctor_finding *f,
                        const struct doctor_facts *facts)
{
    char text[UNITS_TEXT_MAX];
    hws_time took = facts->down - facts->close_asked;
    units_delay(text, took);
    doctor_ms(f, "ms", took);
    doctor_count(f, "received_code", facts->received_code);
    if (!facts->clean) {
        doctor_say(f, "no close frame came back within %s", text);
        doctor_advise(f, DOCTOR_BAD,
                      "a server must answer a close frame (RFC 6455 section "
                      "5.5.1); each goodbye to this one takes this long");
        return;
    }
    doctor_say(f, "answered with %u, over in %s", facts->received_code, text);
    doctor_raise(f, DOCTOR_GOOD);
    judge_end(f, facts);
}

/* A server that closes, while the doctor only looks on. */
static void judge_goodbye(struct doctor_finding *f,
                          const struct doctor_facts *facts)
{
    unsigned code = facts->received_code;
    bool meant_well = code == HWS_CLOSE_NORMAL || code == HWS_CLOSE_GOING_AWAY;
    doctor_advise(f, meant_well ? DOCTOR_WARN : DOCTOR_BAD,
                  "the server closed with %u%s%s: it may want a login, or a "
                  "subscription first (--on-open)",
                  code, facts->reason[0] ? " " : "", facts->reason);
    judge_end(f, facts);
}

static void judge_lost(struct doctor_finding *f,
                       const struct doctor_facts *facts)
{
    char text[UNITS_TEXT_MAX];
    units_delay(text, facts->down - facts->up);
    doctor_ms(f, "ms", HWS_NEVER);
    doctor_count(f, "received_code", facts->received_code);
    doctor_say(f, "lost after %s: %s", text, facts->fault.text);
    if (facts->clean)
        judge_goodbye(f, facts);
    else
        doctor_advise(f, DOCTOR_BAD,
                      facts->ended_by == HWS_PARTY_LOCAL
                          ? "the server breaks the protocol, or a limit of "
                            "this side: the sentence above says which"
                          : "the line was cut without a goodbye: look into "
                            "the server's log, and at proxies on the way that "
                            "end quiet connections");
}

void doctor_judge_close(const struct doctor_facts *facts,
                        struct doctor_sheet *sheet)
{
    struct doctor_finding *f = doctor_begin(sheet, "close", "close");
    if (!facts->was_up || facts->down == HWS_NEVER)
        doctor_say(f, DOCTOR_NOT_REACHED);
    else if (facts->close_asked != HWS_NEVER)
        judge_asked(f, facts);
    else
        judge_lost(f, facts);
}
