#!/usr/bin/python3
"""Show that scripts/tally counts what really happened: crashes, programs that
never ran and empty ones are failures, a skip is no pass."""

import pathlib
import subprocess
import sys
import tempfile
from xml.sax.saxutils import escape

TALLY = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "tally"

CMOCKA = """[==========] Running 3 test(s).
[ RUN      ] one
[       OK ] one
[ RUN      ] two
[  FAILED  ] two
[ RUN      ] three
words of the program[  SKIPPED ] three
[==========] 3 test(s) run.
[  FAILED  ] 1 test(s), listed below:
[  FAILED  ] two
[  SKIPPED ] 1 test(s), listed below:
[  SKIPPED ] three
"""
CRASH = """[==========] Running 5 test(s).
[ RUN      ] one
[       OK ] one
[ RUN      ] two
"""
ALL_OK = """[==========] Running 1 test(s).
[ RUN      ] one
[       OK ] one
"""

# What is shown: (ctest status, extra element, output), the last line.
STORIES = [
    ("a failed and a skipped case", ("fail", "", CMOCKA),
     "1 passed, 1 failed, 1 skipped"),
    ("the same cases run twice", ("fail", "", CMOCKA + CMOCKA),
     "2 passed, 2 failed, 2 skipped"),
    ("a crash loses every case that was still to come", ("fail", "", CRASH),
     "1 passed, 4 failed"),
    ("a leak found at the end fails a program that passed",
     ("fail", "", ALL_OK), "1 passed, 1 failed"),
    ("pytest", ("fail", "", "== 1 failed, 3 passed, 2 skipped in 1.2s ==\n"),
     "3 passed, 1 failed, 2 skipped"),
    ("pytest that could not collect", ("fail", "", "1 error in 0.1s\n"),
     "0 passed, 1 failed"),
    ("our own checks", ("run", "", "ok x\n7 passed, 0 failed\n"),
     "7 passed, 0 failed"),
    ("a plain program is one case", ("run", "", "hello\n"),
     "1 passed, 0 failed"),
    ("a program without any case", ("run", "",
                                    "[==========] Running 0 test(s).\n"),
     "0 passed, 1 failed"),
    ("a suite without any case", ("run", "", "0 passed, 0 failed\n"),
     "0 passed, 1 failed"),
    ("a program that was never built",
     ("notrun", '<skipped message="Unable to find executable"/>', ""),
     "0 passed, 1 failed"),
    ("a failed program that says nothing", ("fail", "", ""),
     "0 passed, 1 failed"),
]


def tally(text, *options):
    with tempfile.NamedTemporaryFile("w", suffix=".xml") as file:
        file.write(text)
        file.flush()
        answer = subprocess.run(
            [sys.executable, TALLY, *options, file.name],
            capture_output=True, text=True, check=False)
    lines = answer.stdout.splitlines()
    return (lines[-1] if lines else ""), answer.returncode


def suite(*programs):
    cases = "".join(
        f'<testcase name="t" status="{status}" time="0.1">{extra}'
        f"<system-out>{escape(output)}</system-out></testcase>"
        for status, extra, output in programs)
    return f"<testsuite>{cases}</testsuite>"


def main():
    shown = [(title, tally(suite(program)), line)
             for title, program, line in STORIES]
    good = ("run", "", ALL_OK)
    shown += [
        ("a skipped program is no pass", tally(suite(good, (
            "notrun", '<skipped message="SKIP_RETURN_CODE=77"/>', ""))),
         "1 passed, 0 failed, 1 skipped"),
        ("no test at all", tally(suite()), "0 passed, 1 failed"),
        ("a result that was cut off", tally("<testsuite><testcase"),
         "0 passed, 1 failed"),
        ("a build that broke", tally(suite(good), "--broken", "2"),
         "1 passed, 2 failed"),
    ]
    failed = 0
    for title, (line, status), wanted in shown:
        right = line == wanted and (status != 0) == (" 0 failed" not in line)
        failed += not right
        print(f"{'ok' if right else 'FAIL':4} {title}: {line} ({status})")
    print(f"{len(shown) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
