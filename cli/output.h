/*
 * Text on its way to a descriptor: collected while a wake-up lasts, written at
 * its end, so that a thousand lines cost one system call. A slow reader makes
 * the write block, which stops our reading: the queue never grows.
 *
 * What came from a peer passes output_escaped(), on pipes as on terminals:
 * bytes that could drive a terminal, reverse its text or fake a line are shown
 * as "\x1b" or "\u202e".
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include "hawser/types.h"

struct output {
    int fd;
    int error; /* errno of the first failed write, 0 while all went well */
    bool terminal;
    bool colour; /* a terminal, and NO_COLOR is not set */
    char *data;
    size_t size, capacity;
};

void output_init(struct output *out, int fd);
/* Flushes. */
void output_release(struct output *out);
/* Write all that was collected. False after an error; then it is dropped. */
bool output_flush(struct output *out);
/* Whether a flush would begin to write at once. */
bool output_takes(const struct output *out);

void output_bytes(struct output *out, const void *bytes, size_t size);
void output_text(struct output *out, const char *text);
void output_format(struct output *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* For one line: control bytes (tabs stay), C1, bytes that are not UTF-8 and
 * direction marks are escaped. A backslash stays as it is. */
void output_escaped(struct output *out, struct hws_span text);
/* Begin and end an SGR colour ("31"); nothing unless `colour`. */
void output_colour(struct output *out, const char *sgr);
void output_plain(struct output *out);

/*
 * Take one character off `text`: its code point, or -1 for a byte that is not
 * part of valid UTF-8. `text` must not be empty.
 */
long output_next_point(struct hws_span *text);
/* Whether a code point must not reach a terminal as it is. */
bool output_is_hostile(long point);

#endif
