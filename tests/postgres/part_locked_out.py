"""Whatever keeps the program out of a database: a sentence and a hint in time, and no password anywhere."""

import os
import socket
import subprocess
import threading
import time
from pathlib import Path
from urllib.parse import quote

import vault
from driving import KEPT, Session, check, ended, schema_url, write
from servers import Line, Server, debian, free_port, give, wheel

READS = [
    ("ask", "what do owls eat"),
    ("search", "--json", "owl"),
    ("get", "owls.md"),
    ("notes",),
    ("tags",),
    ("status",),
    ("check",),
]
WRITES = [("index",), ("index", "--rebuild"), ("forget", "vault")]


def locked_out(program):
    notes = program.folder / "vault"
    vault.make(notes)
    nobody_there(program)
    addresses(program)
    with Server(18, wheel(KEPT)[18], options="-c log_statement=all") as server:
        url = schema_url(server.url(), "held")
        program.index(url, notes)
        unknown(program, server, url)
        silent(program, server, notes)
        without_vectors(program, server, notes)
        locked(program, server, url)
        slow(program, server)
        read_only(program, server, url, notes)
        program.is_sound(url, "after all that")
    too_many(program, notes)
    secrets(program, notes)


def refused(program, url, commands, what, said, within, **environment):
    """Each of the commands ends in time, with a sentence that says what is wrong and a hint."""
    bad, without = [], []
    for command in commands:
        done = program(url, *command, seconds=within + 60, **environment)
        ok = (
            done.status == 2
            and done.seconds < within
            and said in done.err
            and not done.out
            and "panicked" not in done.err
        )
        if not ok:
            bad.append(str(done))
        elif ('"hint":"' if command[:1] == ("search",) else "hint: ") not in done.err:
            without.append(str(done))
    check(f"{what}: {len(commands)} commands end within {within} s, with a sentence", not bad, "\n".join(bad))
    return bad or check(f"{what}: a hint", not without, "\n".join(without[:1]))


def nobody_there(program):
    port = free_port()
    refused(program, f"postgres://me@127.0.0.1:{port}/notes", READS + WRITES, "nobody listens", "nobody answers at", 3)
    refused(
        program,
        f"postgres://me@127.0.0.1:{port},127.0.0.1:{free_port()}/notes",
        READS[:2] + WRITES[:1],
        "nobody listens at two",
        "nobody answers at",
        3,
    )
    refused(
        program, "postgres://me@no-such-host.invalid/notes", READS[:2] + WRITES[:1], "no such host", "isn't found", 15
    )
    refused(
        program,
        "postgres:///notes?host=/tmp/no-such-folder&user=me",
        READS[:2] + WRITES[:1],
        "no such socket",
        "nobody answers at",
        3,
    )
    for what, answer in (
        ("closes at once", None),
        ("speaks HTTP", b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        ("speaks nonsense", bytes(range(256)) * 9),
        ("says N for ever", b"N" * 5000),
    ):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            threading.Thread(target=answering, args=(listener, answer), daemon=True).start()
            refused(
                program,
                f"postgres://me@127.0.0.1:{listener.getsockname()[1]}/notes?connect_timeout=2",
                READS[:2] + WRITES[:1],
                f"who answers {what}",
                "",
                6,
            )


def answering(listener, answer):
    """Answers each client the same, and closes."""
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        with client:
            client.settimeout(2)
            try:
                if answer:
                    client.recv(1000)
                    client.sendall(answer)
                    time.sleep(0.1)
            except OSError:
                pass


def addresses(program):
    bad = [
        "postgres://",
        "postgres://h:99999/d",
        "postgres://h:x/d",
        "postgres://u@h/d?nosuch=1",
        "postgres://u@h/d?sslmode=maybe",
        "postgres://u@h/d?schema=a;drop",
        "postgres://u@h/d?schema=" + "x" * 80,
        "postgres://u@h/d?connect_timeout=0",
        "postgres://u@h/d?statement_timeout=x",
        "postgres://u@[::1/d",
        "postgres://u@h/%zz",
        "postgres://u@h/d?schema=",
        "postgres://u@h/d?target_session_attrs=any,",
        "postgresql://u@h1,h2:1,3/d?port=1,2,3",
        "postgres://u@h/d?sslrootcert=/no/such&sslmode=verify-full",
    ]
    wrong = []
    for url in bad:
        done = program(url, "ask", "x")
        if done.status != 2 or "hint: " not in done.err or done.seconds > 10 or "panicked" in done.err:
            wrong.append(str(done))
    check(f"{len(bad)} addresses that are none: exit 2 and a hint", not wrong, "\n".join(wrong))


def unknown(program, server, url):
    refused(
        program,
        schema_url(server.url(database="nosuch"), "s"),
        READS[:2] + WRITES,
        "no such database",
        "there is no database",
        5,
    )
    refused(
        program,
        schema_url(server.url("nosuch"), "s"),
        READS[:2] + WRITES,
        "no such user",
        "doesn't let this user in",
        5,
    )
    refused(program, schema_url(server.url(), "nosuch"), READS, "no such schema", "no index", 5)
    refused(
        program,
        schema_url(server.url(), "held", sslmode="require"),
        READS[:2] + WRITES[:1],
        "no TLS there",
        "no trusted connection",
        5,
    )
    refused(
        program,
        schema_url(server.url(), "held", target_session_attrs="standby"),
        READS[:2],
        "no standby there",
        "is a standby",
        5,
    )
    server.sql("create role stranger login")
    stranger = schema_url(server.url("stranger"), "held")
    refused(program, stranger, READS + WRITES, "no rights", "", 5)


def silent(program, server, notes):
    with Line(server.port) as line:
        url = schema_url(line.url(server), "held", connect_timeout=2, statement_timeout=2)
        line.black_hole()
        refused(program, url, READS[:3] + WRITES[:1], "black hole from the start", "doesn't answer", 6)
        line.black_hole(False)
        line.drop()
        for kind, arguments in (("ask", ("ask", "what do owls eat")), ("index", ("index",)), ("check", ("check",))):
            write(notes / "silent.md", f"# Silent\n\nWritten at {time.time()}.\n")
            # Slow, so that the silence comes in the middle.
            line.delay = 0.15
            process = program.start(url, *arguments)
            time.sleep(1.0)
            was_running = process.poll() is None
            line.black_hole()
            done = ended(process)
            line.black_hole(False)
            line.drop()
            line.delay = 0
            check(
                f"black hole in the middle of {kind}: ends within 25 s, with a sentence and a hint",
                was_running and done.status == 2 and "hint: " in done.err and done.seconds < 25,
                done,
            )
        url = schema_url(server.url(), "held")
        program.index(url)
        program.is_sound(url, "after a black hole")


def without_vectors(program, server, notes):
    """Who may make what: the extension, a schema, tables in a schema that is there."""
    for name in ("bare", "ready", "given"):
        server.sql(f"create database {name}")
        server.sql(f"create role {name} login")
    refused(
        program,
        schema_url(server.url("bare", "bare"), "s"),
        [("index", str(notes))],
        "no pgvector and no right to make it",
        "lacks the extension `vector`",
        5,
    )
    refused(program, schema_url(server.url("bare", "bare"), "s"), READS[:2], "no index there yet", "no index", 5)
    server.sql("create extension vector", database="ready")
    refused(
        program,
        schema_url(server.url("ready", "ready"), "s"),
        [("index", str(notes))],
        "pgvector and no right to make a schema",
        "doesn't allow it",
        5,
    )
    server.sql("create extension vector", database="given")
    server.sql(
        "create schema own authorization given; create schema used; grant usage, create on schema used to given",
        database="given",
    )
    for schema in ("own", "used"):
        done = program(schema_url(server.url("given", "given"), schema), "index", notes)
        check(
            f"a schema that an administrator made, and rights in it ({schema}): is indexed into", done.status == 0, done
        )
        done = program(schema_url(server.url("given", "given"), schema), "ask", "what do owls eat")
        check(f"… and asked ({schema})", done.status == 0, done)
    server.sql("drop extension vector cascade", database="given")
    refused(
        program,
        schema_url(server.url("given", "given"), "own"),
        READS[:2] + [("check",)],
        "the extension was dropped",
        "",
        5,
    )
    server.sql("create schema elsewhere; create extension vector schema elsewhere", database="bare")
    server.sql("grant create on database bare to bare", database="bare")
    done = program(schema_url(server.url("bare", "bare"), "s"), "index", notes)
    check(
        "the extension in a schema of its own: is used, or a sentence with a hint",
        done.status == 0 or "hint: " in done.err,
        done,
    )


def locked(program, server, url):
    for table in ("meta", "roots", "files", "passages", "vectors", "postings"):
        with Session(server, "begin", f"lock table held.{table} in access exclusive mode"):
            refused(
                program,
                url + "&statement_timeout=1",
                [("ask", "what do owls eat")]
                + ([("status",), ("index",), ("check",)] if table in ("roots", "files") else []),
                f"{table} is locked, statement_timeout=1",
                "",
                8,
            )
    with Session(server, "begin", "lock table held.roots in access exclusive mode"):
        refused(program, url, [("ask", "what do owls eat")], "a table is locked", "another session holds a lock", 14)
        refused(program, url, [("index",)], "a table is locked", "another session holds a lock", 14)
    with Session(server, "begin", "lock table held.files in share row exclusive mode"):
        done = program(url, "ask", "what do owls eat")
        check("a lock against writers doesn't keep readers out", done.status == 0, done)


def slow(program, server):
    server.sql("""create role sleeper login; grant usage on schema held to sleeper; grant select on all tables in schema held to sleeper;
        alter table held.passages enable row level security;
        create policy slow on held.passages for select to sleeper using (pg_sleep(0.2) is not null)""")
    url = schema_url(server.url("sleeper"), "held", statement_timeout=1)
    refused(
        program,
        url,
        [("ask", "what do owls eat"), ("search", "--json", "owl"), ("check",)],
        "a slow policy, statement_timeout=1",
        "didn't finish within 1 s",
        8,
    )
    server.sql("drop policy slow on held.passages; alter table held.passages disable row level security")


def read_only(program, server, url, notes):
    server.read_only()
    write(notes / "owls.md", vault.NOTES["owls.md"] + "\nRead-only.\n")
    refused(program, url, WRITES + [("index", "--optimize")], "a read-only server, to be changed", "takes", 5)
    refused(
        program,
        program.folder / "x",
        [("copy", url, schema_url(server.url(), "there"))],
        "a read-only server, copied to",
        "takes",
        5,
    )
    for command in READS:
        done = program(url, *command)
        check(f"a read-only server: {command[0]} is answered", done.status == 0, done)
    server.read_only(False)
    program.index(url)


def too_many(program, notes):
    options = "-c max_connections=6 -c superuser_reserved_connections=1 -c reserved_connections=0 -c max_wal_senders=0"
    with Server(18, wheel(KEPT)[18], options=options) as server:
        server.sql("create role ann login; grant create on database qsearch to ann")
        url = schema_url(server.url("ann"), "few")
        program.index(url, notes)
        held = [Session(server, "select 1", user="ann") for _ in range(5)]
        refused(program, url, READS + WRITES, "too many connections", "takes no more connections", 12)
        held.pop().__exit__()
        time.sleep(0.3)
        done = program(url, "ask", "what do owls eat")
        check("one connection is enough to ask", done.status == 0, done)
        write(notes / "one.md", "# One\n\nWith one connection.\n")
        done = program(url, "index")
        check(
            "one connection is enough to index, or a sentence with a hint says no",
            done.status == 0 or ("hint: " in done.err and "takes no more" in done.err),
            done,
        )
        for session in held:
            session.__exit__()
        server.sql("alter role ann connection limit 0")
        refused(program, url, READS[:2] + WRITES[:1], "a role's limit of connections", "takes no more connections", 12)
        server.sql("alter role ann connection limit -1")
        program.is_sound(url, "after too many")


def secrets(program, notes):
    """A server with passwords: wrong ones, wrong certificates, and where a right one might be seen."""
    with (
        debian(KEPT, options="-c log_statement=all -c log_connections=on") as server,
        Line(server.port, host="127.0.0.2") as line,
    ):
        whole = {"sslmode": "verify-full", "sslrootcert": quote(str(server.ca), safe="")}
        right, password = server.url(), server.password
        bare = right.replace(":" + quote(password, safe=""), "")
        url, bare = schema_url(right, "safe", **whole), schema_url(bare, "safe", **whole)
        seen = Watch(program, password, quote(password, safe=""), "the-wrong-one")
        program.index(url, notes, QSEARCH_LOG="trace")
        refused(
            program,
            schema_url(server.url(password="the-wrong-one"), "safe", **whole),
            READS + WRITES,
            "a wrong password",
            "doesn't let this user in",
            5,
        )
        refused(program, bare, READS[:2] + WRITES[:1], "no password", "doesn't let this user in", 5)
        refused(
            program,
            bare,
            READS[:2] + WRITES[:1],
            "a wrong password in PGPASSWORD",
            "doesn't let this user in",
            5,
            PGPASSWORD="the-wrong-one",
        )
        passfile = program.folder / "pgpass"
        give(passfile, f"127.0.0.1:{server.port}:*:qsearch:the-wrong-one\n")
        os.chown(passfile, os.getuid(), os.getgid())
        refused(
            program,
            bare,
            READS[:2] + WRITES[:1],
            "a wrong password in a file",
            "doesn't let this user in",
            5,
            PGPASSFILE=str(passfile),
        )
        refused(
            program,
            schema_url(right, "safe", sslmode="verify-full", sslrootcert=str(server.other_ca)),
            READS[:2] + WRITES[:1],
            "another authority",
            "no trusted connection",
            5,
        )
        refused(
            program,
            schema_url(right, "safe", sslmode="verify-full", sslrootcert="system"),
            READS[:2] + WRITES[:1],
            "the web's authorities",
            "no trusted connection",
            5,
        )
        named = line.url(server)
        refused(
            program,
            schema_url(named, "safe", **whole),
            READS[:2] + WRITES[:1],
            "another name than the certificate's",
            "no trusted connection",
            5,
        )
        done = program(schema_url(named, "safe", **{**whole, "sslmode": "verify-ca"}), "ask", "what do owls eat")
        check("verify-ca takes another name", done.status == 0, done)
        give(
            passfile, f"127.0.0.1:{server.port}:*:qsearch:" + password.replace("\\", "\\\\").replace(":", "\\:") + "\n"
        )
        os.chown(passfile, os.getuid(), os.getgid())
        done = program(bare, "ask", "what do owls eat", PGPASSFILE=str(passfile))
        check("the right password in a file", done.status == 0, done)
        passfile.chmod(0o644)
        done = program(bare, "ask", "what do owls eat", PGPASSFILE=str(passfile))
        check(
            "a file that others can read isn't used, and that is said",
            done.status == 2 and str(passfile) in done.err,
            done,
        )
        typed = [program.binary, "--index", url, "ask", "owl"]
        done = subprocess.run(typed, env=program.environment(), capture_output=True, text=True)
        check(
            "a password as an argument is refused",
            done.returncode == 2 and "has a password in it" in done.stderr and "hint: " in done.stderr,
            done,
        )
        seen.text(done.stdout + done.stderr)
        for command in (
            *READS,
            ("ask", "--json", "owl"),
            ("index",),
            ("index", "--json"),
            ("check", "--json"),
            ("status", "--json"),
            ("index", "--rebuild"),
        ):
            for level in ("", "trace"):
                program(url, *command, **({"QSEARCH_LOG": level} if level else {}))
        program(url, "ask", "nosuchschema")
        copied = program(url, "copy", str(program.folder / "copied"))
        check("copied into a folder", copied.status == 0, copied)
        seen.stop(server)
        there = [
            str(path)
            for path in [*program.folder.rglob("*")]
            if path.is_file()
            and path != passfile
            and any(secret.encode() in path.read_bytes() for secret in (password, quote(password, safe="")))
        ]
        check("the password is in no file that was written", not there, there)


class Watch:
    """Looks for secrets in what is printed, in the arguments of processes, and in what the server can tell."""

    def __init__(self, program, *secrets):
        self.secrets, self.found, self.looks = secrets, [], 0
        self.program, self.printed = program, program.heard
        self.going = True
        self.thread = threading.Thread(target=self._look)
        self.thread.start()

    def text(self, text, where="printed"):
        self.found += [f"{where}: {text[:400]}" for secret in self.secrets if secret in text]

    def _look(self):
        while self.going:
            for arguments in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    said = arguments.read_bytes().decode(errors="replace")
                    if str(self.program.binary) in said and "--index\0postgresql://qsearch:" not in said:
                        self.looks += 1
                        self.text(said, "arguments")
                except OSError:
                    pass
            time.sleep(0.01)

    def stop(self, server):
        self.going = False
        self.thread.join()
        for said in self.printed:
            self.text(said)
        check(
            f"no password in {len(self.printed)} outputs and {self.looks} looks at arguments",
            self.looks > 50 and not self.found,
            "\n".join(self.found[:5]),
        )
        self.found.clear()
        self.text(server.log.read_text(errors="replace"), "the server's log")
        self.text(
            server.sql("select string_agg(query || application_name, ' ') from pg_stat_activity"), "pg_stat_activity"
        )
        check(
            "no password in the server's log with all statements, nor in pg_stat_activity",
            not self.found,
            "\n".join(self.found[:5]),
        )
