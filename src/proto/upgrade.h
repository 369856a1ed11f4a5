/*
 * What both sides of the opening handshake share (RFC 6455 section 4): the key
 * and its proof, and which headers a caller may add. It knows HTTP heads, but
 * not when they come.
 */
#ifndef HWI_UPGRADE_H
#define HWI_UPGRADE_H

#include "base/buf.h"
#include "base/http.h"
#include "hawser/proto.h"

#define HWI_KEY_SIZE 24    /* characters of Sec-WebSocket-Key */
#define HWI_ACCEPT_SIZE 28 /* characters of Sec-WebSocket-Accept */

/* A fresh key for a request, with a NUL. */
void hwi_upgrade_key(char out[HWI_KEY_SIZE + 1], struct hws_random random);
/* The proof that a key was read (section 4.2.2 step 5.4), with a NUL. */
void hwi_upgrade_accept(char out[HWI_ACCEPT_SIZE + 1], struct hws_span key);
/* Whether a key is the base64 form of 16 bytes. */
bool hwi_upgrade_key_is_valid(struct hws_span key);

/*
 * Check headers that a caller adds: tokens and field values only, and none
 * that the handshake sets itself. 0, or HWS_E_ARGUMENT naming the header.
 */
int hwi_upgrade_check_headers(const struct hws_header *headers, size_t count,
                              struct hws_fault *fault);
/* Append them. 0 or status. */
int hwi_upgrade_write_headers(struct hwi_buf *out,
                              const struct hws_header *headers, size_t count);

#endif
