#include "journal.h"

#include "command.h"
#include "options.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A full disk ends the log, and not what it is about. */
static void take(void *user, struct hws_span line)
{
    struct journal *journal = user;
    ssize_t written;
    do
        written = write(journal->fd, line.data, line.size);
    while (written < 0 && errno == EINTR);
    if (written == (ssize_t)line.size || journal->failed)
        return;
    journal->failed = true;
    fprintf(stderr, "hawser %s: --log: cannot write: %s\n", journal->command,
            written < 0 ? strerror(errno) : "the file is full");
}

static int open_file(struct journal *journal, const char *path)
{
    if (strcmp(path, "-") == 0)
        journal->fd = dup(STDERR_FILENO);
    else
        journal->fd =
            open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (journal->fd >= 0)
        return OPTIONS_GOOD;
    options_complain(journal->command, "option '--log': cannot open '%s': %s",
                     path, strerror(errno));
    return COMMAND_LOCAL;
}

int journal_open(struct journal *journal, const char *command, const char *path)
{
    struct hws_log_options options;
    struct hws_fault fault;
    *journal = (struct journal){.command = command, .fd = -1};
    if (!path)
        return OPTIONS_GOOD;
    int code = open_file(journal, path);
    if (code != OPTIONS_GOOD)
        return code;
    hws_log_options_init(&options);
    options.write = take;
    options.user = journal;
    journal->log = hws_log_new(&options, &fault);
    if (journal->log)
        return OPTIONS_GOOD;
    options_complain(command, "option '--log': %s", fault.text);
    return COMMAND_LOCAL;
}

void journal_close(struct journal *journal)
{
    hws_log_free(journal->log);
    if (journal->log && journal->fd >= 0)
        close(journal->fd);
    journal->log = NULL;
}

void journal_note(struct journal *journal, struct hws_loop *loop,
                  const struct hws_client *client, unsigned number,
                  const struct hws_event *event)
{
    char name[16];
    if (!journal->log || event->kind == HWS_MESSAGE)
        return;
    snprintf(name, sizeof(name), "%u", number);
    const struct hws_log_subject subject = {
        .name = name,
        .url = hws_client_get_url(client),
        .realtime = hws_loop_clock(loop, HWS_CLOCK_REALTIME)};
    hws_log_note(journal->log, &subject, event);
}
