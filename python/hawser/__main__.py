"""Run a program that was written for websocket-client and rel with hawser in
their place; the program is not changed.

    python -m hawser [-m MODULE | -c CODE | SCRIPT | -] [ARGUMENT...]

Everything else is as with python itself: sys.argv, sys.path[0], __main__, the
exit code. `python -m hawser.doctor` says what is installed here.
"""
import runpy
import sys

from ._install import install

USAGE = "usage: " + __doc__.partition("\n\n")[2].partition("\n\n")[0].strip()


def complain(why):
    print(f"hawser: {why}\n{USAGE}", file=sys.stderr)
    return 2


def run_code(code, name):
    """As python does it: in the namespace of __main__."""
    main = sys.modules["__main__"].__dict__
    for mine in set(main) - {"__name__", "__builtins__"}:
        del main[mine]
    exec(compile(code, name, "exec"), main)


def main(arguments):
    if not arguments:
        return complain("no program is given")
    first, rest = arguments[0], arguments[1:]
    if first in ("-h", "--help"):
        print(__doc__.strip())
        return 0
    if first in ("-m", "-c") and not rest:
        return complain(f"option '{first}' needs an argument")
    if first.startswith("-") and first not in ("-m", "-c", "-"):
        return complain(f"no option '{first}'; options for python come "
                        "before -m")
    install()
    if first == "-m":
        sys.argv = rest
        sys.path[0] = ""
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    elif first == "-c":
        sys.argv = ["-c", *rest[1:]]
        sys.path[0] = ""
        run_code(rest[0], "<string>")
    elif first == "-":
        sys.argv = arguments
        sys.path[0] = ""
        run_code(sys.stdin.read(), "<stdin>")
    else:
        return run_script(arguments)
    return 0


def run_script(arguments):
    sys.argv = arguments
    # runpy puts a folder or an archive there by itself, and a script not.
    sys.path[0] = arguments[0].rpartition("/")[0] or "."
    try:
        with open(arguments[0], "rb"):
            pass
    except IsADirectoryError:
        del sys.path[0]
    except OSError as error:
        return complain(f"cannot open '{arguments[0]}': {error.strerror}")
    runpy.run_path(arguments[0], run_name="__main__")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
