/*
 * The vocabulary that every part of hawser shares: time, borrowed bytes,
 * statuses, faults and events. It knows no socket, no loop and no thread.
 *
 * Conventions of all hawser headers:
 *   - Functions return 0 or a negative enum hws_status. Movers of bytes return
 *     the number of bytes moved (> 0) or a negative status.
 *   - Times are hws_time: nanoseconds, signed, 64 bits. A `deadline` is
 *     absolute on the monotonic clock; a `delay` is relative.
 *   - A span borrows: the text beside it says until when.
 */
#ifndef HAWSER_TYPES_H
#define HAWSER_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define HWS_API __attribute__((visibility("default")))
#else
#define HWS_API
#endif

/* Nanoseconds: a point on a clock, or a delay. */
typedef int64_t hws_time;

#define HWS_NEVER INT64_MAX
#define HWS_US(n) ((hws_time)(n)*1000)
#define HWS_MS(n) ((hws_time)(n)*1000000)
#define HWS_S(n) ((hws_time)(n)*1000000000)

/* Borrowed bytes, passed by value. `data` may be NULL when `size` is 0. */
struct hws_span {
    const uint8_t *data;
    size_t size;
};

/* The span of a NUL-terminated text, without its NUL. NULL gives size 0. */
HWS_API struct hws_span hws_span_text(const char *text);

/* A source of unpredictable bytes. */
struct hws_random {
    void (*fill)(void *context, void *bytes, size_t size);
    void *context;
};

/* Every way in which a call or a connection can fail. */
enum hws_status {
    HWS_OK = 0,
    HWS_E_AGAIN = -1,        /* nothing now: wait for readiness */
    HWS_E_EOF = -2,          /* the peer ended the byte stream */
    HWS_E_RESET = -3,        /* the connection was reset or the pipe broke */
    HWS_E_MEMORY = -4,       /* no memory */
    HWS_E_ARGUMENT = -5,     /* the caller passed something unusable */
    HWS_E_STATE = -6,        /* not possible in the present state */
    HWS_E_FULL = -7,         /* the queue is full now; wait for LOW_WATER */
    HWS_E_TOO_BIG = -8,      /* exceeds a limit and never fits */
    HWS_E_TIMEOUT = -9,      /* a deadline passed */
    HWS_E_RESOLVE = -10,     /* the name has no usable address */
    HWS_E_CONNECT = -11,     /* no address could be connected */
    HWS_E_TLS = -12,         /* the TLS handshake or a record failed */
    HWS_E_CERTIFICATE = -13, /* the chain or the name was not accepted */
    HWS_E_HTTP = -14,        /* the answer is not usable HTTP/1.1 */
    HWS_E_REFUSED = -15,     /* HTTP answered, but not with 101 */
    HWS_E_HANDSHAKE = -16,   /* a 101 that breaks RFC 6455 section 4 */
    HWS_E_PROTOCOL = -17,    /* a frame that breaks RFC 6455 section 5 */
    HWS_E_UTF8 = -18,        /* text that is not UTF-8 */
    HWS_E_SILENT = -19,      /* not one byte within the keepalive delay */
    HWS_E_CLOSED = -20,      /* closed with a close frame */
    HWS_E_SYSTEM = -21,      /* the operating system refused; see os_error */
    HWS_E_SUPPORT = -22,     /* not supported on this machine or build */
    HWS_E_FORK = -23,        /* used in a child process after fork */
    HWS_E_CANCELLED = -24,   /* given up by the caller */
    HWS_E_REDIRECT = -25,    /* more redirects in a row than are allowed */
    HWS_E_STALE = -26,       /* alive, but no data within the stale delay */
    HWS_E_COMPRESSION = -27, /* a message that cannot be inflated (RFC 7692) */
};

/* A short lower-case name, such as "timeout". Never NULL, never freed. */
HWS_API const char *hws_status_name(int status);

/* Where in the life of a connection something failed. */
enum hws_phase {
    HWS_PHASE_NONE,
    HWS_PHASE_LOCAL, /* the caller, or this machine */
    HWS_PHASE_DNS,
    HWS_PHASE_TCP,
    HWS_PHASE_PROXY,
    HWS_PHASE_TLS,
    HWS_PHASE_HTTP,
    HWS_PHASE_FRAME,
    HWS_PHASE_CLOSE,
    HWS_PHASE_IDLE,
};

/* A short lower-case name, such as "dns". Never NULL, never freed. */
HWS_API const char *hws_phase_name(enum hws_phase phase);

/*
 * What went wrong, as a value: filled where it happens, copied upward, never
 * overwritten by a later one. `text` names the fault first, in lower case and
 * with its subject quoted: "cannot resolve 'feed.example': no address".
 */
struct hws_fault {
    enum hws_status status; /* HWS_OK: no fault */
    enum hws_phase phase;
    int os_error;            /* errno, or 0 */
    unsigned long tls_error; /* OpenSSL error code, or 0 */
    long tls_verify;         /* X509_V_ERR_..., or 0 */
    int http_status;         /* 100 to 999, or 0 */
    int close_code;          /* RFC 6455 section 7.4, or 0 */
    char peer[64];           /* "192.0.2.1:443", "[2001:db8::1]:443", or "" */
    char text[192];
};

/* Which side ended a connection. */
enum hws_party {
    HWS_PARTY_NONE,
    HWS_PARTY_LOCAL,   /* this side: the caller, or a limit or check of ours */
    HWS_PARTY_PEER,    /* the peer, by a close frame or by HTTP */
    HWS_PARTY_NETWORK, /* neither said anything: reset, silence, plain EOF */
};

/* The way to the socket's peer, as TCP sees it; with a proxy, to the proxy. */
struct hws_path {
    hws_time round_trip;     /* smoothed; HWS_NEVER: unknown, as all -1 */
    hws_time round_trip_min; /* lately */
    int64_t retransmits;     /* segments that were sent again */
    int64_t unacknowledged;  /* segments that the peer has not taken */
    int64_t receive_window;  /* bytes that the peer may send us */
    int64_t delivery_rate;   /* bytes/s that the way took from us lately */
};
/* A path of which nothing is known. */
#define HWS_PATH_UNKNOWN                     \
    {                                        \
        HWS_NEVER, HWS_NEVER, -1, -1, -1, -1 \
    }

/* Who holds the data back. */
enum hws_verdict {
    HWS_VERDICT_NONE,       /* not judged, or not yet */
    HWS_VERDICT_OK,         /* nobody */
    HWS_VERDICT_IDLE,       /* there is no data, and the peer is alive */
    HWS_VERDICT_NETWORK,    /* the way between the two machines */
    HWS_VERDICT_PEER,       /* sends late, or does not answer */
    HWS_VERDICT_APP,        /* callbacks of this program, or its pause() */
    HWS_VERDICT_DISPATCHER, /* the loop comes late for what is ready */
    HWS_VERDICT_TLS,        /* decryption takes the time */
};
/* A short lower-case name, such as "dispatcher". Never NULL, never freed. */
HWS_API const char *hws_verdict_name(enum hws_verdict verdict);

/* What has a limit of the caller's. */
enum hws_alarm {
    HWS_ALARM_LAG,           /* ns: mean of the messages of a quarter second */
    HWS_ALARM_RECEIVE_QUEUE, /* bytes that the kernel holds for us */
    HWS_ALARM_SEND_QUEUE,    /* bytes that we hold for the kernel */
    HWS_ALARM_SPIN,          /* wake-ups a second without progress */
    HWS_ALARM_COUNT,
};
/* A short lower-case name, such as "receive queue". Never NULL, never freed. */
HWS_API const char *hws_alarm_name(enum hws_alarm alarm);

/* RFC 6455 section 5.2. */
enum hws_opcode {
    HWS_CONTINUATION = 0,
    HWS_TEXT = 1,
    HWS_BINARY = 2,
    HWS_OP_CLOSE = 8,
    HWS_OP_PING = 9,
    HWS_OP_PONG = 10,
};

/* RFC 6455 section 7.4.1 and the IANA registry. */
enum hws_close_code {
    HWS_CLOSE_NORMAL = 1000,
    HWS_CLOSE_GOING_AWAY = 1001,
    HWS_CLOSE_PROTOCOL_ERROR = 1002,
    HWS_CLOSE_UNSUPPORTED_DATA = 1003,
    HWS_CLOSE_NO_STATUS = 1005, /* never on the wire: a close without a code */
    HWS_CLOSE_ABNORMAL = 1006,  /* never on the wire: no close frame came */
    HWS_CLOSE_INVALID_PAYLOAD = 1007,
    HWS_CLOSE_POLICY_VIOLATION = 1008,
    HWS_CLOSE_MESSAGE_TOO_BIG = 1009,
    HWS_CLOSE_MANDATORY_EXTENSION = 1010,
    HWS_CLOSE_INTERNAL_ERROR = 1011,
    HWS_CLOSE_SERVICE_RESTART = 1012,
    HWS_CLOSE_TRY_AGAIN_LATER = 1013,
    HWS_CLOSE_BAD_GATEWAY = 1014,
};

/* One HTTP header. The texts stay the caller's. */
struct hws_header {
    const char *name;
    const char *value;
};

enum hws_event_kind {
    HWS_UP = 1,     /* the opening handshake is done */
    HWS_MESSAGE,    /* a message, or a chunk of one */
    HWS_PING,       /* a ping came; it was answered already */
    HWS_PONG,       /* a pong came */
    HWS_CLOSING,    /* a close frame was sent or came, whichever was first */
    HWS_DOWN,       /* this connection, or this attempt, is over */
    HWS_REQUEST,    /* server role with manual_accept: answer the request */
    HWS_HIGH_WATER, /* the send queue rose above its high mark */
    HWS_LOW_WATER,  /* the send queue fell below its low mark again */
    HWS_REDIRECT,   /* the server sent this attempt elsewhere: it goes on */
    HWS_STALE,      /* up, but no data came for the client's stale_delay */
    HWS_FRESH,      /* after STALE: data comes again, the next event has it */
    HWS_WARNING,    /* something is wrong that does not end the connection */
    HWS_VERDICT,    /* another one holds the data back now, or nobody */
    HWS_ALARM,      /* something rose above its limit, or fell below half of it
                     */
};

/* A short lower-case name, such as "message". Never NULL, never freed. */
HWS_API const char *hws_event_name(enum hws_event_kind kind);

/*
 * One thing that happened. Every span in it is borrowed until the callback
 * that received it returns (with hws_proto_next: until the next call).
 */
struct hws_event {
    enum hws_event_kind kind;
    hws_time at; /* monotonic: when we read the bytes, or noticed */
    union {
        struct {
            struct hws_span data;
            uint8_t opcode; /* HWS_TEXT or HWS_BINARY, in every chunk */
            bool first;     /* the message begins here */
            bool last;      /* the message ends here */
        } message;
        struct {
            struct hws_span data;
            hws_time round_trip; /* pong that answers our newest keepalive
                                    or user ping; HWS_NEVER when it answers
                                    none */
        } control;               /* PING, PONG */
        struct {
            struct hws_span subprotocol; /* chosen one, or size 0 */
            struct hws_span head;        /* the whole HTTP head */
            const char *peer;            /* address, or "" */
            unsigned attempt;    /* attempts since the last UP, from 1 */
            unsigned connection; /* connections that came up, from 1 */
            unsigned redirects;  /* that led here; 0: none */
        } up;
        struct {
            struct hws_span head; /* the whole HTTP head */
            struct hws_span path; /* request target */
        } request;
        struct {
            enum hws_party by;
            uint16_t code; /* as on the wire; 1005 when there was none */
            struct hws_span reason;
        } closing;
        struct {
            const struct hws_fault *fault; /* first cause; status HWS_CLOSED or
                                              a failure; never NULL */
            enum hws_party by;
            uint16_t sent_code;       /* close code that we sent, or 0 */
            uint16_t received_code;   /* code that came; 1005 for a close frame
                                         without one; 1006 when none came */
            struct hws_span reason;   /* the peer's */
            bool was_up;              /* the handshake had been done */
            bool clean;               /* close frames in both directions */
            bool truncated;           /* TLS ended without close_notify */
            bool final;               /* no further attempt will be made */
            hws_time retry_at;        /* monotonic; HWS_NEVER when final */
            uint64_t unsent_messages; /* taken from the caller, but never
                                         wholly handed to the transport */
            struct hws_span head;     /* HTTP head of a refusal, or size 0 */
            struct hws_span body;     /* start of its body, 64 KiB at most */
        } down;
        struct {
            size_t queued; /* bytes */
        } water;
        struct {
            int http_status;   /* 301, 302, 303, 307 or 308 */
            const char *url;   /* where it goes on */
            unsigned count;    /* in this attempt, from 1 */
            hws_time retry_at; /* monotonic: `at`, later by a Retry-After */
        } redirect;
        struct {
            hws_time since; /* monotonic; no data after it: the last message,
                               or when reading began */
            struct hws_span channel; /* of this one alone; size 0: of all */
        } stale;                     /* STALE, FRESH */
        struct {
            const struct hws_fault *fault; /* never NULL */
        } warning;
        struct {
            enum hws_verdict now, before;
            const char *text; /* the figures that say so, or "" */
        } verdict;
        struct {
            enum hws_alarm what;
            bool raised;          /* false: it is over */
            int64_t value, limit; /* in the unit of `what` */
        } alarm;
    };
};

/*
 * What compression did and holds. Sizes in bytes, of the payload of messages
 * that went compressed; the others are not counted.
 */
struct hws_compression {
    bool agreed;             /* the present connection may use it */
    size_t memory;           /* zlib's and its windows', now */
    uint64_t in_compressed;  /* as it came ... */
    uint64_t in_inflated;    /* ... and what became of it */
    uint64_t out_plain;      /* what was to be sent ... */
    uint64_t out_compressed; /* ... and as it was queued, with headers */
};

/*
 * Where hawser takes its memory from. Set once, before anything else is
 * called; NULL restores malloc, realloc and free. `context` is passed back.
 * OpenSSL and c-ares allocate by themselves.
 */
struct hws_memory {
    void *(*alloc)(void *context, size_t size);
    void *(*resize)(void *context, void *old, size_t size);
    void (*release)(void *context, void *old);
    void *context;
};
HWS_API void hws_memory_set(const struct hws_memory *memory);

/* "0.1.0": the version of the library that is running. */
HWS_API const char *hws_version(void);
#define HWS_VERSION "0.1.0"

#ifdef __cplusplus
}
#endif
#endif
