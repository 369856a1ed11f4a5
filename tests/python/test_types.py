"""Type hints: complete, and true of what is there at run time."""
import os
import re
import subprocess
import sys

import pytest

from conftest import BUILD, SOURCE

PROGRAM = '''
import asyncio
from typing import List
import hawser

def take(messages: List[bytes]) -> None:
    print(sum(map(len, messages)))

loop = hawser.EventLoop()
client = hawser.Client(loop, url="ws://x", on_messages=take, ping_delay=5)
client.send("x")
reveal_type(client.snapshot()["bytes_in"])

async def main() -> float:
    async with hawser.connect("ws://x") as ws:
        async for message in ws:
            await ws.send(message)
        return await ws.ping()

asyncio.run(main())
'''


def mypy(*arguments):
    pytest.importorskip("mypy")
    return subprocess.run(
        [sys.executable, "-m", *arguments], capture_output=True, text=True,
        cwd=BUILD / "python", timeout=120,
        env={**os.environ, "MYPYPATH": str(BUILD / "python"),
             "MYPY_CACHE_DIR": str(BUILD / "mypy")})


def test_stubs_agree_with_the_extension():
    result = mypy("mypy.stubtest", "hawser._hawser")
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_program_is_checked_strictly(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    result = mypy("mypy", "--strict", program)
    assert "Success" in result.stdout, result.stdout
    wrong = tmp_path / "wrong.py"
    wrong.write_text(PROGRAM.replace("ping_delay=5", "ping_dely=5"))
    result = mypy("mypy", "--strict", wrong)
    assert 'Unexpected keyword argument "ping_dely"' in result.stdout


def test_every_option_has_its_hint():
    table = (SOURCE / "python/src/options.c").read_text()
    hints = (SOURCE / "python/hawser/_hawser.pyi").read_text()
    known = set(re.findall(r'^    \{"(\w+)", [A-Z]+, AT', table, re.M))
    listed = hints[hints.index("url: str"):hints.index(') -> "Client"')]
    assert set(re.findall(r"(\w+): ", listed)) == known


def test_the_package_says_that_it_is_typed():
    assert (BUILD / "python/hawser/py.typed").exists()
    assert (BUILD / "python/hawser/_hawser.pyi").exists()
