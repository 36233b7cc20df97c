"""What a question costs on a slow line: the time of a cold question, and how often it waits for the server."""

import statistics

import vault
from driving import CORPUS, KEPT, check, note, schema_url
from servers import Line, Server, wheel

TIMES = 5
KINDS = {
    "ask, plain": ("ask", "what do owls eat"),
    "ask, from the corpus": ("ask", "what is the GIL"),
    "ask, a long answer": ("ask", "Memory grows with every epoch. How do you find the leak?"),
    "ask --json": ("ask", "--json", "what do owls eat"),
    "ask, a typo": ("ask", "brn owl hutns at nihgt"),
    "ask, nothing relevant": ("ask", "how long do you boil an egg"),
    "ask, an unknown name": ("ask", "how do I profile a Fortran program"),
    "ask, a phrase": ("ask", 'what is "copy on write" about'),
    "ask, without a word": ("ask", "memory -pandas"),
    "ask, a tag": ("ask", "owl tag:birds"),
    "ask, a property": ("ask", "owl status:done"),
    "ask, a path and a date": ("ask", "owl", "--path", "field/**", "--since", "2024-03"),
    "ask, a beginning": ("ask", "kest* over the river"),
    "ask, German": ("ask", "Womit werden die Wände gedämmt?"),
    "search -n 10": ("search", "owl"),
    "search -n 50": ("search", "-n", "50", "water"),
    "search, only a filter": ("search", "tag:water"),
    "get a note": ("get", "owls.md"),
    "get --links": ("get", "--links", "owls.md"),
    "notes": ("notes",),
    "tags": ("tags",),
    "status": ("status",),
    "check": ("check",),
    "index, nothing new": ("index",),
}


def trips(program):
    notes = program.folder / "vault"
    vault.make(notes)
    with Server(18, wheel(KEPT)[18]) as server, Line(server.port) as line:
        program.index(schema_url(server.url(), "far"), notes, CORPUS)
        url = schema_url(line.url(server), "far")
        program.index(url, notes, CORPUS)
        most = 0
        for kind, command in KINDS.items():
            took = {}
            for delay in (0, 0.001, 0.010):
                line.delay = delay
                line.reset_counts()
                seconds = []
                for _ in range(TIMES):
                    done = program(url, *command)
                    seconds.append(done.seconds)
                    if done.status == 2:
                        check(kind, False, done)
                took[delay] = statistics.median(seconds)
                counted, bytes_down, connections = line.trips / TIMES, line.down / TIMES, line.accepted / TIMES
            reckoned = (took[0.010] - took[0]) / 0.020
            note(
                f"{kind}: {took[0] * 1000:.0f} ms, {took[0.001] * 1000:.0f} ms at 1 ms each way, {took[0.010] * 1000:.0f} ms at 10 ms; "
                f"waits {counted:.1f} times (by time {reckoned:.1f}) on {connections:.1f} connections, {bytes_down / 1024:.0f} KiB"
            )
            if kind.startswith("ask"):
                most = max(most, counted)
        check("no question waits more than 12 times", most <= 12, most)
