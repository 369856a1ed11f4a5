/* Keeps what dialing tells. */
#include "doctor.h"

#include <stdio.h>
#include <string.h>

void doctor_trace_reset(struct doctor_dial *d)
{
    *d = (struct doctor_dial){.begun = HWS_NEVER, .connected = HWS_NEVER};
    d->v6.at = d->v4.at = HWS_NEVER;
}

static void note_begin(struct doctor_dial *d, const struct hws_dial_note *note)
{
    doctor_trace_reset(d);
    d->begun = note->at;
    d->port = note->port;
    snprintf(d->host, sizeof d->host, "%s", note->host);
}

static void note_answer(struct doctor_dial *d, const struct hws_dial_note *note)
{
    struct doctor_family *family = note->ipv6 ? &d->v6 : &d->v4;
    d->source = note->source;
    snprintf(d->server, sizeof d->server, "%s",
             note->server ? note->server : "");
    family->at = note->at;
    family->count = note->address_count;
    for (size_t i = 0; i < family->count && i < DOCTOR_SHOWN_MAX; i++)
        snprintf(family->shown[i], sizeof family->shown[i], "%s",
                 note->addresses[i]);
    snprintf(family->reason, sizeof family->reason, "%s",
             note->reason ? note->reason : "");
}

static void note_try(struct doctor_dial *d, const struct hws_dial_note *note)
{
    size_t place = d->tried++;
    if (place >= DOCTOR_ATTEMPTS_MAX)
        return;
    struct doctor_attempt *a = &d->attempts[place];
    *a = (struct doctor_attempt){
        .begun = note->at, .ended = HWS_NEVER, .end = HWS_DIAL_TRY};
    snprintf(a->address, sizeof a->address, "%s", note->address);
}

static void note_end(struct doctor_dial *d, const struct hws_dial_note *note)
{
    if (note->step == HWS_DIAL_DONE)
        d->connected = note->at;
    for (size_t i = 0; i < d->tried && i < DOCTOR_ATTEMPTS_MAX; i++) {
        struct doctor_attempt *a = &d->attempts[i];
        if (a->end != HWS_DIAL_TRY || strcmp(a->address, note->address) != 0)
            continue;
        a->end = note->step;
        a->ended = note->at;
        a->os_error = note->os_error;
        return;
    }
}

void doctor_trace(const struct hws_dial_note *note, void *user)
{
    struct doctor_facts *facts = user;
    if (note->step == HWS_DIAL_BEGIN)
        note_begin(&facts->dial, note);
    else if (note->step == HWS_DIAL_ANSWER)
        note_answer(&facts->dial, note);
    else if (note->step == HWS_DIAL_TRY)
        note_try(&facts->dial, note);
    else
        note_end(&facts->dial, note);
}
