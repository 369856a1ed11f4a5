#include "access.h"

#include "command.h"
#include "content.h"

#include <limits.h>
#include <string.h>

const struct option_row access_rows[] = {
    {"redirects", "N", OPTION_COUNT, offsetof(struct access, redirects),
     "follow up to N redirects in a row (5); 0 for none"},
    {"redirect-insecure", NULL, OPTION_FLAG,
     offsetof(struct access, redirect_insecure),
     "follow redirects from wss to ws, too"},
    {"redirect-trusted", NULL, OPTION_FLAG,
     offsetof(struct access, redirect_trusted),
     "send headers and logins to wherever redirects lead, not to the first "
     "host alone"},
    {"user", "USER:PASSWORD|@FILE", OPTION_TEXT, offsetof(struct access, user),
     "log in by Basic authorization. '@FILE' is the content of FILE: a "
     "command line is not secret"},
    {"bearer", "TOKEN|@FILE", OPTION_TEXT, offsetof(struct access, bearer),
     "log in by this token"},
    {"cookies", "FILE", OPTION_TEXT, offsetof(struct access, cookies),
     "keep cookies, and keep them in this file (cookies.txt)"},
    {0},
};

void access_init(struct access *access)
{
    *access = (struct access){.redirects = UINT64_MAX};
}

void access_release(struct access *access)
{
    hws_cookies_free(access->jar);
    memory_free(access->user_text);
    memory_free(access->bearer_text);
    access_init(access);
}

static int apply_user(struct access *access, const char *command,
                      struct hws_login *login)
{
    const char *text;
    if (!access->user)
        return 0;
    int code =
        content_of(command, "user", access->user, &access->user_text, &text);
    if (code)
        return code;
    if (!access->user_text)
        access->user_text = memory_copy(text);
    char *colon = strchr(access->user_text, ':');
    if (!colon)
        return options_complain(command,
                                "option '--user' has no colon, write "
                                "'USER:PASSWORD' or '@FILE'");
    *colon = '\0';
    login->user = access->user_text;
    login->password = colon + 1;
    return 0;
}

static int apply_bearer(struct access *access, const char *command,
                        struct hws_login *login)
{
    if (!access->bearer)
        return 0;
    if (access->user)
        return options_complain(command,
                                "options '--user' and '--bearer' "
                                "exclude each other");
    return content_of(command, "bearer", access->bearer, &access->bearer_text,
                      &login->bearer);
}

int access_apply(struct access *access, const char *command,
                 struct hws_client_options *options)
{
    int code = apply_user(access, command, &options->login);
    if (code == 0)
        code = apply_bearer(access, command, &options->login);
    if (code)
        return code;
    if (access->redirects != UINT64_MAX)
        options->redirects.max = access->redirects < UINT_MAX
                                     ? (unsigned)access->redirects
                                     : UINT_MAX;
    options->redirects.insecure = access->redirect_insecure;
    options->redirects.trusted = access->redirect_trusted;
    if (access->cookies)
        options->cookies = access->jar = hws_cookies_new();
    if (!access->cookies || access->jar)
        return OPTIONS_GOOD;
    options_complain(command, "no memory for cookies");
    return COMMAND_LOCAL;
}

int access_load(const struct access *access, const char *command,
                struct hws_loop *loop)
{
    struct hws_fault fault = {0};
    hws_time realtime = hws_loop_clock(loop, HWS_CLOCK_REALTIME);
    if (!access->jar)
        return OPTIONS_GOOD;
    int status =
        hws_cookies_load(access->jar, access->cookies, realtime, &fault);
    if (status == 0)
        status =
            hws_cookies_save(access->jar, access->cookies, realtime, &fault);
    if (status == 0)
        return OPTIONS_GOOD;
    options_complain(command, "option '--cookies': %s", fault.text);
    return status == HWS_E_ARGUMENT ? COMMAND_USAGE : COMMAND_LOCAL;
}

void access_note(struct access *access, const char *command,
                 struct hws_loop *loop, const struct hws_event *event)
{
    struct hws_fault fault = {0};
    bool over = event->kind == HWS_UP || event->kind == HWS_DOWN;
    if (!access->jar || !over || !hws_cookies_changed(access->jar))
        return;
    int status =
        hws_cookies_save(access->jar, access->cookies,
                         hws_loop_clock(loop, HWS_CLOCK_REALTIME), &fault);
    if (status != 0 && !access->complained)
        options_complain(command, "option '--cookies': %s", fault.text);
    access->complained = status != 0;
}
