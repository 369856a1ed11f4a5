/*
 * "Retry-After": seconds or one of the three HTTP-dates (RFC 9110 section
 * 5.6.7). Knows no clock; the hour comes as an argument.
 */
#include "base/date.h"
#include "base/http.h"

/* The longest answer, so that a caller may add it to any clock: 100 years. */
#define DELAY_MAX_S ((int64_t)100 * 365 * 86400)

/* The takers below take their piece off the front of `s`, or return false. */
static bool take_byte(struct hws_span *s, char c)
{
    if (s->size == 0 || s->data[0] != (uint8_t)c)
        return false;
    *s = hwi_span_part(*s, 1, s->size);
    return true;
}

static bool take_number(struct hws_span *s, size_t digits, int64_t *value)
{
    uint64_t number = 0;
    struct hws_span part = hwi_span_part(*s, 0, digits);
    if (part.size != digits || !hwi_span_number(part, 9999, &number))
        return false;
    *value = (int64_t)number;
    *s = hwi_span_part(*s, digits, s->size);
    return true;
}

static bool take_month(struct hws_span *s, int64_t *month)
{
    *month = hwi_date_month(*s);
    *s = hwi_span_part(*s, 3, s->size);
    return *month >= 0;
}

/* The name of the weekday says nothing that the date does not. */
static bool take_weekday(struct hws_span *s)
{
    size_t size = 0;
    while (size < s->size && ((s->data[size] | 0x20) >= 'a') &&
           ((s->data[size] | 0x20) <= 'z'))
        size++;
    *s = hwi_span_part(*s, size, s->size);
    return size >= 3;
}

static bool take_clock(struct hws_span *s, struct hwi_date *d)
{
    return take_number(s, 2, &d->hour) && take_byte(s, ':') &&
           take_number(s, 2, &d->minute) && take_byte(s, ':') &&
           take_number(s, 2, &d->second);
}

static bool take_zone(struct hws_span s)
{
    return hwi_span_is(s, " GMT");
}

/* "06 Nov 1994 08:49:37 GMT", after the weekday. */
static bool read_fixdate(struct hws_span s, struct hwi_date *d)
{
    return take_number(&s, 2, &d->day) && take_byte(&s, ' ') &&
           take_month(&s, &d->month) && take_byte(&s, ' ') &&
           take_number(&s, 4, &d->year) && take_byte(&s, ' ') &&
           take_clock(&s, d) && take_zone(s);
}

/* "06-Nov-94 08:49:37 GMT", after the weekday. */
static bool read_rfc850(struct hws_span s, struct hwi_date *d)
{
    return take_number(&s, 2, &d->day) && take_byte(&s, '-') &&
           take_month(&s, &d->month) && take_byte(&s, '-') &&
           take_number(&s, 2, &d->year) && take_byte(&s, ' ') &&
           take_clock(&s, d) && take_zone(s);
}

/* "Nov  6 08:49:37 1994", after the weekday. */
static bool read_asctime(struct hws_span s, struct hwi_date *d)
{
    if (!take_month(&s, &d->month) || !take_byte(&s, ' '))
        return false;
    size_t digits = take_byte(&s, ' ') ? 1 : 2;
    return take_number(&s, digits, &d->day) && take_byte(&s, ' ') &&
           take_clock(&s, d) && take_byte(&s, ' ') &&
           take_number(&s, 4, &d->year) && s.size == 0;
}

/* Two digits mean the year with them that is at most 50 years ahead. */
static int64_t full_year(int64_t year, int64_t now)
{
    int64_t present = 1970 + now / (365 * 86400 + 20952);
    year += present - present % 100;
    if (year > present + 50)
        year -= 100;
    return year;
}

static bool read_date(struct hws_span s, int64_t now, int64_t *at)
{
    struct hwi_date d = {0};
    bool good;
    if (!take_weekday(&s))
        return false;
    if (take_byte(&s, ',') && take_byte(&s, ' ')) {
        good = read_fixdate(s, &d);
        if (!good && read_rfc850(s, &d)) {
            good = true;
            d.year = full_year(d.year, now);
        }
    } else {
        good = take_byte(&s, ' ') && read_asctime(s, &d);
    }
    if (!good || !hwi_date_is_valid(&d))
        return false;
    *at = hwi_date_seconds(&d);
    return true;
}

hws_time hwi_http_retry_after(struct hws_span value, hws_time realtime)
{
    int64_t now = realtime / HWS_S(1), at = 0;
    uint64_t delay = 0;
    value = hwi_span_trim(value);
    size_t digits = 0;
    while (digits < value.size && value.data[digits] >= '0' &&
           value.data[digits] <= '9')
        digits++;
    if (digits && digits == value.size) {
        if (!hwi_span_number(value, (uint64_t)DELAY_MAX_S, &delay))
            delay = (uint64_t)DELAY_MAX_S;
        return HWS_S((hws_time)delay);
    }
    if (!read_date(value, now, &at))
        return HWS_NEVER;
    if (at <= now)
        return 0;
    if (at - now > DELAY_MAX_S)
        return HWS_S(DELAY_MAX_S);
    return HWS_S(at - now) - realtime % HWS_S(1);
}
