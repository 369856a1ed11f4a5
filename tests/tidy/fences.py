"""Who may include whom: the rooms of the house and the doors between them."""

import re

from csource import without_comments
from house import check

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)

# Each room and the rooms it may know. `base` is everyone's ground.
MAY = {
    "base": {"base"},
    "proto": {"base", "proto"},
    "link": {"base", "link"},
    "loop": {"base", "loop"},
    "health": {"base", "health"},
    "probe": {"base", "loop", "health", "probe"},
    "session": {"base", "proto", "link", "loop", "health", "probe", "session"},
}
# The public headers belong to rooms as well.
ROOM_OF = {
    "tls": "link",
    "types": "base", "proto": "proto", "link": "link", "loop": "loop",
    "event": "loop", "health": "health", "log": "health", "probe": "probe",
    "conn": "session", "client": "session", "cookies": "session",
    "control": "session",
    "sync": "session", "hawser": "session", "host": "loop",
}
# Doors that the public contract itself opens: interest in a descriptor is
# link's word (HWS_READ).
DOORS = {
    ("include/hawser/loop.h", "hawser/link.h"),
}
# System headers that only some files may see.
SYSTEM = [
    (r"sys/socket\.h|sys/un\.h|netinet/.*|arpa/.*|netdb\.h",
     r"src/(link|loop)/|kit/"),
    (r"poll\.h|sys/(epoll|select|eventfd|event|timerfd|signalfd)\.h",
     r"src/(link|loop)/|cli/|kit/|adapters/"),
    (r"openssl/(ssl|bio|x509.*|err)\.h", r"src/link/tls|kit/certificate"),
    (r"zlib\.h", r"src/proto/deflate|cli/"),
    (r"ares.*\.h", r"src/link/|cli/"),
]


def includes(house, path):
    """(line, kind, name) of every include."""
    text = house.text(path)
    kept = without_comments(text)
    for match in INCLUDE.finditer(text):
        if kept[match.start():match.end()].strip():
            line = text.count("\n", 0, match.start(2)) + 1
            yield line, match.group(1), match.group(2)


def room_of(path):
    """The room of a source, a header or an included name; None: none."""
    public = re.match(r"(?:include/)?hawser/(\w+)\.h$", path)
    if public:
        return ROOM_OF.get(public.group(1))
    private = re.match(r"(?:src/)?(\w+)/", path)
    return private.group(1) if private and private.group(1) in MAY else None


@check("fence: rooms include only what they may know")
def rooms(house):
    for path in house.files(r"(src/\w+|include/hawser)/.*\.[ch]$"):
        room = room_of(path)
        if room is None:
            yield f"{path}: belongs to no room of tests/tidy/fences.py"
            continue
        for line, kind, name in includes(house, path):
            if kind == "<" or (path, name) in DOORS:
                continue
            near = f"{path.rsplit('/', 1)[0]}/{name}"
            other = room_of(near if near in house.paths else name)
            if other is None:
                yield f'{path}:{line}: "{name}" is in no room'
            elif other not in MAY[room]:
                yield f'{path}:{line}: {room} may not include "{name}"'


@check("fence: cli, examples, adapters and kit see include/hawser alone")
def outside(house):
    for path in house.files(r"(cli|examples|adapters|kit|python)/.*\.[ch]$"):
        folder = path.split("/")[0]
        for line, kind, name in includes(house, path):
            local = {f"{folder}/{name}", f"{path.rsplit('/', 1)[0]}/{name}",
                     name if name.startswith(folder + "/") else ""}
            if kind == "<" or local & set(house.paths):
                continue
            if f"include/{name}" not in house.paths:
                yield f'{path}:{line}: "{name}" is not public'


@check("fence: sockets, TLS, DNS and zlib have one home each")
def system(house):
    for path in house.files(r"(src|cli|include|adapters|kit)/.*\.[ch]$"):
        for line, _, name in includes(house, path):
            for header, home in SYSTEM:
                if re.fullmatch(header, name) and not re.match(home, path):
                    yield f"{path}:{line}: <{name}> belongs to {home}"


@check("fence: every include of ours exists")
def exist(house):
    known = set(house.paths)
    for path in house.c_files():
        here = path.rsplit("/", 1)[0] if "/" in path else ""
        for line, kind, name in includes(house, path):
            places = {f"{top}{name}" for top in
                      ("", "include/", "src/", "tests/", "cli/", "bench/",
                       "kit/", here + "/")}
            if kind == '"' and not places & known:
                yield f'{path}:{line}: "{name}" is nowhere'
