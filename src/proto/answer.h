/*
 * The server's answer to an opening request (RFC 6455 sections 4.2.2 and 4.1):
 * written by the server, checked by the client.
 */
#ifndef HWI_ANSWER_H
#define HWI_ANSWER_H

#include "proto/deflate.h"
#include "proto/upgrade.h"

/*
 * Check a 101. `accept` is the proof expected, `offered` the list of
 * subprotocols that was sent. 0 with the subprotocol chosen (or size 0); or
 * HWS_E_HANDSHAKE with the fault.
 */
int hwi_answer_check(const struct hwi_http_head *head, const char *accept,
                     const char *offered, struct hws_span *subprotocol,
                     struct hws_fault *fault);
/* Check the extensions of a 101 and agree to them. 0, or HWS_E_HANDSHAKE with
 * the fault. */
int hwi_answer_check_extensions(const struct hwi_http_head *head,
                                const struct hws_deflate *offered,
                                struct hwi_deflate_terms *terms,
                                struct hws_fault *fault);
/* Fill the fault of an answer that is no 101 (and no other 1xx). */
void hwi_answer_refused(const struct hwi_http_head *head,
                        struct hws_fault *fault);

/* Where the request offers the subprotocol `name`, or size 0. */
struct hws_span hwi_answer_offered(const struct hwi_http_head *request,
                                   struct hws_span name);
/* Choose from `supported`, a list in order of preference, the first that the
 * request offers. */
struct hws_span hwi_answer_choose(const struct hwi_http_head *request,
                                  const char *supported);
/* Write a 101. 0 or status. */
int hwi_answer_write(struct hwi_buf *out, const char *accept,
                     struct hws_span subprotocol,
                     const struct hwi_deflate_terms *terms,
                     const struct hws_header *headers, size_t header_count);
/* Write a refusal with its body. 0 or status. */
int hwi_answer_write_refusal(struct hwi_buf *out, int http_status,
                             const struct hws_header *headers,
                             size_t header_count, struct hws_span body);

#endif
