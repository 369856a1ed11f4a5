/*
 * What one visit to a server brought to light, as plain values: filled by
 * doctor_visit.c and doctor_wire.c, read by the judges. Times are monotonic
 * unless said otherwise; HWS_NEVER where something did not happen.
 */
#ifndef CLI_DOCTOR_FACTS_H
#define CLI_DOCTOR_FACTS_H

#include "doctor_sheet.h"
#include "hawser/hawser.h"

#define DOCTOR_SHOWN_MAX 8 /* addresses of a family */
#define DOCTOR_ATTEMPTS_MAX 16
#define DOCTOR_HOPS_MAX 50
#define DOCTOR_HEAD_MAX 8192 /* bytes of a head that are kept */
#define DOCTOR_BODY_MAX 400  /* bytes of a refusal's body */
#define DOCTOR_PINGS 5
#define DOCTOR_CHAIN_MAX 4

struct doctor_family {
    hws_time at; /* of the answer */
    size_t count;
    char shown[DOCTOR_SHOWN_MAX][64]; /* the first of them, with the port */
    char reason[64];                  /* why there is none, or "" */
};

struct doctor_attempt {
    char address[64];
    hws_time begun, ended;
    enum hws_dial_step end; /* TRY: nothing was heard yet */
    int os_error;
};

/* The last dial of a visit: that to the proxy, where there is one. */
struct doctor_dial {
    char host[256];
    uint16_t port;
    hws_time begun;
    enum hws_name_source source;
    char server[64];
    struct doctor_family v6, v4;
    struct doctor_attempt attempts[DOCTOR_ATTEMPTS_MAX];
    size_t tried; /* may be more than are kept */
    hws_time connected;
};

/* What passed through the top of the transport. */
struct doctor_wire {
    hws_time opened;
    char request[DOCTOR_HEAD_MAX + 1];
    size_t request_size;
    char answer[DOCTOR_HEAD_MAX + 1]; /* up to the end of the head */
    size_t answer_size;
    bool answered;     /* the head is over */
    uint64_t bytes_in; /* behind it */
    hws_time ended_at; /* the peer's end of the stream was read */
};

struct doctor_tls {
    bool known;
    struct hws_tls_info info;
    struct hws_tls_certificate chain[DOCTOR_CHAIN_MAX];
    size_t count;
};

struct doctor_hop {
    int http_status;
    char url[256];
};

struct doctor_facts {
    /* what was asked for */
    char url[512]; /* without userinfo; where it ended, after redirects */
    bool is_tls, is_unix;
    hws_time watched; /* for so long */
    bool has_lag;

    /* what came of it */
    hws_time up;
    hws_time up_realtime;
    struct hws_way way;
    struct doctor_dial dial;
    struct doctor_wire wire;
    struct doctor_tls tls;
    struct hws_socket_info socket;
    bool has_socket;
    size_t receive_queue_max;
    struct doctor_hop hops[DOCTOR_HOPS_MAX];
    unsigned hop_count;
    char subprotocol[128];

    uint64_t messages, message_bytes;
    size_t message_max;
    hws_time first_message;
    uint64_t wire_bytes;    /* of the messages, their frames included */
    uint64_t control_bytes; /* of other frames */
    unsigned pings, pongs;
    hws_time round_trips[DOCTOR_PINGS]; /* `pongs` of them */
    uint64_t lag_count;
    int64_t lag_min; /* ns, of this clock against the feed's */

    hws_time close_asked; /* by us, and first */
    hws_time down;
    struct hws_fault fault; /* of the DOWN */
    enum hws_party ended_by;
    uint16_t received_code;
    char reason[128];
    bool was_up, clean, truncated;
    bool peer_closed; /* its close frame came before we asked for the end */
    char body[DOCTOR_BODY_MAX + 1];

    /* the second visit, over TLS */
    bool again;
    struct hws_fault again_fault;
    struct doctor_tls again_tls;
    hws_time again_open; /* from connected to spoken to by TLS */
};

/* Whether the attempt ended there. */
bool doctor_failed_in(const struct doctor_facts *facts, enum hws_phase phase);

/* doctor_dial.c */
void doctor_judge_names(const struct doctor_facts *, struct doctor_sheet *);
void doctor_judge_race(const struct doctor_facts *, struct doctor_sheet *);
/* doctor_way.c */
void doctor_judge_tcp(const struct doctor_facts *, struct doctor_sheet *);
void doctor_judge_proxy(const struct doctor_facts *, struct doctor_sheet *);
void doctor_judge_kernel(const struct doctor_facts *, struct doctor_sheet *);
/* doctor_tls.c; `realtime` counts the days that certificates have left. */
void doctor_judge_tls(const struct doctor_facts *, struct doctor_sheet *);
void doctor_judge_certificate(const struct doctor_facts *, hws_time realtime,
                              struct doctor_sheet *);
void doctor_judge_resumption(const struct doctor_facts *,
                             struct doctor_sheet *);
/* doctor_http.c */
void doctor_judge_handshake(const struct doctor_facts *, struct doctor_sheet *);
/* doctor_feed.c */
void doctor_judge_messages(const struct doctor_facts *, struct doctor_sheet *);
void doctor_judge_compression(const struct doctor_facts *,
                              struct doctor_sheet *);
void doctor_judge_ping(const struct doctor_facts *, struct doctor_sheet *);
/* doctor_clock.c */
void doctor_judge_clock(const struct doctor_facts *, struct doctor_sheet *);
/* doctor_close.c */
void doctor_judge_close(const struct doctor_facts *, struct doctor_sheet *);
/* doctor_judge.c: all of them, in the order of a connection's life. */
void doctor_judge(const struct doctor_facts *, hws_time realtime,
                  struct doctor_sheet *);

#endif
