"""A program on the library's own interface, measured.

    subject_native.py URL paced|burst|echo SECONDS CA decode|bytes|borrow
"""
import sys
import time

import hawser
from meter import Meter, Trips

ECHO = "x" * 32


def main(url, feed, seconds, authority, how):
    meter = Meter(float(seconds))
    trips = Trips(meter)
    loop = hawser.EventLoop()

    def bounce(message):
        trips.came()
        trips.left()
        client.send(ECHO)

    def take_all(messages):
        for message in messages:
            take(message)

    def handle(kind, payload):
        if kind == "up" and feed == "echo":
            trips.left()
            client.send(ECHO)
        elif kind == "down":
            print("down:", payload["fault"], file=sys.stderr)
    options = {how: True} if how != "bytes" else {}
    if url.startswith("wss"):
        options["tls_ca_file"] = authority
    if feed == "echo":
        options["on_message"] = bounce
    else:
        take = getattr(meter, feed)
        options["on_messages"] = take_all
    client = hawser.Client(loop, handle, url=url, **options)
    client.open()
    loop.run()


main(*sys.argv[1:])
