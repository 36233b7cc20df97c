"""Several processes change and index roots of their own, and one asks all the while."""

import json
import os
import random
import threading
import time

from driving import KEPT, check, note, same_answers, schema_url, write
from servers import Server, wheel

WRITERS = 4
NOTES = 25
SECONDS = float(os.environ.get("QSEARCH_DRIVE_SECONDS", "60"))
WORDS = "reed heron marsh otter sedge willow gravel dyke sluice barge lock weir eel pike perch tern gull plover bittern crane".split()
CHECKED = [
    ("search", "--json", "--explain", "-n", "100", "--", text)
    for text in ("heron in the marsh", "otter sedge weir", "writer1", "tag:t3 eel")
] + [("notes", "--json"), ("tags", "--json")]


def many(program):
    """For as many seconds as QSEARCH_DRIVE_SECONDS says."""
    with Server(18, wheel(KEPT)[18]) as server:
        url = schema_url(server.url(), "many")
        alone = Writer(program, schema_url(server.url(), "alone"), 9)
        alone.run(SECONDS / 4)
        note(
            f"one process alone: {alone.passages / alone.seconds:.0f} passages/s, {alone.runs / alone.seconds:.1f} runs/s"
        )
        writers = [Writer(program, url, number) for number in range(WRITERS)]
        reader = Reader(program, url)
        threads = [threading.Thread(target=writer.run, args=(SECONDS,)) for writer in writers]
        for thread in threads:
            thread.start()
        asking = threading.Thread(target=reader.run)
        asking.start()
        for thread in threads:
            thread.join()
        reader.going = False
        asking.join()
        seconds = max(writer.seconds for writer in writers)
        passages, runs = sum(writer.passages for writer in writers), sum(writer.runs for writer in writers)
        note(
            f"{WRITERS} processes and a reader: {passages / seconds:.0f} passages/s, {runs / seconds:.1f} runs/s, {reader.asked} questions, "
            f"median {sorted(reader.took)[len(reader.took) // 2] * 1000:.0f} ms, slowest {max(reader.took) * 1000:.0f} ms"
        )
        failed = [done for writer in writers for done in writer.failed]
        check(
            f"{runs} runs of {WRITERS} processes: no error",
            not failed,
            f"{len(failed)}\n" + "\n".join(map(str, failed[:4])),
        )
        check(
            f"{reader.asked} questions meanwhile: no error",
            not reader.failed,
            f"{len(reader.failed)}\n" + "\n".join(map(str, reader.failed[:4])),
        )
        log = server.log.read_text(errors="replace")
        check("no deadlock in the server's log", "deadlock" not in log)
        bad = [
            line
            for line in log.splitlines()
            if ("ERROR: " in line or "FATAL: " in line or "PANIC: " in line)
            and 'relation "meta" does not exist' not in line
        ]
        check("no error in the server's log", not bad, f"{len(bad)}\n" + "\n".join(bad[:10]))
        program.is_sound(url, "in the end")
        program.is_sound(url, "in the end, deep", "--deep")
        for writer in writers:
            program.index(url, writer.folder)
        anew = program.folder / "anew/index"
        program.index(anew, *[writer.folder for writer in writers])
        same_answers(program, [anew, url], CHECKED, "in the end, and anew")
        held = server.sql("select count(*) from many.roots where owner is not null")
        check("no lease is left", held == "0", held)
        sizes = server.sql(
            "select json_object_agg(relname, pg_total_relation_size(oid)) from pg_class where relnamespace = 'many'::regnamespace and relkind = 'r'"
        )
        fresh = schema_url(server.url(), "fresh")
        program.index(fresh, *[writer.folder for writer in writers])
        of_fresh = server.sql(
            "select json_object_agg(relname, pg_total_relation_size(oid)) from pg_class where relnamespace = 'fresh'::regnamespace and relkind = 'r'"
        )
        note(f"bytes of tables {sum(json.loads(sizes).values())}, fresh {sum(json.loads(of_fresh).values())}: {sizes}")
        note(
            "batches per root: "
            + server.sql("select string_agg(n::text, ' ') from (select count(*) n from many.batches group by root) x")
        )
        same_root(program, url, writers[0])


class Writer:
    """Changes notes of a root and indexes them, again and again."""

    def __init__(self, program, url, number):
        self.program, self.url, self.number = program, url, number
        self.folder = program.folder / f"root{number}"
        self.made = random.Random(number)
        self.passages = self.runs = self.seconds = 0
        self.failed = []
        for at in range(NOTES):
            self._write(at)

    def run(self, seconds):
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            done = self.program(self.url, "index", "--json", self.folder)
            self.runs += 1
            if done.status != 0:
                self.failed.append(done)
            else:
                self.passages += done.json["embedded"] + done.json["reused"]
            for _ in range(self.made.randrange(1, 8)):
                at = self.made.randrange(NOTES)
                if self.made.random() < 0.15:
                    (self.folder / f"note {at}.md").unlink(missing_ok=True)
                else:
                    self._write(at)
        self.seconds = time.monotonic() - began

    def _write(self, at):
        text = "".join(
            f"\n## Part {part}\n\n" + " ".join(self.made.choice(WORDS) for _ in range(50)) + ".\n"
            for part in range(self.made.randrange(1, 5))
        )
        write(self.folder / f"note {at}.md", f"---\ntags: [t{at % 5}]\n---\n# Note {at} of writer{self.number}\n{text}")


class Reader:
    """Asks all the while, one thing after the other."""

    def __init__(self, program, url):
        self.program, self.url, self.going = program, url, True
        self.asked, self.took, self.failed = 0, [], []

    def run(self):
        commands = [
            ("ask", "--json", "--", "heron in the marsh"),
            ("search", "--json", "--", "tag:t3 eel"),
            ("search", "--json", "-n", "50", "--", "otter -gull"),
            ("notes", "--json"),
            ("tags", "--json"),
            ("status", "--json"),
            ("check", "--json"),
            ("get", "--json", "root1/note 3.md"),
            ("ask", "--json", "--", '"the" plovr'),
        ]
        while self.going:
            done = self.program(self.url, *commands[self.asked % len(commands)])
            self.asked += 1
            self.took.append(done.seconds)
            is_early = '"kind":"not_found"' in done.err
            if done.status not in (0, 1) and not is_early:
                self.failed.append(done)


def same_root(program, url, writer):
    """Several processes that index the same root: one does, the others are told who."""
    statuses, bad = [], []

    def index():
        done = program(url, "index", writer.folder)
        statuses.append(done.status)
        if done.status != 0 and not (done.status == 2 and "process" in done.err and "hint: " in done.err):
            bad.append(done)

    for _ in range(4):
        writer._write(random.randrange(NOTES))
        threads = [threading.Thread(target=index) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    check(
        f"the same root by 4 processes at once, 4 times: {statuses.count(0)} run, the others are told who has it",
        not bad and statuses.count(0) >= 4,
        "\n".join(map(str, bad[:3])),
    )
    program.is_sound(url, "the same root")
