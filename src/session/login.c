#include "session/login.h"

#include "base/http.h"
#include "base/mem.h"
#include "base/status.h"

#include <stdio.h>

static int bad(struct hws_fault *fault, const char *what)
{
    return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT, "%s", what);
}

static bool has_controls(const char *text)
{
    for (; text && *text; text++) {
        if ((uint8_t)*text < 0x20 || *text == 0x7f)
            return true;
    }
    return false;
}

/* Wider than RFC 6750 allows: tokens with other marks are in use. */
static bool is_token(const char *text)
{
    const char *at = text;
    while (*at > ' ' && *at < 0x7f)
        at++;
    return at > text && *at == '\0';
}

int hwi_login_check(const struct hws_login *l, struct hws_fault *fault)
{
    if (l->bearer && (l->user || l->password))
        return bad(fault,
                   "option 'login.bearer' excludes 'login.user' and "
                   "'login.password'");
    if (l->password && !l->user)
        return bad(fault, "option 'login.password' needs 'login.user'");
    if (l->user && strchr(l->user, ':'))
        return bad(fault,
                   "option 'login.user' has a colon, which would end it "
                   "(RFC 7617)");
    if (has_controls(l->user) || has_controls(l->password))
        return bad(fault,
                   "option 'login' has a user or password with a "
                   "control byte");
    if (l->bearer && !is_token(l->bearer))
        return bad(fault,
                   "option 'login.bearer' is empty, or has a byte that "
                   "cannot stand in a token");
    return 0;
}

static int add_bearer(struct hws_headers *h, const char *token)
{
    size_t size = sizeof("Bearer ") + strlen(token);
    char *value = hwi_alloc(size);
    if (!value)
        return HWS_E_MEMORY;
    snprintf(value, size, "Bearer %s", token);
    int status = hws_headers_add(h, "Authorization", value);
    hwi_free(value);
    return status;
}

static int add_user(struct hws_headers *h, const struct hws_login *l)
{
    const char *password = l->password ? l->password : "";
    size_t size = strlen(l->user) + strlen(password) + 2;
    char *pair = hwi_alloc(size);
    if (!pair)
        return HWS_E_MEMORY;
    snprintf(pair, size, "%s:%s", l->user, password);
    int status = hwi_headers_add_basic(h, pair);
    hwi_free(pair);
    return status;
}

int hwi_login_add(const struct hws_login *l, const char *userinfo,
                  struct hws_headers *h)
{
    if (hwi_headers_have(h, "authorization"))
        return 0;
    if (userinfo)
        return hwi_headers_add_basic(h, userinfo);
    if (l->bearer)
        return add_bearer(h, l->bearer);
    return l->user ? add_user(h, l) : 0;
}
