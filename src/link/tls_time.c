#include "link/tls_time.h"

#include <openssl/x509.h>

#define DAY_S ((int64_t)86400)

hws_time hwi_tls_time(const ASN1_TIME *time)
{
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    int days = 0;
    int seconds = 0;
    int known = epoch && time && ASN1_TIME_diff(&days, &seconds, epoch, time);
    ASN1_TIME_free(epoch);
    int64_t whole = days * DAY_S + seconds;
    if (!known || whole >= HWS_NEVER / HWS_S(1))
        return HWS_NEVER;
    return whole <= -(HWS_NEVER / HWS_S(1)) ? -HWS_NEVER : HWS_S(whole);
}

hws_time hwi_tls_now(void)
{
    ASN1_TIME *now = X509_gmtime_adj(NULL, 0);
    hws_time time = hwi_tls_time(now);
    ASN1_TIME_free(now);
    return time;
}
