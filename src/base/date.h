/*
 * A day and hour of the Gregorian calendar in UTC, and its place in the count
 * of seconds since 1970. Knows no clock and no way of writing dates but the
 * names of the months.
 */
#ifndef HWI_DATE_H
#define HWI_DATE_H

#include "hawser/types.h"

struct hwi_date {
    int64_t year, month, day, hour, minute, second; /* month 0 to 11 */
};

/* The month whose three letters `s` begins with, "Jan" to "Dec"; or -1. */
int64_t hwi_date_month(struct hws_span s);
/* Whether there is such a day and hour; 60 is a leap second. */
bool hwi_date_is_valid(const struct hwi_date *date);
/* Seconds since the begin of 1970, of a valid date. */
int64_t hwi_date_seconds(const struct hwi_date *date);

#endif
