#!/usr/bin/python3
"""Fail where the house is broken: fences, shape, words.

    tests/tidy/tidy.py [--root DIR] [--build DIR] [--only TEXT]

One line per check, the problems below it, and `N passed, N failed` last.
"""

import argparse
import pathlib
import sys

sys.dont_write_bytecode = True

import fences  # noqa: E402,F401 (each module registers its checks)
import shape  # noqa: E402,F401
import symbols  # noqa: E402,F401
import words  # noqa: E402,F401
from house import CHECKS, House, Skip  # noqa: E402

PROBLEMS_SHOWN = 25


def run_check(function, house):
    """("ok" | "skip" | "FAIL", problems)."""
    try:
        problems = list(function(house))
    except Skip as reason:
        return "skip", [str(reason)]
    except Exception as error:  # a check that breaks has not passed
        return "FAIL", [f"{type(error).__name__}: {error}"]
    return ("FAIL" if problems else "ok"), problems


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", default=pathlib.Path(__file__).parents[2])
    parser.add_argument("--build")
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    house = House(options.root, options.build)
    counts = {"ok": 0, "FAIL": 0, "skip": 0}
    for title, function in CHECKS:
        if options.only not in title:
            continue
        verdict, problems = run_check(function, house)
        counts[verdict] += 1
        print(f"{verdict:4} {title}")
        for problem in problems[:PROBLEMS_SHOWN]:
            print(f"       {problem}")
        if len(problems) > PROBLEMS_SHOWN:
            print(f"       ... {len(problems)} in all")
        if verdict == "skip":
            print(f"SKIPPED {title}: {problems[0]}")
    skipped = f", {counts['skip']} skipped" if counts["skip"] else ""
    print(f"{counts['ok']} passed, {counts['FAIL']} failed{skipped}")
    return 1 if counts["FAIL"] or not counts["ok"] else 0


if __name__ == "__main__":
    sys.exit(main())
