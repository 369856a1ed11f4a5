/*
 * One connection, one life: a link stack and a protocol core, pumped by a
 * loop. It opens, speaks, closes and ends with one DOWN; it knows no
 * reconnecting and no policy (hws_client has those). Servers use it directly.
 *
 * A conn belongs to the thread of its loop; every call comes from there.
 */
#ifndef HAWSER_CONN_H
#define HAWSER_CONN_H

#include "hawser/health.h"
#include "hawser/link.h"
#include "hawser/loop.h"
#include "hawser/proto.h"

#ifdef __cplusplus
extern "C" {
#endif

struct hws_conn;

/*
 * `event` is lent until the callback returns. Any call on `conn`, its free
 * included, is allowed inside.
 */
typedef void hws_conn_callback(struct hws_conn *conn,
                               const struct hws_event *event, void *user);

struct hws_conn_options {
    struct hws_proto_options proto; /* `random` may be left empty: the
                                       system's generator is used */
    hws_time open_delay;            /* link and handshake together; 15 s */
    struct hws_health *health;      /* told of everything; may be NULL; lent */
    hws_conn_callback *on_event;
    void *user;
};
HWS_API void hws_conn_options_init(struct hws_conn_options *options);

/*
 * Open `link` (which may be open already), then speak the protocol over it.
 * No callback runs before this returns.
 *
 * Owns:   takes `link`, also on failure. The caller frees the conn.
 * Fails:  NULL, with `fault` (may be NULL): HWS_E_ARGUMENT, HWS_E_MEMORY,
 *         HWS_E_SYSTEM.
 */
HWS_API struct hws_conn *hws_conn_new(struct hws_loop *loop,
                                      struct hws_link *link,
                                      const struct hws_conn_options *options,
                                      struct hws_fault *fault);

/*
 * Cut the connection without another word and without another callback. From
 * inside a callback the memory lives until that callback returned. NULL is
 * allowed.
 */
HWS_API void hws_conn_free(struct hws_conn *conn);

/* As hws_proto_send(); leaves at once outside a callback, and at the end of
 * the wake-up inside one. */
HWS_API int hws_conn_send(struct hws_conn *conn, enum hws_opcode opcode,
                          struct hws_span data, bool last);
HWS_API int hws_conn_ping(struct hws_conn *conn, struct hws_span data);
HWS_API int hws_conn_close(struct hws_conn *conn, unsigned code,
                           struct hws_span reason);
/* End at once with `fault` as the first cause; DOWN follows on the next turn.
 */
HWS_API void hws_conn_fail(struct hws_conn *conn,
                           const struct hws_fault *fault);
/* Server role with manual_accept, after REQUEST. As hws_proto_accept(). */
HWS_API int hws_conn_accept(struct hws_conn *conn, const char *subprotocol,
                            const struct hws_header *headers,
                            size_t header_count);
HWS_API int hws_conn_reject(struct hws_conn *conn,
                            const struct hws_refusal *refusal);
/* Write what is queued now, even inside a callback. */
HWS_API void hws_conn_flush(struct hws_conn *conn);
/*
 * What is sent on connections and clients of `loop` between begin and the
 * outermost end leaves together at that end, as inside a callback: for
 * messages that a timer or a descriptor of your own brings. Loop's thread.
 */
HWS_API void hws_batch_begin(struct hws_loop *loop);
HWS_API void hws_batch_end(struct hws_loop *loop);
/* Stop and start reading. Not counted; data events stop within this call. */
HWS_API void hws_conn_pause(struct hws_conn *conn);
HWS_API void hws_conn_resume(struct hws_conn *conn);
/* Ask now whether the peer lives, see hws_proto_probe(). */
HWS_API void hws_conn_probe(struct hws_conn *conn);

HWS_API bool hws_conn_is_up(const struct hws_conn *conn);
/* Fill the gauges of `snapshot`, see hws_health_snapshot(); on TCP it asks the
 * kernel three times. */
HWS_API void hws_conn_gauges(const struct hws_conn *conn,
                             struct hws_snapshot *snapshot);
HWS_API size_t hws_conn_queued(const struct hws_conn *conn);
/* Bytes of memory held for this connection now, without TLS's own. */
HWS_API size_t hws_conn_memory(const struct hws_conn *conn);
/* As hws_proto_compression(). */
HWS_API void hws_conn_compression(const struct hws_conn *conn,
                                  struct hws_compression *compression);
/* The transport, for questions (peer, TLS, receive queue). NULL after DOWN. */
HWS_API const struct hws_link *hws_conn_link(const struct hws_conn *conn);

#ifdef __cplusplus
}
#endif
#endif
