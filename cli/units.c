#include "units.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unit {
    const char *name;
    double factor;
};

static const struct unit delay_units[] = {
    {"", 1e9},  {"ns", 1},       {"us", 1e3},       {"ms", 1e6},
    {"s", 1e9}, {"m", 60 * 1e9}, {"h", 3600 * 1e9}, {NULL, 0},
};
static const struct unit size_units[] = {
    {"", 1},
    {"b", 1},
    {"k", 1024},
    {"m", 1024 * 1024},
    {"g", 1024 * 1024 * 1024},
    {NULL, 0},
};

static bool digit_at(const char *text)
{
    return *text >= '0' && *text <= '9';
}

bool units_read_count(const char *text, uint64_t *count)
{
    char *end = NULL;
    if (!digit_at(text))
        return false;
    errno = 0;
    unsigned long long n = strtoull(text, &end, 10);
    if (errno || *end)
        return false;
    *count = n;
    return true;
}

/* strtod alone would take "inf", "nan", "0x1p3", signs and leading space. */
static bool read_decimal(const char *text, double *value, const char **rest)
{
    size_t size = strspn(text, "0123456789.");
    char number[32];
    char *end = NULL;
    if (!digit_at(text) || size >= sizeof number)
        return false;
    memcpy(number, text, size);
    number[size] = '\0';
    *value = strtod(number, &end);
    *rest = text + size;
    return !*end;
}

static bool read_with_unit(const char *text, const struct unit *units,
                           double limit, double *value)
{
    const char *rest = NULL;
    if (!read_decimal(text, value, &rest))
        return false;
    while (units->name && strcmp(units->name, rest) != 0)
        units++;
    *value *= units->factor;
    return units->name && *value <= limit;
}

bool units_read_delay(const char *text, hws_time *delay)
{
    double ns = 0;
    if (!read_with_unit(text, delay_units, 9e18, &ns))
        return false;
    *delay = (hws_time)llround(ns);
    return true;
}

bool units_read_size(const char *text, size_t *size)
{
    double bytes = 0;
    if (strchr(text, '.'))
        return false;
    if (!read_with_unit(text, size_units, 4e18, &bytes))
        return false;
    *size = (size_t)bytes;
    return true;
}

bool units_read_rate(const char *text, double *rate)
{
    const char *rest = NULL;
    return read_decimal(text, rate, &rest) && !*rest && *rate > 0;
}

bool units_read_address(const char *text, struct units_address *address)
{
    const char *colon = strrchr(text, ':');
    const char *host = text;
    uint64_t port = 0;
    if (!colon || !units_read_count(colon + 1, &port) || port > 65535)
        return false;
    size_t size = (size_t)(colon - text);
    if (size >= 2 && host[0] == '[' && host[size - 1] == ']') {
        host++;
        size -= 2;
    } else if (memchr(host, ':', size)) {
        return false;
    }
    if (size >= sizeof address->host)
        return false;
    snprintf(address->host, sizeof address->host, "%.*s", (int)size, host);
    if (size == 0)
        snprintf(address->host, sizeof address->host, "127.0.0.1");
    address->port = (uint16_t)port;
    return true;
}

const char *units_delay(char text[UNITS_TEXT_MAX], hws_time delay)
{
    double ns = (double)delay;
    double size = fabs(ns);
    if (delay == HWS_NEVER)
        snprintf(text, UNITS_TEXT_MAX, "-");
    else if (size < 1e3)
        snprintf(text, UNITS_TEXT_MAX, "%.0f ns", ns);
    else if (size < 1e6)
        snprintf(text, UNITS_TEXT_MAX, "%.0f us", ns / 1e3);
    else if (size < 1e9)
        snprintf(text, UNITS_TEXT_MAX, "%.1f ms", ns / 1e6);
    else if (size < 120e9)
        snprintf(text, UNITS_TEXT_MAX, "%.1f s", ns / 1e9);
    else
        snprintf(text, UNITS_TEXT_MAX, "%.0f min", ns / 60e9);
    return text;
}

const char *units_size(char text[UNITS_TEXT_MAX], uint64_t size)
{
    static const char *const names[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double left = (double)size;
    size_t name = 0;
    while (left >= 1024 && name < 4) {
        left /= 1024;
        name++;
    }
    snprintf(text, UNITS_TEXT_MAX, name ? "%.1f %s" : "%.0f %s", left,
             names[name]);
    return text;
}

const char *units_plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}
