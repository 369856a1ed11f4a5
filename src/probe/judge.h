/*
 * The bounds of the verdict, which its words name too. None of them is a
 * speed: each separates two shapes that lie far apart.
 */
#ifndef HWI_JUDGE_H
#define HWI_JUDGE_H

#include "hawser/probe.h"

/* The least that a median counts for. A thread that waits for a descriptor
 * sleeps on for some microseconds after it became ready; one that sleeps for
 * the sake of sleeping, for about half its period. */
#define HWI_SLEPT_LEAST HWS_US(50)
/* No processor takes longer to come back from its deepest sleep. */
#define HWI_SLEPT_EXCUSED HWS_US(200)
/* Timers may be rounded up to a millisecond, as many hosts do. */
#define HWI_LATE_LEAST HWS_MS(2)
/* From here on it is worth saying who takes the time. */
#define HWI_TAKES_LEAST HWS_MS(1)
/* Fewest samples of each kind. */
#define HWI_SAMPLES_LEAST 8

/* Per second of the quiet stretch; -1 when it cannot be known. `told`: it is
 * the loop that says so. */
double hwi_quiet_wakeups(const struct hws_probe_figures *f, bool *told);
/* How much of the quiet stretch the thread was not asleep, 0 to 1; -1 when it
 * cannot be known. */
double hwi_quiet_awake(const struct hws_probe_figures *f);

#endif
