/*
 * Conformance cases as data: a file is a group, and each case in it a title,
 * the roles it is for, limits, tables of values, and a script in the notation
 * of proto/script.h. It reads and expands; it plays nothing.
 *
 *     group Frames of every size
 *     case text of $SIZE bytes
 *     for SIZE
 *       0
 *       125
 *     < text 'a'*$SIZE
 *     ! text 'a'*$SIZE
 *
 * A case ends where the next begins. Its lines, in this order:
 *
 *     role client|server       both, when it says nothing
 *     handshake                the script begins with the first byte, not at UP
 *     deflate 'EXTENSION'      compression is agreed on in these words, the
 *                              client's answer or the offer to the server
 *     limit NAME VALUE         a member of struct hws_limits
 *     compress NAME VALUE      a member of struct hws_deflate
 *     delay NAME TIME          a member of struct hws_delays, in ms
 *     for NAME...              a row of values for each, two blanks before it;
 *                              several tables are multiplied
 *     (script)
 *
 * In title, limits and script, $NAME stands for its value. These lines of
 * a script are short for others:
 *
 *     crumbs text 'abc'        a message, each byte in a fragment of its own
 *     crumbs text 'abc' ...    the same, and the last one has no FIN
 *     crumbs deflated text 'abc'   compressed
 *     answer 'EXTENSION'       a good answer with that extension
 *     request 'EXTENSION'      a good request with it
 *     sends 'A|' 'B||'         our HTTP head, as `> http` has it
 *     head 'A|B||'             the peer's HTTP head, as `< http` has it
 *     fails CODE STATUS        we close with CODE, the peer ends, and DOWN says
 *                              STATUS
 */
#ifndef SUITE_H
#define SUITE_H

#include "proto/script.h"

#define TITLE_MAX 160

struct conform_case {
    char title[TITLE_MAX]; /* "3.12 text of 125 bytes" */
    char *script;
    struct hws_limits limits;
    struct hws_delays delays;
    struct hws_deflate deflate;
    char *words;         /* of the extension that is agreed on, or NULL */
    bool client, server; /* roles that it is for */
    bool handshake;
};

struct conform_group {
    char title[TITLE_MAX];
    struct conform_case *cases;
    size_t count;
};

/* Read the file at `path` as group `number`. Ends the program, naming the line,
 * when the file cannot be understood. */
void conform_read(struct conform_group *group, const char *path,
                  unsigned number);
void conform_free(struct conform_group *group);

#endif
