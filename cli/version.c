/*
 * Ours and each library's version, as built and as loaded: the first thing to
 * ask for when something is wrong on a machine.
 */
#include "command.h"
#include "hawser/hawser.h"
#include "json.h"
#include "known_bad.h"
#include "options.h"

#include <sys/select.h> /* before ares.h, which forgets it */

#include <ares.h>
#include <openssl/crypto.h>
#include <openssl/opensslv.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

struct version_options {
    bool json;
};

struct component {
    const char *name, *key;
    const char *built; /* NULL: there is only the loaded one */
    const char *loaded;
};

static const struct option_row version_rows[] = {
    {"json", NULL, OPTION_FLAG, offsetof(struct version_options, json),
     "print one JSON object"},
    {0},
};

static const char *warning_of(const struct component *c)
{
    const char *bad = known_bad(c->name, c->loaded);
    if (!bad && c->built && known_older(c->loaded, c->built))
        return "the loaded release is older than the one built for";
    return bad;
}

static void print_component(struct output *out, const struct component *c)
{
    const char *warning = warning_of(c);
    output_format(out, "%-10s %s", c->name, c->loaded);
    if (c->built && strcmp(c->built, c->loaded) != 0)
        output_format(out, " (built with %s)", c->built);
    output_text(out, "\n");
    if (!warning)
        return;
    output_colour(out, "31");
    output_format(out, "%-10s warning: %s", "", warning);
    output_plain(out);
    output_text(out, "\n");
}

static void print_component_json(struct json *j, const struct component *c)
{
    const char *warning = warning_of(c);
    json_open(j, c->key);
    json_text(j, "loaded", hws_span_text(c->loaded));
    if (c->built)
        json_text(j, "built", hws_span_text(c->built));
    if (warning)
        json_text(j, "warning", hws_span_text(warning));
    json_close(j);
}

static void print_pollers(struct output *out)
{
    output_format(out, "%-10s", "pollers");
    for (const char *const *p = hws_loop_pollers(); *p; p++)
        output_format(out, " %s", *p);
    output_text(out, "\n");
}

static void version_print(struct output *out, bool as_json)
{
    struct utsname kernel = {0};
    struct json j = {.out = out};
    uname(&kernel);
    const struct component components[] = {
        {"hawser", "hawser", HWS_VERSION, hws_version()},
        {"OpenSSL", "openssl", OPENSSL_VERSION_TEXT,
         OpenSSL_version(OPENSSL_VERSION)},
        {"c-ares", "c_ares", ARES_VERSION_STR, ares_version(NULL)},
        {kernel.sysname, "kernel", NULL, kernel.release},
    };
    if (as_json)
        json_open(&j, NULL);
    for (size_t i = 0; i < sizeof components / sizeof *components; i++) {
        if (as_json)
            print_component_json(&j, &components[i]);
        else
            print_component(out, &components[i]);
    }
    if (as_json)
        json_end(&j);
    else
        print_pollers(out);
}

static int version_main(int argc, char **argv)
{
    struct version_options options = {0};
    struct text_list operands = {0};
    struct output out;
    const struct option_group groups[] = {{"options", version_rows, &options},
                                          {0}};
    const struct option_form form = {
        "version", "",
        "Print the versions of hawser, of each library it uses, as loaded "
        "now and as built with when that differs, and of the kernel; with a "
        "warning for releases that are known to be bad.",
        groups};
    output_init(&out, STDOUT_FILENO);
    int code = options_parse(&form, argc, argv, &operands);
    if (code == OPTIONS_GOOD && operands.count)
        code = options_complain("version", "'%s' is not expected",
                                operands.items[0]);
    if (code == OPTIONS_GOOD) {
        version_print(&out, options.json);
        code = output_flush(&out) ? COMMAND_OK : COMMAND_LOCAL;
    }
    output_release(&out);
    text_list_release(&operands);
    return code;
}

const struct command version_command = {
    "version", "hawser's and its libraries' versions", version_main};
