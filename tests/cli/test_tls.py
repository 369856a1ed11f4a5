"""What the command can be told about TLS, against its own server."""
import re
import shutil
import subprocess

import pytest

NO_PIN = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="


def serve_tls(serve, certs, *more):
    return serve("feed", "--cert", certs["leaf"], "--key", certs["key"], *more)


def pin_of(certificate):
    """As docs/TLS.md tells people to compute it."""
    command = (f"openssl x509 -in '{certificate}' -noout -pubkey"
               " | openssl pkey -pubin -outform der"
               " | openssl dgst -sha256 -binary | openssl base64")
    done = subprocess.run(["sh", "-c", command], capture_output=True,
                          check=True, text=True)
    return "sha256//" + done.stdout.strip()


def test_client_certificate_is_shown(serve, certs, run):
    server = serve_tls(serve, certs, "--client-ca", certs["ca"])
    done = run("tail", "--count", 1, "--ca-file", certs["ca"], "--cert",
               certs["leaf"], "--key", certs["key"], server.url)
    assert done.code == 0 and len(done.lines) == 1


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_missing_or_strange_client_certificate_is_named(serve, certs, run,
                                                        version):
    server = serve_tls(serve, certs, "--client-ca", certs["ca"])
    common = ["tail", "--no-reconnect", "--ca-file", certs["ca"], "--tls-min",
              version, "--tls-max", version, server.url]
    done = run(*common)
    assert (done.code, done.lines) == (1, [])
    assert "the server wants a client certificate and none is set" in done.err
    assert "(tls)" in done.err
    done = run(*common, "--cert", certs["rotated"], "--key", certs["key"])
    assert (done.code, done.lines) == (1, [])
    assert "the server does not accept our client certificate" in done.err
    assert "(tls)" in done.err


def test_encrypted_key_is_opened_by_a_file(serve, certs, run, tmp_path):
    password = tmp_path / "password"
    password.write_text("open sesame\n")
    server = serve("feed", "--cert", certs["leaf"], "--key",
                   certs["locked_key"], "--key-password-file", password,
                   "--client-ca", certs["ca"])
    options = ["tail", "--count", 1, "--ca-file", certs["ca"], "--cert",
               certs["leaf"], "--key", certs["locked_key"], server.url]
    assert run(*options, "--key-password-file", password).code == 0
    done = run(*options)
    assert done.code == 3 and "is encrypted" in done.err
    password.write_text("open barley\n")
    done = run(*options, "--key-password-file", password)
    assert done.code == 3 and "is not opened by 'key_password'" in done.err
    password.write_text("")
    done = run(*options, "--key-password-file", password)
    assert done.code == 3 and f"'{password}': the file is empty" in done.err
    done = run(*options, "--key-password-file", tmp_path / "nowhere")
    assert done.code == 3 and "nowhere': No such file" in done.err


def test_pin_is_checked_and_told(serve, certs, run):
    server = serve_tls(serve, certs)
    pin = pin_of(certs["leaf"])
    trust = ["--ca-file", certs["ca"]]
    for more in trust, ["--insecure"]:
        options = ["tail", "--count", 1, "--no-reconnect", server.url, *more]
        assert run(*options, "--pin", NO_PIN, "--pin", pin).code == 0
        done = run(*options, "--pin", NO_PIN)
        assert (done.code, done.lines) == (1, [])
        # The pin that is told is the one to pass.
        told = re.search(r"its key is '(sha256//[^']+)', which is not pinned",
                         done.err)
        assert told.group(1) == pin


def test_versions_and_algorithms_are_chosen(serve, certs, run, tmp_path):
    server = serve_tls(serve, certs)
    options = ["tail", "--count", 1, "--no-reconnect", "--ca-file",
               certs["ca"], server.url]
    for more in (["--tls-max", "1.2", "--ciphers",
                  "ECDHE-ECDSA-AES128-GCM-SHA256"],
                 ["--tls-min", "1.3", "--ciphersuites",
                  "TLS_AES_128_GCM_SHA256", "--groups", "P-384"]):
        keys = tmp_path / "-".join(more[1:2])
        assert run(*options, *more, "--key-log", keys).code == 0
        old = "CLIENT_RANDOM" in keys.read_text()
        assert old == ("1.2" in more)


def test_missing_ocsp_response_is_named_when_one_is_required(serve, certs,
                                                             run):
    server = serve_tls(serve, certs)
    options = ["tail", "--count", 1, "--no-reconnect", "--ca-file",
               certs["ca"], server.url]
    assert run(*options, "--ocsp", "check").code == 0
    done = run(*options, "--ocsp", "require")
    assert (done.code, done.lines) == (1, [])
    assert "no ocsp response is stapled, and one is required" in done.err


@pytest.mark.parametrize("arguments, told", [
    (["--cert", "x.pem"], "options '--cert' and '--key' need each other"),
    (["--key-password-file", "x"],
     "option '--key-password-file' needs '--key'"),
    (["--tls-min", "1.1"], "option '--tls-min': '1.1' is not 1.2 or 1.3"),
    (["--tls-max", "tls1.3"], "option '--tls-max': 'tls1.3' is not 1.2"),
    (["--tls-min", "1.3", "--tls-max", "1.2"],
     "'version_max' (0x0303) is below 'version_min' (0x0304)"),
    (["--ocsp", "always"], "option '--ocsp': 'always' is not check or"),
    (["--ocsp", "check", "--insecure"], "exclude each other"),
    (["--pin", "sha256//short"],
     "'sha256//short' (number 1) is not 'sha256//' and 44 characters"),
    (["--ciphers", "NONE-SUCH"], "'ciphers': OpenSSL can use nothing"),
    (["--ciphersuites", "NONE"], "'ciphersuites': OpenSSL can use nothing"),
    (["--groups", "none"], "'groups': OpenSSL can use nothing"),
])
def test_mistake_is_named(run, arguments, told):
    done = run("tail", *arguments, "wss://127.0.0.1:1/")
    assert (done.code, done.out) == (2, "")
    assert told in done.err


def test_serve_names_what_goes_together(run, certs):
    done = run("serve", "--client-ca", certs["ca"])
    assert done.code == 2 and "'--client-ca' needs '--cert'" in done.err
    done = run("serve", "--key-password-file", "x")
    assert done.code == 2 and "'--key-password-file' needs '--key'" in done.err
    done = run("serve", "--cert", certs["leaf"], "--key", certs["ca_key"])
    assert done.code == 3 and "does not fit the certificate" in done.err


def test_changed_authorities_are_read_again_and_bad_ones_warned_of(
        serve, certs, start, tmp_path):
    """The file is spoiled, then replaced, while tail goes on reconnecting."""
    trust = tmp_path / "trust.pem"
    shutil.copy(certs["ca"], trust)
    server = serve_tls(serve, certs)
    address = re.search(r"//([^/]*)/", server.url).group(1)
    tail = start("tail", "--ca-file", trust, server.url)
    tail.err.until("-- up: ")

    trust.write_text("no certificates\n")
    server.kill()
    assert str(trust) in tail.err.until("-- warning: cannot load authorities")
    server = serve_tls(serve, certs, "--listen", address)
    tail.err.until("-- up: ")

    shutil.copy(certs["other_ca"], trust)
    server.kill()
    serve("feed", "--cert", certs["rotated"], "--key", certs["key"],
          "--listen", address)
    tail.err.until("-- up: ")
    tail.interrupt().end()
    warnings = [line for line in tail.err.seen if "warning" in line]
    assert len(warnings) == 1
