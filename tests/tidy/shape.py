"""The shape of files and functions, as the house's style asks for it."""

import concurrent.futures
import pathlib
import re
import shutil
import sysconfig

from csource import functions, without_comments
from house import Skip, check

PYTHON_H = pathlib.Path(sysconfig.get_path("include")) / "Python.h"

FUNCTION_LINES = 60
NESTING = 3
FILE_LINES = 500
ADAPTER_LINES = 129
COLUMNS = 80
CODE = r".*(\.([ch]|py|sh|cmake)|CMakeLists\.txt|scripts/\w+|\.ci/run)$"


@check("shape: functions of at most 60 lines")
def function_length(house):
    for path in house.c_files():
        for function in functions(house.text(path)):
            if function.length > FUNCTION_LINES:
                yield (f"{path}:{function.line}: {function.name} has "
                       f"{function.length} lines")


@check("shape: functions of at most 3 levels of nesting")
def nesting(house):
    for path in house.c_files():
        for function in functions(house.text(path)):
            if function.nesting > NESTING:
                yield (f"{path}:{function.line}: {function.name} nests "
                       f"{function.nesting} levels deep")


@check("shape: files of at most 500 lines")
def file_length(house):
    for path in house.files(CODE):
        count = len(house.text(path).splitlines())
        if count > FILE_LINES:
            yield f"{path}: {count} lines"


@check("shape: adapters of less than 130 lines")
def adapter_length(house):
    for path in house.files(r"adapters/.*\.h$"):
        count = len(house.text(path).splitlines())
        if count > ADAPTER_LINES:
            yield f"{path}: {count} lines"


@check("shape: lines of at most 80 columns")
def width(house):
    for path in house.files(CODE):
        for number, line in house.lines(path):
            if len(line) > COLUMNS:
                yield f"{path}:{number}: {len(line)} columns"


@check("shape: no tabs, no spaces at line ends, an end to the last line")
def spaces(house):
    for path in house.files(CODE):
        if house.text(path) and not house.text(path).endswith("\n"):
            yield f"{path}: the last line has no end"
        for number, line in house.lines(path):
            if "\t" in line:
                yield f"{path}:{number}: a tab"
            if line != line.rstrip():
                yield f"{path}:{number}: space at the end"


@check("shape: C files stand as clang-format-14 leaves them")
def formatted(house):
    if not shutil.which("clang-format-14"):
        raise Skip("clang-format-14 is not installed")
    paths = house.c_files()
    answer = house.run("clang-format-14", "--dry-run", "-Werror", *paths)
    wrong = re.findall(r"^(\S+):\d+:\d+: error", answer.stderr, re.M)
    for path in sorted(set(wrong)):
        yield f"{path}: clang-format-14 -i would change it"
    if answer.returncode and not wrong:
        yield answer.stderr.strip()


@check("shape: a comment at the top says what each file is")
def top_comment(house):
    for path in house.c_files():
        # The header of the pair, or the source under test, says it.
        source = re.sub(r"^tests/(.*)_test\.c$", r"src/\1.c", path)
        if path.endswith(".c") and (path[:-1] + "h" in house.paths or
                                    source != path and source in house.paths):
            continue
        if not house.text(path).lstrip().startswith("/*"):
            yield f"{path}: no comment at the top"


@check("shape: no typedefs of structs, unions or enums")
def typedefs(house):
    for path in house.c_files():
        code = without_comments(house.text(path))
        for match in re.finditer(r"\btypedef\s+(struct|union|enum)\b", code):
            # A function type may well return a pointer to a struct.
            end = re.search(r"[;{]", code[match.end():])
            declarator = code[match.end():match.end() + end.start()]
            if end.group(0) == ";" and "(" in declarator:
                continue
            line = code.count("\n", 0, match.start()) + 1
            yield f"{path}:{line}: typedef {match.group(1)}"


def compile_alone(house, path):
    """What the compilers say about a header by itself."""
    public = path.startswith("include/")
    here = path.rsplit("/", 1)[0]
    places = ["-Iinclude"] if public else [
        "-Iinclude", "-Isrc", "-Itests", "-Ikit", "-I" + here,
        "-I" + path.split("/")[0]]
    if path.startswith("python/"):
        places += ["-isystem", PYTHON_H.parent.as_posix()]
    common = ["-fsyntax-only", "-Wall", "-Wextra", "-Werror", *places]
    runs = [["cc", "-std=c11", "-D_POSIX_C_SOURCE=200809L", "-x", "c"]]
    if public and shutil.which("c++"):
        runs.append(["c++", "-std=c++11", "-x", "c++"])
    for words in runs:
        answer = house.run(*words, *common, "-include", path, "/dev/null")
        if answer.returncode:
            error = re.search(r"error: .*", answer.stderr)
            text = error.group(0) if error else answer.stderr.strip()
            yield f"{path}: not alone by {words[0]}: {text}"


@check("shape: headers compile alone, public ones as C++ too")
def headers_alone(house):
    headers = [path for path in house.files(r".*\.h$")
               if not path.startswith("adapters/")
               and (PYTHON_H.exists() or not path.startswith("python/"))]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for problems in pool.map(
                lambda path: list(compile_alone(house, path)), headers):
            yield from problems


@check("shape: headers guard themselves by their name")
def guards(house):
    for path in house.files(r".*\.h$"):
        guard = re.search(r"^#ifndef (\w+)\n#define (\w+)\n",
                          house.text(path), re.M)
        noun = re.sub(r"\W", "_", path.rsplit("/", 1)[-1]).upper()
        if not guard or guard.group(1) != guard.group(2):
            yield f"{path}: no include guard"
        elif not guard.group(1).endswith(noun):
            yield f"{path}: guard {guard.group(1)} is not named after it"


@check("shape: every C file has its place in a build file")
def listed(house):
    rooms = "src|cli|kit|tests|fuzz|bench|examples|python"
    for path in house.files(rf"({rooms})/.*\.c$"):
        folder, name = path.rsplit("/", 1)
        while folder and f"{folder}/CMakeLists.txt" not in house.paths:
            folder = folder.rpartition("/")[0]
        build = house.text(f"{folder}/CMakeLists.txt") if folder else ""
        build += "".join(house.text(each) for each in house.files("cmake/"))
        stem = re.escape(name[:-2])
        if path.startswith("tests/"):
            stem = stem.replace("_test", "(_test)?")
        if not re.search(rf"(?<![\w-]){stem}(?![\w-])", build):
            yield f"{path}: no CMakeLists.txt names it"
