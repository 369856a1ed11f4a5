/* Judges names and the race of their addresses. */
#include "doctor_facts.h"
#include "units.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A name server in the same town answers in less; a resolver that has to ask
 * around may take this long, but not often. */
#define SLOW_NAMES HWS_MS(500)

/* "[::1]:443" without its port. */
static int bare_size(const char *address)
{
    const char *colon = strrchr(address, ':');
    return (int)(colon ? (size_t)(colon - address) : strlen(address));
}

static void list_family(char *line, size_t size,
                        const struct doctor_family *family)
{
    for (size_t i = 0; i < family->count && i < DOCTOR_SHOWN_MAX; i++) {
        size_t used = strlen(line);
        snprintf(line + used, size - used, "%s%.*s", used ? ", " : "",
                 bare_size(family->shown[i]), family->shown[i]);
    }
    size_t used = strlen(line);
    if (family->count > DOCTOR_SHOWN_MAX)
        snprintf(line + used, size - used, " and %zu more",
                 family->count - DOCTOR_SHOWN_MAX);
}

static void detail_addresses(struct doctor_finding *f,
                             const struct doctor_dial *d)
{
    char line[2 * DOCTOR_SHOWN_MAX * 72] = "";
    list_family(line, sizeof line, &d->v6);
    list_family(line, sizeof line, &d->v4);
    if (line[0])
        doctor_detail(f, "%s", line);
}

static hws_time time_of_names(const struct doctor_dial *d)
{
    hws_time last = d->begun;
    if (d->v6.at != HWS_NEVER && d->v6.at > last)
        last = d->v6.at;
    if (d->v4.at != HWS_NEVER && d->v4.at > last)
        last = d->v4.at;
    return last - d->begun;
}

/* What to do about a name without addresses. */
static void advise_nameless(struct doctor_finding *f,
                            const struct doctor_dial *d)
{
    const char *why = d->v4.reason[0] ? d->v4.reason : d->v6.reason;
    if (strcmp(why, "no such name") == 0)
        doctor_advise(f, DOCTOR_BAD,
                      "no such name: check its spelling; 'dig %s' shows what "
                      "the name servers know",
                      d->host);
    else if (strcmp(why, "no address") == 0)
        doctor_advise(f, DOCTOR_BAD,
                      "the name is there, but has no address: its owner must "
                      "add an A and an AAAA record");
    else
        doctor_advise(f, DOCTOR_BAD,
                      "%s: check the network and /etc/resolv.conf",
                      why[0] ? why : "no answer");
}

static void advise_family(struct doctor_finding *f,
                          const struct doctor_family *missing,
                          const char *family, const char *record,
                          const char *who)
{
    if (missing->at == HWS_NEVER || missing->count)
        return;
    doctor_advise(f, DOCTOR_WARN,
                  "no address for %s (%s): %s cannot connect without a "
                  "gateway; the owner of the name may add an %s record",
                  family, missing->reason, who, record);
}

static void judge_name(struct doctor_finding *f, const struct doctor_dial *d)
{
    char text[UNITS_TEXT_MAX];
    hws_time took = time_of_names(d);
    doctor_say(f, "'%s': %zu of IPv6, %zu of IPv4", d->host, d->v6.count,
               d->v4.count);
    if (d->source == HWS_NAME_HOSTS)
        doctor_say(f, ", from the hosts file");
    else
        doctor_say(f, ", in %s", units_delay(text, took));
    if (d->server[0])
        doctor_say(f, ", by %s", d->server);
    detail_addresses(f, d);
    doctor_raise(f, DOCTOR_GOOD);
    if (d->v6.count + d->v4.count == 0) {
        advise_nameless(f, d);
        return;
    }
    if (d->source == HWS_NAME_SERVER) {
        advise_family(f, &d->v6, "IPv6", "AAAA",
                      "networks that have IPv6 only");
        advise_family(f, &d->v4, "IPv4", "A", "networks that have IPv4 only");
    }
    if (took >= SLOW_NAMES)
        doctor_advise(f, DOCTOR_WARN,
                      "slow names delay every connect: try another name "
                      "server, or one that caches on this machine");
}

void doctor_judge_names(const struct doctor_facts *facts,
                        struct doctor_sheet *sheet)
{
    const struct doctor_dial *d = &facts->dial;
    struct doctor_finding *f = doctor_begin(sheet, "DNS", "dns");
    if (d->begun == HWS_NEVER) {
        doctor_say(f, facts->is_unix ? "a Unix socket has no name to resolve"
                                     : DOCTOR_NOT_REACHED);
        return;
    }
    doctor_text(f, "host", d->host);
    doctor_count(f, "ipv6", (int64_t)d->v6.count);
    doctor_count(f, "ipv4", (int64_t)d->v4.count);
    doctor_ms(f, "ms", time_of_names(d));
    doctor_text(f, "server", d->server);
    if (d->source == HWS_NAME_LITERAL)
        doctor_say(f, "'%s' is an address: nothing to resolve", d->host);
    else
        judge_name(f, d);
    if (facts->way.proxy[0])
        doctor_say(f, " (the proxy)");
    doctor_raise(f, DOCTOR_GOOD);
}

/* ---- the race */

static const char *ending(const struct doctor_attempt *a, char text[160])
{
    char delay[UNITS_TEXT_MAX];
    hws_time took = a->ended == HWS_NEVER ? 0 : a->ended - a->begun;
    units_delay(delay, took);
    if (a->end == HWS_DIAL_DONE)
        snprintf(text, 160, "connected in %s", delay);
    else if (a->end == HWS_DIAL_FAIL)
        snprintf(text, 160, "%s, after %s", strerror(a->os_error), delay);
    else
        snprintf(text, 160, "no answer within %s", delay);
    return text;
}

static size_t kept(const struct doctor_dial *d)
{
    return d->tried < DOCTOR_ATTEMPTS_MAX ? d->tried : DOCTOR_ATTEMPTS_MAX;
}

static void detail_attempts(struct doctor_finding *f,
                            const struct doctor_dial *d)
{
    char text[160];
    for (size_t i = 0; i < kept(d); i++)
        doctor_detail(f, "%s: %s", d->attempts[i].address,
                      ending(&d->attempts[i], text));
    if (d->tried > kept(d))
        doctor_detail(f, "and %zu more", d->tried - kept(d));
}

static const struct doctor_attempt *winner_of(const struct doctor_dial *d)
{
    for (size_t i = 0; i < kept(d); i++)
        if (d->attempts[i].end == HWS_DIAL_DONE)
            return &d->attempts[i];
    return NULL;
}

static void advise_losers(struct doctor_finding *f, const struct doctor_dial *d)
{
    for (size_t i = 0; i < kept(d); i++) {
        const struct doctor_attempt *a = &d->attempts[i];
        if (a->end == HWS_DIAL_FAIL)
            doctor_advise(f, DOCTOR_WARN,
                          "%s fails (%s): let the server listen there, or take "
                          "the address out of the name",
                          a->address, strerror(a->os_error));
        else if (a->end == HWS_DIAL_LEAVE)
            doctor_advise(f, DOCTOR_WARN,
                          "%s is slow or silent, which costs every connect a "
                          "pause: look for a firewall, or take the address out "
                          "of the name",
                          a->address);
    }
}

static bool all_refused(const struct doctor_dial *d)
{
    for (size_t i = 0; i < kept(d); i++)
        if (d->attempts[i].os_error != ECONNREFUSED)
            return false;
    return true;
}

static bool none_routed(const struct doctor_dial *d)
{
    for (size_t i = 0; i < kept(d); i++)
        if (d->attempts[i].os_error != ENETUNREACH &&
            d->attempts[i].os_error != EHOSTUNREACH)
            return false;
    return true;
}

static void advise_lost(struct doctor_finding *f, const struct doctor_dial *d)
{
    if (all_refused(d))
        doctor_advise(f, DOCTOR_BAD,
                      "refused: check that the server runs and listens on port "
                      "%u, on the outside and not on 127.0.0.1 only",
                      d->port);
    else if (none_routed(d))
        doctor_advise(f, DOCTOR_BAD,
                      "this machine has no route there: check its network");
    else
        doctor_advise(f, DOCTOR_BAD,
                      "no answer: look for a firewall that drops port %u, or a "
                      "server that is down",
                      d->port);
}

static void judge_path(struct doctor_finding *f,
                       const struct doctor_facts *facts)
{
    doctor_raise(f, DOCTOR_GOOD);
    if (!doctor_failed_in(facts, HWS_PHASE_TCP)) {
        doctor_say(f, "none: a Unix socket has one address");
        return;
    }
    doctor_say(f, "%s", facts->fault.text);
    doctor_advise(f, DOCTOR_BAD,
                  "check the path, that the server runs, and that this user "
                  "may write to its socket");
}

void doctor_judge_race(const struct doctor_facts *facts,
                       struct doctor_sheet *sheet)
{
    char text[UNITS_TEXT_MAX];
    const struct doctor_dial *d = &facts->dial;
    const struct doctor_attempt *winner = winner_of(d);
    struct doctor_finding *f = doctor_begin(sheet, "race", "race");
    if (facts->is_unix) {
        judge_path(f, facts);
        return;
    }
    if (d->tried == 0) {
        doctor_say(f, DOCTOR_NOT_REACHED);
        return;
    }
    size_t known = d->v6.count + d->v4.count;
    doctor_count(f, "tried", (int64_t)d->tried);
    doctor_count(f, "known", (int64_t)known);
    doctor_text(f, "winner", winner ? winner->address : "");
    if (d->tried > 1 || !winner)
        detail_attempts(f, d);
    if (d->connected == HWS_NEVER) {
        doctor_say(f, "none of %zu address%s connected", d->tried,
                   d->tried == 1 ? "" : "es");
        advise_lost(f, d);
        return;
    }
    doctor_ms(f, "ms", d->connected - d->attempts[0].begun);
    doctor_say(f, "%s won in %s, %zu of %zu tried",
               winner ? winner->address : "a later address",
               units_delay(text, d->connected - d->attempts[0].begun), d->tried,
               known);
    doctor_raise(f, DOCTOR_GOOD);
    advise_losers(f, d);
}
