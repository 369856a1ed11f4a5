/*
 * The way of a message that is compressed into the queue of an outbox.
 *
 * A message may refer to those before it, and the peer can follow only while it
 * sees them all. So what others refer to is sent even where it grew, and the
 * front of the queue that hangs together is `chained`: where the oldest are
 * dropped, all of it is, and compression begins anew.
 */
#ifndef HWI_PACK_H
#define HWI_PACK_H

#include "proto/outbox.h"

/* Queue a whole message, compressed. False: it does not become smaller, or
 * there is no room or memory to try. Then it can still go as it is. */
bool hwi_pack_whole(struct hwi_outbox *o, uint8_t opcode, struct hws_span data);
/* Queue a part, for which there is room; `first` is the frame's first byte. 0
 * or HWS_E_MEMORY, with nothing queued. */
int hwi_pack_part(struct hwi_outbox *o, uint8_t first, struct hws_span data);

#endif
