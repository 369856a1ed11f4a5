"""libwebsockets' own test server: numbers that count up, and a mirror."""
import json
import shutil

import pytest

from conftest import LIMIT, Process, free_port

SERVER = shutil.which("libwebsockets-test-server")


@pytest.fixture(params=["plain", "tls"])
def test_server(request, certs):
    if not SERVER:
        pytest.skip("libwebsockets-test-server is not installed")
    for _ in range(20):
        port = free_port()
        command = [SERVER, f"--port={port}", "-d", "15"]
        if request.param == "tls":
            command += ["--ssl", f"--ssl-cert={certs['leaf']}",
                        f"--ssl-key={certs['key']}"]
        process = Process(command)
        try:
            process.wait_for(lambda line: "OPERATIONAL" in line)
            break
        except AssertionError:
            process.kill()
    scheme = "wss" if request.param == "tls" else "ws"
    yield f"{scheme}://127.0.0.1:{port}/"
    process.kill()


def test_numbers_count_up_and_the_server_closes_when_asked(
        test_server, hawser, ca_file):
    tail = hawser("tail", test_server, "--json", "--subprotocol",
                  "dumb-increment-protocol", "--no-reconnect", "--count", "5",
                  "--ca-file", ca_file)
    tail.wait_for(lambda line: line.startswith("{") and
                  json.loads(line).get("text") == "4")
    numbers = [json.loads(line)["text"] for line in tail.lines
               if line and line.startswith("{")]
    assert numbers[:5] == ["0", "1", "2", "3", "4"]
    assert tail.process.wait(LIMIT) == 0


def test_the_mirror_sends_back_what_it_was_sent(test_server, hawser, ca_file):
    tail = hawser("tail", test_server, "--json", "--subprotocol",
                  "lws-mirror-protocol", "--on-open", "hello mirror",
                  "--ca-file", ca_file)
    tail.wait_for(lambda line: line.startswith("{") and
                  json.loads(line).get("text") == "hello mirror")
