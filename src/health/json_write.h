/*
 * One JSON object, written from left to right into memory of a fixed size.
 * Asks no locale and allocates nothing.
 */
#ifndef HWI_JSON_WRITE_H
#define HWI_JSON_WRITE_H

#include "hawser/types.h"

struct hwi_json {
    char *text;
    size_t size, used; /* used may exceed size: then all is lost */
    bool begun;        /* the present object has a member already */
};

/* As it is. */
void hwi_json_put(struct hwi_json *j, const char *text);
/* The begin of a member; its value follows. */
void hwi_json_name(struct hwi_json *j, const char *name);
/* Members. */
void hwi_json_count(struct hwi_json *j, const char *name, uint64_t value);
void hwi_json_signed(struct hwi_json *j, const char *name, int64_t value);
void hwi_json_time(struct hwi_json *j, const char *name, hws_time value);
void hwi_json_bool(struct hwi_json *j, const char *name, bool value);
/* With three decimals: neither negative nor above 10^15. */
void hwi_json_rate(struct hwi_json *j, const char *name, double value);
/* In ns, written in seconds with nine decimals; HWS_NEVER: null. */
void hwi_json_seconds(struct hwi_json *j, const char *name, hws_time value);
/* Control bytes, and bytes that are no UTF-8, become '?'. */
void hwi_json_text(struct hwi_json *j, const char *name, const char *value);
void hwi_json_span(struct hwi_json *j, const char *name, struct hws_span value);
/* An object as a member, and its end. */
void hwi_json_open(struct hwi_json *j, const char *name);
void hwi_json_close(struct hwi_json *j);
/* The length without NUL, or HWS_E_TOO_BIG. */
int hwi_json_length(const struct hwi_json *j);

#endif
