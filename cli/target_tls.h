/*
 * What tail, echo and send are told about TLS, and `serve` about keys.
 */
#ifndef CLI_TARGET_TLS_H
#define CLI_TARGET_TLS_H

#include "hawser/tls.h"
#include "options.h"

struct target_tls {
    const char *ca_file;
    const char *ca_path;
    bool insecure;
    struct text_list pins;
    const char *ocsp; /* "check" or "require" */
    const char *certificate;
    const char *private_key;
    const char *password_file;
    const char *version_min; /* "1.2" or "1.3" */
    const char *version_max;
    const char *ciphers;
    const char *ciphersuites;
    const char *groups;
    const char *key_log;
    /* made by target_tls_apply() */
    char *password;
};

extern const struct option_row target_tls_rows[];

/*
 * Fill `options`, which point into `tls` then. OPTIONS_GOOD, or the exit code
 * after a complaint in the name of `command`.
 */
int target_tls_apply(struct target_tls *tls, const char *command,
                     struct hws_tls_options *options);
void target_tls_release(struct target_tls *tls);

/*
 * The first line of the file that option `--key-password-file` names, for
 * memory_free(). NULL without a file, and after a complaint, with its exit code
 * in *code.
 */
char *target_tls_password(const char *command, const char *file, int *code);

#endif
