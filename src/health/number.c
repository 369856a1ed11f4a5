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

#define DIGITS_MAX 19

/* Exponents are bounded here, so that sums of them cannot overflow. */
#define EXPONENT_MAX 100000

static bool is_digit(struct hws_span s, size_t at)
{
    return at < s.size && s.data[at] >= '0' && s.data[at] <= '9';
}

/* Digits that are kept whatever comes; most numbers have no others. */
static size_t take_first_digits(struct hws_span s, struct decimal *d)
{
    uint64_t digits = d->digits;
    size_t n = 0;
    int kept = d->kept;
    for (; n < s.size && kept < DIGITS_MAX; n++) {
        unsigned digit = (unsigned)s.data[n] - '0';
        if (digit > 9)
            break;
        digits = digits * 10 + digit;
        kept += digits != 0;
    }
    d->digits = digits;
    d->kept = kept;
    return n;
}

/* Take a run of digits off the front. Returns its length. */
static size_t take_digits(struct hws_span *s, struct decimal *d, bool fraction)
{
    size_t first = take_first_digits(*s, d);
    size_t n = first;
    while (is_digit(*s, n))
        n++;
    d->exponent += fraction ? -(int)first : (int)(n - first);
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

static const uint64_t powers[] = {
    1u,
    10u,
    100u,
    1000u,
    10000u,
    100000u,
    1000000u,
    10000000u,
    100000000u,
    1000000000u,
    10000000000u,
    100000000000u,
    1000000000000u,
    10000000000000u,
    100000000000000u,
    1000000000000000u,
    10000000000000000u,
    100000000000000000u,
    1000000000000000000u,
    10000000000000000000u,
};
#define POWER_MAX ((int)(sizeof(powers) / sizeof(*powers)) - 1)

/* digits * 10^exponent, cut to a whole number. */
static bool scale(uint64_t digits, int exponent, uint64_t *value)
{
    *value = 0;
    if (digits == 0 || exponent < -POWER_MAX)
        return true;
    if (exponent < 0) {
        *value = digits / powers[-exponent];
        return true;
    }
    return exponent <= POWER_MAX &&
           !__builtin_mul_overflow(digits, powers[exponent], value);
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
