/*
 * The headers of one handshake: the caller's fixed ones, those that the
 * callback computes, the authorization and the cookies.
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
/* Whether there is one of that name, in any letter case. */
bool hwi_headers_have(const struct hws_headers *h, const char *name);
void hwi_headers_release(struct hws_headers *h);

#endif
