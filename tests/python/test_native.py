"""The library's own interface: callbacks for messages, borrowed memory,
metrics, and where it refuses to run."""
import gc
import os
import subprocess
import sys
import threading

import pytest

import hawser


@pytest.fixture
def client(loop):
    """A client with callbacks of the test's; `ups` counts its connections."""
    clients = []

    def make(url, **options):
        ups = []
        client = hawser.Client(
            loop, lambda kind, payload: kind == "up" and ups.append(payload),
            url=url, **options)
        clients.append(client)
        client.open()
        loop.run(until=lambda: ups)
        return client
    yield make
    for one in clients:
        one.free()


def test_messages_are_bytes_by_default(serve, loop, client):
    got = []
    echo = client(serve("echo").url, on_message=got.append)
    echo.send("grüße")
    echo.send(b"\x00")
    loop.run(until=lambda: len(got) == 2)
    assert got == ["grüße".encode(), b"\x00"]


def test_each_message_or_all_of_a_wake_up(serve, loop, client):
    lists, singles = [], []
    echo = client(serve("echo").url, on_messages=lists.append,
                  on_message=singles.append, decode=True)
    for number in range(100):
        echo.send(str(number))
    loop.run(until=lambda: sum(map(len, lists)) == 100)
    assert not singles and len(lists) < 100
    echo.on_messages = None
    for number in range(100):
        echo.send(str(number))
    loop.run(until=lambda: len(singles) == 100)
    assert singles == [str(number) for number in range(100)]


def test_a_client_needs_no_handler(serve, loop):
    got = []
    echo = hawser.Client(loop, url=serve("echo").url, openings=["hello"],
                         on_message=got.append)
    echo.open()
    loop.run(until=lambda: got)
    echo.on_message = None
    echo.send("nobody hears it")
    echo.close()
    loop.run(until=lambda: echo.state == "stopped")
    assert got == [b"hello"]


def test_exception_of_on_message_keeps_the_others(serve, loop, client):
    got = []

    def take(message):
        got.append(message)
        if message == b"1":
            raise RuntimeError("no ones")
    echo = client(serve("echo").url, on_message=take)
    for number in range(3):
        echo.send(str(number))
    with pytest.raises(RuntimeError, match="no ones"):
        loop.run(until=lambda: len(got) == 3)
    loop.run(until=lambda: len(got) == 3)
    assert got == [b"0", b"1", b"2"]


def test_a_borrowed_message_is_released_after_the_call(serve, loop, client):
    seen, kept = [], []

    def take(messages):
        seen.extend(bytes(message) for message in messages)
        assert all(message.readonly for message in messages)
        kept.extend(messages)
    echo = client(serve("echo").url, on_messages=take, borrow=True)
    echo.send("text")
    echo.send(b"")
    echo.send(b"x" * 100_000)
    loop.run(until=lambda: len(seen) == 3)
    assert seen == [b"text", b"", b"x" * 100_000]
    for message in kept:
        with pytest.raises(ValueError, match="released"):
            bytes(message)


def test_a_slice_of_a_borrowed_message_outlives_the_call(serve, loop, client):
    slices = []
    echo = client(serve("echo").url, borrow=True,
                  on_message=lambda message: slices.append(message[1:]))
    for number in range(200):
        echo.send(f"{number:03}" * 50)
        loop.run(until=lambda: len(slices) == number + 1)
    assert [bytes(part) for part in slices] == [
        (f"{number:03}" * 50).encode()[1:] for number in range(200)]


def test_borrowed_memory_does_not_move_under_a_callback(serve, loop, client):
    """Other events are noted while a view is about."""
    server = serve("echo")
    others = [client(server.url) for _ in range(20)]
    done = []

    def take(message):
        for other in others:
            other.close(4000, "a reason that takes room " * 4)
            other.free()
        done.append(bytes(message))
    echo = client(server.url, borrow=True, on_message=take)
    echo.send(b"y" * 1000)
    loop.run(until=lambda: done)
    assert done == [b"y" * 1000]


def test_a_borrowed_message_can_be_sent_on(serve, loop, client):
    got = []

    def bounce(message):
        if len(got) < 10:
            got.append(bytes(message))
            echo.send(message, hawser.TEXT)
    echo = client(serve("echo").url, borrow=True, on_message=bounce)
    echo.send("ball")
    loop.run(until=lambda: len(got) == 10)
    assert got == [b"ball"] * 10


def test_opcodes_go_with_borrowed_messages(serve, loop, client):
    got = []

    def take(pair):
        got.append((pair[0], bytes(pair[1])))
    echo = client(serve("echo").url, borrow=True, opcodes=True,
                  on_message=take)
    echo.send("t")
    echo.send(b"b")
    loop.run(until=lambda: len(got) == 2)
    assert got == [(hawser.TEXT, b"t"), (hawser.BINARY, b"b")]


def test_decode_and_borrow_exclude_each_other(loop):
    with pytest.raises(ValueError, match="choose one"):
        hawser.Client(loop, url="ws://x", decode=True, borrow=True)


def test_callbacks_of_a_client_are_collected_with_it(serve, loop, client):
    class Sink:
        def take(self, messages):
            pass
    sink = Sink()
    echo = hawser.Client(loop, sink.take, url=serve("echo").url,
                         on_messages=sink.take, on_message=sink.take)
    sink.client = echo  # a circle
    del echo, sink
    gc.collect()
    assert not [o for o in gc.get_objects() if isinstance(o, Sink)]


# ---- metrics

def test_metrics_name_each_client(serve, loop, client):
    server = serve("echo")
    text = hawser.metrics({"first": client(server.url),
                           'sec"ond': client(server.url)})
    assert 'connection="first"' in text
    assert 'connection="sec\\"ond"' in text
    assert text.endswith("# EOF\n")
    assert "# EOF" not in hawser.metrics({}, openmetrics=False)


def test_metrics_refuse_what_has_none(serve, client):
    with pytest.raises(TypeError, match="names and Clients"):
        hawser.metrics({"x": object()})
    with pytest.raises(TypeError, match="names and Clients"):
        hawser.metrics({1: client(serve("echo").url)})
    gone = client(serve("echo").url)
    gone.free()
    with pytest.raises(RuntimeError, match="'gone' was freed"):
        hawser.metrics({"gone": gone})


def test_health_is_asked_for_on_the_loops_thread(serve, loop, client):
    echo = client(serve("echo").url)
    answers = []

    def ask():
        while not loop.elsewhere:
            pass
        for question in (echo.snapshot, lambda: hawser.metrics({"x": echo})):
            try:
                question()
            except RuntimeError as why:
                answers.append(str(why))
        loop.stop()
    thread = threading.Thread(target=ask)
    thread.start()
    loop.run()
    thread.join()
    assert len(answers) == 2 and all("post()" in each for each in answers)


# ---- where it does not run

def python(program):
    """Its output, from a fresh interpreter."""
    import conftest
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True,
        timeout=60, env={**os.environ,
                         "PYTHONPATH": str(conftest.BUILD / "python")})
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_a_child_after_fork_is_told_so(serve):
    said = python(f"""
import os, hawser
loop = hawser.EventLoop()
ups = []
client = hawser.Client(loop, lambda kind, payload: ups.append(kind),
                       url={serve("echo").url!r}, on_message=print)
client.open()
loop.run(until=lambda: ups)
child = os.fork()
if child == 0:
    for call in (lambda: client.send("x"), client.close, client.open,
                 lambda: loop.turn(0), lambda: loop.post(print),
                 client.reconnect, client.ping):
        try:
            call()
            print("went through", flush=True)
        except hawser.Error as why:
            print(why.status, flush=True)
    os._exit(0)
os.waitpid(child, 0)
client.send("parent")
client.on_message = lambda message: loop.stop()
loop.run()
print("the parent lives", client.state, flush=True)
child = os.fork()
if child == 0:
    own = hawser.EventLoop()
    got = []
    fresh = hawser.Client(own, url={serve("echo").url!r}, openings=["new"],
                          on_message=got.append)
    fresh.open()
    own.run(until=lambda: got)
    print("the child's own", got[0], flush=True)
    os._exit(0)
os.waitpid(child, 0)
""").splitlines()
    assert said == ["fork"] * 7 + ["the parent lives up",
                                   "the child's own b'new'"]


def test_subinterpreters_are_refused():
    said = python("""
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
import hawser
other = interpreters.create()
program = '''
import sys
try:
    import hawser
    print("imported")
except ImportError as why:
    print("refused:", why)
sys.stdout.flush()
'''
interpreters.run_string(other, program)
interpreters.destroy(other)
print("main:", hawser.EventLoop().poller)
""")
    assert "imported" not in said and "refused: " in said
    assert "subinterpreter" in said and "main: epoll" in said


def test_a_module_that_is_imported_anew_has_the_same_types():
    said = python("""
import sys, hawser
loop = hawser.EventLoop()
first = hawser.Client
for name in [name for name in sys.modules if name.startswith("hawser")]:
    del sys.modules[name]
import hawser as again
print(again.Client is first, again.Client(loop, url="ws://x").state)
""")
    assert said == "True idle\n"
