/*
 * Where a proxy is and how to speak to it: "http://anna:secret@p.example:3128".
 * Split, checked and copied; the password is never part of what is shown.
 */
#ifndef HWI_PROXY_URL_H
#define HWI_PROXY_URL_H

#include "hawser/link.h"

struct hwi_proxy_url {
    char *name; /* "p.example:3128", for faults; owns the rest; NULL: none */
    char *host; /* name, or literal without brackets */
    char *user, *password; /* decoded; NULL: none */
    const char *scheme;    /* "http", "socks5h", ... */
    uint16_t port;
    bool socks;
    bool tls; /* the proxy itself is spoken to by TLS (https) */
    enum hws_socks version;
};

/*
 * Parse `text`; without a scheme it is http. `whose` begins the fault:
 * "option 'proxy': 'ftp://x' has no scheme ...".
 *
 * Fails:  HWS_E_ARGUMENT, HWS_E_MEMORY.
 * Owns:   release with hwi_proxy_url_release(), also after a failure.
 */
int hwi_proxy_url_parse(struct hwi_proxy_url *url, const char *text,
                        const char *whose, struct hws_fault *fault);
void hwi_proxy_url_release(struct hwi_proxy_url *url);

#endif
