"""A feed that is taken up again, with asyncio: what was lost in between is
known, and late data has a name."""
import asyncio
import sys

import hawser


def on_event(kind, payload):
    if kind == "down":
        print("down:", payload["fault"])
    elif kind == "verdict":
        print("verdict:", payload[0], payload[2])


async def main(url):
    async with hawser.connect(url, openings=['{"subscribe":"ticker"}'],
                              judge=True, on_event=on_event) as ws:
        async for message in ws:
            print("message", message)
            if message == "last":
                break
    print("state", ws.state)


asyncio.run(main(sys.argv[1]))
