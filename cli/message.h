/*
 * One received message as one line: escaped text, or a JSON object.
 */
#ifndef CLI_MESSAGE_H
#define CLI_MESSAGE_H

#include "hawser/types.h"
#include "output.h"

struct message_line {
    unsigned connection; /* the URL's place on the command line, from 1 */
    const char *url;
    hws_time realtime; /* when it was received, ns since 1970 */
    enum hws_opcode opcode;
    struct hws_span data;
    bool lag_asked;
    hws_time lag; /* HWS_NEVER: the message has no event time */
};

/* Text as it is but escaped; of binary data the begin in hexadecimal. */
void message_print(struct output *out, const struct message_line *line,
                   bool numbered);
/* {"time":...,"connection":1,"url":...,"kind":"text","text":...,"lag_ms":..} */
void message_print_json(struct output *out, const struct message_line *line);

#endif
