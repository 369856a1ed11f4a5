/*
 * The redirects of one attempt: where it stands, how often it was sent on, and
 * whether that led away from those whom the caller's secrets were meant for.
 * It knows answers and URLs; it dials nothing and waits for nothing.
 */
#ifndef HWI_REDIRECT_H
#define HWI_REDIRECT_H

#include "base/url.h"
#include "hawser/client.h"

struct hwi_redirect {
    struct hwi_url url; /* of the last hop; unset while `hops` is 0 */
    unsigned hops;
    bool strayed; /* some hop had another origin: stays so, for whoever sends
                     us back chose the place and the time */
};

void hwi_redirect_reset(struct hwi_redirect *r);
/* Whether this end of a handshake sends us elsewhere. */
bool hwi_redirect_is(const struct hws_event *down);
/*
 * Go where the answer of `from` points; `home` is where the attempt began.
 *
 * Fails:  HWS_E_REFUSED when the rules or the Location forbid it,
 *         HWS_E_REDIRECT beyond rules->max, HWS_E_MEMORY. `fault`, which is
 *         the DOWN's, says why then; `r` is unchanged.
 */
int hwi_redirect_take(struct hwi_redirect *r, const struct hws_redirects *rules,
                      const struct hwi_url *home, const struct hwi_url *from,
                      struct hws_span head, struct hws_fault *fault);

#endif
