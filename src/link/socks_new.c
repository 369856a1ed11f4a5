/*
 * Making a SOCKS layer, and what comes before the talk: a version that cannot
 * carry the target or the login is refused, and a name that this side has to
 * resolve is resolved before the proxy is dialed.
 */
#include "link/socks.h"

#include "base/deadline.h"
#include "base/mem.h"
#include "base/status.h"

#define TEXT_MAX 255 /* RFC 1928 section 5, RFC 1929 section 2 */

static struct hwi_socks *self(const struct hws_link *link)
{
    return (struct hwi_socks *)(uintptr_t)link;
}

static bool is_old(const struct hwi_socks *s)
{
    return s->version == HWS_SOCKS4 || s->version == HWS_SOCKS4A;
}

static bool resolves_here(const struct hwi_socks *s)
{
    return s->version == HWS_SOCKS4 || s->version == HWS_SOCKS5;
}

static void end_resolve(struct hwi_socks *s)
{
    if (s->resolve)
        hwi_resolve_end(s->resolve);
    hwi_free(s->resolve);
    s->resolve = NULL;
    s->resolve_deadline = HWS_NEVER;
}

static void add(struct hwi_socks *s, const struct hwi_answer *a, size_t i)
{
    if (i < a->count && s->count < HWI_SOCKS_ADDRESSES)
        s->list[s->count++] = a->list[i];
}

/* IPv4 first: which families the proxy has is not known here, and this one is
 * the likelier. */
static void take_addresses(struct hwi_socks *s)
{
    const struct hwi_resolve *r = s->resolve;
    for (size_t i = 0; i < HWI_SOCKS_ADDRESSES; i++) {
        add(s, &r->v4, i);
        if (!is_old(s))
            add(s, &r->v6, i);
    }
}

/* The name has addresses, but none that SOCKS 4 could carry. */
static int fail_family(struct hwi_socks *s)
{
    return hwi_fault_set(&s->tunnel.link.fault, HWS_PHASE_DNS, HWS_E_RESOLVE,
                         "cannot resolve '%s': no IPv4 address, and SOCKS 4 "
                         "knows no other",
                         s->tunnel.options.host);
}

static int fail_begin(struct hwi_socks *s, int status)
{
    return hwi_fault_set(&s->tunnel.link.fault, HWS_PHASE_DNS, status,
                         "cannot resolve '%s': %s", s->tunnel.options.host,
                         status == HWS_E_ARGUMENT
                             ? "the name servers are not addresses"
                             : "the resolver cannot start");
}

static int begin_resolve(struct hwi_socks *s, hws_time now)
{
    const struct hwi_resolve_options o = {
        .host = s->tunnel.options.host,
        .port = s->tunnel.options.port,
        .nameservers = s->nameservers,
        .delay = s->resolve_delay,
    };
    s->resolve = hwi_alloc_zero(sizeof(*s->resolve));
    if (!s->resolve)
        return hwi_tunnel_fail_memory(&s->tunnel);
    s->resolve_deadline = hwi_deadline_limit(now, s->resolve_delay);
    int status = hwi_resolve_begin(s->resolve, &o, now);
    return status ? fail_begin(s, status) : 0;
}

static int resolve(struct hwi_socks *s, hws_time now)
{
    int status = s->resolve ? 0 : begin_resolve(s, now);
    if (status)
        return status;
    hwi_resolve_step(s->resolve, now);
    if (now >= s->resolve_deadline)
        hwi_resolve_end(s->resolve);
    if (!hwi_resolve_done(s->resolve))
        return HWS_E_AGAIN;
    take_addresses(s);
    if (s->count == 0)
        status = s->resolve->v6.count
                     ? fail_family(s)
                     : hwi_resolve_fail(s->resolve, s->tunnel.options.host,
                                        &s->tunnel.link.fault);
    end_resolve(s);
    return status;
}

static int socks_open(struct hws_link *link, hws_time now)
{
    struct hwi_socks *s = self(link);
    if (link->fault.status)
        return link->fault.status;
    if (resolves_here(s) && s->count == 0) {
        int status = resolve(s, now);
        if (status)
            return status;
    }
    return hwi_tunnel_open(link, now);
}

static size_t socks_wants(const struct hws_link *link, struct hws_want *wants)
{
    const struct hwi_socks *s = self(link);
    return s->resolve ? hwi_resolve_wants(s->resolve, wants, HWS_WANTS_MAX)
                      : hwi_tunnel_wants(link, wants);
}

static hws_time socks_deadline(const struct hws_link *link)
{
    const struct hwi_socks *s = self(link);
    if (!s->resolve)
        return hwi_tunnel_deadline(link);
    hws_time retry = s->resolve->retry_deadline;
    return retry < s->resolve_deadline ? retry : s->resolve_deadline;
}

static void socks_free(struct hws_link *link)
{
    struct hwi_socks *s = self(link);
    end_resolve(s);
    hwi_free(s->nameservers);
    hwi_tunnel_release(&s->tunnel);
    hwi_free(s);
}

static const struct hws_link_ops socks_ops = {
    .name = "socks",
    .open = socks_open,
    .read = hwi_tunnel_read,
    .write = hwi_tunnel_write,
    .shut = hwi_tunnel_shut,
    .wants = socks_wants,
    .deadline = socks_deadline,
    .free = socks_free,
};

void hws_socks_options_init(struct hws_socks_options *options)
{
    *options = (struct hws_socks_options){
        .version = HWS_SOCKS5H,
        .resolve_delay = HWS_S(5),
    };
    hwi_tunnel_options_init(&options->tunnel);
}

static void refuse(struct hwi_socks *s, const char *why)
{
    if (s->tunnel.link.fault.status == HWS_OK)
        hwi_tunnel_fail(&s->tunnel, HWS_E_ARGUMENT, "cannot be asked: %s", why);
}

static bool is_longer(const char *text, size_t max)
{
    return text && strlen(text) > max;
}

/* What this version of the protocol has no room for. */
static void check(struct hwi_socks *s)
{
    const struct hws_tunnel_options *o = &s->tunnel.options;
    bool v6 = s->count && hwi_address_family(&s->list[0]) == AF_INET6;
    if (is_old(s) && v6)
        refuse(s, "SOCKS 4 knows no IPv6 address");
    if (is_old(s) && o->password)
        refuse(s, "SOCKS 4 has no password");
    if (is_longer(o->user, TEXT_MAX))
        refuse(s, "the user is longer than 255 bytes");
    if (is_longer(o->password, TEXT_MAX))
        refuse(s, "the password is longer than 255 bytes");
    if (!is_old(s) && o->user && o->user[0] == '\0')
        refuse(s, "SOCKS 5 has no login without a user");
}

struct hws_link *hws_socks_new(const struct hws_socks_options *options,
                               struct hws_link *below)
{
    struct hwi_socks *s = hwi_alloc_zero(sizeof(*s));
    if (!s) {
        hws_link_free(below);
        return NULL;
    }
    int status = hwi_tunnel_init(&s->tunnel, &socks_ops, &hwi_socks_speech,
                                 &options->tunnel, below);
    s->version = options->version;
    s->resolve_delay = options->resolve_delay;
    s->resolve_deadline = HWS_NEVER;
    s->nameservers = hwi_copy_text(options->nameservers);
    if (status || (options->nameservers && !s->nameservers)) {
        socks_free(&s->tunnel.link);
        return NULL;
    }
    /* A literal needs no resolver, wherever it stands. */
    const char *host = s->tunnel.options.host;
    if (host && hwi_address_parse(&s->list[0], host, options->tunnel.port))
        s->count = 1;
    check(s);
    return &s->tunnel.link;
}
