/*
 * Decimal numbers without floating point: digits and an exponent, brought to
 * whole nanoseconds at the end.
 */
#include "decimal.h"

/* A number is `digits` * 10^`exponent`. Digits beyond the 19th are cut: the
 * first 19 always fit, and reach to the nanosecond in any unit that does. */
struct decimal {
    uint64_t digits;
    int kept; /* how many significant digits are in `digits` */
    int exponent;
};

/* Exponents are bounded here, so that sums of them cannot overflow. */
#define EXPONENT_MAX 100000

static bool is_digit(struct hws_span s, size_t at)
{
    return at < s.size && s.data[at] >= '0' && s.data[at] <= '9';
}

static void add_digit(struct decimal *d, uint8_t c, bool fraction)
{
    if (d->kept < 19) {
        d->digits = d->digits * 10 + (uint64_t)(c - '0');
        d->kept += d->digits != 0;
        d->exponent -= fraction;
    } else {
        d->exponent += !fraction;
    }
}

/* Take a run of digits off the front. Returns its length. */
static size_t take_digits(struct hws_span *s, struct decimal *d, bool fraction)
{
    size_t n = 0;
    while (is_digit(*s, n))
        add_digit(d, s->data[n++], fraction);
    *s = hwi_span_part(*s, n, s->size);
    return n;
}

static bool take_char(struct hws_span *s, char c)
{
    if (s->size == 0 || s->data[0] != (uint8_t)c)
        return false;
    *s = hwi_span_part(*s, 1, s->size);
    return true;
}

static bool take_exponent(struct hws_span *s, struct decimal *d)
{
    bool negative = take_char(s, '-');
    if (!negative)
        take_char(s, '+');
    if (!is_digit(*s, 0))
        return false;
    int value = 0;
    size_t n = 0;
    for (; is_digit(*s, n); n++) {
        if (value < EXPONENT_MAX)
            value = value * 10 + (s->data[n] - '0');
    }
    *s = hwi_span_part(*s, n, s->size);
    d->exponent += negative ? -value : value;
    return true;
}

/* digits * 10^exponent, cut to a whole number. */
static bool scale(uint64_t digits, int exponent, uint64_t *value)
{
    for (; exponent < 0 && digits; exponent++)
        digits /= 10;
    for (; exponent > 0 && digits; exponent--) {
        if (digits > UINT64_MAX / 10)
            return false;
        digits *= 10;
    }
    *value = digits;
    return true;
}

bool hwi_number_read(struct hws_span text, int power, hws_time *ns)
{
    struct decimal d = {0};
    uint64_t value;
    bool negative = take_char(&text, '-');
    if (take_digits(&text, &d, false) == 0)
        return false;
    if (take_char(&text, '.') && take_digits(&text, &d, true) == 0)
        return false;
    if (take_char(&text, 'e') || take_char(&text, 'E')) {
        if (!take_exponent(&text, &d))
            return false;
    }
    if (text.size || !scale(d.digits, d.exponent + power, &value))
        return false;
    if (value > INT64_MAX)
        return false;
    *ns = negative ? -(hws_time)value : (hws_time)value;
    return true;
}
