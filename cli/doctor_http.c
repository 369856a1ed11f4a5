/* Judges the opening handshake: what was offered, what was answered, and where
 * the two do not fit, header by header. */
#define _GNU_SOURCE /* strcasestr */

#include "doctor_facts.h"
#include "doctor_head.h"
#include "units.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define SLOW_ANSWER HWS_MS(1000)

static hws_time answer_time(const struct doctor_facts *facts)
{
    hws_time end = facts->up != HWS_NEVER ? facts->up : facts->down;
    if (facts->wire.opened == HWS_NEVER || end == HWS_NEVER)
        return HWS_NEVER;
    return end - facts->wire.opened;
}

static void detail_hops(struct doctor_finding *f,
                        const struct doctor_facts *facts)
{
    for (unsigned i = 0; i < facts->hop_count; i++)
        doctor_detail(f, "%d led to %s", facts->hops[i].http_status,
                      facts->hops[i].url);
}

/* Both directions as they were said; values that may be secrets are left
 * out. */
static void detail_head(struct doctor_finding *f, const char *mark,
                        const char *head)
{
    struct hws_span line;
    bool first = true;
    while (doctor_head_line(&head, &line) && line.size) {
        bool open = first || doctor_head_is_open(line);
        const uint8_t *colon = memchr(line.data, ':', line.size);
        size_t name = colon ? (size_t)(colon - line.data) : line.size;
        doctor_detail(f, "%s %.*s%s", mark, (int)(open ? line.size : name),
                      (const char *)line.data, open ? "" : ": (not shown)");
        first = false;
    }
}

static void detail_body(struct doctor_finding *f,
                        const struct doctor_facts *facts)
{
    const char *body = facts->body;
    struct hws_span line;
    while (doctor_head_line(&body, &line))
        doctor_detail(f, "| %.*s", (int)line.size, (const char *)line.data);
}

/* ---- header by header */

struct pair {
    const char *name;
    char offered[256], answered[256];
    size_t count;
};

static struct pair read_pair(const struct doctor_facts *facts, const char *name)
{
    struct pair p = {.name = name};
    doctor_head_get(facts->wire.request, name, p.offered, sizeof p.offered);
    p.count = doctor_head_get(facts->wire.answer, name, p.answered,
                              sizeof p.answered);
    return p;
}

static void advise_header(struct doctor_finding *f, const struct pair *p,
                          const char *wanted)
{
    if (p->count)
        doctor_advise(f, DOCTOR_BAD, "%s must be '%s', the server says '%s'",
                      p->name, wanted, p->answered);
    else
        doctor_advise(f, DOCTOR_BAD, "%s must be '%s', the server says nothing",
                      p->name, wanted);
}

static void judge_accept(struct doctor_finding *f,
                         const struct doctor_facts *facts)
{
    char key[64], wanted[32];
    struct pair p = read_pair(facts, "Sec-WebSocket-Accept");
    doctor_head_get(facts->wire.request, "Sec-WebSocket-Key", key, sizeof key);
    if (!doctor_accept_of(key, wanted) || strcmp(p.answered, wanted) == 0)
        return;
    advise_header(f, &p, wanted);
    doctor_advise(f, DOCTOR_BAD,
                  "that is the hash of our key (RFC 6455 section 4.2.2): a "
                  "cache or another program answers here, or the server "
                  "computes it wrongly");
}

/* What the server chose must have been offered. */
static void judge_choice(struct doctor_finding *f,
                         const struct doctor_facts *facts, const char *name)
{
    struct pair p = read_pair(facts, name);
    if (!p.count || (p.offered[0] && facts->fault.status == HWS_OK))
        return;
    if (!p.offered[0] || !strstr(p.offered, p.answered))
        doctor_advise(f, DOCTOR_BAD,
                      "%s: '%s' was answered, '%s' was offered: a server may "
                      "only choose from the offer",
                      name, p.answered, p.offered);
}

static void judge_headers(struct doctor_finding *f,
                          const struct doctor_facts *facts)
{
    struct pair upgrade = read_pair(facts, "Upgrade");
    struct pair connection = read_pair(facts, "Connection");
    if (upgrade.count != 1 || strcasecmp(upgrade.answered, "websocket") != 0)
        advise_header(f, &upgrade, "websocket");
    if (!strcasestr(connection.answered, "upgrade"))
        advise_header(f, &connection, "Upgrade");
    judge_accept(f, facts);
    judge_choice(f, facts, "Sec-WebSocket-Protocol");
    judge_choice(f, facts, "Sec-WebSocket-Extensions");
}

/* ---- refusals */

struct remedy {
    int from, to; /* HTTP statuses */
    const char *text;
};

static const struct remedy remedies[] = {
    {200, 299,
     "an ordinary page answers: check the path, and that a reverse proxy "
     "passes 'Upgrade' and 'Connection' on"},
    {300, 399,
     "the redirect was not followed, the sentence above says why: use the new "
     "address, or --redirects, --redirect-insecure"},
    {401, 401, "log in: --user, --bearer, or --header '@FILE'"},
    {403, 403,
     "the server will not have us: check login, path and Origin (--header "
     "'Origin: https://...')"},
    {404, 404, "nothing is there: check the path of the URL"},
    {400, 400,
     "the server could not read the upgrade: check path, query and "
     "--subprotocol; a proxy in between may have taken 'Upgrade' away"},
    {426, 426,
     "the server did not see the upgrade: a proxy in between took the "
     "'Upgrade' header away"},
    {429, 429, "too many attempts: wait, and let clients back off"},
    {502, 504,
     "a gateway answers, and the server behind it does not: look at that one"},
    {500, 599, "the server's own failure: look into its log"},
};

static void advise_refusal(struct doctor_finding *f, int http_status)
{
    for (size_t i = 0; i < sizeof remedies / sizeof *remedies; i++) {
        if (http_status < remedies[i].from || http_status > remedies[i].to)
            continue;
        doctor_advise(f, DOCTOR_BAD, "%s", remedies[i].text);
        return;
    }
    doctor_advise(f, DOCTOR_BAD, "ask who runs the server what it means");
}

static void advise_failure(struct doctor_finding *f,
                           const struct doctor_facts *facts)
{
    const struct hws_fault *fault = &facts->fault;
    if (fault->status == HWS_E_REFUSED || fault->status == HWS_E_REDIRECT)
        advise_refusal(f, fault->http_status);
    else if (fault->status == HWS_E_HANDSHAKE)
        judge_headers(f, facts);
    else if (fault->status == HWS_E_TIMEOUT)
        doctor_advise(f, DOCTOR_BAD,
                      "connected, and no answer: the server is overloaded, "
                      "hangs, or speaks another protocol on this port");
    else if (facts->wire.answer_size == 0)
        doctor_advise(f, DOCTOR_BAD, "the server hung up without a word: %s",
                      facts->is_tls ? "look into its log"
                                    : "does this port want TLS? Then it is "
                                      "wss://");
    else
        doctor_advise(f, DOCTOR_BAD,
                      "what answers is no HTTP/1.1 server: check the port%s",
                      facts->is_tls ? "" : "; if it wants TLS it is wss://");
    if (f->mark != DOCTOR_BAD)
        doctor_raise(f, DOCTOR_BAD);
}

static void judge_failure(struct doctor_finding *f,
                          const struct doctor_facts *facts)
{
    doctor_say(f, "%s", facts->fault.text);
    doctor_count(f, "http_status", facts->fault.http_status);
    detail_hops(f, facts);
    detail_head(f, ">", facts->wire.request);
    detail_head(f, "<", facts->wire.answer);
    detail_body(f, facts);
    advise_failure(f, facts);
}

/* ---- success */

static void detail_offer(struct doctor_finding *f,
                         const struct doctor_facts *facts, const char *name,
                         const char *what)
{
    struct pair p = read_pair(facts, name);
    if (!p.offered[0])
        return;
    doctor_detail(f, "%s offered: %s", what, p.offered);
    doctor_detail(f, "%s taken: %s", what, p.answered[0] ? p.answered : "none");
}

static void judge_success(struct doctor_finding *f,
                          const struct doctor_facts *facts)
{
    char text[UNITS_TEXT_MAX], server[96];
    hws_time took = answer_time(facts);
    doctor_say(f, "101 in %s", units_delay(text, took));
    doctor_head_get(facts->wire.answer, "Server", server, sizeof server);
    if (server[0])
        doctor_say(f, ", by '%s'", server);
    if (facts->hop_count)
        doctor_say(f, ", after %u redirect%s", facts->hop_count,
                   facts->hop_count == 1 ? "" : "s");
    doctor_raise(f, DOCTOR_GOOD);
    doctor_count(f, "http_status", 101);
    doctor_count(f, "redirects", facts->hop_count);
    doctor_text(f, "subprotocol", facts->subprotocol);
    doctor_ms(f, "ms", took);
    detail_hops(f, facts);
    detail_offer(f, facts, "Sec-WebSocket-Protocol", "subprotocol");
    detail_offer(f, facts, "Sec-WebSocket-Extensions", "extension");
    if (facts->hop_count)
        doctor_advise(f, DOCTOR_WARN, "each connect takes the detour: use %s",
                      facts->url);
    if (took >= SLOW_ANSWER)
        doctor_advise(f, DOCTOR_WARN,
                      "the server takes long to answer: each reconnect waits "
                      "for it");
}

void doctor_judge_handshake(const struct doctor_facts *facts,
                            struct doctor_sheet *sheet)
{
    struct doctor_finding *f = doctor_begin(sheet, "handshake", "handshake");
    if (facts->was_up)
        judge_success(f, facts);
    else if (facts->wire.opened != HWS_NEVER && facts->fault.status)
        judge_failure(f, facts);
    else
        doctor_say(f, DOCTOR_NOT_REACHED);
}
