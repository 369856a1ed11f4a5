/*
 * How tail, echo and send are let in: redirects, logins and cookies.
 */
#ifndef CLI_ACCESS_H
#define CLI_ACCESS_H

#include "hawser/client.h"
#include "options.h"

struct access {
    uint64_t redirects; /* UINT64_MAX: the library's default */
    bool redirect_insecure;
    bool redirect_trusted;
    const char *user; /* as given: 'USER:PASSWORD' or '@FILE' */
    const char *bearer;
    const char *cookies; /* a file */
    /* made by access_apply() */
    char *user_text, *bearer_text;
    struct hws_cookies *jar;
    bool complained;
};

extern const struct option_row access_rows[];

void access_init(struct access *access);
void access_release(struct access *access);
/* What `options` points at lives as long as `access`. OPTIONS_GOOD, or an
 * exit code after a complaint. */
int access_apply(struct access *access, const char *command,
                 struct hws_client_options *options);
/* Load the cookies, and see that they can be written. OPTIONS_GOOD, or an exit
 * code after a complaint. */
int access_load(const struct access *access, const char *command,
                struct hws_loop *loop);
/* After each event: a handshake that is over may have changed the cookies. */
void access_note(struct access *access, const char *command,
                 struct hws_loop *loop, const struct hws_event *event);

#endif
