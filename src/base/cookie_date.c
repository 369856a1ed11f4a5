/*
 * The date of a cookie's Expires (RFC 6265 section 5.1.1): a time, a day, a
 * month and a year in any order and in any disguise that servers ever used.
 */
#include "base/cookie.h"
#include "base/date.h"

static bool is_delimiter(uint8_t c)
{
    return c == '\t' || (c >= 0x20 && c <= 0x2f) || (c >= 0x3b && c <= 0x40) ||
           (c >= 0x5b && c <= 0x60) || (c >= 0x7b && c <= 0x7e);
}

/* Take the next token off `rest`; size 0 at the end. */
static struct hws_span take_token(struct hws_span *rest)
{
    size_t begin = 0;
    while (begin < rest->size && is_delimiter(rest->data[begin]))
        begin++;
    size_t end = begin;
    while (end < rest->size && !is_delimiter(rest->data[end]))
        end++;
    struct hws_span token = hwi_span_part(*rest, begin, end - begin);
    *rest = hwi_span_part(*rest, end, rest->size);
    return token;
}

/* Take `least` to `most` digits off `s`, when no further digit follows. */
static bool take_digits(struct hws_span *s, size_t least, size_t most,
                        int64_t *value)
{
    uint64_t number = 0;
    size_t size = 0;
    while (size < s->size && s->data[size] >= '0' && s->data[size] <= '9')
        size++;
    if (size < least || size > most ||
        !hwi_span_number(hwi_span_part(*s, 0, size), 9999, &number))
        return false;
    *value = (int64_t)number;
    *s = hwi_span_part(*s, size, s->size);
    return true;
}

static bool take_colon(struct hws_span *s)
{
    if (s->size == 0 || s->data[0] != ':')
        return false;
    *s = hwi_span_part(*s, 1, s->size);
    return true;
}

/* "8:49:37", and whatever follows. */
static bool read_time(struct hws_span s, struct hwi_date *d)
{
    struct hwi_date read = *d;
    if (!take_digits(&s, 1, 2, &read.hour) || !take_colon(&s) ||
        !take_digits(&s, 1, 2, &read.minute) || !take_colon(&s) ||
        !take_digits(&s, 1, 2, &read.second))
        return false;
    *d = read;
    return true;
}

static bool read_month(struct hws_span s, struct hwi_date *d)
{
    uint8_t letters[3];
    if (s.size < 3)
        return false;
    letters[0] = s.data[0] & 0xdf;
    letters[1] = s.data[1] | 0x20;
    letters[2] = s.data[2] | 0x20;
    d->month = hwi_date_month(hwi_span(letters, 3));
    return d->month >= 0;
}

static int64_t full_year(int64_t year)
{
    if (year >= 70 && year <= 99)
        return year + 1900;
    return year <= 69 ? year + 2000 : year;
}

bool hwi_cookie_date(struct hws_span text, int64_t *seconds)
{
    struct hwi_date d = {0};
    bool time = false, day = false, month = false, year = false;
    struct hws_span token = take_token(&text);
    for (; token.size; token = take_token(&text)) {
        struct hws_span rest = token;
        if (!time && (time = read_time(token, &d)))
            continue;
        if (!day && (day = take_digits(&rest, 1, 2, &d.day)))
            continue;
        if (!month && (month = read_month(token, &d)))
            continue;
        if (!year)
            year = take_digits(&rest, 2, 4, &d.year);
    }
    d.year = full_year(d.year);
    if (!time || !day || !month || !year || d.year < 1601 || d.second > 59 ||
        !hwi_date_is_valid(&d))
        return false;
    *seconds = hwi_date_seconds(&d);
    return true;
}
