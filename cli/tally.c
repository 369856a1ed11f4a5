#include "tally.h"

void tally_note(struct tally *tally, uint64_t number)
{
    if (number <= tally->last) {
        tally->disordered++;
        return;
    }
    tally->lost += number - tally->last - 1;
    tally->last = number;
    tally->received++;
}

void tally_end(struct tally *tally, uint64_t last)
{
    if (last > tally->last)
        tally->lost += last - tally->last;
    tally->last = last > tally->last ? last : tally->last;
}
