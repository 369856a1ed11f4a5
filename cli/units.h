/*
 * Numbers with units, as people write and read them: "30s", "250ms", "64k",
 * "127.0.0.1:8080". Reading accepts the whole text or nothing.
 */
#ifndef CLI_UNITS_H
#define CLI_UNITS_H

#include "hawser/types.h"

#define UNITS_TEXT_MAX 32

/* Decimal digits only. */
bool units_read_count(const char *text, uint64_t *count);
/* A number, fraction allowed, with ns, us, ms, s, m, h or nothing: seconds.
 * Not negative. */
bool units_read_delay(const char *text, hws_time *delay);
/* A whole number, with nothing or b, k, m, g: powers of 1024. */
bool units_read_size(const char *text, size_t *size);
/* A positive number, fraction allowed. */
bool units_read_rate(const char *text, double *rate);

/* "HOST:PORT", "[IPv6]:PORT", ":PORT" (HOST is 127.0.0.1 then). */
struct units_address {
    char host[64];
    uint16_t port;
};
bool units_read_address(const char *text, struct units_address *address);

/* "1.2 s", "350 us"; "-" for HWS_NEVER. Returns `text`. */
const char *units_delay(char text[UNITS_TEXT_MAX], hws_time delay);
/* "45.2 KiB". Returns `text`. */
const char *units_size(char text[UNITS_TEXT_MAX], uint64_t size);
/* "1 message", "2 messages": "" or "s". */
const char *units_plural(uint64_t count);

#endif
