"""The library's own interface: all messages of a wake-up in one call, in
memory that is borrowed for that call, and health on the side."""
import sys

import hawser


def take(messages):
    for message in messages:
        print(len(message), "bytes:", message[:10].tobytes())
        if message == b"last":
            client.close()


def handle(kind, payload):
    if kind == "down":
        print("down:", payload["fault"])
        if payload["final"]:
            print("messages:", client.snapshot()["messages_in"])
            loop.stop()


loop = hawser.EventLoop()
client = hawser.Client(loop, handle, url=sys.argv[1], on_messages=take,
                       borrow=True, openings=['{"subscribe":"ticker"}'])
client.open()
loop.run()
