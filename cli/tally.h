/*
 * What arrived of a numbered stream, and what did not: every number is
 * received, lost in a gap, or missing at the end.
 */
#ifndef CLI_TALLY_H
#define CLI_TALLY_H

#include <stdint.h>

struct tally {
    uint64_t last; /* the highest number so far; numbers begin at 1 */
    uint64_t received;
    uint64_t lost;       /* in gaps */
    uint64_t disordered; /* a number not above the last one */
};

void tally_note(struct tally *tally, uint64_t number);
/* Nothing above `last` was sent: what is missing at the end is lost, too. */
void tally_end(struct tally *tally, uint64_t last);

#endif
