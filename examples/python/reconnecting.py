"""A feed that is taken up again, written for websocket-client and rel: only
the two imports differ."""
import sys

import hawser.rel as rel
import hawser.websocket as websocket


def on_open(app):
    app.send('{"subscribe": "ticker"}')


def on_message(app, message):
    print("message", message)
    if message == "last":
        app.close()


def on_error(app, error):
    print("error", type(error).__name__)


def on_close(app, code, reason):
    print("close", code, reason)


app = websocket.WebSocketApp(sys.argv[1], on_open=on_open,
                             on_message=on_message, on_error=on_error,
                             on_close=on_close)
app.run_forever(dispatcher=rel, reconnect=1)
rel.dispatch()
