/*
 * A small blocking face over hws_client: open, send, receive with a deadline,
 * close. One thread at a time. It reconnects as its options say; receive()
 * then simply takes longer.
 */
#ifndef HAWSER_SYNC_H
#define HAWSER_SYNC_H

#include "hawser/client.h"

#ifdef __cplusplus
extern "C" {
#endif

struct hws_sync;

/* A message that was received. Lends: `data` until the next call. */
struct hws_sync_message {
    enum hws_opcode opcode; /* HWS_TEXT or HWS_BINARY */
    struct hws_span data;
};

/*
 * Open a connection and wait until it is up, `delay` at the longest (through
 * as many attempts as the options allow). `on_event`, `user` of the options
 * are called too, if set; chunk_size must be 0.
 *
 * Fails:  NULL, with `fault` (may be NULL): that of hws_client_new() or of the
 *         last attempt.
 * Owns:   the caller; hws_sync_free().
 */
HWS_API struct hws_sync *hws_sync_open(const struct hws_client_options *options,
                                       hws_time delay, struct hws_fault *fault);
HWS_API void hws_sync_free(struct hws_sync *sync);

/*
 * Send, waiting `delay` at the longest for room and for UP. A message that
 * comes meanwhile is kept, and nothing more is read until it is received.
 *
 * Fails:  as hws_client_send(); HWS_E_TIMEOUT; HWS_E_CLOSED once the
 *         connection is down for good; HWS_E_STATE when it was lost behind a
 *         message that is still to be received.
 */
HWS_API int hws_sync_send(struct hws_sync *sync, enum hws_opcode opcode,
                          struct hws_span data, hws_time delay);
/*
 * Wait for the next message. 0, HWS_E_TIMEOUT (nothing is lost: call again),
 * HWS_E_CLOSED once the connection is down for good and all was received;
 * hws_sync_fault() then says why.
 */
HWS_API int hws_sync_receive(struct hws_sync *sync,
                             struct hws_sync_message *message, hws_time delay);
/* Close and wait for the end. 0 when close frames went both ways. */
HWS_API int hws_sync_close(struct hws_sync *sync, unsigned code,
                           struct hws_span reason);
/* Why the last connection ended. Lends: until the next call. */
HWS_API const struct hws_fault *hws_sync_fault(const struct hws_sync *sync);
HWS_API struct hws_client *hws_sync_client(struct hws_sync *sync);

#ifdef __cplusplus
}
#endif
#endif
