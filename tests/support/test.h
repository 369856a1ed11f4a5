/*
 * cmocka with its prerequisites, and the few checks that it lacks.
 */
#ifndef TEST_H
#define TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hawser/hawser.h"

/* A test: TEST(pong_answers_latest_ping) { ... }, listed with RUN(name). */
#define TEST(name) static void name(__attribute__((unused)) void **state)
#define RUN(name) cmocka_unit_test(name)

/* Some of what the kernel does, valgrind does by itself, and differently. */
static inline bool is_under_valgrind(void)
{
    const char *preloaded = getenv("LD_PRELOAD");
    return preloaded && strstr(preloaded, "vgpreload");
}

/* Compare a span with a text literal. */
#define assert_span(span, text)                                 \
    do {                                                        \
        struct hws_span got_ = (span);                          \
        assert_int_equal(got_.size, sizeof(text) - 1);          \
        assert_memory_equal(got_.data, text, sizeof(text) - 1); \
    } while (0)

#endif
