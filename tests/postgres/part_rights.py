"""Roles that may only read, or only some roots, as grants.sql gives them."""

import shutil
from pathlib import Path

import processes
import vault
from driving import CORPUS, KEPT, check, same_answers, schema_url, write
from servers import Server, wheel

GRANTS = Path(__file__).resolve().parent / "grants.sql"
# Names that must be quoted wherever they stand.
READER, WRITER, OWNER, VIEWER, EDITOR = "Read-er", "writer 1", "Owner", 'view"er', "ed-itor"


def rights(program):
    with Server(18, wheel(KEPT)[18]) as server:
        for role in (READER, WRITER, OWNER, VIEWER, EDITOR):
            server.sql(f"create role {name(role)} login")
        server.sql(f"grant create on database qsearch to {name(OWNER)}")
        roots = {root: program.folder / root for root in ("vault", "corpus", "quagga")}
        vault.make(roots["vault"])
        shutil.copytree(CORPUS, roots["corpus"])
        write(
            roots["quagga"] / "owls.md",
            "---\ntags: [zebra/owls, birds]\naliases: Voles\n---\n# Zebra owls\n\nThe zebra owl eats striped voles. See [[Kim]] and [[boxes]].\n"
            * 4,
        )
        write(
            roots["quagga"] / "water.md",
            "---\nstatus: done\nzebrakey: x\n---\n# Water\n\nThe heron waits in the shallow water, and the GIL of owls too. Барсук und Häuser.\n",
        )
        url = {role: schema_url(server.url(role), "shared") for role in (READER, WRITER, OWNER, VIEWER, EDITOR)}
        program.index(url[OWNER], *roots.values())
        done = program(url[READER], "ask", "what do owls eat")
        check("a stranger is told that there are no rights", done.status == 2 and "permission" in done.err, done)
        grant(server, reader=READER, writer=WRITER)
        program.trusting = True
        readers(program, url, roots)
        writers(program, url, roots)
        some_roots(program, server, url, roots)
        rebuilt(program, server, url, roots)


def name(role):
    return '"' + role.replace('"', '""') + '"'


def grant(server, **variables):
    psql = [
        server.bin / "psql",
        "-Xq",
        "-h",
        server.folder,
        "-p",
        server.port,
        "-U",
        "qsearch",
        "-d",
        "qsearch",
        "-v",
        "schema=shared",
    ]
    for variable, value in variables.items():
        psql += ["-v", f"{variable}={value}"]
    processes.run([*psql, "-f", "-"], stdin=GRANTS.read_text())


def refused(program, url, commands, what):
    bad = []
    for command in commands:
        done = program(url, *command)
        if done.status != 2 or "hint: " not in done.err or done.out:
            bad.append(done)
    return check(f"{what}: exit 2, a sentence and a hint", not bad, "\n".join(map(str, bad)))


def readers(program, url, roots):
    commands = vault.commands()[::4] + vault.LISTS
    same_answers(program, [url[OWNER], url[READER]], commands, "a reader")
    for command in (("status",), ("check",), ("check", "--deep"), ("ask", "--refresh", "what do owls eat")):
        done = program(url[READER], *command)
        check(f"a reader: {' '.join(command)}", done.status == 0, done)
    write(roots["vault"] / "fresh.md", "A fresh note, of a firecrest.\n")
    refused(
        program,
        url[READER],
        [
            ("index",),
            ("index", roots["vault"]),
            ("index", "--rebuild"),
            ("index", "--optimize"),
            ("forget", "vault"),
            ("ask", "--refresh", "firecrest"),
        ],
        "a reader who writes",
    )
    done = program(url[READER], "status")
    check("a reader: status tells what is new", done.status == 0 and "fresh.md" in done.out, done)
    done = program(url[READER], "copy", url[READER], program.folder / "copied")
    check("a reader: copies into a folder", done.status == 0, done)
    program.is_sound(url[OWNER], "after a reader")


def writers(program, url, roots):
    done = program(url[WRITER], "index")
    check("a writer: indexes", done.status == 0, done)
    done = program(url[WRITER], "ask", "firecrest")
    check("a writer: finds the new note", "firecrest" in done.out, done)
    (roots["vault"] / "fresh.md").unlink()
    more = program.folder / "more"
    write(more / "siskin.md", "A siskin hangs upside down.\n")
    for arguments in (("index", more), ("forget", "more"), ("index", "--optimize")):
        done = program(url[WRITER], *arguments)
        check(f"a writer: {arguments[0]} {arguments[1]}", done.status == 0, done)
    refused(program, url[WRITER], [("index", "--rebuild")], "a writer who isn't the owner, and --rebuild")
    program.is_sound(url[OWNER], "after a writer")
    left = program(url[OWNER], "notes", "--json").json
    check("after --rebuild was refused all notes are there", len(left) > 30, left)
    done = program(url[OWNER], "index")
    check("the owner: indexes", done.status == 0, done)


def some_roots(program, server, url, roots):
    """Policies: whoever sees only some roots has the answers of an index that has only these."""
    grant(server, reader=VIEWER, writer=EDITOR, roots="{vault,corpus}")
    commands = vault.commands()
    commands += [
        ("search", "--json", "zebra"),
        ("search", "--json", "--", "zebrakey:x owl"),
        ("search", "--json", "tag:zebra"),
        ("get", "--json", "quagga/owls.md"),
        ("get", "--json", "--links", "Kim.md"),
        ("get", "--json", "--links", "boxes.md"),
        ("search", "--json", "Барсук"),
        ("ask", "--json", "--", "what does the zebra owl eat"),
    ]
    only = program.folder / "only/index"
    program.index(only, roots["vault"], roots["corpus"])
    same_answers(program, [only, url[VIEWER]], commands, "a reader of two roots, and an index of them")
    beside = schema_url(server.url(), "beside")
    program.index(beside, roots["vault"], roots["corpus"])
    told = [program(index, "status", "--json").json for index in (beside, url[VIEWER])]
    counted = [
        (status["files"], status["passages"], [root["name"] for root in status["roots"]], status["stale"])
        for status in told
    ]
    check("a reader of two roots: status counts only these", counted[0] == counted[1], counted)
    program.is_sound(url[VIEWER], "a reader of two roots")
    shown = "".join(
        program(url[VIEWER], *command).all
        for command in (
            ("status", "--json"),
            ("check", "--json"),
            ("notes", "--json"),
            ("tags", "--json"),
            ("search", "--json", "-n", "500", "owl"),
        )
    )
    check("a reader of two roots: nothing names the third", "quagga" not in shown and "zebra" not in shown)
    same_answers(program, [only, url[EDITOR]], commands[::5], "a writer of two roots")
    write(roots["vault"] / "fresh.md", "A fresh note, of a firecrest.\n")
    write(roots["quagga"] / "fresh.md", "Another one, of a goldcrest.\n")
    done = program(url[EDITOR], "index")
    check("a writer of two roots: indexes them", done.status == 0, done)
    check(
        "a writer of two roots: keeps no lease",
        server.sql("select count(*) from shared.roots where lease_until > now()") == "0",
    )
    let_go(server)
    refused(
        program, url[EDITOR], [("index", roots["quagga"]), ("forget", "quagga")], "a writer of two roots, and the third"
    )
    new = program.folder / "new root"
    write(new / "a.md", "A new root.\n")
    refused(program, url[EDITOR], [("index", new)], "a writer of two roots, and a new one")
    done = program(url[OWNER], "search", "--json", "goldcrest firecrest")
    check("the owner: the third root is as it was", "firecrest" in done.out and "goldcrest" not in done.out, done)
    done = program(url[EDITOR], "index", "--optimize")
    check("a writer of two roots: --optimize", done.status == 0, done)
    let_go(server)
    for root in ("vault", "quagga"):
        (roots[root] / "fresh.md").unlink()
    program.index(url[OWNER])
    program.is_sound(url[OWNER], "after a writer of two roots")
    done = program(url[VIEWER], "copy", url[VIEWER], program.folder / "part/index")
    check("a reader of two roots: copies these into a folder", done.status == 0, done)
    same_answers(program, [only, program.folder / "part/index"], commands[::5], "the copy of two roots")


def let_go(server):
    """Takes the roots from runs that failed, as waiting for five minutes does."""
    server.sql("update shared.roots set lease_until = now() where owner is not null")


def rebuilt(program, server, url, roots):
    """An index that is made again keeps the rights and the policies."""
    tell = """select relname, relrowsecurity, relforcerowsecurity, pg_get_userbyid(relowner),
        (select string_agg(a::text, ',' order by a::text) from unnest(relacl) a),
        (select string_agg(format('%s %s %s %s', policyname, cmd, roles, qual), ',' order by policyname) from pg_policies where schemaname = 'shared' and tablename = relname)
        from pg_class where relnamespace = 'shared'::regnamespace and relkind in ('r', 'S') order by relname"""
    server.sql(
        "alter table shared.files force row level security; create policy all_of_it on shared.files for all using (current_user = 'Owner')"
    )
    server.sql("alter table shared.files no force row level security")
    before = server.sql(tell)
    done = program(url[OWNER], "index", "--rebuild")
    check("the owner: --rebuild", done.status == 0, done)
    after = server.sql(tell)
    different = [f"{one}\n{other}" for one, other in zip(before.splitlines(), after.splitlines()) if one != other]
    check("--rebuild keeps owner, rights and policies", not different, "\n".join(different[:6]))
    only = program.folder / "only/index"
    program.index(only)
    commands = vault.commands()[::6] + [("search", "--json", "zebra")]
    same_answers(program, [only, url[VIEWER]], commands, "after --rebuild, a reader of two roots")
    done = program(url[READER], "search", "--json", "owl")
    check("after --rebuild: whom no policy names sees nothing", done.status == 1 and done.out.strip() == "[]", done)
    server.sql("alter table shared.passages force row level security")
    before = server.sql(tell)
    superuser = schema_url(server.url(), "shared")
    done = program(superuser, "index", "--rebuild")
    check("a superuser: --rebuild", done.status == 0, done)
    after = server.sql(tell)
    different = [f"{one}\n{other}" for one, other in zip(before.splitlines(), after.splitlines()) if one != other]
    check("--rebuild by another user keeps owner, rights and policies", not different, "\n".join(different[:6]))
    done = program(url[OWNER], "index")
    check("after a superuser's --rebuild: the owner indexes", done.status == 0, done)
    done = program(url[VIEWER], "search", "--json", "zebra")
    check("after a superuser's --rebuild: who sees two roots doesn't see the third", "striped" not in done.all, done)
