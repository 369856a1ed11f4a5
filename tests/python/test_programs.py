"""Programs as websocket-client's documentation has them, by their description:
each runs with websocket-client and, not changed by a letter, with hawser in
its place, and prints the same."""
import os
import subprocess
import sys
import textwrap

import pytest

import hawser

OURS = hawser.__path__[0].rsplit("/", 1)[0]
THEIRS = [os.environ[name] for name in ("WEBSOCKET_CLIENT", "REL")
          if name in os.environ]

PROGRAMS = {
    "one-off": """
        from websocket import create_connection
        ws = create_connection(url)
        print("Sending 'Hello, World'...")
        print(ws.send("Hello, World"))
        result = ws.recv()
        print("Received '%s'" % result, ws.connected, ws.getstatus())
        ws.close()
        print(ws.connected)
        """,
    "long-lived": """
        def on_message(wsapp, message):
            print(message)
            wsapp.close()
        def on_open(wsapp):
            print("opened")
            wsapp.send("hello")
        def on_close(wsapp, code, reason):
            print("closed")
        wsapp = websocket.WebSocketApp(url, on_message=on_message,
                                       on_open=on_open, on_close=on_close)
        wsapp.run_forever()
        """,
    "a class of one's own": """
        class MyWebSocket(websocket.WebSocket):
            def recv_frame(self):
                frame = super().recv_frame()
                print("yay! I got this frame:", frame.opcode, frame.data)
                return frame
        ws = websocket.create_connection(
            url, sockopt=((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),),
            class_=MyWebSocket)
        ws.send("x")
        print(ws.recv())
        ws.close()
        """,
    "closing and timeouts": """
        from contextlib import closing
        websocket.setdefaulttimeout(5)
        with closing(websocket.create_connection(url)) as conn:
            print(conn.gettimeout())
            conn.settimeout(0.01)
            try:
                conn.recv()
            except websocket.WebSocketTimeoutException as why:
                print(type(why).__name__, isinstance(why, Exception))
            conn.settimeout(10)
            conn.send_binary(b"\\x00\\x01")
            print(conn.recv_data())
        """,
    "pings": """
        def on_pong(wsapp, message):
            print("Got a pong! No need to respond", message)
            wsapp.close()
        wsapp = websocket.WebSocketApp(url, on_pong=on_pong)
        wsapp.run_forever(ping_interval=0.2, ping_timeout=0.1,
                          ping_payload="This is an optional ping payload")
        ws = websocket.WebSocket()
        ws.connect(url)
        ws.ping("direct")
        opcode, frame = ws.recv_data_frame(True)
        print(opcode == websocket.ABNF.OPCODE_PONG, frame.data)
        ws.close()
        """,
    "headers, cookies, subprotocols": """
        ws = websocket.WebSocket()
        ws.connect(url, cookie="chocolate", header={"X-Custom": "value"},
                   origin="testing_websockets.com", host="echo.example",
                   subprotocols=["binary", "chat"])
        print(ws.getsubprotocol(), ws.status, ws.headers["upgrade"].lower())
        ws.close()
        calls = []
        def header():
            calls.append(1)
            return ["X-Token: %d" % len(calls)]
        app = websocket.WebSocketApp(
            url, header=header, subprotocols=["chat"],
            on_open=lambda app: app.close())
        app.run_forever()
        print(len(calls))
        """,
    "errors of callbacks": """
        def on_message(app, message):
            1 / 0
        def on_error(app, error):
            print("Got an error:", type(error).__name__)
            app.close()
        app = websocket.WebSocketApp(
            url, on_open=lambda app: app.send("x"), on_message=on_message,
            on_error=on_error)
        app.run_forever()
        """,
    "nobody there": """
        def on_error(app, error):
            print(isinstance(error, ConnectionRefusedError))
        app = websocket.WebSocketApp(dead, on_error=on_error,
                                     on_close=lambda app, *a: print(a))
        print(app.run_forever())
        try:
            websocket.create_connection(dead)
        except ConnectionRefusedError:
            print("refused")
        """,
    "a thread that sends": """
        import threading
        opened, got = threading.Event(), []
        def on_message(app, message):
            got.append(message)
            if len(got) == 300:
                app.close()
        app = websocket.WebSocketApp(
            url, on_open=lambda app: opened.set(), on_message=on_message)
        thread = threading.Thread(target=app.run_forever)
        thread.start()
        opened.wait()
        for number in range(300):
            app.send(str(number))
        thread.join()
        print(got == [str(number) for number in range(300)])
        """,
    "several apps in one loop": """
        import rel
        apps, heard = [], []
        def on_message(app, message):
            heard.append(message)
            if len(heard) == 3:
                rel.abort()
        for name in ("first", "second", "third"):
            app = websocket.WebSocketApp(
                url, on_open=lambda app, name=name: app.send(name),
                on_message=on_message)
            app.run_forever(dispatcher=rel, reconnect=3)
            apps.append(app)
        rel.signal(2, rel.abort)
        rel.dispatch()
        print(sorted(heard))
        """,
}


def run(program, *how, path, url):
    head = textwrap.dedent(f"""
        import socket
        import websocket
        url = {url!r}
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            dead = "ws://127.0.0.1:%d/" % unused.getsockname()[1]
        """)
    done = subprocess.run(
        [sys.executable, *how, "-c", head + textwrap.dedent(program)],
        capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path)})
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_runs_unchanged(serve, name):
    url = serve("echo", "--subprotocol", "chat").url
    ours = run(PROGRAMS[name], "-m", "hawser", path=[OURS], url=url)
    assert ours
    if THEIRS:  # in check-deep, in pinned versions
        assert ours == run(PROGRAMS[name], path=THEIRS, url=url)
