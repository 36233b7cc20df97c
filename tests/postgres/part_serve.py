"""`serve` and `mcp` over a database: each question sees the index as it is then."""

import json
import re
import subprocess
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import vault
from driving import KEPT, check, note, schema_url, write
from servers import Server, wheel

# A server ends a transaction after 60 s without a question.
IDLE = 72


def serve(program):
    notes = program.folder / "vault"
    vault.make(notes)
    with Server(18, wheel(KEPT)[18]) as server:
        url = schema_url(server.url(), "served", statement_timeout=5, connect_timeout=3)
        program.index(url, notes)
        house, agent = House(program, url), Agent(program, url)
        try:
            questions(program, server, url, notes, house, agent)
        finally:
            house.process.kill()
            agent.process.kill()


def questions(program, server, url, notes, house, agent):
    check("serve: asks", house.ask("what do owls eat")[0] == 200)
    check("mcp: asks", "vole" in agent.ask("what do owls eat"))
    sessions = server.sql("select count(*) from pg_stat_activity where application_name = 'qsearch'")
    note(f"serve and mcp have {sessions} sessions after one question each")
    both(program, url, notes, house, agent, "firecrest", "after an index run by another process")
    note(f"now {IDLE} s of silence")
    time.sleep(IDLE)
    left = server.sql(
        "select count(*) from pg_stat_activity where application_name = 'qsearch' and state like 'idle in%'"
    )
    check("after it no session is in a transaction", left == "0", left)
    check("serve: asks after it", house.ask("what do owls eat")[0] == 200)
    check("mcp: asks after it", "vole" in agent.ask("what do owls eat"))
    both(program, url, notes, house, agent, "goldcrest", "after the silence and another run")
    server.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'qsearch'")
    check("serve: asks after its session was ended", house.ask("what do owls eat")[0] == 200)
    check("mcp: asks after its session was ended", "vole" in agent.ask("what do owls eat"))
    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda number: house.ask(f"what do owls eat {number}")[0], range(64)))
    check("serve: 64 questions, 16 at once", set(statuses) <= {200, 429} and statuses.count(200) >= 16, statuses)
    going, failed, asked = [True], [], [0]

    def ask():
        while going[0]:
            status, said = house.ask("what do owls eat")
            asked[0] += 1
            if status != 200:
                failed.append((status, said))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for turn in range(6):
        write(notes / "turn.md", f"# Turn {turn}\n\nA wryneck, turn {turn}.\n")
        program.index(url, *(["--rebuild"] if turn in (2, 4) else ["--optimize"] if turn == 3 else []))
    going[0] = False
    for thread in threads:
        thread.join()
    check(
        f"serve: {asked[0]} questions while others index, --rebuild and --optimize: all are answered",
        not failed,
        f"{len(failed)}\n" + "\n".join(map(str, failed[:3])),
    )
    both(program, url, notes, house, agent, "hawfinch", "after --rebuild")
    server.kill()
    status, said = house.ask("what do owls eat")
    check(
        "serve: the server is down: an error with a sentence, and no password",
        status >= 500 and "error" in said,
        (status, said),
    )
    said = agent.ask("what do owls eat")
    check("mcp: the server is down: says so", "nobody answers" in said or "lost" in said, said)
    server.start()
    check("serve: asks when it is up again", house.ask("what do owls eat")[0] == 200)
    check("mcp: asks when it is up again", "vole" in agent.ask("what do owls eat"))
    status, said = house.get("/api/status")
    check("serve: status", status == 200 and '"server"' in said, said)
    status, said = house.get("/api/notes/vault/owls.md")
    check("serve: a note", status == 200 and "barn owl" in said, said)
    check("serve: is still there", house.process.poll() is None)


def both(program, url, notes, house, agent, bird, what):
    """A note that another process indexes is found by the next question."""
    write(notes / f"{bird}.md", f"# A visit\n\nToday the {bird} came to the feeder.\n")
    program.index(url)
    status, said = house.ask(f"did the {bird} come to the feeder?")
    check(f"serve: has the new note {what}", status == 200 and f"{bird}.md" in said, said)
    said = agent.ask(f"did the {bird} come to the feeder?")
    check(f"mcp: has the new note {what}", f"{bird}.md" in said, said)


class House:
    """`qsearch serve`."""

    def __init__(self, program, url):
        self.process = program.start(url, "serve", "--port", "0", stderr=subprocess.STDOUT)
        said = ""
        while not (found := re.search(r"http://127\.0\.0\.1:\d+", said)):
            line = self.process.stdout.readline()
            if not line:
                raise RuntimeError(f"serve ended: {said}")
            said += line
        self.address = found[0]
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def ask(self, question):
        return self.get("/api/ask?" + urlencode({"q": question}))

    def get(self, path):
        try:
            with urllib.request.urlopen(self.address + path, timeout=40) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


class Agent:
    """An agent that speaks to `qsearch mcp`."""

    def __init__(self, program, url):
        self.process, self.number = program.start(url, "mcp", stdin=subprocess.PIPE), 0
        threading.Thread(target=self.process.stderr.read, daemon=True).start()
        about = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "drive", "version": "1"}}
        if check("mcp: starts", "result" in self.call("initialize", about)):
            self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def send(self, message):
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def call(self, method, params):
        self.number += 1
        try:
            self.send({"jsonrpc": "2.0", "id": self.number, "method": method, "params": params})
        except OSError:
            return {}
        while line := self.process.stdout.readline():
            said = json.loads(line)
            if said.get("id") == self.number:
                return said
        return {}

    def ask(self, question):
        return json.dumps(
            self.call("tools/call", {"name": "ask", "arguments": {"question": question}}), ensure_ascii=False
        )
