/*
 * What layers that go through a proxy have in common: they open what is below,
 * talk with the proxy until it says yes, dial again where it hung up, and move
 * bytes unchanged from then on. How one talks is told by a `hwi_speech`.
 *
 * `in` holds what came and was not used: of the proxy while talking, of the
 * tunnel once it stands.
 */
#ifndef HWI_TUNNEL_H
#define HWI_TUNNEL_H

#include "base/buf.h"
#include "hawser/link.h"

struct hwi_tunnel;

/* An answer of talk(): this connection to the proxy is of no more use. */
#define HWI_TUNNEL_REDIAL 1

struct hwi_speech {
    /* A connection to the proxy stands: queue the first words. 0 or status,
     * with the link's fault. */
    int (*begin)(struct hwi_tunnel *t);
    /* Look at what came in `in`. 0: the tunnel stands, and `in` begins with
     * its first bytes; HWS_E_AGAIN: say what is queued and read on;
     * HWI_TUNNEL_REDIAL; a failure, with the link's fault. */
    int (*listen)(struct hwi_tunnel *t);
    /* How many more bytes may be read for listen(), at least 1: no more than
     * that, so that what belongs to the tunnel can stay where it is. */
    size_t (*wanted)(const struct hwi_tunnel *t);
    /* Reading ended (HWS_E_EOF) or failed: HWI_TUNNEL_REDIAL, or a failure. */
    int (*ended)(struct hwi_tunnel *t, int status);
};

enum hwi_tunnel_stage { TUNNEL_BELOW, TUNNEL_TALK, TUNNEL_OPEN };

struct hwi_tunnel {
    struct hws_link link;
    const struct hwi_speech *speech;
    enum hwi_tunnel_stage stage;
    struct hws_tunnel_options options; /* texts are copies */
    hws_time deadline;                 /* HWS_NEVER but in TALK */
    unsigned dials;                    /* connections to the proxy so far */
    struct hwi_buf out, in;
};

/* What a proxy may say at most before the tunnel stands. */
#define HWI_TUNNEL_IN_MAX ((size_t)64 * 1024)

static inline struct hwi_tunnel *hwi_tunnel_of(const struct hws_link *link)
{
    return (struct hwi_tunnel *)(uintptr_t)link;
}

void hwi_tunnel_options_init(struct hws_tunnel_options *options);
/*
 * Begin a zeroed `t`; takes `below`. A target that cannot be sent is in the
 * fault, for open() to tell. HWS_E_MEMORY; release in any case.
 */
int hwi_tunnel_init(struct hwi_tunnel *t, const struct hws_link_ops *ops,
                    const struct hwi_speech *speech,
                    const struct hws_tunnel_options *options,
                    struct hws_link *below);
void hwi_tunnel_release(struct hwi_tunnel *t);

/* "proxy 'p.example:3128' " and the rest, phase PROXY; returns `status`. */
int hwi_tunnel_fail(struct hwi_tunnel *t, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The usual fault for an end or failure of reading or writing. */
int hwi_tunnel_fail_ended(struct hwi_tunnel *t, int status);
int hwi_tunnel_fail_memory(struct hwi_tunnel *t);
/* Whether the proxy could be dialed once more. */
bool hwi_tunnel_may_redial(const struct hwi_tunnel *t);

/* The members of hws_link_ops. */
int hwi_tunnel_open(struct hws_link *link, hws_time now);
ptrdiff_t hwi_tunnel_read(struct hws_link *link, uint8_t *bytes, size_t size);
ptrdiff_t hwi_tunnel_write(struct hws_link *link, const uint8_t *bytes,
                           size_t size);
int hwi_tunnel_shut(struct hws_link *link);
size_t hwi_tunnel_wants(const struct hws_link *link, struct hws_want *wants);
hws_time hwi_tunnel_deadline(const struct hws_link *link);

/* Whether a layer goes through a proxy; TLS below it is the proxy's. */
static inline bool hwi_tunnel_is(const struct hws_link *link)
{
    return link->ops->read == hwi_tunnel_read;
}

#endif
