"""What the compiled files really call: fences that no macro slips through."""

import re

from house import Skip, check

# What compilers and sanitizers add by themselves.
COMPILER = re.compile(
    r"_GLOBAL_OFFSET_TABLE_|_DYNAMIC|__stack_chk_fail|__tls_get_addr"
    r"|__(asan|ubsan|tsan|msan|sanitizer|gcov|llvm|odr_asan)_?\w*"
    r"|___asan\w*|__cpu_(model|indicator_init)|__cpu_features2"
    r"|__(popcount|udiv|umod|clz|ctz|bswap)\w+")

MEMORY_AND_TEXT = re.compile(
    r"mem(cpy|move|set|cmp|chr|rchr|mem|pcpy)|bcmp"
    r"|str(len|nlen|n?cat|cmp|ncmp|casecmp|ncasecmp|chr|rchr|str|cpy|ncpy|spn"
    r"|cspn|pbrk|error_r)|stpcpy|__xpg_strerror_r|explicit_bzero"
    r"|v?snprintf|abort|__assert_fail|malloc|realloc|free"
    r"|__\w+_chk|__isoc\d+_\w+")
HASH_AND_ZLIB = re.compile(
    r"EVP_(MD_\w+|Digest\w*|sha1|Q_digest)|SHA1(_\w+)?|OPENSSL_cleanse"
    r"|(in|de)flate\w*|zlibVersion")

# What only some files may call: name, symbols, home (of src/ and cli/).
HOMES = [
    ("the allocator",
     r"[mc]alloc|realloc(array)?|free|strn?dup|posix_memalign|aligned_alloc"
     r"|v?asprintf|open_memstream|getline|getdelim",
     r"base/mem\.c|cli/"),
    ("the clock",
     r"clock_gettime|gettimeofday|time|clock|timespec_get|ftime",
     r"loop/clock\.c|probe/account_linux\.c"),
    ("sleeping and blocking",
     r"(nano|u|clock_nano)?sleep|clock_nanosleep|getaddrinfo|gethostby\w+"
     r"|getnameinfo|system|popen",
     r"nowhere"),
    ("sockets",
     r"socket|socketpair|connect|bind|listen|accept4?|(send|recv)(to|from"
     r"|m?msg)?|[gs]etsockopt|getpeername|getsockname|shutdown",
     r"(link|loop)/"),
    ("polling",
     r"epoll_\w+|p?poll|p?select|eventfd|timerfd_\w+|signalfd",
     r"(link|loop)/|cli/"),
    ("OpenSSL's TLS",
     r"(SSL|BIO|TLS|DTLS|X509|PEM|ERR)_\w+",
     r"link/tls\w*\.c"),
    ("c-ares", r"ares_\w+", r"link/|cli/"),
    ("the environment", r"(secure_)?getenv|(un)?setenv|putenv|environ",
     r"session/environment\.c|cli/"),
    ("randomness",
     r"RAND_\w+|getrandom|getentropy|s?rand(om)?(_r)?|arc4random\w*",
     r"session/entropy\.c"),
]


def objects(house):
    """{room/file.c: object file} of src/ and cli/ as they were built."""
    if not house.build:
        raise Skip("no build folder was named")
    found = {}
    for place in (house.build / "src", house.build / "cli"):
        for path in place.rglob("*.c.o"):
            folder = path.parts[path.parts.index("CMakeFiles") - 1]
            name = f"{folder}/{path.name[:-2]}"
            source = name if folder == "cli" else f"src/{name}"
            if source in house.paths:
                found[name] = path
    if not found:
        raise RuntimeError("no object file: build first")
    return found


def names(house, path, *options):
    """Symbols of an object file, without versions."""
    listed = house.run("nm", "-P", *options, path)
    if listed.returncode:
        raise RuntimeError(f"nm {path}: {listed.stderr.strip()}")
    return {line.split()[0].split("@")[0]
            for line in listed.stdout.splitlines() if line}


def called(house):
    """{file: symbols that it takes from elsewhere}."""
    return {name: {symbol for symbol in names(house, path, "-u")
                   if not COMPILER.fullmatch(symbol)}
            for name, path in sorted(objects(house).items())}


@check("fence: base and proto call memory, text and hash functions only")
def sans_io(house):
    ours = {name: path for name, path in objects(house).items()
            if re.match(r"(base|proto)/", name)}
    own = set()
    for path in ours.values():
        own |= names(house, path, "--defined-only", "-g")
    for name, symbols in called(house).items():
        for symbol in sorted(symbols - own) if name in ours else ():
            if not (MEMORY_AND_TEXT.fullmatch(symbol) or
                    HASH_AND_ZLIB.fullmatch(symbol)):
                yield f"{name}: calls {symbol}"


@check("fence: allocator, clock, sockets, TLS and chance have one home each")
def homes(house):
    for name, symbols in called(house).items():
        for title, pattern, home in HOMES:
            if re.match(home, name):
                continue
            for symbol in sorted(symbols):
                if re.fullmatch(pattern, symbol):
                    yield f"{name}: {symbol}; {title} belongs to {home}"


@check("fence: what files share is named hws_ or hwi_")
def prefixes(house):
    for name, path in sorted(objects(house).items()):
        if name.startswith("cli/"):
            continue
        for symbol in sorted(names(house, path, "--defined-only", "-g")):
            if not re.match(r"hw[si]_", symbol) and symbol[0] != "_":
                yield f"{name}: shares '{symbol}'"


def declared(house):
    """All HWS_API functions of the public headers."""
    found = set()
    for path in house.files(r"include/hawser/.*\.h$"):
        text = re.sub(r"/\*.*?\*/", " ", house.text(path), flags=re.S)
        text = re.sub(r"^\s*#.*$", "", text, flags=re.M)
        for match in re.finditer(r"\bHWS_API\b([^;{]*?)\(", text):
            found.add(match.group(1).split()[-1].lstrip("*"))
    return found


@check("api: the shared library exports what the headers declare, no more")
def exports(house):
    if not house.build:
        raise Skip("no build folder was named")
    library = house.build / "src" / "libhawser.so"
    if not library.exists():
        yield f"{library.name} is not built"
        return
    exported = {symbol for symbol in
                names(house, library, "-D", "--defined-only", "-g")
                if not COMPILER.fullmatch(symbol)
                and symbol not in ("_init", "_fini")}
    for symbol in sorted(exported - declared(house)):
        yield f"exports {symbol}, which no header declares"
    for symbol in sorted(declared(house) - exported):
        yield f"declares {symbol}, which the library lacks"
