#!/usr/bin/env python3
"""Checks that the servers of tests are what servers.py says: each check prints a line, the first that fails ends it."""

import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import processes
from servers import Line, Server, debian, kept_folder, pgbouncer, wheel

HERE = Path(__file__).resolve().parent
KEPT = kept_folder()


def check(what, holds, said=""):
    if not holds:
        sys.exit(f"FAILED: {what}\n{said}")
    print(f"ok  {what}", flush=True)


def ask(server, url, text="select 1"):
    """What a client at an address is answered, and what it complains of."""
    psql = [server.bin / "psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", text]
    done = subprocess.run(processes.as_other(psql), capture_output=True, text=True, cwd="/",
                          env=processes.surroundings(PGCONNECT_TIMEOUT="3"), timeout=30)
    return done.stdout.strip() or done.stderr.strip()


def one_server(version):
    began = time.monotonic()
    with Server(version, wheel(KEPT)[version]) as server:
        print(f"    {version} started in {time.monotonic() - began:.2f} s")
        said = ask(server, server.url(), "select '[1,2]'::halfvec <=> '[2,1]', lower('Ä'), current_user")
        check(f"{version}: vectors, letters", said == "0.19999999999999996|ä|qsearch", said)
        server.sql("create table t as select 1 as n")
        port = server.port
        for end in ("fast", "immediate", "smart"):
            server.stop(end)
            check(f"{version}: stopped, {end}", "refused" in ask(server, server.url()))
            server.start()
        server.sql("insert into t values (2)")
        server.kill()
        check(f"{version}: killed", "refused" in ask(server, server.url()))
        server.start()
        whole = server.sql("select sum(n) from t") == "3" and server.port == port
        check(f"{version}: all is there after a crash", whole)
        server.read_only()
        said = ask(server, server.url(), "insert into t values (3)")
        check(f"{version}: read-only", "read-only transaction" in said, said)
        server.read_only(False)
        check(f"{version}: writable again", ask(server, server.url(), "insert into t values (4) returning n") == "4")
    check(f"{version}: nothing is left", not server.folder.exists() and not server.is_running())


def a_password_without_tls():
    with Server(18, wheel(KEPT)[18], auth="scram") as server:
        check("scram: let in", ask(server, server.url()) == "1")
        said = ask(server, server.url(password="other"))
        check("scram: a wrong password", "password authentication failed" in said, said)


def many_clients():
    with Server(16, wheel(KEPT)[16]) as server:
        psql = [server.bin / "psql", "-XqAt", "-d", server.url(), "-c", "select pg_sleep(60)"]
        clients = [subprocess.Popen(processes.as_other(psql), cwd="/", env=processes.surroundings(),
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(150)]
        processes.wait_until(
            lambda: int(server.sql("select count(*) from pg_stat_activity where query like '%sleep(60)'")) == 150, 30,
            "150 clients")
        server.stop()
        check("150 clients at once", all(client.wait(60) == 2 for client in clients))


def a_standby():
    with Server(18, wheel(KEPT)[18]) as primary, primary.standby() as standby:
        primary.sql("create table t as select 1 as n")
        standby.follow(primary)
        check("standby: has what was written", ask(standby, standby.url(), "select n from t") == "1")
        said = ask(standby, standby.url(), "insert into t values (2)")
        check("standby: can't be written to", "read-only transaction" in said, said)
        both = primary.url().replace("@", f"@127.0.0.1:{standby.port},")
        for wanted, answer in (("read-write", "f"), ("prefer-standby", "t"), ("standby", "t"), ("primary", "f")):
            said = ask(primary, f"{both}?target_session_attrs={wanted}", "select pg_is_in_recovery()")
            check(f"standby: {wanted} of two hosts", said == answer, said)
        primary.kill()
        check("standby: outlives its primary", ask(standby, standby.url(), "select n from t") == "1")
        standby.promote()
        said = ask(standby, standby.url(), "insert into t values (2) returning n")
        check("standby: promoted", said == "2", said)


def a_line():
    with Server(18, wheel(KEPT)[18]) as server, Line(server.port) as line:
        check("line: carries", ask(server, line.url(server)) == "1" and line.accepted == 1)
        # A startup and a query, each a trip, and the farewell.
        check("line: counts", line.up > 50 and line.down > 300 and line.trips == 3, (line.up, line.down, line.trips))
        size = 20_000_000
        line.reset_counts()
        check("line: carries much", ask(server, line.url(server), f"select length(repeat('x', {size}))") == str(size))
        copied = ask(server, line.url(server), f"select repeat('x', {size})")
        check("line: counts much", len(copied) == size and size < line.down < size * 1.01, line.down)
        quick = seconds(lambda: ask(server, line.url(server)))
        line.delay = 0.1
        slow = seconds(lambda: ask(server, line.url(server)))
        check("line: 0.1 s each way, two round trips", 0.35 < slow - quick < 0.55, slow - quick)
        line.delay = 0
        line.black_hole()
        said = []
        took = seconds(lambda: said.append(ask(server, line.url(server))))
        check("line: black hole", 2 < took < 6 and "timeout expired" in said[0], (took, said))
        line.black_hole(False)
        check("line: carries again", ask(server, line.url(server)) == "1")
        said = []
        client = threading.Thread(target=lambda: said.append(ask(server, line.url(server), "select pg_sleep(20)")))
        client.start()
        asks = "select count(*) from pg_stat_activity where query like '%(20)'"
        processes.wait_until(lambda: server.sql(asks) == "1", 10, "a client")
        took = seconds(lambda: (line.drop(), client.join()))
        check("line: dropped", took < 1 and ("closed" in said[0] or "reset" in said[0]), (took, said))
        check("line: new ones are taken", ask(server, line.url(server)) == "1")
        line.reset_counts()
        with socket.create_connection(("127.0.0.1", line.port)) as client:
            client.sendall(startup() + query(f"select repeat('x', {size})"))
            processes.wait_until(lambda: line.down > size, 10, "an answer that isn't read")
            line.drop()
            check("line: dropped while nobody reads", was_reset(client))
        line.close()
        check("line: closed", "refused" in ask(server, line.url(server)))
        processes.wait_until(lambda: threading.active_count() == 1, 10, "threads to end")
        server.stop()


def startup():
    """What a client says first."""
    said = struct.pack("!i", 3 << 16) + b"user\0qsearch\0database\0qsearch\0\0"
    return struct.pack("!i", len(said) + 4) + said


def query(text):
    said = text.encode() + b"\0"
    return b"Q" + struct.pack("!i", len(said) + 4) + said


def was_reset(client):
    client.settimeout(5)
    try:
        while client.recv(1 << 20):
            pass
    except ConnectionResetError:
        return True
    return False


def seconds(action):
    began = time.monotonic()
    action()
    return time.monotonic() - began


def tls():
    with debian(KEPT) as server, Line(server.port, host="127.0.0.2") as line:
        whole = {"sslmode": "verify-full", "sslrootcert": str(server.ca)}
        is_tls = "select ssl from pg_stat_ssl where pid = pg_backend_pid()"
        for host in ("127.0.0.1", "localhost"):
            check(f"tls: verified, {host}", ask(server, server.url(host=host, **whole), is_tls) == "t")
        said = ask(server, line.url(server, **whole), is_tls)
        check("tls: another name", "does not match host name" in said, said)
        check("tls: only the chain", ask(server, line.url(server, **{**whole, "sslmode": "verify-ca"}), is_tls) == "t")
        said = ask(server, server.url(**{**whole, "sslrootcert": str(server.other_ca)}))
        check("tls: another authority", "certificate verify failed" in said, said)
        said = ask(server, server.url(password="other", **whole))
        check("tls: a wrong password", "password authentication failed" in said, said)
        check("tls: not needed", ask(server, server.url(sslmode="disable"), is_tls) == "f")
        with server.standby() as standby:
            address = standby.url(sslmode="verify-full", sslrootcert=str(standby.ca))
            check("tls: a standby", ask(standby, address) == "1")
    with debian(KEPT, tls="only") as server:
        said = ask(server, server.url(sslmode="disable"))
        check("tls: needed", "no encryption" in said and ask(server, server.url()) == "1", said)


def a_bouncer():
    with Server(18, wheel(KEPT)[18]) as server, pgbouncer(KEPT, server) as front:
        check("bouncer: carries", ask(server, front.url()) == "1")
        server.sql("create role ann login")
        check("bouncer: another role", ask(server, front.url("ann"), "select current_user") == "ann")
        prepared = [prepares(server, front.url()), prepares(server, front.url())]
        check("bouncer: names of statements are not a client's own", "already exists" in "".join(prepared), prepared)
        front.stop()
        check("bouncer: stopped", "refused" in ask(server, front.url()))
        front.start()
        server.kill()
        server.start()
        processes.wait_until(lambda: ask(server, front.url()) == "1", 20, "pgbouncer to find the server again")
        check("bouncer: finds its server again", True)
    with debian(KEPT) as server, pgbouncer(KEPT, server) as front:
        check("bouncer: a password", ask(server, front.url()) == "1")
        said = ask(server, front.url(password="other"))
        check("bouncer: a wrong password", "authentication failed" in said, said)
        server.sql("create role bob login password 'his'")
        said = ask(server, front.url("bob", password="his"), "select current_user")
        check("bouncer: another role's password", said == "bob", said)


def prepares(server, url):
    """What a client is told who prepares a statement by a name."""
    psql = [server.bin / "psql", "-XqAt", "-d", url]
    done = subprocess.run(processes.as_other(psql), input="select 1 \\parse named\n\\bind_named named \\g\n",
                          capture_output=True, text=True, cwd="/", env=processes.surroundings())
    return done.stdout + done.stderr


def endings():
    """The command leaves no process and no folder, however it ends."""
    with tempfile.TemporaryDirectory() as above:
        os.chmod(above, 0o755)
        for kind, number in (("standby", signal.SIGTERM), ("bouncer", signal.SIGINT), ("17", signal.SIGHUP)):
            for what in (["start", kind], ["run", kind, "--", "sh", "-c", "echo up; sleep 97 & wait"]):
                status, left = ended(above, what, number)
                check(f"{what[0]} {kind}: {number.name}", status == 128 + number and left == [], (status, left))
        status, left = ended(above, ["start", "18"], signal.SIGKILL)
        check("start 18: SIGKILL leaves no process", left == [], left)
    done = subprocess.run([sys.executable, HERE / "servers.py", "run", "18", "--", "no such command"],
                          capture_output=True, text=True)
    check("run: no such command", done.returncode == 1 and "no such command" in done.stderr, done)


def ended(above, what, number):
    """Starts the command with a temporary folder of its own, ends it by a signal; gives its status and what is left."""
    folder = tempfile.mkdtemp(dir=above)
    os.chmod(folder, 0o755 if not processes.is_root() else 0o777)
    child = subprocess.Popen([sys.executable, HERE / "servers.py", *what], env={**os.environ, "TMPDIR": folder},
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    child.stdout.readline()
    child.send_signal(number)
    status = child.wait(60)
    killed = number == signal.SIGKILL
    if killed:
        time.sleep(3)
    left = processes_with(folder) + ([] if killed else os.listdir(folder))
    return status, left


def processes_with(text):
    found = []
    for line in Path("/proc").glob("[0-9]*/environ"):
        try:
            command = (line.parent / "cmdline").read_text().replace("\0", " ")
            if text in command or f"TMPDIR={text}" in line.read_text():
                found.append(command)
        except OSError:
            pass
    return found


def main():
    checks = {"16": lambda: one_server(16), "18": lambda: one_server(18), "password": a_password_without_tls,
              "many": many_clients, "standby": a_standby, "line": a_line, "tls": tls, "bouncer": a_bouncer,
              "endings": endings}
    for name in sys.argv[1:] or checks:
        checks[name]()


if __name__ == "__main__":
    main()
