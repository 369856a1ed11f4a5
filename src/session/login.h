/*
 * The Authorization header: from a user and password (RFC 7617), from a token
 * (RFC 6750), or from what stands in a URL. It knows no redirects.
 */
#ifndef HWI_LOGIN_H
#define HWI_LOGIN_H

#include "session/headers.h"

/* HWS_E_ARGUMENT names the option; no secret is ever shown. */
int hwi_login_check(const struct hws_login *login, struct hws_fault *fault);
/* Add the header unless `h` has one; `userinfo` ("user:password", may be NULL)
 * belongs to one URL and outweighs `login`. */
int hwi_login_add(const struct hws_login *login, const char *userinfo,
                  struct hws_headers *h);

#endif
