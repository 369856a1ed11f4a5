/*
 * A jar of cookies (RFC 6265) that clients keep between handshakes, and may
 * share: ws counts as http, wss as https. Rules, limits and what is stricter
 * than the RFC: docs/HTTP.md.
 *
 * Threads: every call is safe from any thread; clients of several loops may
 * share one jar. A lock is held within a call and across no callback.
 */
#ifndef HAWSER_COOKIES_H
#define HAWSER_COOKIES_H

#include "hawser/types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct hws_cookies;

/*
 * An empty jar. At most 3,000 cookies, 50 of one domain, 4,096 bytes each;
 * beyond that, the one that was not used for longest goes.
 *
 * Fails:  NULL for HWS_E_MEMORY.
 * Owns:   the caller; hws_cookies_free() gives its share back, clients made
 *         with the jar keep theirs.
 */
HWS_API struct hws_cookies *hws_cookies_new(void);
/* NULL is allowed. */
HWS_API void hws_cookies_free(struct hws_cookies *cookies);

/*
 * Put one in, as if `url` (ws, wss, http, https or ws+unix) had answered with
 * "Set-Cookie: `text`" at `realtime` (nanoseconds since 1970): cookies of a
 * login that was done elsewhere.
 *
 * Fails:  HWS_E_ARGUMENT for a bad URL, and for what the rules refuse: no
 *         name, another site's domain, Secure without TLS. HWS_E_MEMORY.
 */
HWS_API int hws_cookies_set(struct hws_cookies *cookies, const char *url,
                            const char *text, hws_time realtime);
/*
 * What a request to `url` would carry at `realtime`, "a=1; b=2", into `text`
 * of `room` bytes with its NUL. Returns its size, 0: none.
 *
 * Fails:  HWS_E_ARGUMENT for a bad URL, HWS_E_TOO_BIG when `room` is too small
 *         (8,192 always suffice), HWS_E_MEMORY.
 */
HWS_API ptrdiff_t hws_cookies_get(struct hws_cookies *cookies, const char *url,
                                  hws_time realtime, char *text, size_t room);
/* How many there are, those included that ended and were not asked for. */
HWS_API size_t hws_cookies_count(struct hws_cookies *cookies);
HWS_API void hws_cookies_clear(struct hws_cookies *cookies);
/* Whether it is worth saving: something came or went since the last save
 * (since new, when there was none) by other means than load. */
HWS_API bool hws_cookies_changed(struct hws_cookies *cookies);

/*
 * Add the cookies of a file in the format of Netscape's cookies.txt, which
 * most tools write. What ended before `realtime` is left out. A file that does
 * not exist is an empty one.
 *
 * Fails:  HWS_E_SYSTEM, HWS_E_ARGUMENT for a line that is none (the fault
 *         says which), HWS_E_MEMORY. The cookies before stay added.
 */
HWS_API int hws_cookies_load(struct hws_cookies *cookies, const char *path,
                             hws_time realtime, struct hws_fault *fault);
/*
 * Write all of them, those of the session included, to such a file: whole or
 * not at all, readable by its owner alone. A link is replaced, not followed.
 *
 * Fails:  HWS_E_SYSTEM, also for a path that is no regular file; HWS_E_MEMORY.
 */
HWS_API int hws_cookies_save(struct hws_cookies *cookies, const char *path,
                             hws_time realtime, struct hws_fault *fault);

#ifdef __cplusplus
}
#endif
#endif
