"""Servers that aren't one server here: poolers, standbys, a failover, and TLS with a password from a file."""

import os
import random
import threading
import time
from urllib.parse import quote

import vault
from driving import KEPT, check, ended, same_answers, schema_url, write
from part_killed import CHECKED, Notes, a_run, is_old_or_new
from servers import Server, debian, give, pgbouncer, wheel


def places(program):
    notes = program.folder / "vault"
    vault.make(notes)
    folder = program.folder / "folder/index"
    program.index(folder, notes)
    pooled(program, notes, folder)
    secured(program, notes, folder)
    replicated(program, notes, folder)
    failover(program)


def is_used(program, url, notes, folder, what, **environment):
    """Indexed, asked, checked and changed as anywhere."""
    done = program(url, "index", notes, **environment)
    check(f"{what}: index", done.status == 0, done)
    done = program(url, "check", **environment)
    check(f"{what}: check", done.status == 0, done)
    reference = program(folder, "search", "--json", "--explain", "-n", "50", "owl in the water").out
    done = program(url, "search", "--json", "--explain", "-n", "50", "owl in the water", **environment)
    check(f"{what}: the same answer as a folder's", done.out == reference, done)
    for arguments in (
        ("index", "--optimize"),
        ("index", "--rebuild"),
        ("status",),
        ("forget", "vault"),
        ("index", notes),
    ):
        done = program(url, *arguments, **environment)
        check(f"{what}: {' '.join(map(str, arguments[:2]))}", done.status == 0, done)
    done = program(url, "check", **environment)
    check(f"{what}: check in the end", done.status == 0, done)


def pooled(program, notes, folder):
    for options in ("", "max_prepared_statements = 200"):
        with Server(18, wheel(KEPT)[18]) as server, pgbouncer(KEPT, server, options) as front:
            what = f"pgbouncer{', ' + options if options else ''}"
            url = schema_url(front.url(), "pooled")
            is_used(program, url, notes, folder, what)
            same_answers(program, [folder, url], vault.commands()[::5], what)
            server.sql(
                "create role sleeper login; grant usage on schema pooled to sleeper; grant select on all tables in schema pooled to sleeper; "
                "alter table pooled.passages enable row level security; create policy slow on pooled.passages using (pg_sleep(0.3) is not null)"
            )
            done = program(schema_url(front.url("sleeper"), "pooled", statement_timeout=1), "ask", "what do owls eat")
            check(
                f"{what}: statement_timeout ends a slow question",
                done.status == 2 and "didn't finish within 1 s" in done.err and done.seconds < 8,
                done,
            )
            server.sql("drop policy slow on pooled.passages; alter table pooled.passages disable row level security")
            failed = []

            def work(number):
                mine = program.folder / f"pooled{number}"
                for turn in range(6):
                    write(mine / f"n{turn}.md", f"# {turn}\n\nA note of process {number}, turn {turn}.\n")
                    done = program(url, "index", mine)
                    asked = program(url, "ask", f"process {number} turn {turn}")
                    failed.extend(one for one in (done, asked) if one.status == 2)

            threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            check(f"{what}: four processes at once", not failed, "\n".join(map(str, failed[:3])))
            program.is_sound(url, what)
            front.stop("fast")
            done = program(url, "ask", "x")
            check(f"{what}: stopped: exit 2", done.status == 2, done)
            front.start()
            server.kill()
            done = program(url + "&connect_timeout=3&statement_timeout=3", "ask", "x")
            check(
                f"{what}: the server behind it is down: exit 2 within 20 s",
                done.status == 2 and done.seconds < 20,
                done,
            )
            server.start()


def secured(program, notes, folder):
    with debian(KEPT, tls="only") as server:
        passfile = program.folder / "pgpass"
        give(
            passfile,
            f"localhost:{server.port}:qsearch:qsearch:"
            + server.password.replace("\\", "\\\\").replace(":", "\\:")
            + "\n",
        )
        os.chown(passfile, os.getuid(), os.getgid())
        url = f"postgresql://qsearch@localhost:{server.port}/qsearch?schema=safe&sslmode=verify-full&sslrootcert={quote(str(server.ca))}&channel_binding=require"
        is_used(program, url, notes, folder, "17 with TLS and a password from a file", PGPASSFILE=str(passfile))


def replicated(program, notes, folder):
    with Server(18, wheel(KEPT)[18]) as primary, primary.standby() as standby:
        both = primary.url().replace("@", f"@127.0.0.1:{standby.port},")
        url = schema_url(both, "copied", target_session_attrs="prefer-standby")
        done = program(url, "index", notes)
        check("the first run with prefer-standby", done.status == 0, done)
        program.index(schema_url(primary.url(), "copied"), notes)
        standby.follow(primary)
        same_answers(program, [folder, url], vault.commands()[::6], "asked of a standby")
        done = program(url, "status")
        check("status tells that it is a standby", done.status == 0 and "standby" in done.out, done)
        told = program(url, "status", "--json").json["server"]
        check(
            "status --json: standby and lag",
            told["standby"] is True and told["lag_milliseconds"] is not None and told["lag_milliseconds"] < 60_000,
            told,
        )
        told = program(schema_url(both, "copied", target_session_attrs="primary"), "status", "--json").json["server"]
        check("status --json of the primary", told["standby"] is False, told)
        program.is_sound(url, "a standby")
        alone = schema_url(standby.url(), "copied")
        for arguments in (("index",), ("index", "--rebuild"), ("forget", "vault")):
            done = program(alone, *arguments)
            check(
                f"a standby alone: {' '.join(arguments)}: exit 2 and a sentence",
                done.status == 2 and "takes" in done.err,
                done,
            )
        write(notes / "fresh.md", "A fresh note, of a firecrest.\n")
        done = program(url, "index")
        check("index finds the primary", done.status == 0, done)
        standby.follow(primary)
        done = program(url, "search", "--json", "firecrest")
        check("the standby has what was indexed", "fresh.md" in done.out, done)
        standby.set(max_standby_streaming_delay="0")
        failed, asked, going = [], [0], [True]

        def ask():
            commands = [
                ("ask", "--json", "what do owls eat"),
                ("check", "--json"),
                ("search", "--json", "owl"),
                ("notes", "--json"),
            ]
            while going[0]:
                done = program(url, *commands[asked[0] % 4])
                asked[0] += 1
                if done.status not in (0, 1):
                    failed.append(done)

        thread = threading.Thread(target=ask)
        thread.start()
        for turn in range(8):
            write(notes / "fresh.md", f"A fresh note, of a firecrest, turn {turn}.\n" * (turn + 1))
            program.index(url, "--rebuild" if turn % 4 == 3 else "--optimize")
        going[0] = False
        thread.join()
        check(
            f"{asked[0]} questions to a standby that gives way to its primary at once: none fails",
            not failed,
            f"{len(failed)}\n" + "\n".join(map(str, failed[:4])),
        )
        standby.kill()
        done = program(url, "ask", "--json", "what do owls eat")
        check("prefer-standby without the standby: the primary answers", done.status == 0, done)
        (notes / "fresh.md").unlink()


def failover(program):
    made = random.Random(2)
    for attempt in range(3):
        with Server(18, wheel(KEPT)[18]) as primary, primary.standby() as standby:
            url = schema_url(
                primary.url().replace(f":{primary.port}", f":{primary.port},127.0.0.1:{standby.port}"), "killed"
            )
            state = Notes(program.folder / f"failover{attempt}", made)
            program.index(url, state.folder)
            usual = a_run(program, url, state)
            standby.follow(primary)
            state.change()
            process = program.start(url, "index", "--checkpoint", "0" if attempt % 2 else "60")
            time.sleep(made.uniform(0.05, usual * 0.8))
            primary.kill()
            standby.promote()
            done = ended(process)
            goes_on = done.status == 0
            check(
                f"failover {attempt}: the run {'goes on' if goes_on else 'ends with a sentence and a hint'}",
                goes_on or (done.status == 2 and "hint: " in done.err),
                done,
            )
            is_old_or_new(program, url, state, f"failover {attempt}")
            program.is_sound(url, f"failover {attempt}")
            standby.sql("update killed.roots set lease_until = now() where owner is not null")
            done = program(url, "index")
            check(f"failover {attempt}: the next run finishes", done.status == 0, done)
            state.settle()
            anew = program.folder / f"failover{attempt}-index"
            program.index(anew, state.folder)
            same_answers(program, [anew, url], CHECKED, f"failover {attempt}")
