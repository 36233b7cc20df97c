#!/usr/bin/env python3
"""Times a running `qsearch serve` beside a process for each question, and writes Markdown tables.

  load.py --qsearch target/release/qsearch                   10,000 and 100,000 passages
  load.py --qsearch target/release/qsearch --keep FOLDER     uses the notes and indexes of cold_ask.py again next time
  load.py --qsearch target/release/qsearch --questions 100000 --sizes 10000     memory over many questions

The notes, their indexes and the questions are those of cold_ask.py. `wrk` (a package of Debian's) asks over connections that
stay open, on the same machine, so it takes some of the processor's time from the server. Both ways are measured by turns. Needs
Python 3.9 on Linux.
"""
import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import cold_ask

ASK = """
local bodies = {%s}
local next = 0
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
request = function()
  next = next %% #bodies + 1
  return wrk.format(nil, "/api/ask", nil, bodies[next])
end
"""


def serve(program, index):
    """A server of this index, and its address: `http://…` without a path."""
    server = subprocess.Popen([program, "--index", index, "serve", "--port", "0"],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    for line in server.stdout:
        found = re.search(r"http://[^\s/]+", line)
        if found:
            threading.Thread(target=server.stdout.read, daemon=True).start()
            return server, found.group()
    sys.exit("the server ended before it told its address")


def resident(process):
    """How many MiB of memory a process has."""
    with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) / 1024


def milliseconds(text):
    """What wrk writes for a time."""
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}[unit]


def load(address, folder, connections, seconds):
    """Questions a second over so many connections, and the median and 99th percentile of their milliseconds."""
    script = os.path.join(folder, "ask.lua")
    with open(script, "w", encoding="utf-8") as file:
        bodies = [json.dumps({"question": question}) for question in cold_ask.QUESTIONS]
        file.write(ASK % ", ".join(json.dumps(body) for body in bodies))
    said = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "--latency",
                           "-s", script, address], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        sys.exit(said)
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", said).group(1))
    total = int(re.search(r"(\d+) requests in", said).group(1))
    p50, p99 = (milliseconds(re.search(rf"(?m)^\s+{share}%\s+(\S+)", said).group(1)) for share in (50, 99))
    return rate, p50, p99, total


def processes(size, seconds):
    """The same of a process for each question, with as many at once as there are processors."""
    took, lock, end = [], threading.Lock(), time.monotonic() + seconds

    def ask(number):
        while time.monotonic() < end:
            command = size.command(cold_ask.QUESTIONS[number % len(cold_ask.QUESTIONS)], "--json")
            ms = cold_ask.must_run(command, cold_ask.environment(None), (0, 1)).ms
            with lock:
                took.append(ms)
            number += 1

    workers = [threading.Thread(target=ask, args=(number,)) for number in range(os.cpu_count())]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return len(took) / seconds, cold_ask.at(took, 0.5), cold_ask.at(took, 0.99)


def compare(sizes, folder, seconds, turns):
    """Both ways by turns; of each its best turn."""
    lines = []
    for size in sizes:
        server, address = serve(size.qsearch, size.index)
        ways = {}
        try:
            load(address, folder, 2, 2)
            for _ in range(turns):
                ways.setdefault("a process each, 2 at once", []).append(processes(size, seconds))
                for connections in (1, 2, 4, 8, 16, 32):
                    name = f"`serve`, {connections} connections"
                    ways.setdefault(name, []).append(load(address, folder, connections, seconds)[:3])
            memory = resident(server)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(10)
        slow = max(rate for rate, *_ in ways["a process each, 2 at once"])
        for name, measured in ways.items():
            rate, p50, p99 = max(measured)
            lines.append([f"{size.passages:,}", name, f"{rate:.0f}", f"{p50:.1f}", f"{p99:.1f}", f"{rate / slow:.1f} x"])
        cold_ask.say(f"{size.passages:,} passages: the server has {memory:.0f} MiB")
    cold_ask.table(["passages", "way", "questions/s", "median, ms", "p99, ms", "of processes"], lines)


def memory(size, folder, questions):
    """The server's memory as it answers so many questions."""
    server, address = serve(size.qsearch, size.index)
    lines, asked = [], 0
    try:
        load(address, folder, 8, 2)
        lines.append(["few", f"{resident(server):.1f}"])
        while asked < questions:
            asked += load(address, folder, 8, 10)[3]
            lines.append([f"{asked:,}", f"{resident(server):.1f}"])
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(10)
    cold_ask.table(["questions", "MiB"], lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--qsearch", required=True, help="the program")
    parser.add_argument("--sizes", default="10000,100000", help="how many passages")
    parser.add_argument("--keep", help="where notes and indexes are kept")
    parser.add_argument("--seconds", type=int, default=10, help="how long each way is measured in a turn")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--questions", type=int, help="measure memory over so many questions instead")
    args = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("wrk isn't there: apt-get install wrk")
    with tempfile.TemporaryDirectory() as folder:
        kept = args.keep or folder
        sizes = [cold_ask.Size(os.path.abspath(args.qsearch), kept, int(size)) for size in args.sizes.split(",")]
        if args.questions:
            memory(sizes[0], folder, args.questions)
        else:
            compare(sizes, folder, args.seconds, args.turns)


if __name__ == "__main__":
    main()
