"""Messages of 4 MiB both ways. Each is compared as it comes back and then
forgotten, so that as many can pass as there is time for.
"""
import os

import pytest

MIB = 1 << 20
SIZE = 4 * MIB
# A thousand take minutes: the long checks ask for them.
COUNT = int(os.environ.get("HAWSER_BIG_COUNT", "12"))
# Slower than this is a hang: a tenth of what the slowest peer reaches with
# half a core. Bytes a second; what goes and comes back counts once.
RATE_MIN = 4 * MIB


@pytest.mark.parametrize("kind", ["text", "binary"])
def test_messages_of_4_mib_come_back_unchanged(server, drive, kind):
    report = drive("exchange", server.url, kind, SIZE, COUNT,
                   patience=SIZE * COUNT / RATE_MIN)
    assert report["sent"] == report["received"] == COUNT
    server.closed("1000 done")
