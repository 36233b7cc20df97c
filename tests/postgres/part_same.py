"""The same notes in a folder and in a database: the same answers, to the byte."""

import random
import shutil

import vault
from driving import CORPUS, KEPT, answers, check, same_answers, schema_url, write
from servers import Server, wheel


def same(program):
    with Server(18, wheel(KEPT)[18]) as server:
        notes, corpus = program.folder / "vault", program.folder / "corpus"
        vault.make(notes)
        shutil.copytree(CORPUS, corpus)
        folder, database = program.folder / "a/index", schema_url(server.url(), "a")
        for index in (folder, database):
            program.index(index, notes, corpus)
            program.is_sound(index, "new")
        commands = vault.commands() + ids(program, folder)
        same_answers(program, [folder, database], commands, "new")
        changes(program, server, notes, corpus, folder, database)
        copies(program, server, folder, database)
        extremes(program, server)


def ids(program, index):
    """Commands that get some passages by their ids, whole and cut."""
    found = program(index, "search", "--json", "-n", "40", "water").json
    return [("get", "--json", "#" + passage["id"]) for passage in found] + [
        ("get", "--json", "#" + passage["id"][:digits]) for passage in found[:4] for digits in (1, 3, 6)
    ]


def changes(program, server, notes, corpus, folder, database):
    """Both are brought up to date, at other moments, so that each sees other steps on the way to the same notes."""
    kept = (notes / "owls.md").read_text()
    steps = [
        (folder, lambda: (write(notes / "owls.md", kept.replace("night", "dawn")), (notes / "Kim.md").unlink())),
        (
            database,
            lambda: (
                shutil.move(notes / "twice/one.md", notes / "twice/three.md"),
                write(notes / "new.md", "# New\n\nA dipper walks under water. #birds\n"),
            ),
        ),
        (folder, lambda: shutil.rmtree(notes / "made")),
        (
            database,
            lambda: (write(notes / "Voles.md", "Voles are gone.\n"), shutil.move(notes / "de", notes / "deutsch")),
        ),
        (
            database,
            lambda: (
                write(notes / "Kim.md", "---\ntags: person\n---\nKim is back, and counts herons.\n"),
                (corpus / "03-rapid-fire.md").unlink(),
            ),
        ),
        (
            folder,
            lambda: (
                write(notes / "new.md", "# New\n\nA dipper walks under water.\n"),
                (notes / "twice/two.md").unlink(),
            ),
        ),
        (folder, lambda: shutil.copy(CORPUS / "03-rapid-fire.md", corpus)),
        (database, lambda: (vault.make(notes), shutil.rmtree(notes / "deutsch"))),
        (folder, lambda: write(notes / "owls.md", kept + "\n## Sleep\n\nBy day they roost in ivy.\n")),
        (
            database,
            lambda: (
                write(notes / "empty/invoice-template.md", "Now it has a line about invoices.\n"),
                write(notes / "Voles.md", ""),
            ),
        ),
    ]
    for index, step in steps:
        step()
        program.index(index)
    for index in (folder, database):
        program.index(index)
        program.is_sound(index, "changed")
        program.is_sound(index, "changed, deep", "--deep")
    commands = vault.commands() + ids(program, folder)
    anew, anew_database = program.folder / "b/index", schema_url(server.url(), "b")
    program.index(anew, notes, corpus)
    program.index(anew_database, notes, corpus)
    same_answers(program, [folder, database], commands, "changed")
    some = commands[::3] + vault.LISTS
    reference = same_answers(program, [folder, anew, anew_database], some, "changed, and indexes made anew")
    for argument in ("--optimize", "--rebuild"):
        program.index(database, argument)
        program.is_sound(database, argument)
        same_answers(program, [database], some, argument, reference)


def copies(program, server, folder, database):
    """Copies there and back have the same answers, and can be brought up to date."""
    commands = vault.commands()[1::4] + vault.LISTS
    reference = answers(program, folder, commands)
    there, back, beside = schema_url(server.url(), "c"), program.folder / "c/index", schema_url(server.url(), "d")
    for source, target in ((folder, there), (there, back), (database, beside)):
        done = program(source, "copy", source, target)
        check("copy", done.status == 0, done)
        program.is_sound(target, "copied")
        same_answers(program, [target], commands, "copied", reference)
        done = program(target, "index", "--json")
        check(
            "copied: nothing is read again",
            done.status == 0 and done.json["embedded"] == 0 and done.json["changed"] == 0,
            done,
        )
    done = program(folder, "copy", folder, there)
    check("copy to where notes are: refused with a hint", done.status == 2 and "hint:" in done.err, done)


def extremes(program, server):
    """Words, links, names and tags that are longer than a row of a database's index can be."""
    made = random.Random(3)
    long = "".join(made.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(9000))
    above = program.folder / "extreme"
    deep = "/".join(long[at * 230 : at * 230 + 230] for at in range(14)) + "/deep.md"
    extreme = {
        "word": ("word.md", f"# Long word\n\nA word: {long} and more about it.\n"),
        "link": ("link.md", f"# Long link\n\nSee [[{long[:4000]}]] and [text]({long[4000:8000]}.md), of lapwings.\n"),
        "tag": ("tag.md", f"---\ntags: [{long[:5000]}, short]\n---\nA long tag, of curlews.\n"),
        "property": (
            "property.md",
            f"---\nkey: {long[:6000]}\n{long[:3000]}: value\n---\nA long property, of curlews.\n",
        ),
        "alias": ("alias.md", f"---\naliases: [{long[100:5100]}, {long[:300]}]\n---\nA long alias, of curlews.\n"),
        "title": ("title.md", f"---\ntitle: {long[1000:7000]}\n---\nA long title, of curlews.\n"),
        "heading": ("heading.md", f"# {long[:7000]}\n\nBelow a long heading stand snipes.\n"),
        "line": (
            "one line.txt",
            " ".join(long[at : at + 7] for at in range(0, 9000, 7)) * 8 + " ends with a godwit.\n",
        ),
        "path": (deep, "# Deep\n\nThis note lies deep down, with a whimbrel.\n"),
        "name": ("n" * 251 + ".md", "# Long name\n\nA dunlin runs.\n"),
    }
    texts = [
        "lapwing",
        "curlew",
        "snipe",
        "godwit",
        "whimbrel",
        "dunlin",
        "long word",
        long,
        long[:60],
        long[:6000],
        "short",
        f"tag:{long[:200]}*",
        f'"{long[:21]}"',
        f"{long[:30]}*",
    ]
    commands = [("search", "--json", "--explain", "--", text) for text in texts] + list(vault.LISTS)
    for kind, (name, text) in extreme.items():
        notes = above / kind
        write(notes / name, text)
        write(notes / "beside.md", "# Beside\n\nA lapwing and a curlew.\n")
        folder, database = program.folder / kind / "index", schema_url(server.url(), f"e_{kind}")
        done = [program(index, "index", notes) for index in (folder, database)]
        if check(f"long {kind}: is indexed as in a folder", done[0].status == done[1].status == 0, done[1]):
            program.is_sound(database, f"long {kind}")
            same_answers(program, [folder, database], [*commands, ("get", "--json", "--links", name)], f"long {kind}")
