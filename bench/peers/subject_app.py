"""A program with a WebSocketApp, as its users write it, measured.

    subject_app.py URL paced|burst SECONDS CA WEBSOCKET REL

WEBSOCKET and REL are modules: websocket or hawser.websocket; rel, hawser.rel,
or "none" for the dispatcher that run_forever() has by itself.
"""
import importlib
import sys

from meter import Meter


def main(url, feed, seconds, authority, client, dispatcher):
    websocket = importlib.import_module(client)
    meter = Meter(float(seconds))
    take = getattr(meter, feed)
    app = websocket.WebSocketApp(
        url, on_message=lambda app, message: take(message),
        on_error=lambda app, why: print(f"error: {why!r}", file=sys.stderr))
    options = {}
    if url.startswith("wss"):
        options["sslopt"] = {"ca_certs": authority}
    if dispatcher == "none":
        app.run_forever(**options)
        return
    rel = importlib.import_module(dispatcher)
    app.run_forever(dispatcher=rel, reconnect=5, **options)
    rel.signal(2, rel.abort)
    rel.dispatch()


main(*sys.argv[1:])
