#include "options.h"

#include "command.h"
#include "help.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int options_complain(const char *command, const char *format, ...)
{
    va_list list;
    fprintf(stderr, "hawser %s: ", command);
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fprintf(stderr, "; see 'hawser %s --help'\n", command);
    return COMMAND_USAGE;
}

/* Changes of one letter that lead from `a` to `b`, counted from both ends:
 * enough to find a slip of the finger. */
static size_t distance(const char *a, const char *b)
{
    size_t la = strlen(a), lb = strlen(b);
    size_t least = la < lb ? la : lb, head = 0, tail = 0;
    while (head < least && a[head] == b[head])
        head++;
    while (tail < least - head && a[la - 1 - tail] == b[lb - 1 - tail])
        tail++;
    return (la > lb ? la : lb) - head - tail;
}

static int unknown_option(const struct option_form *form, const char *name)
{
    const char *nearest = NULL;
    size_t least = 3;
    for (const struct option_group *g = form->groups; g->rows; g++) {
        for (const struct option_row *r = g->rows; r->name; r++) {
            if (distance(name, r->name) < least) {
                least = distance(name, r->name);
                nearest = r->name;
            }
        }
    }
    if (nearest)
        return options_complain(form->command,
                                "option '--%s' is unknown; did you mean "
                                "'--%s'?",
                                name, nearest);
    return options_complain(form->command, "option '--%s' is unknown", name);
}

static const char *kind_wants(enum option_kind kind)
{
    switch (kind) {
    case OPTION_COUNT:
        return "a whole number, such as '100'";
    case OPTION_DELAY:
        return "a duration, such as '250ms', '30s' or '5m'";
    case OPTION_SIZE:
        return "a size, such as '4096', '64k' or '16m'";
    case OPTION_RATE:
        return "a positive number, such as '1000' or '0.5'";
    case OPTION_ADDRESS:
        return "an address and a port, such as '127.0.0.1:8080'";
    default:
        return "a text";
    }
}

static bool store(const struct option_row *row, void *into, const char *value)
{
    void *at = (char *)into + row->offset;
    switch (row->kind) {
    case OPTION_FLAG:
        *(bool *)at = true;
        return true;
    case OPTION_TEXT:
        *(const char **)at = value;
        return true;
    case OPTION_LIST:
        text_list_push(at, value);
        return true;
    case OPTION_COUNT:
        return units_read_count(value, at);
    case OPTION_DELAY:
        return units_read_delay(value, at);
    case OPTION_SIZE:
        return units_read_size(value, at);
    case OPTION_RATE:
        return units_read_rate(value, at);
    case OPTION_ADDRESS:
        return units_read_address(value, at);
    }
    return false;
}

static const struct option_row *find(const struct option_form *form,
                                     const char *name, size_t size, void **into)
{
    for (const struct option_group *g = form->groups; g->rows; g++) {
        for (const struct option_row *r = g->rows; r->name; r++) {
            if (strlen(r->name) == size && memcmp(r->name, name, size) == 0) {
                *into = g->into;
                return r;
            }
        }
    }
    return NULL;
}

/* `text` begins behind the dashes. `next` is the argument after it, or NULL;
 * *used says whether it was taken. */
static int parse_option(const struct option_form *form, const char *text,
                        const char *next, bool *used)
{
    size_t size = strcspn(text, "=");
    const char *value = text[size] ? text + size + 1 : NULL;
    void *into = NULL;
    const struct option_row *row = find(form, text, size, &into);
    if (!row)
        return unknown_option(form, text);
    if (row->kind == OPTION_FLAG && value)
        return options_complain(form->command, "option '--%s' takes no value",
                                row->name);
    *used = row->kind != OPTION_FLAG && !value;
    if (*used)
        value = next;
    if (row->kind != OPTION_FLAG && !value)
        return options_complain(form->command, "option '--%s' needs %s",
                                row->name, kind_wants(row->kind));
    if (store(row, into, value))
        return OPTIONS_GOOD;
    return options_complain(form->command, "option '--%s': '%s' is not %s",
                            row->name, value, kind_wants(row->kind));
}

int options_parse(const struct option_form *form, int argc, char **argv,
                  struct text_list *operands)
{
    bool ended = false;
    for (int i = 0; i < argc; i++) {
        const char *text = argv[i];
        bool used = false;
        if (ended || text[0] != '-' || text[1] == '\0') {
            text_list_push(operands, text);
        } else if (strcmp(text, "--") == 0) {
            ended = true;
        } else if (!strcmp(text, "--help") || !strcmp(text, "-h")) {
            help_print(form);
            return COMMAND_OK;
        } else if (text[1] != '-') {
            return options_complain(form->command, "option '%s' is unknown",
                                    text);
        } else {
            int code = parse_option(form, text + 2,
                                    i + 1 < argc ? argv[i + 1] : NULL, &used);
            if (code != OPTIONS_GOOD)
                return code;
        }
        i += used;
    }
    return OPTIONS_GOOD;
}
