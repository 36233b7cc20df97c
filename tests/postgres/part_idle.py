"""A server with a thousand idle sessions, and one that is full."""

import os
import pwd
import random
import socket
import statistics
import struct
import subprocess
import time

import processes
import vault
from driving import KEPT, check, note, same_answers, schema_url, write
from part_killed import CHECKED, Notes
from servers import Server, give, wheel

IDLE = 1000


def idle(program):
    note("clocks that differ: not tried, faketime isn't there")
    beside_many(program)
    if not processes.is_root():
        note("a full disk: not tried, mounting needs root")
        return
    full_tables(program)
    full_log(program)


def beside_many(program):
    notes = program.folder / "vault"
    vault.make(notes)
    with Server(18, wheel(KEPT)[18], options=f"-c max_connections={IDLE + 100}") as server:
        url = schema_url(server.url(), "busy")
        program.index(url, notes)
        before = timed(program, url)
        said = struct.pack("!i", 3 << 16) + b"user\0qsearch\0database\0qsearch\0\0"
        clients = []
        for _ in range(IDLE):
            client = socket.create_connection(("127.0.0.1", server.port))
            client.sendall(struct.pack("!i", len(said) + 4) + said)
            clients.append(client)
            client.recv(4096)
        processes.wait_until(
            lambda: int(server.sql("select count(*) from pg_stat_activity where state = 'idle'")) >= IDLE,
            60,
            "idle sessions",
        )
        beside = timed(program, url)
        check(
            f"{IDLE} idle sessions: asked in {beside * 1000:.0f} ms, {before * 1000:.0f} ms without them",
            beside < before * 3 + 0.2,
        )
        write(notes / "fresh.md", "A fresh note.\n")
        program.index(url)
        program.is_sound(url, f"{IDLE} idle sessions")
        for client in clients:
            client.close()


def timed(program, url):
    return statistics.median(program(url, "ask", "what do owls eat").seconds for _ in range(7))


class Small:
    """A small file system of the servers' user."""

    def __init__(self, folder, megabytes):
        self.folder = folder
        folder.mkdir(exist_ok=True)
        subprocess.run(
            [
                "mount",
                "-t",
                "tmpfs",
                "-o",
                f"size={megabytes}m,uid={pwd.getpwnam(processes.USER).pw_uid},mode=0700",
                "qsearch-test",
                str(folder),
            ],
            check=True,
        )

    def grow(self, megabytes):
        subprocess.run(["mount", "-o", f"remount,size={megabytes}m", str(self.folder)], check=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", str(self.folder)], check=True)


def full_tables(program):
    """The tables' disk is full: one commit fails, the server goes on."""
    with Server(18, wheel(KEPT)[18]) as server, Small(server.folder / "small", 3) as small:
        server.sql(f"create tablespace small location '{small.folder}'")
        server.sql("alter database qsearch set default_tablespace = small")
        url = schema_url(server.url(), "killed")
        state = Notes(program.folder / "tables", random.Random(1))
        program.index(url, state.folder)
        state.settle()
        for number in range(60):
            write(
                state.folder / f"more/{number}.md",
                "".join(
                    f"\n## Part {part}\n\n"
                    + " ".join(
                        state.made.choice(["heron", "reed", "eel"]) + str(state.made.randrange(9999)) for _ in range(80)
                    )
                    + "\n"
                    for part in range(6)
                ),
            )
        done = program(url, "index")
        check(
            "the tables' disk is full: exit 2, a sentence and a hint",
            done.status == 2 and "is full" in done.err and "hint: " in done.err,
            done,
        )
        done = program(url, "search", "--json", "heron")
        check("the tables' disk is full: the old notes answer", done.status == 0 and done.json, done)
        program.is_sound(url, "the tables' disk is full")
        done = program(url, "index")
        check("the tables' disk is full: once more the same", done.status == 2 and "is full" in done.err, done)
        small.grow(200)
        server.sql("update killed.roots set lease_until = now() where owner is not null")
        done = program(url, "index")
        check("there is space again: the next run finishes", done.status == 0, done)
        program.is_sound(url, "there is space again")
        anew = program.folder / "tables-anew"
        program.index(anew, state.folder)
        same_answers(program, [anew, url], CHECKED, "there is space again")
        server.stop()


def full_log(program):
    """The write-ahead log's disk is full: the server stops itself."""
    with Server(18, wheel(KEPT)[18]) as server:
        server.stop()
        with Small(server.folder / "wal", 64) as small:
            processes.run(
                [
                    "sh",
                    "-c",
                    f"mv {server.data}/pg_wal/* {small.folder}/ && rmdir {server.data}/pg_wal && ln -s {small.folder} {server.data}/pg_wal",
                ]
            )
            server.start()
            url = schema_url(server.url(), "killed")
            state = Notes(program.folder / "log", random.Random(1))
            program.index(url, state.folder)
            state.settle()
            filler = small.folder / "filler"
            free = os.statvfs(small.folder)
            give(filler, "")
            subprocess.run(
                [
                    "dd",
                    "if=/dev/zero",
                    f"of={filler}",
                    "bs=1M",
                    f"count={max(0, free.f_bavail * free.f_bsize // 2**20 - 4)}",
                ],
                check=True,
                capture_output=True,
            )
            state.change()
            done = None
            for turn in range(30):
                done = program(url, "index", "--rebuild" if turn % 2 else "--optimize")
                if done.status != 0:
                    break
                state.settle()
                state.change()
            check(
                "the log's disk is full: exit 2, a sentence and a hint",
                done.status == 2 and "hint: " in done.err and done.seconds < 60,
                done,
            )
            note(f"after {turn + 1} runs: {done.err.strip().splitlines()[-1][:300] if done.err.strip() else ''}")
            filler.unlink()
            time.sleep(1)
            if not server.is_running():
                server.start()
            processes.wait_until(lambda: program(url, "notes").status == 0, 30, "the server to be back")
            program.is_sound(url, "the log's disk has space again")
            server.sql("update killed.roots set lease_until = now() where owner is not null")
            done = program(url, "index")
            check("the log's disk has space again: the next run finishes", done.status == 0, done)
            anew = program.folder / "log-anew"
            program.index(anew, state.folder)
            same_answers(program, [anew, url], CHECKED, "the log's disk has space again")
            server.stop()
