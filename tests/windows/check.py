"""Drives qsearch.exe as a person on Windows would: paths with drives and backslashes, any case, links, killed writers.

    check.py wine target/windows/x86_64-pc-windows-gnu/debug/qsearch.exe     under Wine, on another system
    check.py qsearch.exe                                                     on Windows
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

COMMAND = sys.argv[1:]
CORPUS = pathlib.Path(__file__).resolve().parents[2] / "corpus"
UNDER_WINE = os.path.basename(COMMAND[0]).startswith("wine")
checks = 0


def windows(path):
    """A path as the program is given it."""
    if not UNDER_WINE:
        return str(path)
    return "Z:" + str(path).replace("/", "\\")


def run(*arguments, cwd, status=0):
    """Runs the program; gives what it prints, and what it says besides."""
    done = subprocess.run([*COMMAND, *arguments], cwd=cwd, capture_output=True, text=True, encoding="utf-8", timeout=600)
    expected = status if isinstance(status, tuple) else (status,)
    if done.returncode not in expected:
        sys.exit(f"{arguments}: status {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout.replace("\r\n", "\n"), done.stderr.replace("\r\n", "\n")


def check(what, holds, found=""):
    global checks
    checks += 1
    print("ok  " if holds else "FAIL", what, flush=True)
    if not holds:
        sys.exit(str(found))


def indexed_and_asked(at):
    said = run("index", windows(at / "Notes"), cwd=at)[1]
    check("notes are indexed by a path with a drive and backslashes", "indexed" in said, said)
    out, _ = run("ask", "what is the GIL", cwd=at)
    check("a question is answered from them", "one thread at a time" in out, out)
    check("paths have slashes", "Notes/01-python-core.md:203" in out and "\\" not in out, out)
    reply = json.loads(run("search", "memory of a dataframe", "--json", cwd=at)[0])
    first = {name: reply[0][name] for name in ("path", "absolute_path")}
    expected = {"path": "05-in-depth.md", "absolute_path": windows(at / "Notes" / "05-in-depth.md")}
    check("replies are JSON, with a path that other programs open", first == expected, first)
    listed, _ = run("notes", cwd=at)
    check("notes are listed", len(listed.splitlines()) == 5, listed)
    status, _ = run("status", cwd=at)
    check("nothing is stale", "up to date" in status, status)
    check("the index is whole", run("check", cwd=at)[0] != "")


def named_in_all_ways(at):
    for name in ("Notes/03-rapid-fire.md:30", "Notes\\03-rapid-fire.md:30", "notes\\03-RAPID-fire.MD:30",
                 windows(at / "Notes" / "03-rapid-fire.md") + ":30", "03-rapid-fire.md:30"):
        out, _ = run("get", name, cwd=at)
        check(f"a note is found as {name}", "Composition or inheritance" in out, out)
    said = run("index", windows(at / "notes"), "--json", cwd=at)[0]
    status, _ = run("status", cwd=at)
    check("a root in another case is the same root", "5 files, 158 passages" in status, (said, status))


def rules_hold(at):
    (at / "Notes" / ".gitignore").write_text("private/\n")
    (at / "Notes" / "Private").mkdir()
    (at / "Notes" / "Private" / "diary.md").write_text("My password is swordfish.")
    run("index", cwd=at)
    listed, _ = run("notes", cwd=at)
    check("a rule leaves out a folder in any case", "diary" not in listed, listed)


def links_are_not_followed(at):
    (at / "elsewhere").mkdir()
    (at / "elsewhere" / "secret.md").write_text("The launch code is walrus.")
    link = at / "Notes" / "link"
    if UNDER_WINE:
        os.symlink(at / "elsewhere", link)
    else:
        subprocess.run(["cmd", "/c", "mklink", "/J", link, at / "elsewhere"], check=True, capture_output=True)
    # Wine shows a link as the folder that it leads to: it is walked, and what is opened there refused for where it lies.
    said = run("index", cwd=at, status=2 if UNDER_WINE else 0)[1]
    check("what Wine makes of a link is refused", not UNDER_WINE or "a symbolic link" in said, said)
    listed, _ = run("notes", cwd=at)
    check("what lies behind a link isn't indexed", "secret" not in listed, listed)
    out, _ = run("search", "what is the launch code", cwd=at, status=(0, 1))
    check("nor found", "secret" not in out, out)
    link.unlink() if UNDER_WINE else link.rmdir()


def refreshed(at):
    note = at / "Notes" / "owls.md"
    note.write_text("# Owls\n\nMost owls hunt at night.\n")
    run("index", cwd=at)
    out, _ = run("ask", "When do owls hunt?", cwd=at)
    check("a new note is read", "hunt at night" in out, out)
    note.write_text("# Owls\n\nMost owls hunt at dusk.\n")
    out, _ = run("get", "owls.md", cwd=at, status=(0, 1))
    run("index", cwd=at)
    out, _ = run("ask", "When do owls hunt?", cwd=at)
    check("and read again once it has changed", "hunt at dusk" in out, out)
    note.unlink()
    run("index", cwd=at)
    check("and forgotten once it is gone", "owls" not in run("notes", cwd=at)[0])


def writers_die(at):
    """A killed writer leaves an index that is whole, and a lock that the next one takes over."""
    for delay in (0.2, 0.5, 1.0, 2.0):
        (at / "Notes" / f"new-{delay}.md").write_text(f"# Note {delay}\n\nSomething new about {delay} seconds.\n")
        writer = subprocess.Popen([*COMMAND, "index", "--rebuild"], cwd=at, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay)
        writer.kill()
        writer.wait()
        if UNDER_WINE:
            time.sleep(1)
        run("check", cwd=at, status=(0, 2) if not (at / "index" / "qsearch.json").exists() else 0)
    run("index", cwd=at)
    check("after killed writers the index is whole", "up to date" in run("status", cwd=at)[0])
    first = subprocess.Popen([*COMMAND, "index", "--rebuild"], cwd=at, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.1)
    second = subprocess.run([*COMMAND, "index", "--rebuild"], cwd=at, capture_output=True, text=True)
    first.wait()
    check("of two writers each ends well or is told of the other", first.returncode in (0, 2) and second.returncode in (0, 2), second)
    run("index", cwd=at)
    check("and the index is whole", run("check", cwd=at)[0] != "")


def documents(at):
    page = at / "Notes" / "page.html"
    page.write_text("<html><body><h1>Otters</h1><p>Otters hold hands when they sleep.</p></body></html>")
    run("index", cwd=at)
    out, _ = run("ask", "What do otters do when they sleep?", cwd=at)
    check("a document is read by a process of its own", "hold hands" in out, out)


def main():
    with tempfile.TemporaryDirectory() as folder:
        at = pathlib.Path(folder).resolve()
        shutil.copytree(CORPUS, at / "Notes")
        for part in (indexed_and_asked, named_in_all_ways, rules_hold, links_are_not_followed, refreshed, documents, writers_die):
            part(at)
    print(f"{checks} checks")


main()
