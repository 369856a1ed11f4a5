"""The tree under examination: its files, its build, and the list of checks."""

import pathlib
import re
import subprocess


class Skip(Exception):
    """A check cannot be made here; the text says what is lacking."""


CHECKS = []


def check(title):
    """Register a check: a function of a House that gives its problems."""
    def register(function):
        CHECKS.append((title, function))
        return function
    return register


class House:
    def __init__(self, root, build=None):
        self.root = pathlib.Path(root)
        self.build = pathlib.Path(build) if build else None
        self.paths = sorted(self.list_files())
        self.texts = {}

    def list_files(self):
        """What git tracks or would track; everything where there is no git."""
        command = ["git", "-C", str(self.root), "ls-files", "--cached",
                   "--others", "--exclude-standard", "-z"]
        if (self.root / ".git").exists():
            listed = subprocess.run(command, capture_output=True, check=True)
            names = listed.stdout.decode().split("\0")
            names = [name for name in names if (self.root / name).is_file()]
        else:
            names = [str(path.relative_to(self.root))
                     for path in self.root.rglob("*") if path.is_file()]
        outside = re.compile(r"^(build|\.git)[/-]")
        return {name for name in names if name and not outside.match(name)}

    def files(self, pattern):
        """Relative paths that the expression matches from their begin."""
        return [path for path in self.paths if re.match(pattern, path)]

    def text(self, path):
        if path not in self.texts:
            raw = (self.root / path).read_bytes()
            self.texts[path] = raw.decode("utf-8", "replace")
        return self.texts[path]

    def lines(self, path):
        return enumerate(self.text(path).splitlines(), 1)

    def c_files(self):
        return self.files(r".*\.[ch]$")

    def run(self, *command):
        return subprocess.run(
            [str(word) for word in command], cwd=self.root, text=True,
            capture_output=True, check=False)
