/*
 * A protocol core under fuzzing, watched from outside: it is fed in pieces,
 * and every event is held against what the headers promise.
 */
#ifndef SUBJECT_H
#define SUBJECT_H

#include "fuzz.h"

#include "base/rng.h"
#include "base/utf8.h"
#include "hawser/proto.h"

#define SUBJECT_MESSAGE_MAX 4096
#define SUBJECT_MEMORY_MAX ((size_t)256 * 1024)

struct subject {
    struct hws_proto *proto;
    struct hwi_seeded seeded;
    struct hwi_utf8 utf8; /* of the text that is coming in */
    bool whole;           /* messages come whole, never in chunks */
    bool in_message;
    unsigned ups, downs;
    uint64_t trace; /* a hash of all that was delivered */
};

void subject_init(struct subject *s, enum hws_role role, bool whole);
void subject_release(struct subject *s);
/* Feed `bytes`, at most `step` at a time, until the end of its life. */
void subject_feed(struct subject *s, struct hws_span bytes, size_t step);
/* Take every event there is. */
void subject_drain(struct subject *s);
/* The transport ends; exactly one DOWN must have come then. */
void subject_end(struct subject *s);
/* Write all of the output into `out`; returns its size. */
size_t subject_output(struct subject *s, uint8_t *out, size_t size);

#endif
