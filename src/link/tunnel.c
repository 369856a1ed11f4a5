#include "link/tunnel.h"

#include "base/deadline.h"
#include "base/host.h"
#include "base/mem.h"
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>

/* Connections to the proxy for one tunnel: the first, and what two challenges
 * or further addresses may cost. */
#define DIALS_MAX 4
/* What faults show of a long name, so that the reason stays whole. */
#define SHOWN_MAX 64

void hwi_tunnel_options_init(struct hws_tunnel_options *options)
{
    *options = (struct hws_tunnel_options){.delay = HWS_S(5)};
}

static bool copy_text(const char **text)
{
    if (!*text)
        return true;
    *text = hwi_copy_text(*text);
    return *text != NULL;
}

/* All are tried: what stands there after a failure is ours to free. */
static bool copy_texts(struct hws_tunnel_options *o)
{
    bool proxy = copy_text(&o->proxy), host = copy_text(&o->host);
    bool user = copy_text(&o->user), password = copy_text(&o->password);
    return proxy && host && user && password;
}

/* A target goes into the proxy's language as it is: no line ends, no spaces. */
static void check_target(struct hwi_tunnel *t)
{
    struct hws_span host = hws_span_text(t->options.host);
    const char *why = host.size ? hwi_host_refuse_name(host) : "no name";
    if (why && hwi_host_refuse_ipv6(host) == NULL)
        why = NULL;
    if (why || t->options.port == 0)
        hwi_tunnel_fail(t, HWS_E_ARGUMENT, "cannot be asked for '%s:%u': %s",
                        t->options.host ? t->options.host : "", t->options.port,
                        why ? why : "no port");
}

int hwi_tunnel_init(struct hwi_tunnel *t, const struct hws_link_ops *ops,
                    const struct hwi_speech *speech,
                    const struct hws_tunnel_options *options,
                    struct hws_link *below)
{
    t->link.ops = ops;
    t->link.below = below;
    t->speech = speech;
    t->options = *options;
    t->deadline = HWS_NEVER;
    t->dials = 1;
    hwi_buf_init(&t->out, HWI_TUNNEL_IN_MAX);
    hwi_buf_init(&t->in, HWI_TUNNEL_IN_MAX);
    if (!options->proxy)
        t->options.proxy = "";
    if (!copy_texts(&t->options))
        return HWS_E_MEMORY;
    check_target(t);
    return 0;
}

static void forget(const char **text)
{
    hwi_free((void *)(uintptr_t)*text);
    *text = NULL;
}

void hwi_tunnel_release(struct hwi_tunnel *t)
{
    hws_link_free(t->link.below);
    hwi_buf_release(&t->out);
    hwi_buf_release(&t->in);
    forget(&t->options.proxy);
    forget(&t->options.host);
    forget(&t->options.user);
    forget(&t->options.password);
}

int hwi_tunnel_fail(struct hwi_tunnel *t, int status, const char *format, ...)
{
    char text[sizeof(t->link.fault.text)];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    return hwi_fault_set(&t->link.fault, HWS_PHASE_PROXY, status,
                         "proxy '%.*s' %s", SHOWN_MAX, t->options.proxy, text);
}

int hwi_tunnel_fail_memory(struct hwi_tunnel *t)
{
    return hwi_fault_set(&t->link.fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                         "no memory for the talk with a proxy");
}

int hwi_tunnel_fail_ended(struct hwi_tunnel *t, int status)
{
    const struct hws_fault *why = &t->link.below->fault;
    const char *when = hwi_buf_size(&t->in) ? "in the middle of its answer"
                                            : "instead of an answer";
    if (status == HWS_E_EOF)
        return hwi_tunnel_fail(t, status, "ended the connection %s", when);
    int os_error = why->os_error;
    hwi_tunnel_fail(t, status, "was lost %s: %s", when,
                    why->status ? why->text : hws_status_name(status));
    t->link.fault.os_error = os_error;
    return status;
}

static int fail_late(struct hwi_tunnel *t)
{
    return hwi_tunnel_fail(t, HWS_E_TIMEOUT,
                           "opened no tunnel to '%.*s:%u' within %.1f s",
                           SHOWN_MAX, t->options.host, t->options.port,
                           (double)t->options.delay / 1e9);
}

/* The layers below do not know that their peer is a proxy. */
static int fail_below(struct hwi_tunnel *t, int status)
{
    struct hws_fault *fault = &t->link.fault;
    const struct hws_fault why = t->link.below->fault;
    hwi_fault_set(fault, why.status ? why.phase : HWS_PHASE_PROXY, status,
                  "cannot reach the proxy: %s",
                  why.status ? why.text : hws_status_name(status));
    char text[sizeof(fault->text)];
    memcpy(text, fault->text, sizeof(text));
    *fault = why;
    fault->status = (enum hws_status)status;
    memcpy(fault->text, text, sizeof(text));
    return status;
}

static int open_below(struct hwi_tunnel *t, hws_time now)
{
    struct hws_fault *fault = &t->link.fault;
    int status = hws_link_open(t->link.below, now);
    if (status < 0)
        return status == HWS_E_AGAIN ? status : fail_below(t, status);
    snprintf(fault->peer, sizeof(fault->peer), "%s",
             hws_link_peer(t->link.below));
    t->stage = TUNNEL_TALK;
    t->deadline = hwi_deadline_limit(now, t->options.delay);
    hwi_buf_clear(&t->in);
    hwi_buf_clear(&t->out);
    return t->speech->begin(t);
}

/* 0: all of it left; HWS_E_AGAIN: some waits here or below; else a failure. */
static int say(struct hwi_tunnel *t)
{
    while (hwi_buf_size(&t->out)) {
        struct hws_span words = hwi_buf_span(&t->out);
        ptrdiff_t put = hws_link_write(t->link.below, words.data, words.size);
        if (put < 0)
            return (int)put;
        hwi_buf_take(&t->out, (size_t)put);
    }
    return (int)hws_link_write(t->link.below, NULL, 0);
}

/* One read. Above 0, or a status. */
static ptrdiff_t hear(struct hwi_tunnel *t)
{
    int status = 0;
    size_t size = t->speech->wanted(t);
    uint8_t *room = hwi_buf_reserve(&t->in, size, &status);
    if (!room)
        return hwi_tunnel_fail_memory(t);
    ptrdiff_t got = hws_link_read(t->link.below, room, size);
    if (got > 0)
        hwi_buf_wrote(&t->in, (size_t)got);
    return got;
}

/* A proxy that ends while we write may have said why: its word comes first. */
static int talk(struct hwi_tunnel *t)
{
    int status;
    while ((status = t->speech->listen(t)) == HWS_E_AGAIN) {
        int said = say(t);
        ptrdiff_t got = hear(t);
        if (t->link.fault.status)
            return t->link.fault.status;
        if (got == HWS_E_AGAIN && (said == 0 || said == HWS_E_AGAIN))
            return HWS_E_AGAIN;
        if (got <= 0)
            return t->speech->ended(t, got == HWS_E_AGAIN ? said : (int)got);
    }
    return status;
}

bool hwi_tunnel_may_redial(const struct hwi_tunnel *t)
{
    return t->options.redial && t->dials < DIALS_MAX;
}

static int redial(struct hwi_tunnel *t)
{
    struct hws_link *fresh = t->options.redial(t->options.redial_user);
    if (!fresh)
        return hwi_tunnel_fail_memory(t);
    hws_link_free(t->link.below);
    t->link.below = fresh;
    t->dials++;
    t->stage = TUNNEL_BELOW;
    t->deadline = HWS_NEVER;
    return 0;
}

/* "feed.example:443 via 192.0.2.1:3128". The proxy's address stays whole, the
 * name of the target is cut where there is no room. */
static void name_peer(struct hwi_tunnel *t)
{
    char *peer = t->link.fault.peer;
    char proxy[sizeof(t->link.fault.peer)];
    size_t used = strlen(peer) + sizeof(":65535 via ");
    size_t room = used < sizeof(proxy) ? sizeof(proxy) - used : 0;
    memcpy(proxy, peer, sizeof(proxy));
    int length = snprintf(peer, sizeof(proxy), "%.*s:%u via ", (int)room,
                          t->options.host, t->options.port);
    if (length > 0 && (size_t)length + strlen(proxy) < sizeof(proxy))
        memcpy(peer + length, proxy, strlen(proxy) + 1);
    else
        memcpy(peer, proxy, sizeof(proxy));
}

static void stand(struct hwi_tunnel *t)
{
    name_peer(t);
    t->stage = TUNNEL_OPEN;
    t->deadline = HWS_NEVER;
    hwi_buf_release(&t->out);
    hwi_buf_trim(&t->in);
}

static int step(struct hwi_tunnel *t, hws_time now)
{
    for (;;) {
        int status = t->stage == TUNNEL_BELOW ? open_below(t, now) : 0;
        if (status == 0)
            status = talk(t);
        if (status == 0 && hwi_buf_size(&t->out))
            return hwi_tunnel_fail(t, HWS_E_PROTOCOL,
                                   "answers before it was asked");
        if (status != HWI_TUNNEL_REDIAL)
            return status;
        status = redial(t);
        if (status)
            return status;
    }
}

int hwi_tunnel_open(struct hws_link *link, hws_time now)
{
    struct hwi_tunnel *t = hwi_tunnel_of(link);
    if (link->fault.status || t->stage == TUNNEL_OPEN)
        return link->fault.status;
    int status = step(t, now);
    if (status == 0)
        stand(t);
    else if (status == HWS_E_AGAIN && now >= t->deadline)
        return fail_late(t);
    return status;
}

/* Take over what the layer below noticed. */
static ptrdiff_t pass(struct hwi_tunnel *t, ptrdiff_t moved)
{
    const struct hws_link *below = t->link.below;
    struct hws_fault *fault = &t->link.fault;
    t->link.ended = t->link.ended || below->ended;
    t->link.truncated = below->truncated;
    if (moved >= 0 || moved == HWS_E_AGAIN || moved == HWS_E_EOF ||
        fault->status)
        return moved;
    struct hws_fault why = below->fault;
    memcpy(why.peer, fault->peer, sizeof(why.peer));
    *fault = why;
    if (fault->status == HWS_OK)
        hwi_tunnel_fail(t, (int)moved, "was lost: %s",
                        hws_status_name((int)moved));
    return moved;
}

/* What came behind the proxy's last word, and what came since. */
static ptrdiff_t read_kept(struct hwi_tunnel *t, uint8_t *bytes, size_t size)
{
    struct hws_span kept = hwi_span_part(hwi_buf_span(&t->in), 0, size);
    memcpy(bytes, kept.data, kept.size);
    hwi_buf_take(&t->in, kept.size);
    hwi_buf_trim(&t->in);
    if (kept.size == size)
        return (ptrdiff_t)size;
    ptrdiff_t got = pass(
        t, hws_link_read(t->link.below, bytes + kept.size, size - kept.size));
    if (got > 0)
        return (ptrdiff_t)kept.size + got;
    if (got != HWS_E_AGAIN)
        t->link.ended = true;
    return (ptrdiff_t)kept.size;
}

ptrdiff_t hwi_tunnel_read(struct hws_link *link, uint8_t *bytes, size_t size)
{
    struct hwi_tunnel *t = hwi_tunnel_of(link);
    if (hwi_buf_size(&t->in))
        return read_kept(t, bytes, size);
    return pass(t, hws_link_read(link->below, bytes, size));
}

ptrdiff_t hwi_tunnel_write(struct hws_link *link, const uint8_t *bytes,
                           size_t size)
{
    return pass(hwi_tunnel_of(link), hws_link_write(link->below, bytes, size));
}

int hwi_tunnel_shut(struct hws_link *link)
{
    return (int)pass(hwi_tunnel_of(link), hws_link_shut(link->below));
}

size_t hwi_tunnel_wants(const struct hws_link *link, struct hws_want *wants)
{
    const struct hwi_tunnel *t = hwi_tunnel_of(link);
    size_t count = hws_link_wants(link->below, wants);
    if (t->stage == TUNNEL_TALK && count && hwi_buf_size(&t->out))
        wants[0].interest |= HWS_WRITE;
    return count;
}

hws_time hwi_tunnel_deadline(const struct hws_link *link)
{
    const struct hwi_tunnel *t = hwi_tunnel_of(link);
    return t->stage == TUNNEL_BELOW ? hws_link_deadline(link->below)
                                    : t->deadline;
}
