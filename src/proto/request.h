/*
 * The client's opening request (RFC 6455 sections 4.1 and 4.2.1): written by
 * the client, checked by the server.
 */
#ifndef HWI_REQUEST_H
#define HWI_REQUEST_H

#include "proto/deflate.h"
#include "proto/upgrade.h"

/* Check all of the options that end up in the request. */
int hwi_request_check_options(const struct hws_proto_options *options,
                              struct hws_fault *fault);

/* Write the request; `offered` is the list of subprotocols, or "". */
int hwi_request_write(struct hwi_buf *out,
                      const struct hws_proto_options *options, const char *key,
                      const char *offered);

/*
 * Check a request that came. 0; or HWS_E_HANDSHAKE with the fault, whose
 * http_status is the answer to give: 400 or 426.
 */
int hwi_request_check(const struct hwi_http_head *head,
                      struct hws_fault *fault);
/* Read the extensions that a request offers and agree to what we can. As
 * hwi_request_check(). */
int hwi_request_check_extensions(const struct hwi_http_head *head,
                                 const struct hws_deflate *wish,
                                 struct hwi_deflate_terms *terms,
                                 struct hws_fault *fault);

#endif
