#!/usr/bin/python3
"""Show that each check of tidy can fail: a small good tree passes them all,
and every check is shown at least one tree that it must refuse."""

import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import tidy  # noqa: E402
from house import CHECKS, House  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]

NEST = """
static int four(int a)
{
    for (; a; a--) {
        while (a) {
            if (a)
                switch (a) {
                case 1:
                    return 1;
                }
        }
    }
    return 0;
}
"""
# An else-if chain is one level, a compound literal none.
FLAT = """
int hwi_pick(int a)
{
    struct hws_span s;
    if (a == 1) {
        a = 2;
    } else if (a == 2) {
        a = 3;
    } else if (a == 3) {
        for (; a; a--) {
            while (a)
                a--;
        }
    }
    s = (struct hws_span){.size = 1};
    return (int)s.size;
}
"""

GOOD = {
    "include/hawser/types.h": """/* Words of all. */
#ifndef HAWSER_TYPES_H
#define HAWSER_TYPES_H

#include <stddef.h>

#define HWS_API __attribute__((visibility("default")))

/* Borrowed bytes. */
struct hws_span {
    size_t size;
};

/* What runs. */
HWS_API int hws_version(void);

#endif
""",
    "include/hawser/conn.h": """/* A connection. */
#ifndef HAWSER_CONN_H
#define HAWSER_CONN_H

#include "hawser/types.h"

/* Open. Fails: HWS_E_MEMORY. */
HWS_API int hws_conn_open(void);
HWS_API int hws_conn_shut(void);

#endif
""",
    "src/base/mem.h": """/* The door to the allocator. */
#ifndef HWI_MEM_H
#define HWI_MEM_H

#include <stddef.h>

void *hwi_alloc(size_t size);
int hwi_pick(int a);

#endif
""",
    "src/base/mem.c": """#include "base/mem.h"

#include "hawser/types.h"

#include <stdlib.h>

void *hwi_alloc(size_t size)
{
    return malloc(size);
}

int hws_version(void)
{
    return 1;
}
""" + FLAT,
    "src/loop/clock.c": """/* The clocks. */
#include <time.h>

long hwi_clock(void);

long hwi_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec;
}
""",
    "src/proto/frame.c": """/* Frames. */
#include "base/mem.h"

#include <string.h>

int hwi_frame(const char *text);

int hwi_frame(const char *text)
{
    return hwi_alloc(strlen(text)) != NULL;
}
""",
    "src/session/conn.c": """/* One life. */
#include "hawser/conn.h"

int hws_conn_open(void)
{
    return 0;
}

int hws_conn_shut(void)
{
    return 0;
}
""",
    "cli/main.c": """/* The command. */
#include "hawser/conn.h"

int main(void)
{
    return hws_conn_open();
}
""",
    "src/base/CMakeLists.txt": "hawser_room(base mem.c)\n",
    "src/loop/CMakeLists.txt": "hawser_room(loop clock.c)\n",
    "src/proto/CMakeLists.txt": "hawser_room(proto frame.c)\n",
    "src/session/CMakeLists.txt": "hawser_room(session conn.c)\n",
    "cli/CMakeLists.txt": "add_executable(hawser main.c)\n",
    "tests/base/CMakeLists.txt": "hawser_test(base_mem_test mem_test.c)\n",
    "tests/base/mem_test.c": """/* Tests. */
#define TEST(name) static void name(void)
#define RUN(name) name()

TEST(fault_1_is_answered)
{
}

int main(void)
{
    RUN(fault_1_is_answered);
    return 0;
}
""",
    "docs/FAULTS.md": """# Faults

| # | What | Tests |
|---|---|---|
| 1 | One | tests/base/mem_test.c: `fault_1_is_answered` |
| 2 | Two (later: redirects) | |
""",
    "README.md": "# House\n\nSee [the faults](docs/FAULTS.md#faults).\n\n"
                 "<!-- scripts/demo -->\n```sh\n"
                 "#!/bin/sh\necho hello\n```\n",
    "scripts/demo": "#!/bin/sh\necho hello\n",
}


def added(path, text):
    return {path: GOOD[path] + text}


def changed(path, old, new):
    assert old in GOOD[path], f"{path} has no {old!r}"
    return {path: GOOD[path].replace(old, new)}


def function(lines):
    return "static void f(void)\n{\n" + "    ;\n" * lines + "}\n"


FRAME, MEM = "src/proto/frame.c", "src/base/mem.c"
CONN = "include/hawser/conn.h"

# The beginning of a check's title: trees that it must refuse.
BAD = {
    "fence: rooms": [
        added(FRAME, '#include "loop/clock.h"\n'),
        added(MEM, '#include "hawser/conn.h"\n'),
        added("src/loop/clock.c", '#include "hawser/proto.h"\n'),
        {"src/attic/old.c": "/* Old. */\n"}],
    "fence: cli": [added("cli/main.c", '#include "base/mem.h"\n')],
    "fence: sockets": [
        added(FRAME, "#include <sys/socket.h>\n"),
        added("src/session/conn.c", "#include <openssl/ssl.h>\n")],
    "fence: every include": [added(MEM, '#include "base/gone.h"\n')],
    "fence: base and proto": [
        changed(FRAME, "strlen(text)", '(unsigned)puts(text)'),
        changed(FRAME, "hwi_alloc(strlen(text)) != NULL",
                "(int)hwi_clock()")],
    "fence: allocator": [
        changed(FRAME, "hwi_alloc(", "malloc("),
        changed(FRAME, "strlen(text)", "(size_t)time(NULL)"),
        changed("src/session/conn.c", "return 0", "return socket(1, 1, 0)"),
        changed("src/loop/clock.c", "return", "sleep(1);\n    return"),
        changed("cli/main.c", "return", "connect(0, 0, 0);\n    return")],
    "fence: what files share": [
        changed(FRAME, "hwi_frame", "frame_check")],
    "api: the shared": [
        changed(CONN, "#endif", "HWS_API int hws_conn_gone(void);\n#endif"),
        changed(CONN, "HWS_API int hws_conn_shut(void);\n",
                '__attribute__((visibility("default"))) '
                "int hws_conn_shut(void);\n")],
    "api: every public": [
        changed(CONN, "HWS_API int hws_conn_shut", "\nHWS_API int hws_conn_x")],
    "shape: functions of at most 60": [added(MEM, function(59))],
    "shape: functions of at most 3": [
        added(MEM, NEST),
        added(MEM, NEST.replace("for (; a; a--)", "each(a, b)"))],
    "shape: files": [added(MEM, "\n" * 500)],
    "shape: adapters": [{"adapters/uv.h": "/* uv. */\n" + "\n" * 129}],
    "shape: lines": [
        added(MEM, "/* " + "x" * 78 + " */\n"),
        added("scripts/demo", "#" * 81 + "\n")],
    "shape: no tabs": [
        added(MEM, "\tint x;\n"), added(MEM, "int x; \n"),
        added(MEM, "int x;")],
    "shape: C files": [added(MEM, "int  x;\n")],
    "shape: a comment": [
        changed(FRAME, "/* Frames. */\n", ""),
        changed("src/base/mem.h", "/* The door to the allocator. */\n", ""),
        {"tests/base/other_test.c": "int x;\n"}],
    "shape: no typedefs": [
        added(MEM, "typedef struct x {\n    int a;\n} x_t;\n"),
        added(MEM, "typedef enum { A } e;\n")],
    "shape: headers compile": [
        changed("src/base/mem.h", "#include <stddef.h>\n", ""),
        changed(CONN, "#endif", "struct hws_new { int new; };\n"
                "int hws_f(int *class);\n#endif")],
    "shape: headers guard": [
        changed(CONN, "#define HAWSER_CONN_H", "#define HAWSER_CON_H"),
        {CONN: GOOD[CONN].replace("HAWSER_CONN_H", "OTHER_H")}],
    "shape: every C file": [{"src/base/lost.c": "/* Lost. */\n"}],
    "words: a TODO": [added(MEM, "/* TODO: later */\n")],
    "words: no paths": [added("README.md", "See /" + "home/me/notes.\n")],
    "words: no test": [
        changed("tests/base/mem_test.c", "{\n}", "{\n    usleep(9);\n}")],
    "docs: links": [
        added("README.md", "[gone](docs/GONE.md)\n"),
        added("README.md", "[gone](docs/FAULTS.md#nothing)\n")],
    "docs: code": [
        changed("README.md", "echo hello", "echo goodbye"),
        changed("README.md", "scripts/demo -->", "scripts/gone; x -->")],
    "docs: every fault": [
        changed("tests/base/mem_test.c", "fault_1_is", "fault_1_was"),
        changed("docs/FAULTS.md", " (later: redirects)", ""),
        changed("tests/base/mem_test.c", "fault_1_is", "fault_99_is"),
        changed("tests/base/mem_test.c", "RUN(fault_1_is_answered)", "")],
    "docs: scripts": [added("scripts/demo", "if true\n")],
}
# Only these look at compiled files.
COMPILED = ("fence: base and", "fence: alloc", "fence: what", "api: the sh")


def plant(folder, files):
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
    shutil.copy(ROOT / ".clang-format", folder)
    shutil.copy(ROOT / "scripts" / "faults-table", folder / "scripts")


def compile_tree(folder):
    """Object files where CMake would leave them, and the shared library."""
    objects = []
    for source in sorted(folder.glob("src/*/*.c")) + \
            sorted(folder.glob("cli/*.c")):
        part = source.parent.relative_to(folder)
        place = folder / "build" / part / "CMakeFiles" / "x.dir"
        place.mkdir(parents=True, exist_ok=True)
        target = place / (source.name + ".o")
        subprocess.run(
            ["cc", "-w", "-fPIC", "-fvisibility=hidden", "-fno-builtin", "-c",
             "-I", folder / "include", "-I", folder / "src", source, "-o",
             target], check=True, capture_output=True)
        if part.parts[0] == "src":
            objects.append(target)
    subprocess.run(["cc", "-shared", "-o",
                    folder / "build" / "src" / "libhawser.so", *objects],
                   check=True, capture_output=True)


def verdicts(files, only=""):
    """{title: verdict} of the checks on a tree of these files."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        plant(folder, files)
        if not only or only.startswith(COMPILED):
            compile_tree(folder)
        house = House(folder, folder / "build")
        return {title: tidy.run_check(check, house)
                for title, check in CHECKS if title.startswith(only)}


def main():
    count = {True: 0, False: 0}

    def show(good, text):
        count[good] += 1
        print(f"{'ok' if good else 'FAIL':4} {text}")

    for title, (verdict, _) in verdicts(GOOD).items():
        show(verdict in ("ok", "skip"),
             f"a good tree passes: {title}")
    for title, _ in CHECKS:
        known = [start for start in BAD if title.startswith(start)]
        if not known:
            show(False, f"no bad tree for: {title}")
        for change in BAD[known[0]] if known else []:
            verdict, problems = verdicts({**GOOD, **change}, title)[title]
            broke = any("Error:" in text and "error" not in text
                        for text in problems)
            show(verdict == "skip" or (verdict == "FAIL" and not broke),
                 f"refuses {sorted(change)[0]}: {title}: {problems[:1]}")
    print(f"{count[True]} passed, {count[False]} failed")
    return 1 if count[False] else 0


if __name__ == "__main__":
    sys.exit(main())
