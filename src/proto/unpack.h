/*
 * The way of a compressed message from its frames to events: unmasked, inflated
 * straight into the message's store, checked as it comes, and handed out whole
 * or in chunks. It knows nothing of zlib.
 *
 * One byte more is inflated than may be given: it shows whether a chunk is the
 * last one, and that a limit is passed, with no more work than that byte.
 */
#ifndef HWI_UNPACK_H
#define HWI_UNPACK_H

#include "proto/inbox.h"

/* Let the message hold that one byte more. */
void hwi_unpack_agree(struct hwi_message *m);

/* As hwi_inbox_take(), for the payload of the present frame. */
enum hwi_found hwi_unpack_take(struct hwi_inbox *in, struct hws_event *event,
                               struct hws_fault *fault);

#endif
