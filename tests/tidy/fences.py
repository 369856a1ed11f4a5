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
    "session": {"base", "proto", "link", "loop", "health", "session"},
}
# The public headers belong to rooms as well.
ROOM_OF = {
    "types": "base", "proto": "proto", "link": "link", "loop": "loop",
    "health": "health", "conn": "session", "client": "session",
    "sync": "session", "hawser": "session",
}
# Doors that the public contract itself opens: a source of chance is proto's
# word (struct hws_random), interest in a descriptor is link's (HWS_READ).
DOORS = {
    ("src/base/rng.h", "hawser/proto.h"),
    ("include/hawser/loop.h", "hawser/link.h"),
}
# System headers that only some files may see.
SYSTEM = [
    (r"sys/socket\.h|sys/un\.h|netinet/.*|arpa/.*|netdb\.h",
     r"src/(link|loop)/"),
    (r"poll\.h|sys/(epoll|select|eventfd|event|timerfd|signalfd)\.h",
     r"src/(link|loop)/|cli/"),
    (r"openssl/(ssl|bio|x509.*|err)\.h", r"src/link/tls"),
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


@check("fence: cli, examples and adapters see include/hawser alone")
def outside(house):
    for path in house.files(r"(cli|examples|adapters|python)/.*\.[ch]$"):
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
    for path in house.files(r"(src|cli|include)/.*\.[ch]$"):
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
                       here + "/")}
            if kind == '"' and not places & known:
                yield f'{path}:{line}: "{name}" is nowhere'
