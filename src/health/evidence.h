/*
 * What a window of the judge shows, before anybody is blamed for it
 * (verdict.c).
 */
#ifndef HWI_EVIDENCE_H
#define HWI_EVIDENCE_H

#include "health/verdict.h"

struct hwi_evidence {
    const struct hws_health *health;
    struct hwi_verdict *v;
    const struct hws_facts *facts;
    hws_time now, elapsed;
    uint64_t messages;
    hws_time network, dispatcher, app; /* mean lags in ns; network: more than
                                          at best */
    hws_time callbacks, reading;       /* within the window */
    hws_time lag;                      /* of its messages; HWS_NEVER: none */
    bool resent;                       /* segments were, within the window */

    enum hws_verdict found; /* NONE: it shows nothing */
    bool is_grave;
    bool wants_ping;
    char text[128];
};

/* Take the figures since the last window, which ends with this; `health`, `v`,
 * `facts`, `now` and `elapsed` are set. */
void hwi_evidence_weigh(struct hwi_evidence *e);
/* How long no message came, while up. */
hws_time hwi_evidence_silence(const struct hwi_evidence *e);

#endif
