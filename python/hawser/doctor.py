"""What is installed here of the libraries that hawser is compared with, and
which of them are known to be bad.

    python -m hawser.doctor [--json]

Exit code: 0 nothing bad is installed, 1 something is, 2 bad options.
"""
import importlib.metadata
import importlib.util
import json
import re
import sys

LIBRARIES = ("hawser", "websocket-client", "rel", "websocket", "websockets",
             "aiohttp", "picows", "tornado", "autobahn", "gevent", "uvloop")

BAD, POOR = "bad", "poor"

# Library, first and last version that has it, how bad, what it does. All of
# it was measured; docs/MOVING.md says what hawser does in its place.
KNOWN = (
    ("rel", "0.4.8", "0.4.9.17", BAD,
     "sleeps 30 ms before each look: 32 messages a second, whatever comes; "
     "beyond that the lag grows without end"),
    ("rel", "0", "0.4.7", POOR,
     "sleeps 0.3 ms before each look, also when there is nothing"),
    ("rel", "0.4.9.18", None, POOR,
     "sleeps 0.6 ms before each look, 1,380 wake-ups a second also when idle, "
     "and hands over one message for each: 1,200 a second"),
    ("websocket-client", "1.9.0", "1.9.0", BAD,
     "after a close frame, with rel and reconnect, it reconnects in a storm; "
     "on_close loses code and reason"),
    ("websocket-client", "1.8.0", "1.8.0", BAD,
     "after a close frame, with rel and reconnect, it never reconnects"),
    ("websocket", "0", None, BAD,
     "another library of the module name 'websocket': it takes the place of "
     "websocket-client's"),
)


def numbers(version):
    """1.9.0rc1 -> (1, 9, 0): what is compared."""
    parts = []
    for part in version.split("."):
        digits = re.match(r"\d+", part)
        if not digits:
            break
        parts.append(int(digits.group()))
    while parts and parts[-1] == 0:
        parts.pop()
    return tuple(parts)


def judge(library, version):
    """(how bad, what it does) of what is known of this version."""
    return [(grade, text) for name, first, last, grade, text in KNOWN
            if name == library and numbers(first) <= numbers(version)
            and (last is None or numbers(version) <= numbers(last))]


def normal(name):
    """The name as an index compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed():
    """{library: (version, place)}, the one that an import would find."""
    found = {}
    for one in importlib.metadata.distributions():
        name = normal(one.metadata["Name"] or "")
        if name in LIBRARIES and name not in found:
            found[name] = (one.version, str(one.locate_file("")))
    if "hawser" not in found:
        from . import __path__, __version__
        found["hawser"] = (__version__, __path__[0].rpartition("/")[0])
    return found


def module_at(name):
    """Where `import name` would find it now; None: nowhere."""
    spec = importlib.util.find_spec(name)
    return spec.origin if spec else None


def examine():
    """All of it, as JSON has it."""
    found = installed()
    return {
        "python": sys.version.split()[0],
        "libraries": [
            {"name": name, "version": found[name][0], "place": found[name][1],
             "known": [{"grade": grade, "text": text}
                       for grade, text in judge(name, found[name][0])]}
            for name in LIBRARIES if name in found],
        "modules": {name: module_at(name) for name in ("websocket", "rel")},
    }


def show(sheet):
    print(f"Python {sheet['python']}")
    for one in sheet["libraries"]:
        print(f"{one['name']} {one['version']}  ({one['place']})")
        for known in one["known"]:
            print(f"  {known['grade']}: {known['text']}")
    for name, origin in sheet["modules"].items():
        print(f"import {name}: {origin or 'nothing there'}")
    if is_bad(sheet):
        print("\n'python -m hawser PROGRAM' runs a program with hawser in "
              "their place; docs/MOVING.md has the differences")


def is_bad(sheet):
    return any(known["grade"] == BAD
               for one in sheet["libraries"] for known in one["known"])


def main(arguments):
    if arguments in (["-h"], ["--help"]):
        print(__doc__.strip())
        return 0
    if arguments not in ([], ["--json"]):
        print(f"hawser.doctor: no option {arguments[0]!r}; there is --json",
              file=sys.stderr)
        return 2
    sheet = examine()
    if arguments:
        print(json.dumps(sheet, indent=2))
    else:
        show(sheet)
    return 1 if is_bad(sheet) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
