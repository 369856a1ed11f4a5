/*
 * The notation of scripts: words, quoted payloads and frames, read from text
 * and written to text. Knows bytes only, and takes nothing from the library
 * that it helps to test.
 */
#ifndef WORDS_H
#define WORDS_H

#include "support/test.h"

#include <stdbool.h>

/* Bytes or text that grow as needed; a NUL follows always. */
struct paper {
    uint8_t *bytes;
    size_t size, room;
};
void paper_free(struct paper *p);
void paper_clear(struct paper *p);
void paper_add(struct paper *p, const void *bytes, size_t size);
void paper_print(struct paper *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* 'text', with everything unprintable escaped and long payloads shortened. */
void paper_quote(struct paper *p, const uint8_t *bytes, size_t size);

/* Take the next word off `text`; false at its end. */
bool word_next(const char **text, char *word, size_t room);
/* Whether the next word is `word`; then it is taken. */
bool word_is(const char **text, const char *word);
/* Read payloads ('a'*3 'b') up to the end or another word. */
void words_payload(const char **text, struct paper *out);
struct zpeer;
/* The bytes of an `<` line. */
void words_bytes(const char *text, bool masked, struct zpeer *z,
                 struct paper *out);

/* Take one frame (or, `http`, one head and the rest) off `bytes` and write it
 * in the notation of `>` lines. False: it is not complete. */
bool words_frame(struct paper *bytes, bool http, struct zpeer *z,
                 struct paper *out);

#endif
