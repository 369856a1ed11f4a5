/*
 * What main.c knows of a subcommand, and the exit codes of all of them.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

enum command_exit {
    COMMAND_OK = 0,
    COMMAND_LOST = 1,     /* a connection failed for good, or data was lost */
    COMMAND_USAGE = 2,    /* bad options */
    COMMAND_LOCAL = 3,    /* this machine refused: a file, a port, memory */
    COMMAND_SIGNAL = 128, /* plus the number: 130 for SIGINT */
};

struct command {
    const char *name;
    const char *summary;               /* one line for `hawser --help` */
    int (*run)(int argc, char **argv); /* argv[0] is the first argument */
};

extern const struct command tail_command;
extern const struct command top_command;
extern const struct command echo_command;
extern const struct command send_command;
extern const struct command serve_command;
extern const struct command demo_command;
extern const struct command probe_command;
extern const struct command doctor_command;
extern const struct command version_command;

#endif
