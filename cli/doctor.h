/*
 * hawser doctor, while it runs: a visit to the server that looks at all that
 * passes, and over TLS a second one that sees whether the session resumes.
 */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include "doctor_facts.h"
#include "opening.h"
#include "stopper.h"
#include "target.h"

struct doctor_options {
    hws_time for_delay;
    const char *lag;
    struct text_list on_open;
    bool json;
};

struct doctor;

struct doctor_visit {
    struct doctor *doctor;
    struct hws_client *client;
    struct doctor_facts *facts; /* owned */
    struct hws_timer tick;
    unsigned ticks;
};

struct doctor {
    struct doctor_options options;
    struct target target;
    struct opening_list openings;
    struct hws_client_options client; /* of both visits */
    struct hws_loop *loop;
    struct stopper stopper;
    struct output out;
    struct doctor_visit first, second;
    bool is_over;
};

/* doctor_wire.c: a layer on top of `below` that fills visit->facts. Takes
 * `below`; NULL is never returned. */
struct hws_link *doctor_wire_new(struct doctor_visit *visit,
                                 struct hws_link *below);
/* What the layers tell about themselves, now. */
void doctor_wire_look(struct doctor_facts *facts, const struct hws_link *link);

/* doctor_visit.c: begin one. OPTIONS_GOOD, or an exit code after a
 * complaint. */
int doctor_visit_begin(struct doctor_visit *visit, struct doctor *doctor);
/* Say goodbye, or give up what is not up. */
void doctor_visit_end(struct doctor_visit *visit, unsigned code);
void doctor_visit_release(struct doctor_visit *visit);

/* doctor_trace.c: note a step of dialing; `user` is struct doctor_facts. */
void doctor_trace(const struct hws_dial_note *note, void *user);
void doctor_trace_reset(struct doctor_dial *dial);

#endif
