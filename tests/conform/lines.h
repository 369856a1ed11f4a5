/*
 * The short lines of a case written out in full, and what is expected brought
 * into the form in which it will be seen. Knows the notation of scripts and
 * nothing of cases.
 */
#ifndef LINES_H
#define LINES_H

#include "proto/words.h"

/* Append the script that `line` stands for. */
void conform_line(struct paper *script, const char *line);

#endif
