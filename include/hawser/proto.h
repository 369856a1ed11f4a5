/*
 * The WebSocket protocol (RFC 6455) without I/O: bytes in, events out; calls
 * in, bytes out. It knows no socket, no clock and no source of chance: every
 * entry takes `now`, randomness is an argument, and hws_proto_deadline() says
 * when hws_proto_tick() must be called. One core serves both roles. It owns
 * keepalive and the handshake and close deadlines.
 *
 * A life:  new -> [feed -> next* | send* | tick]* -> lost -> next* -> free
 *          and after each step: output -> (write it) -> wrote.
 */
#ifndef HAWSER_PROTO_H
#define HAWSER_PROTO_H

#include "hawser/types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct hws_proto;

enum hws_role { HWS_CLIENT, HWS_SERVER };

/* What happens to a message that finds the send queue full. */
enum hws_full {
    HWS_FULL_REFUSE,      /* send fails with HWS_E_FULL (default) */
    HWS_FULL_DROP_OLDEST, /* whole messages not begun on the wire go first */
    HWS_FULL_DROP_NEWEST, /* the new message is dropped; send succeeds */
    HWS_FULL_CLOSE,       /* the connection fails with HWS_E_FULL */
};

struct hws_limits {
    size_t message_size_max; /* bytes of one message; 16 MiB */
    uint32_t fragment_max;   /* frames of one message, 1 at least; 131,072 */
    size_t chunk_size;       /* 0: whole messages only (default). Above 0:
                                messages that are split or larger than this
                                come as chunks of at most so many bytes and
                                are never assembled */
    bool text_unchecked;     /* take text that is not UTF-8 as it is; against
                                RFC 6455 section 8.1; false */
    size_t head_size_max;    /* bytes of an HTTP head; 64 KiB */
    unsigned header_max;     /* header lines; 256 */
    size_t body_size_max;    /* bytes kept of a refusal's body; 64 KiB */
    size_t send_queue_max;   /* bytes queued, frame headers included; 4 MiB */
    size_t send_queue_high;  /* HIGH_WATER above; 1 MiB, but half of the queue
                                where that is less */
    size_t send_queue_low;   /* LOW_WATER down to it, after HIGH; 256 KiB */
    enum hws_full when_full; /* HWS_FULL_REFUSE */
};

/* Delays in nanoseconds; HWS_NEVER switches one off. */
struct hws_delays {
    hws_time handshake; /* HTTP upgrade; 5 s */
    hws_time close;     /* close frame to the end; 2 s */
    hws_time ping;      /* idle time (no byte received) before a ping; 15 s */
    hws_time silent;    /* after that ping, any byte must come; 10 s */
};

/*
 * Compression of messages: permessage-deflate (RFC 7692). Agreed in the
 * handshake, or not used at all. "We" and "the peer" hold for both roles: a
 * client's `window_bits` are its client_max_window_bits, a server's its
 * server_max_window_bits.
 *
 * Memory, once agreed: nothing before the first compressed message of a
 * direction. Then receiving takes 8 KiB and the peer's window, which is
 * 2^bits bytes (40 KiB with 15 bits), and a buffer for the inflated message;
 * sending takes about 6 KiB + 2^(window_bits + 2) + 2^(memory_level + 9)
 * bytes: 38 KiB by default, 262 KiB with 15 and 8. hws_proto_trim() gives back
 * all of it in a direction without context takeover, else all but the window.
 */
struct hws_deflate {
    bool enabled;                  /* offer it, or agree to it; true */
    bool no_context_takeover;      /* we compress every message by itself;
                                      false */
    bool peer_no_context_takeover; /* the peer must do so; false */
    bool fallback;        /* without the peer's promise of what is demanded by
                             peer_...: true compresses all the same, false
                             (default) does not compress */
    int window_bits;      /* of ours, 8 to 15; 12 */
    int peer_window_bits; /* at most, of the peer's, 8 to 15; 15 */
    int level;            /* 1 (fast) to 9 (small); 6 */
    int memory_level;     /* zlib's, 1 to 9; 5 */
    size_t threshold;     /* messages of fewer bytes go uncompressed; of one
                             sent in parts the first part counts; 128 */
};

/* Everything but `random` has a default. The texts are read by new() only. */
struct hws_proto_options {
    enum hws_role role;
    struct hws_limits limits;
    struct hws_delays delays;
    struct hws_deflate deflate;
    struct hws_random random; /* required: masking keys and nonces */

    /* client role */
    const char *host;   /* Host header, "name" or "name:port"; required */
    const char *target; /* request target; "/" */
    const struct hws_header *headers; /* sent as they are, after ours */
    size_t header_count;

    /* client: offered in this order; server: supported, ours decides */
    const char *const *subprotocols;
    size_t subprotocol_count;

    /* server role */
    bool manual_accept; /* emit REQUEST and wait for accept or reject */
};

/* Fill in every default; the role is HWS_CLIENT. */
HWS_API void hws_proto_options_init(struct hws_proto_options *options);

/*
 * Start a connection whose transport is ready. The client's request is in the
 * output at once.
 *
 * Fails:  NULL, and `fault` (may be NULL) says why: HWS_E_ARGUMENT for a
 *         header, subprotocol, host or target that would break the request
 *         (control bytes, bad token), HWS_E_MEMORY.
 * Owns:   the caller frees it with hws_proto_free().
 */
HWS_API struct hws_proto *hws_proto_new(const struct hws_proto_options *options,
                                        hws_time now, struct hws_fault *fault);
HWS_API void hws_proto_free(struct hws_proto *p);

/*
 * The transport stands only now: the handshake delay counts from `now`. For
 * callers that made the protocol before they connected; of no effect once
 * bytes came.
 */
HWS_API void hws_proto_begin(struct hws_proto *p, hws_time now);

/*
 * Hand over bytes that arrived from the peer at `now`.
 *
 * Lends:  `bytes` until hws_proto_next() returns false or hws_proto_park() is
 *         called. They must be writable: the server role unmasks in place.
 *         Bytes that were received into hws_proto_space() are recognised and
 *         taken without a copy.
 * Fails:  HWS_E_STATE when earlier bytes are not yet drained by next(), or
 *         after lost(). Bad bytes are no failure here; they surface as
 *         events.
 * Cost:   copies only the part of a message that this call did not finish.
 */
HWS_API int hws_proto_feed(struct hws_proto *p, uint8_t *bytes, size_t size,
                           hws_time now);

/*
 * Take the next event. False: there is none, and fed bytes are free again.
 * HWS_DOWN is the last event of a proto's life.
 *
 * Lends:  spans of `event` until the next call on `p` other than send, ping,
 *         close, output, wrote and deadline.
 */
HWS_API bool hws_proto_next(struct hws_proto *p, struct hws_event *event);
/*
 * The same without what was received: for a caller that holds data back and
 * must still hear of UP, CLOSING and the water marks (a paused reader that
 * waits for LOW_WATER).
 */
HWS_API bool hws_proto_next_held(struct hws_proto *p, struct hws_event *event);

/* Whether next() would have an event to give. */
HWS_API bool hws_proto_pending(const struct hws_proto *p);

/*
 * Keep what next() has not yet consumed in memory of our own, so that the
 * lender can have its bytes back in the middle of a drain (receive pause).
 *
 * Fails:  HWS_E_MEMORY.
 */
HWS_API int hws_proto_park(struct hws_proto *p);

/*
 * While a large message is being assembled: where its next bytes can be
 * received without a copy. Returns NULL (and *size 0) at any other time.
 *
 * Lends:  until the next call on `p`. Receive, then feed the same pointer.
 */
HWS_API uint8_t *hws_proto_space(struct hws_proto *p, size_t *size);

/*
 * Queue a message (opcode HWS_TEXT or HWS_BINARY), or a part of one: `last`
 * false leaves it open, and the next parts carry HWS_CONTINUATION until one
 * has `last`.
 *
 * Fails:  HWS_E_STATE before UP, after a close began or when the opcode does
 *         not fit the open message; HWS_E_UTF8 for text that is not UTF-8
 *         (checked for every part; a part may end inside a character);
 *         HWS_E_FULL; HWS_E_TOO_BIG when it exceeds send_queue_max by itself;
 *         HWS_E_MEMORY. On failure nothing was queued.
 * Cost:   one copy (header, mask and payload together).
 */
HWS_API int hws_proto_send(struct hws_proto *p, enum hws_opcode opcode,
                           struct hws_span data, bool last, hws_time now);

/*
 * Queue a ping ahead of waiting data.
 *
 * Fails:  HWS_E_STATE, HWS_E_TOO_BIG above 125 bytes, HWS_E_FULL when 16
 *         control frames of ours are waiting already.
 */
HWS_API int hws_proto_ping(struct hws_proto *p, struct hws_span data,
                           hws_time now);

/*
 * Begin the closing handshake. Data queued before leaves first. `code` 0
 * sends a close frame without a code. A second call does nothing.
 *
 * Fails:  HWS_E_ARGUMENT for a code that must not be sent (RFC 6455 section
 *         7.4), a reason above 123 bytes or not UTF-8, or one without a code.
 */
HWS_API int hws_proto_close(struct hws_proto *p, unsigned code,
                            struct hws_span reason, hws_time now);

/*
 * End the life for a reason of the caller's: nothing more is sent. The DOWN
 * that follows carries `fault` unless an earlier cause stands.
 */
HWS_API void hws_proto_fail(struct hws_proto *p, const struct hws_fault *fault,
                            hws_time now);

/* Server role, after REQUEST: answer 101. `subprotocol` may be NULL. */
HWS_API int hws_proto_accept(struct hws_proto *p, const char *subprotocol,
                             const struct hws_header *headers,
                             size_t header_count, hws_time now);

/* A server's answer in place of 101. */
struct hws_refusal {
    int http_status; /* 300 to 599 */
    const struct hws_header *headers;
    size_t header_count;
    struct hws_span body;
};
/* Server role, after REQUEST: answer so and end. Fails: HWS_E_STATE,
 * HWS_E_ARGUMENT (status or a header), HWS_E_MEMORY. */
HWS_API int hws_proto_reject(struct hws_proto *p,
                             const struct hws_refusal *refusal, hws_time now);

/*
 * The bytes that wait to be written. Control frames stand before data that
 * has not begun. Size 0: nothing to write.
 *
 * Lends:  until the next call on `p`.
 */
HWS_API struct hws_span hws_proto_output(struct hws_proto *p);
/* The first `size` bytes of that output were taken by the transport. */
HWS_API void hws_proto_wrote(struct hws_proto *p, size_t size, hws_time now);
/* Bytes queued, control frames and frame headers included. */
HWS_API size_t hws_proto_queued(const struct hws_proto *p);
/* Bytes that were fed or inflated and no event has handed over: the begin of a
 * message, or what a pause holds. */
HWS_API size_t hws_proto_backlog(const struct hws_proto *p);
/* Pings that the keepalive asked for by itself, so far. */
HWS_API uint64_t hws_proto_pings(const struct hws_proto *p);

/* When hws_proto_tick() must be called; HWS_NEVER when there is no need. */
HWS_API hws_time hws_proto_deadline(const struct hws_proto *p);
/* Act on deadlines that have passed. Then call next() and output(). */
HWS_API void hws_proto_tick(struct hws_proto *p, hws_time now);

/*
 * Say whether the transport is being read. While it is not, the peer cannot
 * be called silent; the delay starts again when reading resumes.
 */
HWS_API void hws_proto_reading(struct hws_proto *p, bool reading, hws_time now);

/* Ask at once whether the peer is alive: ping now, `silent` counts from now. */
HWS_API void hws_proto_probe(struct hws_proto *p, hws_time now);

/*
 * The transport is gone: `fault` has HWS_E_EOF for an end in order. After a
 * finished closing handshake this is no fault. `truncated` marks TLS that
 * ended without close_notify. DOWN follows from next().
 */
HWS_API void hws_proto_lost(struct hws_proto *p, const struct hws_fault *fault,
                            bool truncated, hws_time now);

/* True between UP and the begin of the close. */
HWS_API bool hws_proto_is_up(const struct hws_proto *p);

/*
 * True when nothing more is to be said: the caller should write the output,
 * then shut the sending direction. (The DOWN still comes from next(), at EOF
 * or at the close deadline.)
 */
HWS_API bool hws_proto_wants_shut(const struct hws_proto *p);

/* Give back buffers that hold nothing (an idle connection's). */
HWS_API void hws_proto_trim(struct hws_proto *p);

/* Bytes of memory that `p` holds now, its own structure included. */
HWS_API size_t hws_proto_memory(const struct hws_proto *p);
/* What compression did on this connection and holds of that memory. */
HWS_API void hws_proto_compression(const struct hws_proto *p,
                                   struct hws_compression *compression);

#ifdef __cplusplus
}
#endif
#endif
