"""hawser's modules under the names `websocket` and `rel`, for programs whose
imports cannot be edited."""
import importlib
import pkgutil
import sys
from types import ModuleType
from typing import Iterator

NAMES = {"websocket": "hawser.websocket", "rel": "hawser.rel"}


def install() -> None:
    """Let `import websocket` and `import rel` give hawser's, submodules
    (`websocket._app`) included, from now on. Call it before anything imports
    them; a second call does nothing.

    Raises ImportError, and changes nothing, when another maker's module of
    one of these names was imported already."""
    for name, ours in NAMES.items():
        _refuse_another(name, ours)
    for name, ours in NAMES.items():
        for module in _modules_of(ours):
            sys.modules[name + module.__name__[len(ours):]] = module


def _refuse_another(name: str, ours: str) -> None:
    there = sys.modules.get(name)
    if there is None or there.__name__ == ours:
        return
    version = getattr(there, "__version__", "of unknown version")
    raise ImportError(
        f"'{name}' {version} ({getattr(there, '__file__', 'built in')}) was "
        "imported before hawser.install(): call install() first, or start "
        "the program by 'python -m hawser PROGRAM'", name=name)


def _modules_of(name: str) -> Iterator[ModuleType]:
    package = importlib.import_module(name)
    yield package
    for module in pkgutil.iter_modules(package.__path__, name + "."):
        yield importlib.import_module(module.name)
