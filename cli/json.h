/*
 * A writer of JSON (RFC 8259) onto an output: one object a line. Text keeps
 * its meaning and is safe on a terminal: what output_escaped() escapes is
 * written as \uXXXX. Bytes that are not UTF-8 become U+FFFD; binary data goes
 * through json_base64().
 */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include "output.h"

struct json {
    struct output *out;
    bool comma; /* a member precedes in the present object */
};

/* `key` NULL: the outermost object, or an element. */
void json_open(struct json *j, const char *key);
void json_close(struct json *j);
/* A list; its elements have no key. */
void json_open_list(struct json *j, const char *key);
void json_close_list(struct json *j);
/* Close the outermost object and end the line. */
void json_end(struct json *j);

void json_text(struct json *j, const char *key, struct hws_span text);
void json_base64(struct json *j, const char *key, struct hws_span bytes);
void json_integer(struct json *j, const char *key, int64_t value);
/* Three decimals. */
void json_number(struct json *j, const char *key, double value);
void json_bool(struct json *j, const char *key, bool value);
void json_null(struct json *j, const char *key);
/* A delay in milliseconds; null for HWS_NEVER. */
void json_ms(struct json *j, const char *key, hws_time delay);

#endif
