"""The client as the extension gives it: what the handler is told, and when."""
import gc
import os
import signal
import socket
import ssl
import sys
import threading

import pytest

import hawser
from conftest import RECONNECTS
from contract.peer import Peer


def test_text_is_str_and_binary_is_bytes(serve, line):
    echo = line(serve("echo").url).open().until_up()
    echo.client.send("grüße 😀")
    echo.client.send(b"\x00\xff")
    echo.client.send(bytearray(b"ba"))
    echo.client.send(b"text", hawser.TEXT)
    echo.client.send(memoryview(b"view"))
    echo.until_messages(5)
    assert echo.messages == ["grüße 😀", b"\x00\xff", b"ba", "text", b"view"]


def test_text_stays_bytes_where_asked(serve, line):
    echo = line(serve("echo").url, decode=False).open().until_up()
    echo.client.send("ö")
    echo.until_messages(1)
    assert echo.messages == ["ö".encode()]


def test_messages_of_one_wake_up_come_as_one_list(serve, line):
    echo = line(serve("echo").url).open().until_up()
    for number in range(1000):
        echo.client.send(str(number))
    echo.until_messages(1000)
    assert echo.messages == [str(number) for number in range(1000)]
    assert len(echo.of("messages")) < 500


def test_large_messages_pass(serve, line):
    echo = line(serve("echo").url, send_queue_max=16 << 20).open().until_up()
    large = os.urandom(3 << 20)
    echo.client.send(large)
    echo.until_messages(1)
    assert echo.messages == [large]


def test_parts_come_as_they_are(serve, line):
    echo = line(serve("echo").url, chunk_size=1000).open().until_up()
    echo.client.send("x" * 2500)
    echo.until(lambda: echo.of("part") and echo.of("part")[-1][3])
    parts = echo.of("part")
    assert b"".join(part[0] for part in parts) == b"x" * 2500
    assert [part[2] for part in parts] == [True] + [False] * (len(parts) - 1)
    assert all(part[1] == hawser.TEXT for part in parts)


def test_up_and_down_say_what_happened(serve, line):
    echo = line(serve("echo", "--subprotocol", "chat").url,
                subprotocols=["chat"]).open().until_up()
    up = echo.of("up")[0]
    assert up["subprotocol"] == "chat"
    assert up["connection"] == 1
    assert b"101" in up["head"]
    echo.client.close(4321, "enough")
    down = echo.until_stopped()
    assert down["sent_code"] == down["received_code"] == 4321
    assert down["by"] == "local" and down["clean"] and down["was_up"]
    assert isinstance(down["fault"], hawser.Error)
    assert down["fault"].status == "closed"
    assert echo.of("closing") == [("local", 4321, "")]
    assert echo.client.state == "stopped"


def test_faults_have_a_phase_and_a_cause(line):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    down = line(f"ws://127.0.0.1:{port}/",
                retry=False).open().until_stopped()
    fault = down["fault"]
    assert (fault.status, fault.phase) == ("connect", "tcp")
    assert fault.os_error != 0
    assert str(port) in str(fault)


def test_a_lost_server_is_taken_up_again(serve, line):
    server = serve("echo")
    echo = line(server.url, openings=["hello", b"again"]).open()
    echo.until_messages(2)
    server.kill()
    echo.until(lambda: echo.of("down"))
    down = echo.of("down")[0]
    assert not down["final"] and down["retry_in"] > 0
    server.revive()
    echo.until_up(2).until_messages(4)
    assert echo.messages == ["hello", b"again"] * 2


def test_headers_are_asked_for_at_each_attempt(serve, line):
    server = serve("echo")
    asked = []

    def sign(attempt):
        asked.append(attempt)
        return [("X-Attempt", str(attempt))]
    echo = line(server.url, on_headers=sign,
                headers=[("X-Same", "1")]).open().until_up()
    echo.client.reconnect()
    echo.until_up(2)
    assert asked == [1, 1]


def test_exception_in_the_handler_loses_nothing(serve, line):
    echo = line(serve("echo").url).open().until_up()

    def fail(messages):
        raise RuntimeError(f"no {len(messages)}")
    echo.on("messages", fail)
    echo.client.send("one")
    with pytest.raises(RuntimeError, match="no 1"):
        echo.until_messages(1)
    echo.hooks.clear()
    echo.client.close()
    assert echo.until_stopped()["clean"]


def test_client_may_be_freed_in_its_handler(serve, line):
    echo = line(serve("echo").url).open()
    echo.on("messages", lambda messages: echo.client.free())
    echo.until_up()
    for _ in range(100):
        echo.client.send("x")
    echo.until_messages(1)
    told = len(echo.events)
    echo.loop.turn(0)
    assert len(echo.events) == told
    with pytest.raises(RuntimeError, match="freed"):
        echo.client.send("x")


def test_threads_may_send_and_close(serve, line):
    echo = line(serve("echo").url).open().until_up()

    def work():
        for number in range(100):
            echo.client.send(str(number))
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    echo.until_messages(400)
    for thread in threads:
        thread.join()
    assert sorted(echo.messages) == sorted([str(n) for n in range(100)] * 4)
    threading.Thread(target=echo.client.close).start()
    assert echo.until_stopped()["clean"]


def test_ping_measures_the_round_trip(serve, line):
    echo = line(serve("echo").url).open().until_up()
    echo.client.ping(b"payload")
    echo.until(lambda: echo.of("pong"))
    payload, round_trip = echo.of("pong")[0]
    assert payload == b"payload"
    assert 0 < round_trip < 30


def test_snapshot_counts(serve, line):
    echo = line(serve("echo").url).open().until_up()
    echo.client.send("x")
    echo.until_messages(1)
    snapshot = echo.client.snapshot()
    assert snapshot["messages_in"] == snapshot["messages_out"] == 1
    assert snapshot["connections"] == 1
    assert snapshot["last_fault"] is None
    assert snapshot["tls_pending"] == snapshot["decoder_backlog"] == 0
    assert snapshot["kernel_send_queue"] >= 0
    assert snapshot["path"]["round_trip"] > 0
    assert snapshot["path"]["receive_window"] > 0
    assert snapshot["lag_p50"] is None


def test_unknown_and_bad_options_are_named(loop):
    with pytest.raises(TypeError, match="'colour'"):
        hawser.Client(loop, print, url="ws://x", colour=1)
    with pytest.raises(hawser.Error, match="retry.delay_min"):
        hawser.Client(loop, print, url="ws://x", retry_delay_min=0)
    with pytest.raises(hawser.Error, match="url"):
        hawser.Client(loop, print)
    with pytest.raises(OverflowError):
        hawser.Client(loop, print, url="ws://x", send_queue_max=-1)


def test_tls_is_verified(serve, line, certs):
    server = serve("echo", "--cert", certs["leaf"], "--key", certs["key"])
    echo = line(server.url, tls_ca_file=certs["ca"]).open().until_up()
    assert "TLSv1.3" in echo.client.tls
    refused = line(server.url, retry=False).open().until_stopped()
    assert refused["fault"].status == "certificate"
    assert refused["fault"].tls_verify != 0


@pytest.mark.parametrize("kind", ["plain", "tls"])
def test_any_socket_of_pythons_can_carry_a_line(serve, line, certs, kind):
    arguments = ["--cert", certs["leaf"], "--key", certs["key"]] \
        if kind == "tls" else []
    server = serve("echo", *arguments)
    host, port = server.url.split("/")[2].split(":")

    def connect(url):
        assert url == server.url
        plain = socket.create_connection((host, int(port)))
        if kind == "plain":
            return plain
        context = ssl.create_default_context(cafile=certs["ca"])
        return context.wrap_socket(plain, server_hostname="localhost")
    echo = line(server.url, on_link=connect).open().until_up()
    for number in range(50):
        echo.client.send(str(number) * 1000)
    echo.until_messages(50)
    assert echo.messages == [str(number) * 1000 for number in range(50)]
    echo.client.close()
    assert echo.until_stopped()["clean"]


def test_references_stay_steady_over_reconnects(serve, line):
    server = serve("echo")
    echo = line(server.url, openings=["x"]).open().until_messages(1)

    def reconnect(times):
        for _ in range(times):
            echo.events.clear()
            echo.client.reconnect()
            echo.until_up()
        gc.collect()
        return len(gc.get_objects())
    reconnect(20)
    before = reconnect(20)
    references = sys.getrefcount(echo.client)
    after = reconnect(RECONNECTS)
    references_after = sys.getrefcount(echo.client)
    assert after - before < 20
    assert references_after == references


def test_closed_clients_leave_nothing_behind(serve, loop):
    server = serve("echo")
    gone = []

    def once():
        client = hawser.Client(loop, lambda kind, payload: tell(kind, payload),
                               url=server.url, retry=False)
        stopped = []

        def tell(kind, payload):
            if kind == "up":
                client.close()
            elif kind == "down":
                stopped.append(payload["clean"])
        client.open()
        loop.run(until=lambda: stopped)
        gone.append(stopped[0])
    once()
    gc.collect()
    before = sum(isinstance(o, hawser.Client) for o in gc.get_objects())
    for _ in range(20):
        once()
    gc.collect()
    after = sum(isinstance(o, hawser.Client) for o in gc.get_objects())
    assert all(gone) and after <= before


def test_ctrl_c_is_heard_while_nothing_happens(serve, line):
    idle = line(serve("echo").url).open().until_up()
    killer = threading.Timer(0, os.kill, (os.getpid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        killer.start()
        idle.loop.run()
    killer.join()


def test_stages_of_lag_and_a_verdict_are_in_the_snapshot(serve, line):
    feed = line(serve("feed", "--rate", 200).url, lag_field="/T:ns",
                judge=True).open().until_messages(20)
    feed.until(lambda: feed.of("verdict"))
    assert feed.of("verdict")[0] == ("ok", "none", "")
    snapshot = feed.client.snapshot()
    assert snapshot["verdict"] == "ok" and snapshot["verdict_text"] == ""
    stages = snapshot["stages"]
    assert set(stages) == {"network", "queue", "processing", "total"}
    assert stages["total"]["count"] >= 20
    assert 0 <= stages["processing"]["p50"] <= stages["processing"]["max"]


def test_a_channel_that_falls_silent_is_told_by_name(line):
    def half(conn):
        conn.accept()
        conn.text('{"ch":"a"}')
        tick = threading.Event()
        while not tick.wait(0.02):
            conn.text('{"ch":"b"}')
    peer = Peer(half)
    try:
        feed = line(peer.url, stale_delay=0.3, channel_field="/ch").open()
        feed.until(lambda: feed.of("stale"))
        channel, silence = feed.of("stale")[0]
        assert channel == "a" and silence >= 0.3
    finally:
        peer.close()


def test_an_alarm_is_told_with_its_figures(serve, line):
    feed = line(serve("feed", "--rate", 200).url, lag_field="/T:ns",
                alarm_lag=1e-9).open()
    feed.until(lambda: feed.of("alarm"))
    what, raised, value, limit = feed.of("alarm")[0]
    assert (what, raised, limit) == ("lag", True, 1e-9)
    assert 0 < value < 60
