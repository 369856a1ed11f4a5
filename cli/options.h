/*
 * Command lines by table: every option of every subcommand is a row, and
 * parsing, checking and --help come from the same rows. A bad option is named
 * with what is wrong and what to do; the exit code is 2.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "memory.h"
#include "units.h"

enum option_kind {
    OPTION_FLAG,    /* bool, becomes true */
    OPTION_TEXT,    /* const char * */
    OPTION_LIST,    /* struct text_list, may be repeated */
    OPTION_COUNT,   /* uint64_t */
    OPTION_DELAY,   /* hws_time */
    OPTION_SIZE,    /* size_t */
    OPTION_RATE,    /* double */
    OPTION_ADDRESS, /* struct units_address */
};

/* One row. A table ends with a row without a name. */
struct option_row {
    const char *name;  /* without the dashes */
    const char *value; /* what --help calls it; NULL for a flag */
    enum option_kind kind;
    size_t offset; /* of the result in the group's structure */
    const char *help;
};

struct option_group {
    const char *title; /* NULL: goes on with the group before */
    const struct option_row *rows;
    void *into;
};

/* Groups end with one without rows. */
struct option_form {
    const char *command;  /* "tail" */
    const char *operands; /* "URL..." */
    const char *about;    /* sentences above the options in --help */
    const struct option_group *groups;
};

/* Neither 0 nor an exit code: the options are good, go on. */
#define OPTIONS_GOOD (-1)

/*
 * Fill the structures of the groups and `operands`. Returns OPTIONS_GOOD or
 * the code to exit with: 0 after --help, 2 after a complaint.
 */
int options_parse(const struct option_form *form, int argc, char **argv,
                  struct text_list *operands);

/* Complain about something in the command line; returns COMMAND_USAGE. */
int options_complain(const char *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
