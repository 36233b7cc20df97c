#!/usr/bin/env python3
"""Real servers of PostgreSQL with pgvector for tests, each in a fresh folder and on a free port of 127.0.0.1.

  servers.py start KIND               prints the server's address and stays until Ctrl-C
  servers.py run KIND -- COMMAND...   runs a command while the server runs, and exits with the command's status

KIND is 16, 17 (with TLS and SCRAM), 18, bouncer (18 behind pgbouncer) or standby (18 and a replica). A command has the
address in QSEARCH_TEST_POSTGRES. See README.md for more of what it has, and for the programs' kept folder.
"""

import argparse
import os
import random
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote, urlencode

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent)]
import processes
from kept import target_folder
from line import Line  # noqa: F401: for those who import this
from packages import DEBIAN_BIN, debian_files, wheel
from processes import run, temporary_folder, uninterrupted, wait_until

NAME = "qsearch"
START_SECONDS = 60
STOP_SECONDS = 30
COMMAND_SECONDS = 10
# Below those from which the system takes ports for clients. A client that calls a port of those while its server is
# down can be given that very port, and then talks to itself.
PORTS = range(20000, 32000)
# A crash of a server loses nothing without fsync; a crash of the machine does, and then the folder is gone anyway.
SETTINGS = {
    "listen_addresses": "127.0.0.1", "max_connections": 200, "fsync": "off", "jit": "off", "wal_keep_size": "512MB",
    "log_line_prefix": "%m [%p] %u@%d ", "lc_messages": "C", "cluster_name": NAME,
}
STOPS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}


class Process:
    """What servers and pgbouncer have in common: a folder, a port, a process, and an address."""

    def __init__(self, name, password=None):
        self.process = None
        with uninterrupted():
            self.folder = temporary_folder(name)
            processes.ends_with_us(self)
        self.password = password
        self.port = free_port()

    def __enter__(self):
        return self if self.process else self.start()

    def __exit__(self, *_):
        self.close()

    @property
    def log(self):
        return self.folder / "log"

    def url(self, user=NAME, database=NAME, *, password=None, host="127.0.0.1", port=None, **params):
        """The address of a database here; further names become the address's parameters."""
        secret = password or (self.password if user == NAME else None)
        who = quote(user, safe="") + (":" + quote(secret, safe="") if secret else "")
        asked = "?" + urlencode(params, quote_via=quote) if params else ""
        return f"postgresql://{who}@{host}:{port or self.port}/{quote(database, safe='')}{asked}"

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """Ends it at once, as a crash does. What it had committed is there after the next start."""
        if self.process:
            processes.kill(self.process)

    def close(self):
        """Stops it and removes its folder."""
        try:
            if self.is_running():
                self.stop()
        except Exception:
            self.kill()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)
            processes.forget(self)

    def _launch(self, command, is_ready):
        """Starts a process and waits until it is ready; False if it ended because its port was taken meanwhile."""
        before = self.log.stat().st_size if self.log.exists() else 0
        with uninterrupted():
            self.process = processes.launch(command, self.log)
        wait_until(lambda: not self.is_running() or is_ready(), START_SECONDS, f"{self.folder.name} to start")
        if self.is_running():
            return True
        said = self.log.read_bytes()[before:].decode(errors="replace")
        if "address already in use" in said.lower():
            return False
        raise RuntimeError(f"{Path(command[0]).name} ended while it started:\n{said[-3000:]}")

    def _end(self, number, seconds):
        """Ends the process by a signal and waits for it."""
        if self.is_running():
            self.process.send_signal(number)
            self.process.wait(seconds)


class Server(Process):
    """A server with the superuser `qsearch` and a database of this name that has pgvector.

    `folder` is that of its programs. With `auth="scram"` the superuser has a password, which is in `url()`. With
    `tls=True` clients may use TLS, with `tls="only"` they must; its certificate is for localhost and 127.0.0.1 and
    signed by `ca`, and `other_ca` is one that signed nothing. `options` are further ones for `postgres`. Through
    the socket in its folder anyone who can reach it is let in: `sql` comes that way.
    """

    def __init__(self, version, folder, auth="trust", tls=False, options=""):
        super().__init__(f"pg{version}", secrets.token_urlsafe(9) + "/:@%ä" if auth == "scram" else None)
        self.version, self.bin, self.auth, self.tls, self.options = version, Path(folder), auth, tls, options
        self.data = self.folder / "data"
        self.ca, self.other_ca = self.folder / "ca.crt", self.folder / "other-ca.crt"

    def start(self):
        """Starts it, the first time with a new database, later with the same port and data."""
        is_new = not self.data.exists()
        if is_new:
            self._initdb()
        self._serve(may_move=is_new)
        if is_new:
            self.sql(f"create database {NAME}", database="postgres")
            self.sql("create extension vector")
        return self

    def stop(self, mode="fast", seconds=STOP_SECONDS):
        """Stops it: smart waits for clients, fast ends their sessions, immediate leaves all to the next start."""
        self._end(STOPS[mode], seconds)

    def sql(self, text, user=NAME, database=NAME):
        """Runs statements as they are and gives the rows' columns with | between them, one row a line."""
        psql = [self.bin / "psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-p", self.port]
        # Who writes here may, also while the server is read-only for its clients.
        writes = "-c default_transaction_read_only=off"
        return run([*psql, "-U", user, "-d", database, "-f", "-"], stdin=text, PGOPTIONS=writes).rstrip("\n")

    def set(self, **settings):
        """Changes settings which a running server can change; None takes a setting back."""
        for name, value in settings.items():
            self.sql(f"alter system reset {name}" if value is None else f"alter system set {name} = '{value}'")
        before = self.sql("select pg_conf_load_time()")
        self.sql("select pg_reload_conf()")
        wait_until(lambda: self.sql("select pg_conf_load_time()") != before, 10, "the settings to be read")

    def read_only(self, on=True):
        """Every client's transactions can only read from now on, unless they ask to write."""
        self.set(default_transaction_read_only="on" if on else None)

    def standby(self):
        """A running replica of this server, which can be read from."""
        other = Server(self.version, self.bin, self.auth, self.tls, self.options)
        other.password = self.password
        copied = [self.bin / "pg_basebackup", "-h", self.folder, "-p", self.port, "-U", NAME, "-D", other.data]
        run([*copied, "-R", "-X", "stream", "--checkpoint=fast", "--no-sync"])
        for certificate in (self.ca, self.other_ca):
            if certificate.exists():
                shutil.copy(certificate, other.folder)
        other._serve(may_move=True)
        return other

    def follow(self, primary, seconds=30):
        """Waits until this replica has all that its primary has written until now."""
        position = primary.sql("select pg_current_wal_lsn()")
        behind = f"select pg_last_wal_replay_lsn() >= '{position}'"
        wait_until(lambda: self.sql(behind) == "t", seconds, "the replica to follow")

    def promote(self):
        """Makes a replica a server of its own, which can be written to."""
        if self.sql("select pg_promote()") != "t":
            raise RuntimeError("the replica wasn't promoted in time")

    def _serve(self, may_move):
        """Starts the process, on another port if this one was taken since it was found free."""
        for _ in range(5):
            settings = {**SETTINGS, "port": self.port, "unix_socket_directories": self.folder}
            options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
            command = [self.bin / "postgres", "-D", self.data, *options, *shlex.split(self.options)]
            if self._launch(command, self._is_ready):
                return
            if not may_move:
                break
            self.port = free_port()
        raise RuntimeError(f"port {self.port} is taken")

    def _is_ready(self):
        """Whether it says in its folder that it takes clients, as its own tools look there."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and int(lines[0]) == self.process.pid and lines[7].strip() in ("ready", "standby")

    def _initdb(self):
        """Makes the data folder; the password goes by a file which is removed."""
        secret = self.folder / "password"
        command = [self.bin / "initdb", "-D", self.data, "-U", NAME, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        command += ["--auth-local=trust", "--auth-host=" + ("scram-sha-256" if self.auth == "scram" else "trust")]
        if self.password:
            give(secret, self.password + "\n")
            command.append(f"--pwfile={secret}")
        run(command)
        secret.unlink(missing_ok=True)
        if self.tls:
            self._add_tls()

    def _add_tls(self):
        """Turns TLS on; without it nothing is said of it, since servers that can't do it refuse to hear of it."""
        certificates(self.folder)
        for name in ("server.crt", "server.key"):
            give(self.data / name, (self.folder / name).read_text())
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as file:
            file.write("ssl = on\n")
        if self.tls == "only":
            rules = self.data / "pg_hba.conf"
            rules.write_text(rules.read_text().replace("\nhost ", "\nhostssl "))


class Bouncer(Process):
    """pgbouncer in front of a server: each transaction may run in another session of the server.

    It knows no prepared statements unless `options` say so (`max_prepared_statements = 200`, what newer ones do by
    themselves), so clients that need a session fail here as they do behind older ones.
    """

    def __init__(self, program, server, options=""):
        super().__init__("bouncer", server.password)
        self.program, self.server, self.options = program, server, options

    def start(self):
        """Starts it, on another port if this one was taken since it was found free."""
        for _ in range(5):
            give(self.folder / "bouncer.ini", self._settings())
            give(self.folder / "users", '"{}" "{}"\n'.format(NAME, self.password or ""))
            if self._launch([self.program, self.folder / "bouncer.ini"], self._is_ready):
                return self
            self.port = free_port()
        raise RuntimeError(f"port {self.port} is taken")

    def stop(self, mode="fast", seconds=STOP_SECONDS):
        """Stops it at once; smart waits for clients."""
        self._end(signal.SIGTERM if mode == "smart" else signal.SIGQUIT, seconds)

    def _settings(self):
        auth = "scram-sha-256" if self.password else "trust"
        return f"""
[databases]
* = host={self.server.folder} port={self.server.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {self.port}
unix_socket_dir =
auth_type = {auth}
auth_file = {self.folder}/users
auth_user = {NAME}
auth_dbname = {NAME}
pool_mode = transaction
max_client_conn = 500
default_pool_size = 20
max_prepared_statements = 0
{self.options}
"""

    def _is_ready(self):
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0


def debian(kept, auth="scram", tls=True, options=""):
    """A server 17 of Debian's packages, not yet started."""
    return Server(17, debian_files(kept) / DEBIAN_BIN, auth, tls, options)


def pgbouncer(kept, server, options=""):
    """pgbouncer in front of a running server, not yet started."""
    return Bouncer(debian_files(kept) / "usr/sbin/pgbouncer", server, options)


def give(path, text):
    """Writes a file that only the servers' user can read."""
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    if processes.is_root():
        shutil.chown(path, processes.USER, processes.GROUP)


def free_port():
    """A port that nobody listens on just now."""
    for port in random.sample(PORTS, 100):
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass
    raise RuntimeError("no free port was found")


def certificates(folder):
    """Makes two authorities, and the certificate of a server for localhost and 127.0.0.1, signed by the first."""
    new = ["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    for name in ("ca", "other-ca"):
        self_signed = ["-x509", "-days", "30", "-addext", "keyUsage=critical,keyCertSign,cRLSign"]
        _openssl(folder, [*new, *self_signed, "-subj", f"/CN={name} of a test", "-keyout", f"{name}.key",
                          "-out", f"{name}.crt"])
    _openssl(folder, [*new, "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr"])
    (folder / "server.ext").write_text(
        "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth\n"
    )
    _openssl(folder, ["openssl", "x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key",
                      "-CAcreateserial", "-days", "30", "-extfile", "server.ext", "-out", "server.crt"])


def _openssl(folder, command):
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"openssl failed: {done.stderr.strip()}")


def kept_folder():
    """Where the programs are kept between runs."""
    return Path(target_folder()).resolve() / "postgres"


def started(kind, kept):
    """Starts a kind of server and gives what a command has in its environment."""
    if kind == "17":
        server = debian(kept).start()
        return {"QSEARCH_TEST_POSTGRES": server.url(), "QSEARCH_TEST_POSTGRES_CA": str(server.ca)}
    version = int(kind) if kind in ("16", "18") else 18
    server = Server(version, wheel(kept)[version]).start()
    if kind == "bouncer":
        front = pgbouncer(kept, server).start()
        return {"QSEARCH_TEST_POSTGRES": front.url(), "QSEARCH_TEST_POSTGRES_DIRECT": server.url()}
    if kind == "standby":
        return {"QSEARCH_TEST_POSTGRES": server.url(), "QSEARCH_TEST_POSTGRES_STANDBY": server.standby().url()}
    return {"QSEARCH_TEST_POSTGRES": server.url()}


class Command:
    """A command in a group of its own, which is ended with us. At a terminal it stays in ours, to read from there."""

    def __init__(self, command, environment):
        self.is_ours = sys.stdin.isatty()
        with uninterrupted():
            group = None if self.is_ours else 0
            self.process = subprocess.Popen(command, env={**os.environ, **environment}, process_group=group)
            processes.ends_with_us(self)

    def wait(self):
        """Its status, as a shell gives it."""
        status = self.process.wait()
        return status if status >= 0 else 128 - status

    def close(self):
        """Asks it to end, and ends what is left of it a little later."""
        self._send(signal.SIGTERM)
        try:
            self.process.wait(COMMAND_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        self._send(signal.SIGKILL)
        self.process.wait()
        processes.forget(self)

    def _send(self, number):
        if self.is_ours:
            self.process.send_signal(number)
            return
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("start", "run"))
    parser.add_argument("kind", choices=("16", "17", "18", "bouncer", "standby"))
    parser.add_argument("command", nargs=argparse.REMAINDER)
    parser.add_argument("--kept", type=Path, default=kept_folder(), help="the kept folder of programs")
    arguments = parser.parse_args()
    command = arguments.command[1:] if arguments.command[:1] == ["--"] else arguments.command
    if (arguments.what == "run") != bool(command):
        parser.error("run needs a command after --, and start takes none")
    try:
        environment = started(arguments.kind, arguments.kept)
        if arguments.what == "run":
            sys.exit(Command(command, environment).wait())
        for name, value in environment.items():
            print(value if name == "QSEARCH_TEST_POSTGRES" else f"{name}={value}", flush=True)
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
