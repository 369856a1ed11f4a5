/*
 * What arrived of a numbered stream, and what did not: every number is
 * received, lost in a gap, or missing at the end. Numbers may come late or
 * twice, and wrap around after 2^64 - 1.
 */
#ifndef CLI_TALLY_H
#define CLI_TALLY_H

#include <stdint.h>

struct tally {
    uint64_t last;       /* the newest number so far; numbers begin at 1 */
    uint64_t missing;    /* bit n: number last - n has not come (n below 64) */
    uint64_t received;   /* each number once */
    uint64_t lost;       /* in gaps that were not filled later */
    uint64_t late;       /* came after a newer one, and are received */
    uint64_t duplicates; /* had come before, or are too old to tell */
};

void tally_note(struct tally *tally, uint64_t number);
/* Nothing above `last` was sent: what is missing at the end is lost, too. */
void tally_end(struct tally *tally, uint64_t last);

#endif
