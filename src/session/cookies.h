/*
 * The inside of a shared jar: the cookies, a lock, and a count of its holders.
 */
#ifndef HWI_COOKIES_H
#define HWI_COOKIES_H

#include "base/cookie_jar.h"
#include "hawser/cookies.h"

#include <pthread.h>
#include <stdatomic.h>

struct hws_cookies {
    struct hwi_cookie_jar jar;
    pthread_mutex_t lock;
    atomic_uint holders;
};

/* Another share, given back by hws_cookies_free(). NULL gives NULL. */
struct hws_cookies *hwi_cookies_hold(struct hws_cookies *cookies);
/* Take every Set-Cookie of an answer's head; what the rules refuse is left
 * out. 0 or HWS_E_MEMORY. */
int hwi_cookies_take(struct hws_cookies *cookies, const struct hwi_url *url,
                     struct hws_span head, hws_time realtime);
/* As hwi_cookie_jar_write(). */
int hwi_cookies_write(struct hws_cookies *cookies, const struct hwi_url *url,
                      hws_time realtime, struct hwi_buf *out);

#endif
