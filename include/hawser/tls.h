/*
 * TLS as a layer, its settings, and what an open or a failed handshake tells
 * about the peer. The certificates are OpenSSL's business; no type of OpenSSL
 * shows here. docs/TLS.md has the same for users.
 */
#ifndef HAWSER_TLS_H
#define HAWSER_TLS_H

#include "hawser/link.h"

#ifdef __cplusplus
extern "C" {
#endif

/* TLS settings shared by connections; counted, may outlive its makers. */
struct hws_tls_context;

/* What is asked of a stapled OCSP response (RFC 6066 section 8). */
enum hws_ocsp {
    HWS_OCSP_OFF,     /* not asked for */
    HWS_OCSP_CHECK,   /* asked for; when one comes, it must be good. None is
                         accepted, unless the certificate itself promises one
                         (RFC 7633, "must staple") */
    HWS_OCSP_REQUIRE, /* one must come, and be good */
};

struct hws_tls_options {
    bool verify;             /* client: check chain and name; true */
    const char *ca_file;     /* PEM; NULL: the system's */
    const char *ca_path;     /* hashed directory; NULL */
    const char *client_ca;   /* server: PEM of the authorities one of which must
                                have signed the client's certificate; NULL: none
                                is asked for */
    const char *certificate; /* PEM chain, leaf first; required for a server,
                                for a client what it shows when asked */
    const char *private_key; /* PEM; goes with `certificate` */
    const char *key_password; /* opens an encrypted private key; NULL. Nobody
                                 is ever asked at a terminal */
    /* Client: the leaf's public key must be one of these, each written
     * "sha256//" and 44 characters of base64 (RFC 7469's pin of its
     * SubjectPublicKeyInfo). Beside the other checks; with `verify` off it is
     * the only one. */
    const char *const *pins;
    size_t pin_count;    /* 0: any key */
    enum hws_ocsp ocsp;  /* client, needs `verify`; HWS_OCSP_OFF */
    int version_min;     /* 0x0303 TLS 1.2 (default), 0x0304 TLS 1.3 */
    int version_max;     /* as version_min; 0: the newest */
    const char *ciphers; /* OpenSSL's list for TLS 1.2; NULL: its default */
    const char *ciphersuites; /* "TLS_AES_128_GCM_SHA256:..." for TLS 1.3; NULL:
                                 OpenSSL's default */
    const char *groups;  /* key exchange: "X25519:P-256"; NULL: OpenSSL's */
    const char *key_log; /* file to append keys to (NSS format); NULL */
};
HWS_API void hws_tls_options_init(struct hws_tls_options *options);

/*
 * Fails:  NULL; `fault` (may be NULL): HWS_E_ARGUMENT names an option that
 *         cannot be used and its value, HWS_E_TLS a file and OpenSSL's reason,
 *         HWS_E_SYSTEM the key log, HWS_E_MEMORY.
 * Owns:   the caller; hws_tls_context_free() gives its share back, layers
 *         made from it keep theirs.
 */
HWS_API struct hws_tls_context *
hws_tls_context_new(const struct hws_tls_options *options, bool server,
                    struct hws_fault *fault);
HWS_API void hws_tls_context_free(struct hws_tls_context *context);

/*
 * TLS over `below`, with an own BIO: one large read below feeds many records.
 * `name` (client role) is for SNI and the certificate check: a host name or an
 * IP literal; the literal is checked against iPAddress entries and not sent as
 * SNI. ALPN offers http/1.1. The context resumes the newest session that it
 * has for `name` and the port told by hws_tls_set_port(). A server passes
 * NULL, and so may a client that does not verify.
 *
 * Lends:  `in` and `out` are scratch, used only within calls on this layer;
 *         they must outlive it. TLS inside TLS needs scratch of its own.
 * Owns:   takes `below`, also on failure.
 * Fails:  NULL for HWS_E_MEMORY. open(): phase TLS, HWS_E_CERTIFICATE (with
 *         tls_verify), HWS_E_TLS (with tls_error), HWS_E_TIMEOUT after
 *         `handshake_delay` from the first byte of ours, HWS_E_ARGUMENT for a
 *         `name` that no certificate can carry, or none to verify. A server
 *         of TLS 1.3 that does not accept our certificate, or misses it, says
 *         so only after open(): read() fails with HWS_E_TLS, phase TLS.
 */
HWS_API struct hws_link *hws_tls_new(struct hws_tls_context *context,
                                     struct hws_link *below, const char *name,
                                     hws_time handshake_delay,
                                     struct hws_scratch in,
                                     struct hws_scratch out);
/*
 * The port that `name` is dialed at, for two servers of one name keep each
 * their own sessions. 0 unless told. Before the first open; a link that is no
 * TLS layer is left alone.
 */
HWS_API void hws_tls_set_port(struct hws_link *link, uint16_t port);

/* "TLSv1.3 TLS_AES_256_GCM_SHA384 resumed", or "" when the target is not spoken
 * to by TLS; that with a proxy does not count. */
HWS_API const char *hws_link_tls_text(const struct hws_link *link);
/* Bytes that TLS layers took from below and were not read yet, decrypted or
 * not; 0 without TLS. Not 0 between reads: a part of a record came. */
HWS_API size_t hws_link_tls_pending(const struct hws_link *link);

/* What became of the OCSP response. */
enum hws_staple {
    HWS_STAPLE_NONE, /* not asked for, none came, or the session was resumed */
    HWS_STAPLE_GOOD,
    HWS_STAPLE_REVOKED,
    HWS_STAPLE_UNUSABLE, /* unreadable, out of time, or signed by a stranger */
};

/* A handshake, as far as it came. Texts are "" while they are not known. */
struct hws_tls_info {
    char version[16]; /* "TLSv1.3" */
    char cipher[64];  /* "TLS_AES_256_GCM_SHA384" */
    char group[32];   /* of the key exchange: "x25519" */
    char alpn[32];    /* the protocol that was agreed on: "http/1.1" */
    bool resumed;     /* by a session of before: no certificate was sent */
    bool verified;    /* chain and name were checked, and hold */
    long verify;      /* X509_V_ERR_... of the check that failed, or 0 */
    enum hws_staple staple;
    hws_time staple_until; /* realtime; HWS_NEVER: it does not say, or none */
    size_t certificates;   /* that the peer sent, leaf first; or that were kept
                              with the resumed session */
};

/* Facts of one certificate. Texts are cut where they do not fit. */
struct hws_tls_certificate {
    char subject[256];   /* "CN=feed.example,O=Example" (RFC 4514) */
    char issuer[256];    /* the same */
    char names[512];     /* "feed.example, *.feed.example, 192.0.2.1" */
    char key[32];        /* "EC 256 bits", "RSA 2048 bits" */
    char pin[64];        /* "sha256//...", as hws_tls_options.pins takes it */
    hws_time not_before; /* realtime, nanoseconds since 1970 */
    hws_time not_after;  /* the same; HWS_NEVER beyond what that can say */
};

/*
 * Fill `info` from the TLS layer that speaks to the target (not to a proxy) in
 * `link`: once open, and after a
 * failure of it, too, until the link is freed. A handshake that failed at its
 * certificate still tells which ones the peer sent.
 *
 * Fails:  HWS_E_SUPPORT: there is no such layer. HWS_E_STATE: the handshake has
 *         not begun.
 */
HWS_API int hws_link_tls_info(const struct hws_link *link,
                              struct hws_tls_info *info);
/*
 * Fill `certificate` with the one at `index` (0: the leaf) of those that
 * hws_link_tls_info() counts.
 *
 * Fails:  HWS_E_SUPPORT, HWS_E_STATE as above, HWS_E_ARGUMENT: none at
 *         `index`, HWS_E_MEMORY.
 */
HWS_API int hws_link_tls_certificate(const struct hws_link *link, size_t index,
                                     struct hws_tls_certificate *certificate);

#ifdef __cplusplus
}
#endif
#endif
