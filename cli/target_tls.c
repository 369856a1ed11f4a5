#include "target_tls.h"

#include "command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PASSWORD_MAX 1024

const struct option_row target_tls_rows[] = {
    {"ca-file", "FILE", OPTION_TEXT, offsetof(struct target_tls, ca_file),
     "trust the certificates in this PEM file instead of the system's"},
    {"ca-path", "DIR", OPTION_TEXT, offsetof(struct target_tls, ca_path),
     "the same, in a directory that 'openssl rehash' has prepared"},
    {"insecure", NULL, OPTION_FLAG, offsetof(struct target_tls, insecure),
     "accept any certificate; for tests only"},
    {"pin", "PIN", OPTION_LIST, offsetof(struct target_tls, pins),
     "accept only this public key, 'sha256//...=' (repeatable)"},
    {"ocsp", "WHEN", OPTION_TEXT, offsetof(struct target_tls, ocsp),
     "ask for a stapled OCSP response: 'check' one that comes, or 'require' "
     "one"},
    {"cert", "FILE", OPTION_TEXT, offsetof(struct target_tls, certificate),
     "show this PEM chain to a server that asks for one"},
    {"key", "FILE", OPTION_TEXT, offsetof(struct target_tls, private_key),
     "the private key of --cert"},
    {"key-password-file", "FILE", OPTION_TEXT,
     offsetof(struct target_tls, password_file),
     "its first line opens an encrypted --key"},
    {"tls-min", "VERSION", OPTION_TEXT,
     offsetof(struct target_tls, version_min),
     "speak TLS of this version or newer: 1.2 or 1.3 (1.2)"},
    {"tls-max", "VERSION", OPTION_TEXT,
     offsetof(struct target_tls, version_max),
     "speak TLS of this version or older: 1.2 or 1.3 (1.3)"},
    {"ciphers", "LIST", OPTION_TEXT, offsetof(struct target_tls, ciphers),
     "ciphers for TLS 1.2, as OpenSSL names them"},
    {"ciphersuites", "LIST", OPTION_TEXT,
     offsetof(struct target_tls, ciphersuites), "ciphersuites for TLS 1.3"},
    {"groups", "LIST", OPTION_TEXT, offsetof(struct target_tls, groups),
     "groups for the key exchange, such as 'X25519:P-256'"},
    {"key-log", "FILE", OPTION_TEXT, offsetof(struct target_tls, key_log),
     "append TLS keys to this file, for protocol analysers"},
    {0},
};

static int read_version(const char *command, const char *option,
                        const char *text, int *version)
{
    if (!text)
        return OPTIONS_GOOD;
    *version = strcmp(text, "1.2") == 0 ? 0x0303 : 0x0304;
    if (*version == 0x0303 || strcmp(text, "1.3") == 0)
        return OPTIONS_GOOD;
    return options_complain(command, "option '--%s': '%s' is not 1.2 or 1.3",
                            option, text);
}

static int read_ocsp(const char *command, const char *text, enum hws_ocsp *ocsp)
{
    if (!text)
        return OPTIONS_GOOD;
    *ocsp = strcmp(text, "check") == 0 ? HWS_OCSP_CHECK : HWS_OCSP_REQUIRE;
    if (*ocsp == HWS_OCSP_CHECK || strcmp(text, "require") == 0)
        return OPTIONS_GOOD;
    return options_complain(
        command, "option '--ocsp': '%s' is not check or require", text);
}

char *target_tls_password(const char *command, const char *file, int *code)
{
    char line[PASSWORD_MAX];
    FILE *f = file ? fopen(file, "r") : NULL;
    *code = OPTIONS_GOOD;
    if (!file)
        return NULL;
    errno = f ? 0 : errno;
    if (f && fgets(line, sizeof line, f)) {
        fclose(f);
        line[strcspn(line, "\r\n")] = '\0';
        return memory_copy(line);
    }
    options_complain(command, "option '--key-password-file': '%s': %s", file,
                     errno ? strerror(errno) : "the file is empty");
    if (f)
        fclose(f);
    *code = COMMAND_LOCAL;
    return NULL;
}

static int check(const struct target_tls *tls, const char *command)
{
    if (!tls->certificate != !tls->private_key)
        return options_complain(command,
                                "options '--cert' and '--key' need each "
                                "other");
    if (tls->password_file && !tls->private_key)
        return options_complain(command,
                                "option '--key-password-file' needs '--key'");
    if (tls->ocsp && tls->insecure)
        return options_complain(command,
                                "options '--ocsp' and '--insecure' exclude "
                                "each other");
    return OPTIONS_GOOD;
}

int target_tls_apply(struct target_tls *tls, const char *command,
                     struct hws_tls_options *o)
{
    int code = check(tls, command);
    if (code == OPTIONS_GOOD)
        code =
            read_version(command, "tls-min", tls->version_min, &o->version_min);
    if (code == OPTIONS_GOOD)
        code =
            read_version(command, "tls-max", tls->version_max, &o->version_max);
    if (code == OPTIONS_GOOD)
        code = read_ocsp(command, tls->ocsp, &o->ocsp);
    if (code == OPTIONS_GOOD)
        tls->password = target_tls_password(command, tls->password_file, &code);
    o->ca_file = tls->ca_file;
    o->ca_path = tls->ca_path;
    o->verify = !tls->insecure;
    o->pins = tls->pins.items;
    o->pin_count = tls->pins.count;
    o->certificate = tls->certificate;
    o->private_key = tls->private_key;
    o->key_password = tls->password;
    o->ciphers = tls->ciphers;
    o->ciphersuites = tls->ciphersuites;
    o->groups = tls->groups;
    o->key_log = tls->key_log;
    return code;
}

void target_tls_release(struct target_tls *tls)
{
    memory_free(tls->password);
    tls->password = NULL;
    text_list_release(&tls->pins);
}
