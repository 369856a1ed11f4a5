/* Judges TLS: what was agreed on, the certificates, and whether a second
 * connection resumes. */
#include "doctor_facts.h"
#include "units.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define DAY HWS_S(24 * 3600)
/* Certificates that renew themselves do so with a third of 90 days left. */
#define SOON_DAYS 14

static bool is_reached(const struct doctor_facts *facts)
{
    bool connected = facts->dial.connected != HWS_NEVER && facts->fault.status;
    return facts->tls.known || doctor_failed_in(facts, HWS_PHASE_TLS) ||
           (connected && !doctor_failed_in(facts, HWS_PHASE_PROXY));
}

/* ---- the agreement */

static void advise_tls(struct doctor_finding *f, const struct hws_fault *fault)
{
    if (strstr(fault->text, "wrong version number"))
        doctor_advise(f, DOCTOR_BAD,
                      "this port does not speak TLS: check the port, or use "
                      "ws://");
    else if (fault->status == HWS_E_TIMEOUT)
        doctor_advise(f, DOCTOR_BAD,
                      "connected, and no answer: does the port speak TLS?");
    else if (strstr(fault->text, "certificate required"))
        doctor_advise(f, DOCTOR_BAD,
                      "the server wants a certificate of ours: --cert and "
                      "--key");
    else if (strstr(fault->text, "handshake failure") ||
             strstr(fault->text, "protocol version"))
        doctor_advise(f, DOCTOR_BAD,
                      "nothing in common: the server is too old, or the "
                      "options for versions and ciphers are too strict");
    else
        doctor_advise(f, DOCTOR_BAD, "look into the server's TLS settings");
}

static const char *staple_words(const struct hws_tls_info *info)
{
    static const char *const words[] = {
        [HWS_STAPLE_NONE] = "none",
        [HWS_STAPLE_GOOD] = "good",
        [HWS_STAPLE_REVOKED] = "revoked",
        [HWS_STAPLE_UNUSABLE] = "unusable",
    };
    return words[info->staple];
}

static void say_agreement(struct doctor_finding *f,
                          const struct hws_tls_info *info)
{
    doctor_say(f, "%s, %s", info->version, info->cipher);
    if (info->group[0])
        doctor_say(f, ", %s", info->group);
    doctor_text(f, "version", info->version);
    doctor_text(f, "cipher", info->cipher);
    doctor_text(f, "group", info->group);
    doctor_text(f, "ocsp", staple_words(info));
}

static void judge_agreement(struct doctor_finding *f,
                            const struct doctor_facts *facts)
{
    char text[UNITS_TEXT_MAX];
    const struct hws_tls_info *info = &facts->tls.info;
    hws_time from = facts->dial.connected;
    hws_time took = from == HWS_NEVER ? HWS_NEVER : facts->wire.opened - from;
    say_agreement(f, info);
    if (facts->way.proxy[0])
        doctor_say(f, ", tunnel and TLS in %s", units_delay(text, took));
    else
        doctor_say(f, ", in %s", units_delay(text, took));
    doctor_ms(f, "ms", took);
    doctor_raise(f, DOCTOR_GOOD);
    if (strcmp(info->version, "TLSv1.3") != 0)
        doctor_advise(f, DOCTOR_WARN,
                      "the server has no TLS 1.3, which connects one round "
                      "trip sooner: update it, or switch it on");
}

void doctor_judge_tls(const struct doctor_facts *facts,
                      struct doctor_sheet *sheet)
{
    struct doctor_finding *f = doctor_begin(sheet, "TLS", "tls");
    if (!is_reached(facts)) {
        doctor_say(f, DOCTOR_NOT_REACHED);
    } else if (facts->wire.opened != HWS_NEVER) {
        judge_agreement(f, facts);
    } else if (facts->fault.status == HWS_E_CERTIFICATE) {
        if (facts->tls.known && facts->tls.info.version[0])
            say_agreement(f, &facts->tls.info);
        doctor_say(f, "; ended by this side at the certificate");
    } else {
        doctor_say(f, "%s", facts->fault.text);
        advise_tls(f, &facts->fault);
    }
}

/* ---- certificates */

/* Rounded down; negative once it is over. */
static int64_t days_left(const struct hws_tls_certificate *c, hws_time realtime)
{
    if (c->not_after == HWS_NEVER)
        return INT64_MAX;
    return (int64_t)floor((double)(c->not_after - realtime) / (double)DAY);
}

static const char *days_text(char text[64], int64_t days)
{
    long long count = days < 0 ? -days : days;
    if (days == INT64_MAX)
        snprintf(text, 64, "without an end");
    else if (days == 0)
        snprintf(text, 64, "less than a day left");
    else
        snprintf(text, 64, "%lld day%s %s", count, count == 1 ? "" : "s",
                 days < 0 ? "over" : "left");
    return text;
}

static void detail_chain(struct doctor_finding *f,
                         const struct doctor_facts *facts, hws_time realtime)
{
    char text[64];
    for (size_t i = 0; i < facts->tls.count; i++) {
        const struct hws_tls_certificate *c = &facts->tls.chain[i];
        int64_t days = days_left(c, realtime);
        doctor_detail(f, "%zu. %s, %s, %s", i, c->subject, c->key,
                      days_text(text, days));
        doctor_detail(f, "   issued by %s", c->issuer);
    }
    if (facts->tls.info.certificates > facts->tls.count)
        doctor_detail(f, "and %zu more",
                      facts->tls.info.certificates - facts->tls.count);
    if (facts->tls.count && facts->tls.chain[0].names[0])
        doctor_detail(f, "for %s", facts->tls.chain[0].names);
    if (facts->tls.count && facts->tls.chain[0].pin[0])
        doctor_detail(f, "pin %s", facts->tls.chain[0].pin);
}

/* OpenSSL's numbers (X509_V_ERR_...), which do not change. */
enum {
    VERIFY_NO_ISSUER = 2,
    VERIFY_NOT_YET = 9,
    VERIFY_EXPIRED = 10,
    VERIFY_SELF_SIGNED = 18,
    VERIFY_SELF_SIGNED_CHAIN = 19,
    VERIFY_NO_LOCAL_ISSUER = 20,
    VERIFY_NO_CHAIN = 21,
    VERIFY_REVOKED = 23,
    VERIFY_NAME = 62,
    VERIFY_ADDRESS = 64,
};

static void advise_certificate(struct doctor_finding *f, long verify)
{
    switch (verify) {
    case VERIFY_EXPIRED:
        doctor_advise(f, DOCTOR_BAD,
                      "the certificate is over: the server's owner must renew "
                      "it, and look why that did not happen by itself");
        break;
    case VERIFY_NOT_YET:
        doctor_advise(f, DOCTOR_BAD,
                      "the certificate is not valid yet: check this machine's "
                      "clock first");
        break;
    case VERIFY_NAME:
    case VERIFY_ADDRESS:
        doctor_advise(f, DOCTOR_BAD,
                      "the certificate is for other names, see above: use one "
                      "of them in the URL, or let the server have one for this "
                      "name");
        break;
    case VERIFY_REVOKED:
        doctor_advise(f, DOCTOR_BAD,
                      "the certificate was revoked: the server needs another");
        break;
    case VERIFY_NO_ISSUER:
    case VERIFY_SELF_SIGNED:
    case VERIFY_SELF_SIGNED_CHAIN:
    case VERIFY_NO_LOCAL_ISSUER:
    case VERIFY_NO_CHAIN:
        doctor_advise(f, DOCTOR_BAD,
                      "nobody whom this machine trusts has signed it: give the "
                      "authority with --ca-file; or the server leaves "
                      "certificates of the chain out");
        break;
    default:
        doctor_advise(f, DOCTOR_BAD,
                      "the sentence above is what was checked and did not "
                      "hold");
    }
}

static void judge_expiry(struct doctor_finding *f, int64_t days)
{
    if (days == 0)
        doctor_advise(f, DOCTOR_WARN,
                      "certificate expires within a day: renew it");
    else if (days < 0)
        doctor_advise(f, DOCTOR_BAD,
                      "certificate expired %lld day%s ago: renew it",
                      (long long)-days, days == -1 ? "" : "s");
    else if (days < SOON_DAYS)
        doctor_advise(f, DOCTOR_WARN,
                      "certificate expires in %lld day%s: renew it",
                      (long long)days, days == 1 ? "" : "s");
}

/* The leaf's time has passed all checks, or none was made. */
static void judge_leaf(struct doctor_finding *f,
                       const struct doctor_facts *facts, hws_time realtime)
{
    char text[64];
    int64_t days = days_left(&facts->tls.chain[0], realtime);
    doctor_raise(f, DOCTOR_GOOD);
    doctor_say(f, "%s, %s",
               facts->tls.info.verified ? "chain and name hold" : "not checked",
               days_text(text, days));
    if (days != INT64_MAX)
        doctor_count(f, "days", days);
    doctor_say(f, ", OCSP %s", staple_words(&facts->tls.info));
    judge_expiry(f, days);
    if (!facts->tls.info.verified)
        doctor_advise(f, DOCTOR_WARN,
                      "anybody can read along and answer in the server's "
                      "place: without --insecure it is checked");
    if (facts->tls.info.staple == HWS_STAPLE_REVOKED)
        doctor_advise(f, DOCTOR_BAD,
                      "the certificate was revoked: the server needs another");
}

void doctor_judge_certificate(const struct doctor_facts *facts,
                              hws_time realtime, struct doctor_sheet *sheet)
{
    struct doctor_finding *f =
        doctor_begin(sheet, "certificate", "certificate");
    bool refused = facts->fault.status == HWS_E_CERTIFICATE && !facts->was_up;
    if (facts->tls.count) {
        doctor_text(f, "subject", facts->tls.chain[0].subject);
        doctor_text(f, "issuer", facts->tls.chain[0].issuer);
        doctor_text(f, "names", facts->tls.chain[0].names);
        doctor_text(f, "pin", facts->tls.chain[0].pin);
        detail_chain(f, facts, realtime);
    }
    if (refused) {
        doctor_say(f, "%s", facts->fault.text);
        doctor_count(f, "verify", facts->fault.tls_verify);
        advise_certificate(f, facts->fault.tls_verify);
    } else if (facts->tls.count) {
        judge_leaf(f, facts, realtime);
    } else {
        doctor_say(f, DOCTOR_NOT_REACHED);
    }
}

/* ---- resumption */

void doctor_judge_resumption(const struct doctor_facts *facts,
                             struct doctor_sheet *sheet)
{
    char text[UNITS_TEXT_MAX];
    struct doctor_finding *f = doctor_begin(sheet, "resumption", "resumption");
    if (!facts->again) {
        doctor_say(f, DOCTOR_NOT_REACHED);
        return;
    }
    if (!facts->again_tls.known) {
        doctor_say(f, "the second connection failed: %s",
                   facts->again_fault.text);
        doctor_advise(f, DOCTOR_WARN,
                      "the server may limit how often one client connects");
        return;
    }
    bool resumed = facts->again_tls.info.resumed;
    doctor_raise(f, DOCTOR_GOOD);
    doctor_count(f, "resumed", resumed);
    doctor_ms(f, "ms", facts->again_open);
    doctor_say(f, "a second connection %s the session, TLS in %s",
               resumed ? "resumes" : "does not resume",
               units_delay(text, facts->again_open));
    if (!resumed)
        doctor_advise(f, DOCTOR_WARN,
                      "each reconnect pays for a full handshake: let the "
                      "server give session tickets, and share their keys "
                      "between its machines");
}
