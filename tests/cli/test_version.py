"""Which hawser, and which libraries, as built and as loaded."""
import platform


def test_version_names_each_library(run):
    done = run("version")
    assert done.code == 0
    names = [line.split()[0] for line in done.lines if line[0] != " "]
    assert names == ["hawser", "OpenSSL", "c-ares", platform.system(),
                     "pollers"]
    assert "poll" in done.lines[-1].split()
    assert platform.release() in done.out


def test_version_is_an_object_for_programs(run):
    found, = run("version", "--json").objects
    assert found["openssl"]["loaded"].startswith("OpenSSL ")
    assert found["openssl"]["built"].startswith("OpenSSL ")
    assert found["c_ares"]["loaded"][0].isdigit()
    assert found["hawser"]["loaded"] == found["hawser"]["built"]
    assert found["kernel"]["loaded"] == platform.release()


def test_version_as_an_option(run):
    assert run("--version").out == run("version").out
