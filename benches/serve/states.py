#!/usr/bin/env python3
"""Asks a running `qsearch serve` from many clients while its index is written, and checks every answer.

  states.py --qsearch target/release/qsearch --minutes 10

A writer changes a note and refreshes the index, over and over; each state of the note says another number. Eight clients ask for
the number all the while. An answer is right if it is that of a state that was committed, and none that was over before the question
was asked. Prints what came of it, and ends with 1 if anything was wrong. Needs Python 3.9 on Linux.
"""
import argparse
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

from load import resident, serve

QUESTION = "which number does the lighthouse show"


def note(number):
    return f"# Lighthouse\n\nThe lighthouse shows the number {number} to passing ships.\n"


def write(path, text):
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(path + ".new", path)


class States:
    """Which number holds from when to when: a commit is somewhere between the beginning and the end of its run."""

    def __init__(self):
        self.lock, self.runs, self.wrong, self.asked = threading.Lock(), [], [], 0

    def check(self, number, began, ended):
        """Whether the number was that of the index at some moment between the two."""
        with self.lock:
            self.asked += 1
            begins = {n: first for n, first, _ in self.runs}
            over = {n: self.runs[at + 1][2] for at, (n, _, _) in enumerate(self.runs[:-1])}
        good = number in begins and begins[number] <= ended and over.get(number, ended) >= began
        if not good:
            self.wrong.append(f"{number} at {began:.3f} to {ended:.3f}")


def ask(address, states, end):
    """Asks until the end, over one connection."""
    host, port = address.removeprefix("http://").split(":")
    client = http.client.HTTPConnection(host, int(port), timeout=30)
    body = json.dumps({"question": QUESTION, "sources": 1})
    while time.monotonic() < end:
        began = time.monotonic()
        try:
            client.request("POST", "/api/ask", body, {"Content-Type": "application/json"})
            reply = client.getresponse()
            said = reply.read().decode()
            ended = time.monotonic()
            found = re.search(r"the number (\d+)", json.loads(said)["results"][0]["text"]) if reply.status == 200 else None
        except (OSError, http.client.HTTPException, ValueError, LookupError) as error:
            states.wrong.append(repr(error))
            client.close()
            continue
        if found is None:
            states.wrong.append(f"{reply.status} {said[:300]}")
        else:
            states.check(int(found.group(1)), began, ended)
    client.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--qsearch", required=True, help="the program")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--clients", type=int, default=8)
    args = parser.parse_args()
    program = os.path.abspath(args.qsearch)
    with tempfile.TemporaryDirectory() as folder:
        notes, index = os.path.join(folder, "notes"), os.path.join(folder, "index")
        os.makedirs(notes)
        for other in range(200):
            write(os.path.join(notes, f"{other}.md"), f"# Ship {other}\n\nShip {other} carries {other * 7} barrels.\n")
        states, lighthouse = States(), os.path.join(notes, "lighthouse.md")

        def commit(number):
            write(lighthouse, note(number))
            began = time.monotonic()
            with states.lock:
                states.runs.append((number, began, float("inf")))
            subprocess.run([program, "--index", index, "--quiet", "index", notes], check=True)
            with states.lock:
                states.runs[-1] = (number, began, time.monotonic())

        commit(1000)
        server, address = serve(program, index)
        end = time.monotonic() + 60 * args.minutes
        clients = [threading.Thread(target=ask, args=(address, states, end)) for _ in range(args.clients)]
        for client in clients:
            client.start()
        time.sleep(min(10, 6 * args.minutes))
        first, number = resident(server), 1000
        while time.monotonic() < end:
            number += 1
            commit(number)
        last = resident(server)
        for client in clients:
            client.join()
        server.send_signal(signal.SIGTERM)
        status = server.wait(10)
    print(f"{args.minutes:g} minutes, {args.clients} clients: {states.asked:,} answers, {number - 999} commits, "
          f"{len(states.wrong)} wrong, exit status {status}, memory {first:.1f} MiB, at the end {last:.1f} MiB")
    for wrong in states.wrong[:10]:
        print(" ", wrong)
    sys.exit(1 if states.wrong or status else 0)


main()
