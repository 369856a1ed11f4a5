/*
 * What hawser doctor found, before anybody prints it: a list of findings, each
 * with a mark, a figure in words, what to do where it is not good, details, and
 * the numbers for programs. Judges write it; they are handed facts and touch
 * nothing else.
 */
#ifndef CLI_DOCTOR_SHEET_H
#define CLI_DOCTOR_SHEET_H

#include "output.h"

enum doctor_mark { DOCTOR_NONE, DOCTOR_GOOD, DOCTOR_WARN, DOCTOR_BAD };
/* "none", "good", "warn", "bad". */
const char *doctor_mark_name(enum doctor_mark mark);

#define DOCTOR_FINDINGS_MAX 16
#define DOCTOR_FIGURES_MAX 12

enum doctor_kind { DOCTOR_COUNT, DOCTOR_MS, DOCTOR_NUMBER, DOCTOR_TEXT };

struct doctor_figure {
    const char *key;
    enum doctor_kind kind;
    int64_t count; /* or a delay */
    double number;
    char text[128];
};

/* The sentence of a step that the connection did not come to. */
#define DOCTOR_NOT_REACHED "not reached"

struct doctor_finding {
    const char *name; /* "DNS" */
    const char *key;  /* "dns", for programs */
    enum doctor_mark mark;
    char text[512];     /* one sentence */
    char advice[1024];  /* lines */
    char details[8192]; /* lines */
    struct doctor_figure figures[DOCTOR_FIGURES_MAX];
    size_t figure_count;
};

struct doctor_sheet {
    struct doctor_finding items[DOCTOR_FINDINGS_MAX];
    size_t count;
};

struct doctor_finding *doctor_begin(struct doctor_sheet *sheet,
                                    const char *name, const char *key);
/* Append to the sentence. */
void doctor_say(struct doctor_finding *f, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Make the mark at least this bad. */
void doctor_raise(struct doctor_finding *f, enum doctor_mark mark);
/* That, and a line of what to do about it. */
void doctor_advise(struct doctor_finding *f, enum doctor_mark mark,
                   const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A line of detail. */
void doctor_detail(struct doctor_finding *f, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Numbers for programs. A delay of HWS_NEVER is null there. */
void doctor_count(struct doctor_finding *f, const char *key, int64_t count);
void doctor_ms(struct doctor_finding *f, const char *key, hws_time delay);
void doctor_number(struct doctor_finding *f, const char *key, double number);
void doctor_text(struct doctor_finding *f, const char *key, const char *text);

/* How many have this mark; and the worst of all. */
size_t doctor_tally(const struct doctor_sheet *sheet, enum doctor_mark mark);
enum doctor_mark doctor_worst(const struct doctor_sheet *sheet);

/* doctor_print.c. `url` without userinfo. */
void doctor_print(struct output *out, const struct doctor_sheet *sheet,
                  const char *url);
void doctor_print_json(struct output *out, const struct doctor_sheet *sheet,
                       const char *url);

#endif
