"""Redirects and logins, as Python is told of them."""
import base64
import http.server
import threading

import pytest


class Elsewhere(http.server.BaseHTTPRequestHandler):
    """Sends everybody to the server's `target`, and notes who asked."""

    def do_GET(self):
        self.server.asked.append(self.headers.get("Authorization"))
        self.send_response(307)
        self.send_header("Location", self.server.target)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def elsewhere():
    server = http.server.HTTPServer(("127.0.0.1", 0), Elsewhere)
    server.asked = []
    server.url = f"ws://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_redirect_is_followed_and_told(serve, elsewhere, line):
    elsewhere.target = serve("echo").url.replace("ws:", "http:")
    echo = line(elsewhere.url, login_user="u",
                login_password="p").open().until_up()
    target = elsewhere.target.replace("http:", "ws:")
    assert echo.of("redirect") == [(307, target, 1, 0)]
    assert echo.of("up")[0]["redirects"] == 1
    assert echo.of("down") == []
    basic = "Basic " + base64.b64encode(b"u:p").decode()
    assert elsewhere.asked == [basic]


def test_a_loop_of_redirects_ends(elsewhere, line):
    elsewhere.target = "/"
    down = line(elsewhere.url, retry=False, redirects_max=2,
                login_bearer="t").open().until_stopped()
    assert down["fault"].status == "redirect"
    assert elsewhere.asked == ["Bearer t"] * 3
