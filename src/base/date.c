#include "base/date.h"

#include <string.h>

int64_t hwi_date_month(struct hws_span s)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (size_t i = 0; s.size >= 3 && i < 12; i++) {
        if (memcmp(s.data, names + 3 * i, 3) == 0)
            return (int64_t)i;
    }
    return -1;
}

static bool is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

bool hwi_date_is_valid(const struct hwi_date *d)
{
    static const int8_t length[] = {31, 28, 31, 30, 31, 30,
                                    31, 31, 30, 31, 30, 31};
    if (d->month < 0 || d->month > 11)
        return false;
    bool leap_day = d->month == 1 && is_leap(d->year);
    return d->day >= 1 && d->day <= length[d->month] + leap_day &&
           d->hour >= 0 && d->hour < 24 && d->minute >= 0 && d->minute < 60 &&
           d->second >= 0 && d->second <= 60;
}

/* Days from 1970-01-01 to the first of March of `year`, which makes the leap
 * day the last of its year. */
static int64_t days_to_march(int64_t year)
{
    return 365 * (year - 1970) + year / 4 - year / 100 + year / 400 - 477 + 59;
}

int64_t hwi_date_seconds(const struct hwi_date *d)
{
    static const int16_t before[] = {306, 337, 0,   31,  61,  92,
                                     122, 153, 184, 214, 245, 275};
    int64_t year = d->month < 2 ? d->year - 1 : d->year;
    int64_t days = days_to_march(year) + before[d->month] + d->day - 1;
    return ((days * 24 + d->hour) * 60 + d->minute) * 60 + d->second;
}
