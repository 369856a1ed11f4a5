/*
 * HTTP heads as text, for people who look at them: one header at a time, and
 * the time in a Date. It judges nothing.
 */
#ifndef CLI_DOCTOR_HEAD_H
#define CLI_DOCTOR_HEAD_H

#include "hawser/types.h"

/* The values of `name`, joined by ", ", cut to `size`; "" when there is none.
 * The number of such headers. */
size_t doctor_head_get(const char *head, const char *name, char *value,
                       size_t size);
/* Take the next line off `head`, without its end. False: none is left. */
bool doctor_head_line(const char **head, struct hws_span *line);
/* Whether the value may be shown: of headers of the handshake, and others that
 * hold no secret. */
bool doctor_head_is_open(struct hws_span line);
/* "Tue, 15 Nov 1994 08:12:31 GMT" (RFC 9110 section 5.6.7), as realtime. */
bool doctor_date_read(const char *text, hws_time *date);
/* What Sec-WebSocket-Accept must be for this key (RFC 6455 section 4.2.2).
 * False: it cannot be computed here. */
bool doctor_accept_of(const char *key, char accept[32]);

#endif
