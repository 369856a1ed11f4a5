/*
 * hawser: the command. Chooses the subcommand; everything else is theirs.
 */
#include "command.h"
#include "help.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct command *const commands[] = {
    &tail_command,  &top_command,    &echo_command,
    &send_command,  &serve_command,  &demo_command,
    &probe_command, &doctor_command, &version_command,
};
#define COMMAND_COUNT (sizeof commands / sizeof *commands)

static void print_usage(FILE *to)
{
    fputs(
        "usage: hawser COMMAND [OPTION...] [ARGUMENT...]\n\n"
        "Long-lived WebSocket connections that stay up, never spin, and "
        "say how late the\ndata is.\n\ncommands:\n",
        to);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(to, "  %-9s %s\n", commands[i]->name, commands[i]->summary);
    fprintf(to, "\n'hawser COMMAND --help' explains each.\n\n%s",
            help_exit_codes);
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : NULL;
    if (!name) {
        print_usage(stderr);
        return COMMAND_USAGE;
    }
    if (!strcmp(name, "--help") || !strcmp(name, "-h") ||
        !strcmp(name, "help")) {
        print_usage(stdout);
        return COMMAND_OK;
    }
    if (!strcmp(name, "--version"))
        name = "version";
    const struct command *command = find_command(name);
    if (!command) {
        fprintf(stderr, "hawser: '%s' is no command; see 'hawser --help'\n",
                name);
        return COMMAND_USAGE;
    }
    /* A reader that went away is an error of write, not the end of us. */
    signal(SIGPIPE, SIG_IGN);
    return command->run(argc - 2, argv + 2);
}
