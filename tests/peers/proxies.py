"""Real proxies made by others, started on free ports.

Each can be killed, with all that it carries, and come back on its port.
"""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile

from conftest import Process, free_port

LOGIN = "anna:secret"
SQUID_HELPERS = pathlib.Path("/usr/lib/squid")


def find(name):
    return shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin")


def answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Proxy:
    """What all have in common; `ways` are the schemes that one speaks."""

    program = ""
    ways = ("http",)
    login = ""

    def __init__(self, certs):
        self.certs = certs
        # Not pytest's: some proxies drop to a user who may not enter there.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hawser-proxy-"))
        self.folder.chmod(0o755)
        self.process = None
        self.port = 0
        for _ in range(20):
            self.port = free_port()
            self.prepare()
            if self.start():
                return
        raise AssertionError(f"{self.program} found no free port: "
                             f"{self.process.lines}")

    @classmethod
    def missing(cls):
        return "" if find(cls.program) else cls.program

    def prepare(self):
        """Write the files that it reads."""

    def command(self):
        raise NotImplementedError

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o644)
        return path

    def start(self):
        """False: it ended, most likely because the port was taken."""
        self.process = Process(self.command())
        while self.process.process.poll() is None:
            if answers(self.port):
                return True
        return False

    def kill(self):
        self.process.kill()

    def end(self):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, way, login=None):
        login = self.login if login is None else login
        at = f"{login}@" if login else ""
        return f"{way}://{at}127.0.0.1:{self.port}"


class Squid(Proxy):
    """CONNECT for everybody. It knows feed.example, which no name server
    does."""

    program = "squid"
    rules = "http_access allow all"
    listen = "http_port 127.0.0.1:{port}"
    starts = 0

    def prepare(self):
        hosts = self.write("hosts", "127.0.0.1 feed.example\n")
        self.write("squid.conf", "\n".join([
            self.listen.format(port=self.port, **self.certs),
            "pid_filename none", "cache_log /dev/null", "access_log none",
            "cache deny all", f"hosts_file {hosts}",
            "cache_effective_user nobody", f"coredump_dir {self.folder}",
            "visible_hostname squid.example",
            self.rules.format(folder=self.folder), ""]))

    def command(self):
        # What it leaves in shared memory is called after the service.
        Squid.starts += 1
        self.service = f"hawser{os.getpid()}x{Squid.starts}"
        return [find("squid"), "-N", "-d", "1", "-n", self.service, "-f",
                str(self.folder / "squid.conf")]

    def kill(self):
        super().kill()
        for left in pathlib.Path("/dev/shm").glob(f"{self.service}-*"):
            left.unlink()


class SquidTls(Squid):
    """The same inside TLS; Debian's squid-openssl alone can do that."""

    ways = ("https",)
    listen = "https_port 127.0.0.1:{port} tls-cert={leaf} tls-key={key}"

    @classmethod
    def missing(cls):
        if not find("squid"):
            return "squid"
        about = subprocess.run([find("squid"), "-v"], capture_output=True,
                               text=True, check=False).stdout
        return "" if "--with-openssl" in about else "squid-openssl"


ASK = ("auth_param {scheme} children 1\n"
       "auth_param {scheme} realm the proxy\n"
       "acl known proxy_auth REQUIRED\n"
       "http_access allow known\n"
       "http_access deny all")


class SquidBasic(Squid):
    login = LOGIN
    rules = (f"auth_param basic program {SQUID_HELPERS}/basic_ncsa_auth "
             "{folder}/users\n") + ASK.format(scheme="basic")

    def prepare(self):
        user, _, password = LOGIN.partition(":")
        hashed = subprocess.run(["openssl", "passwd", "-apr1", password],
                                capture_output=True, text=True, check=True)
        self.write("users", f"{user}:{hashed.stdout}")
        super().prepare()


class SquidDigest(SquidBasic):
    """Both are offered, and only the stronger one may be used."""

    rules = (f"auth_param digest program {SQUID_HELPERS}/digest_file_auth "
             "{folder}/digest\n") + ASK.format(scheme="digest")

    def prepare(self):
        self.write("digest", LOGIN + "\n")
        super().prepare()


class Microsocks(Proxy):
    program = "microsocks"
    ways = ("socks5", "socks5h")

    def command(self):
        return [find("microsocks"), "-i", "127.0.0.1", "-p", str(self.port)]


class MicrosocksLogin(Microsocks):
    login = LOGIN

    def command(self):
        user, _, password = LOGIN.partition(":")
        return super().command() + ["-u", user, "-P", password]


class Dante(Proxy):
    program = "danted"
    ways = ("socks4", "socks5", "socks5h")

    def prepare(self):
        self.write("danted.conf", f"""logoutput: stderr
internal: 127.0.0.1 port = {self.port}
external: 127.0.0.1
clientmethod: none
socksmethod: none
client pass {{
  from: 127.0.0.1/32 to: 0.0.0.0/0
}}
socks pass {{
  from: 127.0.0.1/32 to: 0.0.0.0/0
  command: connect
  proxyprotocol: socks_v4 socks_v5
}}
""")

    def command(self):
        """In a session of its own: it has children, who all listen."""
        return ["setsid", find("danted"), "-f",
                str(self.folder / "danted.conf")]

    def kill(self):
        if self.process.process.poll() is None:
            os.killpg(self.process.process.pid, signal.SIGKILL)
        super().kill()


class Ssh(Proxy):
    """`ssh -D`: the proxy that people have, and the one that speaks 4a."""

    program = "sshd"
    ways = ("socks4", "socks4a", "socks5", "socks5h")

    def prepare(self):
        key = self.folder / "key"
        if not key.exists():
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "",
                            "-f", str(key)], check=True)
        self.inner = free_port()
        self.write("sshd_config", f"""HostKey {key}
AuthorizedKeysFile {key}.pub
StrictModes no
UsePAM no
PidFile none
PermitRootLogin yes
""")

    def start(self):
        """The server within, then the client that is the proxy."""
        if os.geteuid() == 0:
            pathlib.Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        self.server = Process([
            find("sshd"), "-D", "-e", "-f", str(self.folder / "sshd_config"),
            "-o", f"ListenAddress 127.0.0.1:{self.inner}"])
        while not answers(self.inner):
            if self.server.process.poll() is not None:
                self.process = self.server
                return False
        if super().start():
            return True
        self.server.kill()
        return False

    def command(self):
        return ["ssh", "-N", "-F", "none", "-i", str(self.folder / "key"),
                "-p", str(self.inner), "-D", f"127.0.0.1:{self.port}",
                "-o", "StrictHostKeyChecking=no", "-o", "BatchMode=yes",
                "-o", "UserKnownHostsFile=/dev/null",
                "-o", "ExitOnForwardFailure=yes", "127.0.0.1"]

    def kill(self):
        super().kill()
        self.server.kill()


KINDS = {
    "squid": Squid, "squid-basic": SquidBasic, "squid-digest": SquidDigest,
    "squid-tls": SquidTls, "microsocks": Microsocks,
    "microsocks-login": MicrosocksLogin, "dante": Dante, "ssh": Ssh,
}
