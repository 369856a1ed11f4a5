/*
 * The authority of a URL (RFC 3986 section 3.2), as servers and proxies have
 * it: "user:password@host:port". Split and checked, never resolved.
 */
#ifndef HWI_AUTHORITY_H
#define HWI_AUTHORITY_H

#include "base/span.h"

struct hwi_authority {
    struct hws_span userinfo; /* as it stands, percent signs and all */
    struct hws_span host;     /* name, or literal without brackets */
    uint16_t port;            /* 0: none was given */
    bool bracket;             /* the host is an IPv6 literal */
};

/* Room for what is wrong with one. */
#define HWI_AUTHORITY_WHY 160

/* 0, or HWS_E_ARGUMENT with `why`. The parts stay those of `text`. */
int hwi_authority_split(struct hwi_authority *a, struct hws_span text,
                        char why[HWI_AUTHORITY_WHY]);

/*
 * Decode %XX into `out`, which has room for s.size bytes and a NUL. NULL, or
 * what is wrong (a constant): a control byte would break what it is put in.
 */
const char *hwi_percent_decode(char *out, struct hws_span s);

#endif
