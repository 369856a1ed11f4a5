"""Install into a folder of its own, move it away, and build programs against
it as a stranger would: by pkg-config and by CMake, shared and static."""

import os
import pathlib
import shutil
import subprocess

import pytest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = pathlib.Path(os.environ["HAWSER_BUILD"])
# A sanitized library asks its user for the same sanitizers.
SANITIZE = os.environ.get("HAWSER_SANITIZE", "")
EXTRA = [f"-fsanitize={SANITIZE}"] if SANITIZE else []


def run(*command, **options):
    """What a command says; its failure is the test's."""
    answer = subprocess.run(
        [str(word) for word in command], text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    assert answer.returncode == 0, f"{command}:\n{answer.stdout}"
    return answer.stdout


def cached(name):
    """A setting of the build folder."""
    for line in (BUILD / "CMakeCache.txt").read_text().splitlines():
        if line.startswith(name + ":"):
            return line.split("=", 1)[1]
    return ""


@pytest.fixture(scope="session", name="prefix")
def installed(tmp_path_factory):
    """An installed tree that was moved after its installation."""
    folder = tmp_path_factory.mktemp("installed")
    run("cmake", "--install", BUILD, "--prefix", folder / "first")
    shutil.move(folder / "first", folder / "moved")
    return folder / "moved"


@pytest.fixture(name="library")
def library_folder(prefix):
    return next(prefix.rglob("libhawser.a")).parent


@pytest.fixture(name="pkg_config")
def pkg_config_of(library):
    def ask(*words):
        return run("pkg-config", *words, "hawser", env={
            **os.environ, "PKG_CONFIG_PATH": f"{library}/pkgconfig"}).split()
    return ask


def say(program, library):
    return run(program, env={**os.environ, "LD_LIBRARY_PATH": str(library)})


def needs(program):
    """The shared libraries that a program asks for."""
    return run("readelf", "-d", program)


def version():
    return cached("CMAKE_PROJECT_VERSION")


def test_installs_every_public_header_and_no_other(prefix):
    def names(folder):
        return {path.name for path in folder.iterdir()}
    assert names(prefix / "include/hawser") == \
        names(ROOT / "include/hawser") | {"adapters", "loopkit.h"}
    assert names(prefix / "include/hawser/adapters") == names(ROOT / "adapters")


def test_installs_the_command_and_its_page(prefix):
    assert version() in run(prefix / "bin/hawser", "version")
    assert (prefix / "share/man/man1/hawser.1").stat().st_size > 0


def test_pkg_config_names_the_version(pkg_config):
    assert pkg_config("--modversion") == [version()]


def test_shared_library_by_pkg_config(library, pkg_config, tmp_path):
    program = tmp_path / "consumer"
    flags = pkg_config("--cflags", "--libs")
    run("cc", *EXTRA, HERE / "consumer/consumer.c", *flags, "-o", program)
    assert say(program, library) == f"hawser {version()}\n"
    assert "libhawser.so.0" in needs(program)


def test_static_library_by_pkg_config(library, pkg_config, tmp_path):
    program = tmp_path / "consumer"
    flags = ["-l:libhawser.a" if flag == "-lhawser" else flag
             for flag in pkg_config("--static", "--cflags", "--libs")]
    run("cc", *EXTRA, HERE / "consumer/consumer.c", *flags, "-o", program)
    assert say(program, library) == f"hawser {version()}\n"
    assert "libhawser" not in needs(program)


def configure(prefix, folder, target, wanted):
    return ["cmake", "-S", HERE / "consumer", "-B", folder, "-G", "Ninja",
            f"-DCMAKE_PREFIX_PATH={prefix}", f"-DTARGET={target}",
            f"-DWANTED={wanted}", f"-DCMAKE_C_FLAGS={' '.join(EXTRA)}",
            f"-DCMAKE_C_COMPILER={cached('CMAKE_C_COMPILER')}"]


@pytest.mark.parametrize("target, shared", [
    ("hawser::hawser", True), ("hawser::shared", True),
    ("hawser::static", False)])
def test_library_by_find_package(prefix, library, tmp_path, target, shared):
    run(*configure(prefix, tmp_path, target, version()))
    run("cmake", "--build", tmp_path)
    assert say(tmp_path / "consumer", library) == f"hawser {version()}\n"
    assert ("libhawser.so.0" in needs(tmp_path / "consumer")) == shared


def test_find_package_refuses_another_version(prefix, tmp_path):
    with pytest.raises(AssertionError, match="not compatible|not accept|"
                                             "compatible with requested"):
        run(*configure(prefix, tmp_path, "hawser::hawser", "9.0"))


@pytest.mark.parametrize("standard", ["c++11", "c++20"])
def test_headers_serve_cplusplus(pkg_config, tmp_path, standard):
    if not shutil.which("c++"):
        pytest.skip("no C++ compiler")
    source = tmp_path / "program.cc"
    source.write_text("#include <hawser/hawser.h>\n"
                      "int main() { return hws_version()[0] == 0; }\n")
    program = tmp_path / "program"
    run("c++", f"-std={standard}", "-Wall", "-Wextra", "-Werror", *EXTRA,
        source, *pkg_config("--cflags", "--libs"), "-o", program)
    library = next(word[2:] for word in pkg_config("--libs")
                   if word.startswith("-L"))
    assert say(program, library) == ""


# What an example needs beside hawser: modules of pkg-config, and flags.
EXAMPLES_NEED = {
    "uv.c": (["libuv"], []), "libevent.c": (["libevent_core"], []),
    "glib.c": (["glib-2.0"], []), "sdevent.c": (["libsystemd"], []),
    "ev.c": ([], ["-lev"]), "own_loop.c": (["hawser-loopkit"], []),
}


def flags_of(example, library):
    """The flags for an example; skips where its host loop is not here."""
    modules, flags = EXAMPLES_NEED.get(example, ([], []))
    if "-lev" in flags and not pathlib.Path("/usr/include/ev.h").exists():
        pytest.skip("libev is not installed")
    answer = subprocess.run(
        ["pkg-config", "--cflags", "--libs", *modules, "hawser"], text=True,
        capture_output=True, check=False, env={
            **os.environ, "PKG_CONFIG_PATH": f"{library}/pkgconfig"})
    if answer.returncode and "hawser" not in str(modules):
        pytest.skip(f"{modules} is not installed")
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.split() + flags


@pytest.mark.parametrize("example", sorted(
    path.name for path in (ROOT / "examples").glob("*.c")))
def test_examples_build_against_what_is_installed(library, tmp_path,
                                                  example):
    run("cc", "-std=c11", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra",
        "-Werror", *EXTRA, ROOT / "examples" / example,
        *flags_of(example, library), "-o", tmp_path / "example")


@pytest.mark.parametrize("adapter", ["uv", "libevent", "ev", "glib",
                                     "sdevent"])
@pytest.mark.parametrize("compiler", [
    ["cc", "-x", "c", "-std=c11", "-D_POSIX_C_SOURCE=200809L",
     "-Wstrict-prototypes", "-Wmissing-prototypes"],
    ["c++", "-x", "c++", "-std=c++11"]])
def test_adapters_serve_c_and_cplusplus(library, tmp_path, adapter, compiler):
    if not shutil.which(compiler[0]):
        pytest.skip(f"no {compiler[0]}")
    source = tmp_path / "program"
    source.write_text(f"#include <hawser/adapters/{adapter}.h>\n")
    flags = [flag for flag in flags_of(f"{adapter}.c", library)
             if not flag.startswith(("-l", "-L"))]
    run(*compiler, "-O2", "-Wall", "-Wextra", "-Wconversion", "-Wshadow",
        "-Wvla", "-Werror", *flags, "-c", source, "-o", tmp_path / "out")


def test_kit_of_the_installed_library_passes_the_example(library, tmp_path):
    program = tmp_path / "own_loop"
    run("cc", "-std=c11", "-D_POSIX_C_SOURCE=200809L", *EXTRA,
        ROOT / "examples/own_loop.c", *flags_of("own_loop.c", library), "-o",
        program)
    answer = run(program, "--kit", "--only", "watches.", env={
        **os.environ, "LD_LIBRARY_PATH": str(library)})
    assert "# 0 failed" in answer
