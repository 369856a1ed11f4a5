/*
 * The live view of long-lived connections: what it knows (top.c), what of it
 * fits a screen (top_screen.c), and the terminal (top_view.c).
 */
#ifndef CLI_TOP_H
#define CLI_TOP_H

#include "hawser/client.h"

#define TOP_HISTORY 64  /* looks that are kept for the line of lag */
#define TOP_LOG 200     /* lines of the log that are kept */
#define TOP_LOG_MAX 256 /* bytes of one */

enum top_order {
    TOP_BY_NUMBER,
    TOP_BY_RATE,
    TOP_BY_LAG,
    TOP_BY_ROUND_TRIP,
    TOP_BY_RECONNECTS,
    TOP_ORDERS,
};
/* "rate", for people. */
const char *top_order_name(enum top_order order);

/* One connection, as it was at the last look. */
struct top_row {
    struct hws_client *client; /* NULL: of another program, see attach.h */
    uint64_t id;               /* there; and ... */
    bool seen;                 /* ... it was in the present answer */
    unsigned number;           /* from 1 */
    char url[256];
    char state[16];
    struct hws_snapshot now;
    char verdict_text[128], fault_text[192];
    double bytes_rate; /* since the look before, bytes/s */
    uint64_t last_bytes;
    hws_time last_at;
    bool paused;
    int64_t lags[TOP_HISTORY]; /* the last message's; -1: none came */
    size_t looks;
    uint64_t last_messages;
};

struct top {
    struct top_row *rows;
    size_t count;
    size_t *order;   /* places of `rows`, as they are shown */
    size_t selected; /* a place of `order` */
    enum top_order by;
    bool reversed;
    bool shows_log, shows_help;
    char log[TOP_LOG][TOP_LOG_MAX];
    size_t logged; /* lines so far */
};

void top_init(struct top *top, size_t count);
void top_release(struct top *top);
/* Ask every client anew, and sort. */
void top_look(struct top *top);
void top_sort(struct top *top);
/* The values of `row->now` are new: keep what is to be kept of them. */
void top_row_told(struct top_row *row);
/* A further row, at the end; those before may move. */
struct top_row *top_add(struct top *top);
/* Rows that were not `seen` go. */
void top_drop_unseen(struct top *top);
/* NULL: there is none. */
struct top_row *top_selected(struct top *top);
void top_move(struct top *top, int rows);
/* "12:34:56 [1] down: ..."; what is no printable ASCII becomes '?'. */
void top_log(struct top *top, hws_time realtime, unsigned number,
             const char *format, ...) __attribute__((format(printf, 4, 5)));

/* ---- what is on the screen */

#define TOP_COLUMNS_MAX 400
#define TOP_LINES_MAX 200

enum top_style {
    TOP_PLAIN,
    TOP_BOLD,
    TOP_SELECTED,
    TOP_GOOD,
    TOP_BAD,
    TOP_DIM
};

struct top_line {
    enum top_style style;
    char text[TOP_COLUMNS_MAX * 4]; /* UTF-8 */
};

/* Fill `lines` (`height` of them) for a screen of that size. `blocks`: it can
 * show block characters. Returns how many lines are used. */
int top_draw(const struct top *top, int width, int height, bool blocks,
             struct top_line *lines);

/* ---- the terminal */

/* False: this is none that can be drawn on. */
bool top_view_begin(void);
/* Leave it as it was; may be called twice. */
void top_view_end(void);
void top_view_show(const struct top *top);
/* The terminal has another size. */
void top_view_resize(void);
/* The next key that was pressed: a character, or one of these; 0: none. */
enum { TOP_KEY_UP = 1000, TOP_KEY_DOWN };
int top_view_key(void);

#endif
