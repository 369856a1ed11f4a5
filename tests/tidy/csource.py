"""Reading C just well enough to measure it: comments and strings blanked,
functions found with their length and nesting. Knows no rule of the house."""

import re
from dataclasses import dataclass

COMMENT_OR_TEXT = re.compile(
    r"""/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""",
    re.S)
TOKEN = re.compile(r"[A-Za-z_]\w*|[{}();:=]")
LOOPS = {"for", "while", "switch"}


def blank(text):
    """The same text with all but its line ends replaced by spaces."""
    return re.sub(r"[^\n]", " ", text)


def without_comments(text):
    """C with comments and the insides of strings blanked, lines kept."""
    def replace(match):
        found = match.group(0)
        if found[0] == '"':
            return '"' + blank(found[1:-1]) + '"'
        return blank(found)
    return COMMENT_OR_TEXT.sub(replace, text)


def without_directives(text):
    """Preprocessor lines blanked, and every branch but the first, so that
    braces stay in balance."""
    lines, out, hidden, continued = text.split("\n"), [], [], False
    for line in lines:
        directive = re.match(r"\s*#\s*(\w+)", line)
        if directive and not continued:
            word = directive.group(1)
            if word.startswith("if"):
                hidden.append(False)
            elif word in ("else", "elif") and hidden:
                hidden[-1] = True
            elif word == "endif" and hidden:
                hidden.pop()
        drop = directive or continued or any(hidden)
        continued = bool(directive or continued) and line.endswith("\\")
        out.append(blank(line) if drop else line)
    return "\n".join(out)


def code_of(text):
    return without_directives(without_comments(text))


@dataclass
class Function:
    name: str
    line: int
    length: int
    nesting: int


def matching(code, at):
    """Where the brace that opens at `at` closes; the end if it never does."""
    depth = 0
    for place in range(at, len(code)):
        if code[place] == "{":
            depth += 1
        elif code[place] == "}":
            depth -= 1
            if depth == 0:
                return place
    return len(code)


def functions(text):
    """All function definitions of a C file."""
    code, found, at, start = code_of(text), [], 0, 0
    while at < len(code):
        if code[at] in ";}":
            start = at + 1
        elif code[at] == "{":
            head = code[start:at]
            if re.search(r'extern\s+"\s*"\s*$', head):
                start = at + 1
            else:
                end = matching(code, at)
                if head.rstrip().endswith(")") and "=" not in head:
                    found.append(measure(code, start, at, end))
                at = end
                start = at + 1
        at += 1
    return found


def measure(code, start, at, end):
    head = code[start:at]
    name = re.search(r"(\w+)\s*\(", head)
    name = name.group(1) if name else "?"
    if name == "TEST":
        name = re.search(r"\(\s*(\w+)", head).group(1)
    return Function(
        name=name,
        line=code.count("\n", 0, at) + 1,
        length=code.count("\n", at, end) + 1,
        nesting=Nesting(code[at:end + 1]).deepest)


class Nesting:
    """Levels of control statements below a function's own."""

    def __init__(self, body):
        self.tokens = TOKEN.findall(body)
        self.at = 0
        self.deepest = 0
        self.block(0)

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self):
        token = self.peek()
        self.at += 1
        return token

    def block(self, depth):
        self.take()
        while self.peek() not in ("}", ""):
            self.statement(depth)
        self.take()

    def skip_parens(self):
        depth = 0
        while self.peek():
            token = self.take()
            depth += {"(": 1, ")": -1}.get(token, 0)
            if depth == 0:
                return

    def body(self, depth):
        self.deepest = max(self.deepest, depth)
        self.statement(depth)

    def statement(self, depth):
        token = self.peek()
        if token == "{":
            self.block(depth)
        elif token == "if":
            self.branch(depth)
        elif token in LOOPS:
            self.take()
            self.skip_parens()
            self.body(depth + 1)
        elif token == "do":
            self.take()
            self.body(depth + 1)
            self.expression(depth)
        elif token in ("case", "default"):
            while self.take() not in (":", ""):
                pass
        else:
            self.expression(depth)

    def branch(self, depth):
        self.take()
        self.skip_parens()
        self.body(depth + 1)
        if self.peek() == "else":
            self.take()
            if self.peek() == "if":
                self.branch(depth)
            else:
                self.body(depth + 1)

    def expression(self, depth):
        """To the semicolon; or a block behind `each(...)`, a macro's loop."""
        first, count = self.peek(), 0
        while self.peek():
            token = self.peek()
            if token == "(":
                self.skip_parens()
            elif token == "{" and count == 2 and first != "return":
                return self.body(depth + 1)
            elif token == "{":
                self.skip_braces()
            elif token == "}":
                return None
            else:
                self.take()
                if token == ";" or (token == ":" and count == 1):
                    return None
            count += 1
        return None

    def skip_braces(self):
        depth = 0
        while self.peek():
            depth += {"{": 1, "}": -1}.get(self.take(), 0)
            if depth == 0:
                return
