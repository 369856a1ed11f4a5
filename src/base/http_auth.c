#include "base/http_auth.h"

#include "base/http_challenge.h"
#include "base/http_digest.h"
#include "base/mem.h"

#include <stdio.h>

void hwi_auth_release(struct hwi_auth *a)
{
    hwi_free(a->texts);
    *a = (struct hwi_auth){0};
}

const char *hwi_auth_name(enum hwi_auth_scheme scheme)
{
    static const char *const names[] = {
        [HWI_AUTH_NONE] = "no",
        [HWI_AUTH_BASIC] = "basic",
        [HWI_AUTH_MD5] = "digest (MD5)",
        [HWI_AUTH_MD5_SESS] = "digest (MD5-sess)",
        [HWI_AUTH_SHA256] = "digest (SHA-256)",
        [HWI_AUTH_SHA256_SESS] = "digest (SHA-256-sess)",
    };
    return names[scheme];
}

static const char *algorithm_of(enum hwi_auth_scheme scheme)
{
    switch (scheme) {
    case HWI_AUTH_MD5:
        return "MD5";
    case HWI_AUTH_MD5_SESS:
        return "MD5-sess";
    case HWI_AUTH_SHA256:
        return "SHA-256";
    case HWI_AUTH_SHA256_SESS:
        return "SHA-256-sess";
    default:
        return "";
    }
}

static bool is_session(enum hwi_auth_scheme scheme)
{
    return scheme == HWI_AUTH_MD5_SESS || scheme == HWI_AUTH_SHA256_SESS;
}

/* Whether a parameter says "true". */
static bool says_true(struct hws_span params, const char *name)
{
    struct hws_span value;
    return hwi_http_param(params, name, &value) &&
           (hwi_span_is_nocase(value, "true") ||
            hwi_span_is_nocase(value, "\"true\""));
}

/* A quality of protection that was asked for must be one that is known. */
static bool qop_fits(struct hws_span params, bool *auth)
{
    struct hws_span list, element;
    *auth = false;
    if (!hwi_http_param(params, "qop", &list))
        return true;
    if (list.size >= 2 && list.data[0] == '"')
        list = hwi_span_part(list, 1, list.size - 2);
    while (hwi_span_next_element(&list, &element))
        *auth = *auth || hwi_span_is_nocase(element, "auth");
    return *auth;
}

static enum hwi_auth_scheme digest_of(struct hws_span params)
{
    struct hws_span value;
    char name[24] = "MD5";
    bool qop;
    if (!hwi_http_param(params, "nonce", &value) ||
        !hwi_http_param(params, "realm", &value) || !qop_fits(params, &qop))
        return HWI_AUTH_NONE;
    if (hwi_http_param(params, "algorithm", &value)) {
        if (value.size >= sizeof(name))
            return HWI_AUTH_NONE;
        hwi_http_unquote(name, value);
    }
    for (int s = HWI_AUTH_MD5; s <= HWI_AUTH_SHA256_SESS; s++) {
        const char *known = algorithm_of((enum hwi_auth_scheme)s);
        if (hwi_span_is_nocase(hws_span_text(name), known))
            return (enum hwi_auth_scheme)s;
    }
    return HWI_AUTH_NONE;
}

static enum hwi_auth_scheme scheme_of(const struct hwi_http_challenge *c)
{
    if (hwi_span_is_nocase(c->scheme, "Basic"))
        return HWI_AUTH_BASIC;
    return hwi_span_is_nocase(c->scheme, "Digest") ? digest_of(c->params)
                                                   : HWI_AUTH_NONE;
}

static const char *keep_param(char **at, struct hws_span params,
                              const char *name)
{
    struct hws_span value;
    char *begin = *at;
    if (!hwi_http_param(params, name, &value))
        return NULL;
    *at += hwi_http_unquote(begin, value) + 1;
    return begin;
}

/* What outlives the head that it came in. */
static int keep(struct hwi_auth *a, enum hwi_auth_scheme scheme,
                struct hws_span params)
{
    a->scheme = scheme;
    if (scheme == HWI_AUTH_BASIC)
        return 0;
    a->texts = hwi_alloc(params.size + 3);
    if (!a->texts) {
        a->scheme = HWI_AUTH_NONE;
        return HWS_E_MEMORY;
    }
    char *at = a->texts;
    a->realm = keep_param(&at, params, "realm");
    a->nonce = keep_param(&at, params, "nonce");
    a->opaque = keep_param(&at, params, "opaque");
    a->stale = says_true(params, "stale");
    a->user_hash = says_true(params, "userhash");
    qop_fits(params, &a->qop);
    return 0;
}

int hwi_auth_choose(struct hwi_auth *a, const struct hwi_http_head *head,
                    const char *name)
{
    enum hwi_auth_scheme best = HWI_AUTH_NONE;
    struct hws_span best_params = {0};
    struct hwi_http_challenge challenge;
    hwi_auth_release(a);
    for (size_t i = 0; i < head->header_count; i++) {
        struct hws_span list = head->headers[i].value;
        if (!hwi_span_is_nocase(head->headers[i].name, name))
            continue;
        while (hwi_http_next_challenge(&list, &challenge)) {
            if (scheme_of(&challenge) <= best)
                continue;
            best = scheme_of(&challenge);
            best_params = challenge.params;
        }
    }
    return best == HWI_AUTH_NONE ? HWS_E_SUPPORT : keep(a, best, best_params);
}

static int write_basic(struct hwi_buf *out, const struct hwi_auth_request *r)
{
    struct hwi_buf plain;
    if (strchr(r->user, ':'))
        return HWS_E_ARGUMENT;
    hwi_buf_init(&plain, SIZE_MAX / 2);
    int status = hwi_buf_text(&plain, r->user);
    if (!status)
        status = hwi_buf_text(&plain, ":");
    if (!status)
        status = hwi_buf_text(&plain, r->password);
    if (!status)
        status = hwi_buf_text(out, "Basic ");
    size_t size = 4 * ((hwi_buf_size(&plain) + 2) / 3);
    uint8_t *room = status ? NULL : hwi_buf_reserve(out, size + 1, &status);
    if (room) {
        hwi_base64((char *)room, hwi_buf_span(&plain));
        hwi_buf_wrote(out, size);
    }
    hwi_buf_release(&plain);
    return status;
}

/* name="value", with what a quoted text needs. */
static int write_quoted(struct hwi_buf *out, const char *name,
                        const char *value)
{
    int status = hwi_buf_format(out, "%s=\"", name);
    for (; *value && !status; value++) {
        if (*value == '"' || *value == '\\')
            status = hwi_buf_text(out, "\\");
        if (!status)
            status = hwi_buf_push(out, hwi_span(value, 1));
    }
    return status ? status : hwi_buf_text(out, "\"");
}

/* The parameters that are there by circumstance. */
static int write_rest(const struct hwi_auth *a, struct hwi_buf *out,
                      const struct hwi_digest *d)
{
    int status = 0;
    if (a->qop)
        status = hwi_buf_format(out, ", qop=auth, nc=%s", d->count);
    if (!status && (a->qop || d->session))
        status = hwi_buf_format(out, ", cnonce=\"%s\"", d->cnonce);
    if (!status && a->user_hash)
        status = hwi_buf_text(out, ", userhash=true");
    if (status || !a->opaque)
        return status;
    status = hwi_buf_text(out, ", ");
    return status ? status : write_quoted(out, "opaque", a->opaque);
}

static int write_params(const struct hwi_auth *a, struct hwi_buf *out,
                        const struct hwi_digest *d, const char *user)
{
    char response[HWI_DIGEST_HEX];
    int status = hwi_digest_response(d, response);
    if (!status)
        status = hwi_buf_text(out, "Digest ");
    const char *const pairs[][2] = {
        {"username", user},
        {"realm", d->realm},
        {"nonce", d->nonce},
        {"uri", d->target},
    };
    for (size_t i = 0; i < 4 && !status; i++) {
        status = write_quoted(out, pairs[i][0], pairs[i][1]);
        if (!status)
            status = hwi_buf_text(out, ", ");
    }
    if (!status)
        status = hwi_buf_format(out, "algorithm=%s, response=\"%s\"",
                                algorithm_of(a->scheme), response);
    return status ? status : write_rest(a, out, d);
}

/* A session is bound to the first one (section 3.4.2). */
static void draw_cnonce(struct hwi_auth *a, struct hws_random random)
{
    uint8_t chance[HWI_CNONCE_BYTES];
    random.fill(random.context, chance, sizeof(chance));
    hwi_base64(a->cnonce, hwi_span(chance, sizeof(chance)));
}

static int write_digest(struct hwi_auth *a, struct hwi_buf *out,
                        const struct hwi_auth_request *r)
{
    char count[9], hashed[HWI_DIGEST_HEX];
    if (a->count == 0)
        draw_cnonce(a, r->random);
    snprintf(count, sizeof(count), "%08x", ++a->count);
    struct hwi_digest d = {
        .sha256 = a->scheme >= HWI_AUTH_SHA256,
        .session = is_session(a->scheme),
        .user = r->user,
        .realm = a->realm,
        .password = r->password,
        .method = r->method,
        .target = r->target,
        .nonce = a->nonce,
        .cnonce = a->cnonce,
        .count = count,
        .qop = a->qop,
    };
    int status = a->user_hash ? hwi_digest_user(&d, hashed) : 0;
    return status ? status
                  : write_params(a, out, &d, a->user_hash ? hashed : r->user);
}

int hwi_auth_write(struct hwi_auth *a, struct hwi_buf *out,
                   const struct hwi_auth_request *request)
{
    return a->scheme == HWI_AUTH_BASIC ? write_basic(out, request)
                                       : write_digest(a, out, request);
}
