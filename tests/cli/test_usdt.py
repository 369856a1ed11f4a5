"""The probes that a tracer finds in the program are those of the page."""
import glob
import pathlib
import re
import shutil
import subprocess

import pytest
from conftest import HAWSER

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "USDT.md"


def test_every_probe_is_there_with_its_arguments():
    if not shutil.which("readelf"):
        pytest.skip("readelf is not installed")
    if not glob.glob("/usr/include/**/sys/sdt.h", recursive=True):
        pytest.skip("sys/sdt.h is not installed")
    notes = subprocess.run(["readelf", "-n", HAWSER], text=True, check=True,
                           capture_output=True).stdout
    found = {name: len(arguments.split()) for name, arguments in re.findall(
        r"Provider: hawser\n\s+Name: (\w+)\n.*\n\s+Arguments: (.*)", notes)}
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", PAGE.read_text(), re.M)
    listed = {name: len(re.sub(r"\(.*?\)", "", arguments).split(", "))
              for name, arguments in rows}
    assert found == listed
