"""Whatever is killed while notes are indexed: each note is old or new, nothing is damaged, and the next run goes on."""

import os
import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from driving import KEPT, check, ended, note, same_answers, schema_url, write
from servers import Server, wheel

NOTES = 40
WORDS = "reed heron marsh otter sedge willow gravel dyke sluice barge lock weir eel pike perch tern gull plover bittern crane".split()
# How often a client is killed, a session ended, a server killed.
KILLS, ENDINGS, CRASHES = 8, 5, 4
CHECKED = [
    ("search", "--json", "--explain", "-n", "200", "--", text)
    for text in ("heron in the marsh", "generation", "otter sedge", "tag:even weir", '"state of the note"')
] + [("ask", "--json", "--", "where does the otter live"), ("notes", "--json"), ("tags", "--json")]


def killed(program):
    made = random.Random(11)
    with Server(18, wheel(KEPT)[18]) as server:
        url, notes = schema_url(server.url(), "killed"), program.folder / "notes"
        state = Notes(notes, made)
        program.index(url, notes)
        usual = a_run(program, url, state)
        note(f"a run that changes notes takes {usual:.1f} s")
        clients(program, server, url, state, made, usual)
        interrupted(program, server, url, state, made, usual)
        sessions(program, server, url, state, made, usual)
        crashes(program, server, url, state, made, usual)
        first_runs(program, server, notes, made)
        rebuilds(program, server, url, state, made)
        program.is_sound(url, "in the end")
        anew = program.folder / "anew"
        program.index(anew, notes)
        same_answers(program, [anew, url], CHECKED, "in the end")


class Notes:
    """Notes that all say which generation they are of."""

    def __init__(self, folder, made):
        self.folder, self.made, self.generation = folder, made, 0
        self.there = {}
        for number in range(NOTES):
            self.write(number)

    def write(self, number):
        name = f"{number % 7}/note {number}.md"
        parts = [
            f"---\ntags: [{'even' if number % 2 == 0 else 'odd'}]\n---\n# Note {number}\n\nThe state of the note is generation{self.generation}.\n"
        ]
        for part in range(1 + (number + self.generation) % 4):
            parts.append(
                f"\n## Part {part} of generation{self.generation}\n\n"
                + " ".join(self.made.choice(WORDS) for _ in range(60))
                + f" generation{self.generation}.\n"
            )
        write(self.folder / name, "".join(parts))
        self.there.setdefault(name, set()).add(self.generation)

    def change(self):
        """The next generation: most notes are changed, some are removed or come back."""
        self.generation += 1
        for number in range(NOTES):
            name = f"{number % 7}/note {number}.md"
            if self.made.random() < 0.1:
                (self.folder / name).unlink(missing_ok=True)
                self.there.setdefault(name, set()).add(None)
            else:
                self.write(number)

    def settle(self):
        """The index is up to date now: only what is on the disk may be in it."""
        self.there = {name: {self.generation if (self.folder / name).exists() else None} for name in self.there}


def a_run(program, url, state):
    state.change()
    done = program.index(url)
    state.settle()
    return done.seconds


def is_old_or_new(program, url, state, what, quiet=False):
    """Each note in the index is whole and of one generation that was on the disk since the last finished run."""
    wrong = []
    notes = {entry["path"] for entry in program(url, "notes", "--json").json}
    names = sorted(state.there)

    def one(name):
        got = program(url, "get", "--json", name)
        if got.status != 0:
            return None
        text = " ".join(passage["text"] for passage in got.json["passages"])
        return {
            int(word.strip(".").removeprefix("generation"))
            for word in text.split()
            if word.startswith("generation") and word.strip(".") != "generation"
        }

    with ThreadPoolExecutor(3) as pool:
        for name, found in zip(names, pool.map(one, names)):
            allowed = state.there[name]
            if found is None:
                if None not in allowed or name in notes:
                    wrong.append(f"{name}: isn't there, may be {allowed}")
            elif len(found) != 1 or not found <= allowed:
                wrong.append(f"{name}: {found}, may be {allowed}")
    if wrong or not quiet:
        check(f"{what}: each note is old or new", not wrong, "\n".join(wrong[:10]))
    return not wrong


def after(program, url, state, what, deep):
    """What must hold after something was killed; and the next run does the rest."""
    done = program(url, "check", "--json")
    sound = done.status == 0 and done.json["sound"]
    if not sound:
        check(f"{what}: check finds nothing", False, done)
    whole = is_old_or_new(program, url, state, what, quiet=True) if deep else True
    done = program(url, "index", "--json")
    again = time.monotonic()
    while done.status != 0 and '"kind":"busy"' in done.err and time.monotonic() < again + 10:
        time.sleep(0.5)
        done = program(url, "index", "--json")
    if done.status != 0:
        check(f"{what}: the next run goes on", False, done)
        return False
    state.settle()
    if deep:
        whole = is_old_or_new(program, url, state, f"{what}, and finished", quiet=True) and whole
    return sound and whole


def clients(program, server, url, state, made, usual):
    """SIGKILL at random moments. The lease of a killed process stays for minutes: then another process is told who has it."""
    fine, cut, busy = [], 0, []
    for attempt in range(KILLS):
        state.change()
        process = program.start(url, "index", "--checkpoint", "0" if attempt % 2 else "60")
        time.sleep(made.uniform(0, usual * 1.1))
        cut += process.poll() is None
        process.kill()
        ended(process)
        time.sleep(0.2)
        done = program(url, "index")
        if done.status != 0:
            busy.append(done)
        # What waiting for five minutes does.
        server.sql("update killed.roots set lease_until = now() - interval '1 second' where owner is not null")
        fine.append(after(program, url, state, f"client killed ({attempt})", deep=attempt % 3 == 0))
    check(
        f"client killed {KILLS} times, {cut} in mid-run: sound, notes old or new, and the next run finishes", all(fine)
    )
    told = [done for done in busy if "process" in done.err and "hint: " in done.err and done.status == 2]
    note(f"{len(busy)} of {KILLS} next runs were told that the killed one still has the root")
    check(
        "who is told so gets a sentence with the process, and a hint",
        len(told) == len(busy),
        "\n".join(map(str, busy[:2])),
    )


def interrupted(program, server, url, state, made, usual):
    """Ctrl-C and SIGTERM: the run ends at once and lets its roots go."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGINT):
        state.change()
        process = program.start(url, "index")
        time.sleep(made.uniform(0.1, usual * 0.7))
        process.send_signal(number)
        done = ended(process, 20)
        next_run = program(url, "index")
        state.settle()
        check(
            f"{number.name}: exit 130, and the next run needn't wait",
            done.status == 130 and next_run.status == 0,
            f"{done}\n{next_run}",
        )


def sessions(program, server, url, state, made, usual):
    """The server ends the program's sessions."""
    fine, statuses = [], []
    end = "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'qsearch' and pid <> pg_backend_pid()"
    for attempt in range(ENDINGS):
        state.change()
        process = program.start(url, "index", "--checkpoint", "0")
        for _ in range(1 + attempt % 3):
            time.sleep(made.uniform(0.05, usual / 2))
            server.sql(end)
        done = ended(process)
        statuses.append(done.status)
        ok = done.status == 0 or (done.status == 2 and "hint: " in done.err)
        if not ok:
            check(f"session ended ({attempt}): the run goes on, or ends with a sentence and a hint", False, done)
        server.sql("update killed.roots set lease_until = now() - interval '1 second' where owner is not null")
        fine.append(after(program, url, state, f"session ended ({attempt})", deep=attempt % 3 == 0))
    check(
        f"sessions ended in {ENDINGS} runs, {statuses.count(0)} of which went on: sound, and the next run finishes",
        all(fine),
        statuses,
    )
    failed = []

    def ask():
        while going:
            done = program(url, "ask", "--json", "where does the otter live")
            if done.status not in (0, 1):
                failed.append(done)

    going = True
    thread = threading.Thread(target=ask)
    thread.start()
    for _ in range(40):
        time.sleep(made.uniform(0, 0.1))
        server.sql(end)
    going = False
    thread.join()
    bad = [done for done in failed if done.status != 2 or '"hint":"' not in done.err]
    check(
        f"sessions ended while it asks: answers, or a sentence and a hint ({len(failed)} times)",
        not bad,
        "\n".join(map(str, bad[:2])),
    )


def crashes(program, server, url, state, made, usual):
    """kill -9 of the server, which is started again."""
    fine, statuses = [], []
    for attempt in range(CRASHES):
        state.change()
        process = program.start(url, "index", "--checkpoint", "0" if attempt % 2 else "60")
        time.sleep(made.uniform(0.05, usual))
        server.kill()
        if attempt % 2:
            time.sleep(0.5)
        server.start()
        done = ended(process)
        statuses.append(done.status)
        if done.status != 0 and not (done.status == 2 and "hint: " in done.err):
            check(f"server killed ({attempt}): the run goes on, or ends with a sentence and a hint", False, done)
        server.sql("update killed.roots set lease_until = now() - interval '1 second' where owner is not null")
        fine.append(after(program, url, state, f"server killed ({attempt})", deep=attempt % 2 == 0))
    check(
        f"server killed in {CRASHES} runs, {statuses.count(0)} of which went on: sound, and the next run finishes",
        all(fine),
        statuses,
    )


def first_runs(program, server, notes, made):
    """The first run, which makes the tables, is killed."""
    fine = []
    for attempt in range(6):
        url = schema_url(server.url(), f"first{attempt}")
        process = program.start(url, "index", str(notes))
        time.sleep(0.03 + 0.06 * attempt)
        os.killpg(process.pid, signal.SIGKILL)
        ended(process)
        time.sleep(0.1)
        if server.sql(f"select to_regclass('first{attempt}.roots')"):
            server.sql(
                f"update first{attempt}.roots set lease_until = now() - interval '1 second' where owner is not null"
            )
        done = program(url, "index", notes)
        if done.status != 0:
            check(f"first run killed ({attempt}): the next one finishes", False, done)
        looked = program(url, "check", "--json")
        fine.append(done.status == 0 and looked.status == 0 and looked.json["notes"] > NOTES // 2)
    check("first run killed 6 times: sound, and the next run finishes", all(fine))


def rebuilds(program, server, url, state, made):
    """--rebuild is killed: the old index answers on, and the next --rebuild finishes."""
    before = program(url, "search", "--json", "heron").out
    fine = []
    for attempt in range(5):
        process = program.start(url, "index", "--rebuild")
        time.sleep(0.1 + 0.25 * attempt)
        process.kill()
        ended(process)
        time.sleep(0.2)
        done = program(url, "search", "--json", "heron")
        fine.append(done.status == 0 and done.out == before)
        program.is_sound(url, f"rebuild killed ({attempt})") if attempt == 4 else None
    check("rebuild killed 5 times: the answers stay the same", all(fine), done)
    done = program(url, "index", "--rebuild")
    check("the next rebuild finishes", done.status == 0, done)
    schemas = "select string_agg(nspname, ' ' order by nspname) from pg_namespace where nspname like 'killed%'"
    left = server.sql(schemas)
    check("after it no schema is left beside the index", left == "killed", left)
    program.index(url)
    left = server.sql(schemas)
    check("after the next run neither", left == "killed", left)
