/*
 * What a turn of the loop brought, in order, until Python has been told. Knows
 * no Python object but by its address, and never needs the interpreter.
 * Invariant: records before `next` have been taken; bytes belong to records
 * that have not.
 */
#ifndef RECORDS_H
#define RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum record_kind {
    RECORD_MESSAGE, /* of a client: `data`, opcode, first, last */
    RECORD_EVENT,   /* of a client: `detail` */
    RECORD_READY,   /* of a watch: `number` is what it is ready for */
    RECORD_DUE,     /* of a timer: `number` is the arming */
    RECORD_CALL,    /* of a loop: a callable was posted to it */
    RECORD_TAKEN,   /* nothing any more: its target is gone */
};

struct event_detail; /* event.c */

struct record {
    void *target;                /* a Python object, alive by itself */
    struct event_detail *detail; /* owned, or NULL */
    size_t at, size;             /* its bytes */
    unsigned number;
    uint8_t kind; /* enum record_kind */
    uint8_t opcode;
    bool first, last;
};

struct records {
    struct record *list;
    size_t count, room, next;
    uint8_t *bytes;
    size_t size, bytes_room;
    bool lent; /* the bytes belong to a borrower, and must not move */
    bool lost; /* memory ran out: a record is missing */
};

void records_release(struct records *r);
/* A new record with a copy of `size` bytes, or NULL: `lost` is set. */
struct record *records_add(struct records *r, const void *bytes, size_t size);
/* Copy more bytes for a record; their place, or SIZE_MAX: `lost` is set. */
size_t records_keep(struct records *r, const void *bytes, size_t size);
/* Take the oldest one; it is valid until more are added. NULL: none, and all
 * bytes are given up. */
const struct record *records_take(struct records *r);
/* The record that records_take() would give, or NULL. */
const struct record *records_peek(const struct records *r);
/* `target` is gone: its records are taken. */
void records_forget(struct records *r, const void *target);

static inline bool records_empty(const struct records *r)
{
    return r->next == r->count;
}

#endif
