/*
 * A number at a regular position of a binary message.
 */
#ifndef HWI_TIME_BINARY_H
#define HWI_TIME_BINARY_H

#include "base/span.h"
#include "hawser/types.h"

enum hwi_number_kind { HWI_UNSIGNED, HWI_SIGNED, HWI_FLOAT };

struct hwi_time_binary {
    size_t offset; /* from the begin, or with `from_end` back from the end */
    bool from_end;
    bool is_big_endian;
    uint8_t size; /* bytes: 4 or 8 */
    enum hwi_number_kind kind;
};

/*
 * From "@8:u64be", or "@-8:f64le": what follows in `text` is left alone, and
 * *end is where it begins. NULL, or what is wrong at *end.
 */
const char *hwi_time_binary_parse(struct hwi_time_binary *b, const char *text,
                                  size_t *end);
/* Times 10^power. False: the message is too short, or it does not fit. */
bool hwi_time_binary_read(const struct hwi_time_binary *b,
                          struct hws_span message, int power, hws_time *value);

#endif
