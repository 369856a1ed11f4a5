#include "tally.h"

#define WINDOW 64

static void take_newer(struct tally *tally, uint64_t number, uint64_t ahead)
{
    if (ahead >= WINDOW)
        tally->missing = ~(uint64_t)1;
    else /* the numbers between, and those that were missing before */
        tally->missing = tally->missing << ahead | (((uint64_t)1 << ahead) - 2);
    tally->lost += ahead - 1;
    tally->last = number;
    tally->received++;
}

static void take_older(struct tally *tally, uint64_t behind)
{
    uint64_t bit = behind < WINDOW ? (uint64_t)1 << behind : 0;
    if (!(tally->missing & bit)) {
        tally->duplicates++;
        return;
    }
    tally->missing &= ~bit;
    tally->lost--;
    tally->late++;
    tally->received++;
}

void tally_note(struct tally *tally, uint64_t number)
{
    /* The shorter way round the circle says which of the two is newer. */
    uint64_t ahead = number - tally->last;
    if (ahead != 0 && ahead < UINT64_MAX / 2)
        take_newer(tally, number, ahead);
    else
        take_older(tally, tally->last - number);
}

void tally_end(struct tally *tally, uint64_t last)
{
    uint64_t ahead = last - tally->last;
    if (ahead == 0 || ahead >= UINT64_MAX / 2)
        return;
    tally->lost += ahead;
    tally->last = last;
}
