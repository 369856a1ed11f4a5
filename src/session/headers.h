/*
 * The headers of one attempt: the caller's fixed ones, those that the callback
 * computes, and the authorization that stands in the URL.
 */
#ifndef HWI_HEADERS_H
#define HWI_HEADERS_H

#include "hawser/client.h"
#include "session/keep.h"

struct hws_headers {
    struct hwi_keep keep;
    struct hws_header *list;
    size_t count, capacity;
};

/* "Authorization: Basic ..." from "user:password" (RFC 7617). */
int hwi_headers_add_basic(struct hws_headers *h, const char *userinfo);
void hwi_headers_release(struct hws_headers *h);

#endif
