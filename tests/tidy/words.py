"""What is written: documentation of the API, notes to ourselves, links."""

import re
import sys

from csource import without_comments
from house import check

TEXT = r".*(\.([ch]|py|sh|cmake|md|in|json|yml|txt)|scripts/\w+|\.ci/run)$"


@check("api: every public function is documented")
def documented(house):
    for path in house.files(r"include/hawser/.*\.h$"):
        line = 1
        for paragraph in re.split(r"(\n[ \t]*\n)", house.text(path)):
            code = without_comments(paragraph)
            if "HWS_API" in code and code.strip() == paragraph.strip():
                names = re.findall(r"HWS_API[^;(]*?(\w+)\s*\(", code)
                if names:
                    yield f"{path}:{line}: no comment on {', '.join(names)}"
            line += paragraph.count("\n")


@check("words: a TODO has the number of its issue")
def todo(house):
    for path in house.files(TEXT):
        for number, line in house.lines(path):
            found = re.search(r"\b(TODO|FIXME|XXX|HACK)\b(?!.*#\d)", line)
            if found and not path.startswith("tests/tidy/"):
                yield f"{path}:{number}: {found.group(1)} without an issue"


@check("words: no paths of anyone's machine")
def machine_paths(house):
    pattern = re.compile(r"(?<![\w.])/(?:work|home|root|Users)/(?!\*)")
    for path in house.files(TEXT):
        for number, line in house.lines(path):
            if pattern.search(line) and not path.startswith("tests/tidy/"):
                yield f"{path}:{number}: {line.strip()[:60]}"


@check("words: no test waits by sleeping")
def sleeping(house):
    pattern = re.compile(r"(?<![\w.])(u|nano)?sleep\s*\(|\btime\.sleep\(")
    for path in house.files(r"tests/.*\.(c|h|py)$"):
        if path.startswith("tests/tidy/"):
            continue
        text = house.text(path)
        code = text if path.endswith(".py") else without_comments(text)
        for number, line in enumerate(code.splitlines(), 1):
            if pattern.search(line):
                yield f"{path}:{number}: {line.strip()[:60]}"


def anchor_of(title):
    """The fragment that a Markdown heading can be reached by."""
    title = re.sub(r"[`*]|\[([^]]*)\]\([^)]*\)", r"\1", title.strip())
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def headings(text):
    text = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    return {anchor_of(title)
            for title in re.findall(r"^#+ (.+)$", text, re.M)}


@check("docs: links inside the tree lead somewhere")
def links(house):
    for path in house.files(r".*\.md$"):
        text = re.sub(r"^```.*?^```", "", house.text(path), flags=re.M | re.S)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if re.match(r"[a-z]+:", target):
                continue
            name, _, fragment = target.partition("#")
            place = (house.root / path).parent / name if name \
                else house.root / path
            if not place.exists():
                yield f"{path}: no such file: {target}"
            elif fragment and place.suffix == ".md" and \
                    fragment not in headings(place.read_text("utf-8")):
                yield f"{path}: no such heading: {target}"


@check("docs: code shown in a page is the file that it names")
def shown_code(house):
    shown = re.compile(r"^<!-- (\S+?);?( [^\n]*)? -->\n```\w*\n(.*?)^```",
                       re.M | re.S)
    for path in house.files(r".*\.md$"):
        for name, _, code in shown.findall(house.text(path)):
            if name not in house.paths:
                yield f"{path}: no such file: {name}"
            elif code != house.text(name):
                yield f"{path}: is not what {name} says now"


@check("docs: every fault that is due has its test, the table is fresh")
def faults_table(house):
    script = house.root / "scripts" / "faults-table"
    if not script.exists():
        yield "scripts/faults-table is missing"
        return
    answer = house.run(sys.executable, script, "--check")
    if answer.returncode:
        yield from (answer.stdout + answer.stderr).strip().splitlines()


@check("docs: scripts are what sh can read")
def shell(house):
    for path in house.files(r"scripts/[\w.-]+$|\.ci/run$|.*\.sh$"):
        first = house.text(path).split("\n", 1)[0]
        reader = "bash" if "bash" in first else "sh"
        if path.endswith(".sh") or re.match(r"#!.*\b(ba)?sh\b", first):
            answer = house.run(reader, "-n", path)
            if answer.returncode:
                yield f"{path}: {answer.stderr.strip()}"
