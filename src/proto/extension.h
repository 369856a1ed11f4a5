/*
 * The header Sec-WebSocket-Extensions taken apart (RFC 6455 section 9.1, RFC
 * 9110 section 5.6): a list of extensions with their parameters. It knows the
 * grammar, and not what any extension means. Everything points into the head.
 */
#ifndef HWI_EXTENSION_H
#define HWI_EXTENSION_H

#include "base/http.h"

/* The list of a head, over all its lines; begins with `head` alone set. */
struct hwi_extension_list {
    const struct hwi_http_head *head;
    size_t line;          /* index of the next header line */
    struct hws_span left; /* elements of the present line */
};

struct hwi_extension {
    struct hws_span text; /* all of it */
    struct hws_span name;
    struct hws_span left; /* its parameters not yet taken */
};

struct hwi_extension_param {
    struct hws_span text; /* all of it */
    struct hws_span name;
    struct hws_span value; /* without quotes, its backslashes still there */
    bool has_value;
};

/* Take the next extension. 1; 0 at the end; HWS_E_HTTP where the list or this
 * element is malformed, which `extension->text` shows. */
int hwi_extension_next(struct hwi_extension_list *list,
                       struct hwi_extension *extension);
/* Take its next parameter. 1; 0 at the end; HWS_E_HTTP, with param->text. */
int hwi_extension_param(struct hwi_extension *extension,
                        struct hwi_extension_param *param);
/* The value as a decimal number without leading zeros, up to 99. */
bool hwi_extension_number(const struct hwi_extension_param *param,
                          unsigned *number);

#endif
