/* The terminal of hawser top: what was drawn goes there, by ncurses. */
#include "top.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifdef HAVE_NCURSES

#define NCURSES_WIDECHAR 1
#include <ncurses.h>
#include <term.h>

static SCREEN *screen;
static bool has_blocks;

/* newterm() would find out, too, and keep what it had allocated for it. */
static bool is_known_terminal(void)
{
    int error;
    if (setupterm(NULL, STDOUT_FILENO, &error) != OK)
        return false;
    del_curterm(cur_term);
    return true;
}

bool top_view_begin(void)
{
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || !is_known_terminal())
        return false;
    /* Numbers keep their point. */
    setlocale(LC_CTYPE, "");
    has_blocks = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    screen = newterm(NULL, stdout, stdin);
    if (!screen)
        return false;
    set_term(screen);
    cbreak();
    noecho();
    nodelay(stdscr, TRUE);
    keypad(stdscr, TRUE);
    curs_set(0);
    if (has_colors()) {
        start_color();
        use_default_colors();
        init_pair(TOP_GOOD, COLOR_GREEN, -1);
        init_pair(TOP_BAD, COLOR_RED, -1);
    }
    return true;
}

void top_view_end(void)
{
    if (!screen)
        return;
    endwin();
    delscreen(screen);
    screen = NULL;
}

static attr_t attributes_of(enum top_style style)
{
    switch (style) {
    case TOP_BOLD:
        return A_BOLD;
    case TOP_SELECTED:
        return A_REVERSE;
    case TOP_DIM:
        return A_DIM;
    case TOP_GOOD:
    case TOP_BAD:
        return has_colors() ? (attr_t)COLOR_PAIR(style) : A_NORMAL;
    default:
        return A_NORMAL;
    }
}

void top_view_show(const struct top *top)
{
    static struct top_line drawn[TOP_LINES_MAX];
    int width, height;
    getmaxyx(stdscr, height, width);
    int used = top_draw(top, width, height, has_blocks, drawn);
    erase();
    for (int i = 0; i < used; i++) {
        attr_t attributes = attributes_of(drawn[i].style);
        attron(attributes);
        mvaddstr(i, 0, drawn[i].text);
        attroff(attributes);
    }
    refresh();
}

void top_view_resize(void)
{
    endwin();
    refresh();
    clear();
}

int top_view_key(void)
{
    int key = getch();
    if (key == KEY_UP)
        return TOP_KEY_UP;
    if (key == KEY_DOWN)
        return TOP_KEY_DOWN;
    return key == ERR ? 0 : key;
}

#else

bool top_view_begin(void)
{
    return false;
}

void top_view_end(void)
{
}

void top_view_show(const struct top *top)
{
    (void)top;
}

void top_view_resize(void)
{
}

int top_view_key(void)
{
    return 0;
}

#endif
