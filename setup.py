"""The extension of the Python package, compiled by CMake as in any other build
of this tree. Everything else stands in pyproject.toml."""
import pathlib
import re
import shutil
import subprocess
import sys

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

TREE = pathlib.Path(__file__).resolve().parent


def version():
    text = (TREE / "CMakeLists.txt").read_text(encoding="utf-8")
    return re.search(r"project\(hawser VERSION ([\d.]+)", text).group(1)


class ByCMake(build_ext):
    """build_ext, by the target that the tests use, too."""

    def build_extension(self, ext):
        if not shutil.which("cmake"):
            raise SystemExit("hawser: cmake 3.25 is needed to compile the "
                             "extension; install it and try again")
        folder = pathlib.Path(self.build_temp).resolve() / "cmake"
        generator = ["-G", "Ninja"] if shutil.which("ninja") else []
        subprocess.run(
            ["cmake", "-S", TREE, "-B", folder, *generator,
             f"-DHAWSER_PYTHON={sys.executable}", "-DHAWSER_TESTS=OFF",
             "-DHAWSER_BENCH=OFF", "-DCMAKE_BUILD_TYPE=RelWithDebInfo",
             "-DHAWSER_LTO=ON"], check=True)
        subprocess.run(["cmake", "--build", folder, "--parallel",
                        "--target", "hawser_python"], check=True)
        made = list((folder / "python" / "hawser").glob("_hawser*"))
        if len(made) != 1:
            raise SystemExit("hawser: the extension was not built: are the "
                             "headers of Python (python3-dev) installed?")
        target = pathlib.Path(self.get_ext_fullpath(ext.name))
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(made[0], target)


setup(version=version(), cmdclass={"build_ext": ByCMake},
      ext_modules=[Extension("hawser._hawser", sources=[])])
