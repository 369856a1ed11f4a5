/*
 * Dates of RFC 3339, read from left to right by a cursor that fails once and
 * for all.
 */
#include "decimal.h"

/* What is left of the text; `ok` turns false at the first misfit, and then
 * every further step does nothing. */
struct cursor {
    struct hws_span left;
    bool ok;
};

static int peek(const struct cursor *c)
{
    return c->ok && c->left.size ? c->left.data[0] : -1;
}

static void step(struct cursor *c)
{
    c->left = hwi_span_part(c->left, 1, c->left.size);
}

static void expect(struct cursor *c, const char *any_of)
{
    int got = peek(c);
    if (got > 0 && strchr(any_of, got))
        step(c);
    else
        c->ok = false;
}

/* A number of exactly `width` digits, from `min` to `max`. */
static int take(struct cursor *c, int width, int min, int max)
{
    int value = 0;
    for (int i = 0; i < width; i++) {
        int digit = peek(c) - '0';
        if (digit < 0 || digit > 9) {
            c->ok = false;
            return 0;
        }
        value = value * 10 + digit;
        step(c);
    }
    if (value < min || value > max)
        c->ok = false;
    return value;
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days from 1970-01-01 to the first of January of `year`. */
static int64_t days_before(int year)
{
    int64_t y = year - 1;
    return y * 365 + y / 4 - y / 100 + y / 400 - 719162;
}

static int64_t take_date(struct cursor *c)
{
    int year = take(c, 4, 1678, 2261);
    expect(c, "-");
    int month = take(c, 2, 1, 12);
    expect(c, "-");
    if (!c->ok)
        return 0;
    int day = take(c, 2, 1, month_days(year, month));
    int64_t days = days_before(year) + day - 1;
    for (int m = 1; m < month; m++)
        days += month_days(year, m);
    return days;
}

/* A leap second counts as the second after it, as POSIX counts. */
static int64_t take_clock(struct cursor *c)
{
    int hours = take(c, 2, 0, 23);
    expect(c, ":");
    int minutes = take(c, 2, 0, 59);
    expect(c, ":");
    return hours * 3600 + minutes * 60 + take(c, 2, 0, 60);
}

/* Digits beyond the ninth are read and dropped. */
static int64_t take_fraction(struct cursor *c)
{
    if (peek(c) != '.' && peek(c) != ',')
        return 0;
    step(c);
    int64_t ns = 0;
    int64_t unit = 100000000;
    if (peek(c) < '0' || peek(c) > '9')
        c->ok = false;
    for (; peek(c) >= '0' && peek(c) <= '9'; step(c), unit /= 10)
        ns += (peek(c) - '0') * unit;
    return ns;
}

/* Seconds east of Greenwich. */
static int64_t take_zone(struct cursor *c)
{
    int sign = peek(c);
    if (sign == -1)
        return 0;
    expect(c, "Zz+-");
    if (sign != '+' && sign != '-')
        return 0;
    int64_t offset = take(c, 2, 0, 23) * 3600;
    if (peek(c) == ':')
        step(c);
    else if (peek(c) == -1)
        return sign == '-' ? -offset : offset;
    offset += take(c, 2, 0, 59) * 60;
    return sign == '-' ? -offset : offset;
}

bool hwi_iso8601_read(struct hws_span text, hws_time *ns)
{
    struct cursor c = {.left = text, .ok = true};
    int64_t seconds = take_date(&c) * 86400;
    expect(&c, "Tt ");
    seconds += take_clock(&c);
    int64_t fraction = take_fraction(&c);
    seconds -= take_zone(&c);
    if (!c.ok || c.left.size)
        return false;
    *ns = HWS_S(seconds) + fraction;
    return true;
}
