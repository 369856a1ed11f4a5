/*
 * What --help prints, made from the tables that parse.
 */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "options.h"

/* The help of one subcommand, on standard output. */
void help_print(const struct option_form *form);

/* What every --help ends with. */
extern const char *const help_exit_codes;

#endif
