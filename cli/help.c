#include "help.h"

#include <stdio.h>
#include <string.h>

const char *const help_exit_codes =
    "exit code: 0 done, 1 connection failed for good or data lost, 2 bad "
    "options,\n3 refused by this machine (file, port, memory), 130 ended by "
    "Ctrl-C\n(serve and demo are meant to end so: 0)\n";

/* Where the explanations begin, and where lines end. */
enum { HELP_COLUMN = 26, HELP_WIDTH = 78 };

/* Words of `text` from column `at` on, wrapped with an indent. */
static void print_wrapped(const char *text, int indent, int at)
{
    while (*text) {
        int size = (int)strcspn(text, " ");
        if (at > indent && at + 1 + size > HELP_WIDTH) {
            printf("\n%*s", indent, "");
            at = indent;
        } else if (at > indent) {
            putchar(' ');
            at++;
        }
        printf("%.*s", size, text);
        at += size;
        text += size;
        text += strspn(text, " ");
    }
    putchar('\n');
}

static void print_row(const struct option_row *row)
{
    int at = printf("  --%s%s%s", row->name, row->value ? " " : "",
                    row->value ? row->value : "");
    if (at >= HELP_COLUMN) {
        putchar('\n');
        at = 0;
    }
    printf("%*s", HELP_COLUMN - at, "");
    print_wrapped(row->help, HELP_COLUMN, HELP_COLUMN);
}

void help_print(const struct option_form *form)
{
    printf("usage: hawser %s [OPTION...]%s%s\n\n", form->command,
           *form->operands ? " " : "", form->operands);
    print_wrapped(form->about, 0, 0);
    for (const struct option_group *g = form->groups; g->rows; g++) {
        if (g->title)
            printf("\n%s:\n", g->title);
        for (const struct option_row *r = g->rows; r->name; r++)
            print_row(r);
    }
    printf(
        "\nA duration is a number with ns, us, ms, s, m or h (seconds when "
        "bare); a size\nmay have k, m or g (powers of 1024).\n\n%s",
        help_exit_codes);
}
