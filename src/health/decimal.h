/*
 * Times written as text, read exactly: no floating point, so that a number of
 * 19 digits keeps its last nanosecond.
 */
#ifndef HWI_DECIMAL_H
#define HWI_DECIMAL_H

#include "base/span.h"

/*
 * A decimal number ("1700000000.123456789", "-5", "1.7e9") in units of
 * 10^power ns, cut (toward zero) to whole nanoseconds. False when `text` is
 * not a number or does not fit.
 */
bool hwi_number_read(struct hws_span text, int power, hws_time *ns);

/*
 * "2026-11-23T19:49:00.123456Z": RFC 3339, where the 'T' may also be a space,
 * the fraction may follow a comma, and the zone may be "+02:00", "+0200",
 * "+02" or missing (then UTC is meant). Years 1678 to 2261.
 */
bool hwi_iso8601_read(struct hws_span text, hws_time *ns);

#endif
