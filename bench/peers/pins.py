"""Who is compared, by package and version. Each is in a folder of its own, so
that versions of one package stand side by side without virtual environments.

    pins.py FOLDER PIN...   fetch them; a line "PIN PATH" for each that came
"""
import pathlib
import shutil
import subprocess
import sys

CLIENTS = ("1.8.0", "1.9.0", "1.9.2")
# Asleep for 30 ms a time (.16, .17), spinning (.18), mended (.19), the newest.
RELS = ("0.4.9.16", "0.4.9.17", "0.4.9.18", "0.4.9.19", "0.4.9.27")
NATIVE = ("websockets==17.4", "aiohttp==3.14.5", "picows==2.3.1",
          "uvloop==0.23.0")


def every():
    return [*(f"websocket-client=={version}" for version in CLIENTS),
            *(f"rel=={version}" for version in RELS), *NATIVE]


def fetch(folder, pin):
    """Where the package is now, for PYTHONPATH; or None, and why."""
    target = pathlib.Path(folder) / pin.replace("==", "-")
    mark = target / "complete"
    if mark.exists():
        return target, None
    shutil.rmtree(target, ignore_errors=True)
    result = subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-input",
         "--disable-pip-version-check", "--root-user-action", "ignore",
         "--only-binary", ":all:", "--target", target, pin],
        capture_output=True, text=True)
    if result.returncode != 0:
        said = result.stderr.strip().splitlines() or ["pip gave no reason"]
        return None, said[-1]
    mark.touch()
    return target, None


def main(folder, *wanted):
    for pin in wanted:
        path, why = fetch(pathlib.Path(folder).resolve(), pin)
        if path:
            print(pin, path)
        else:
            print(f"skipped: {pin}: {why}", file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
