#!/usr/bin/env python3
"""Runs the README's commands and compares what they print with what the README shows.

`readme.py tests` prints the command that runs the tests. `readme.py check` runs every other command of the
README's console blocks, in order, in the current folder, and fails if one prints something else than shown.
Shown output may leave out lines with a line `…`; times, dates and sizes may differ.
"""

import re
import subprocess
import sys


def examples(text):
    """Yields each command of the console blocks with the lines shown below it."""
    for block in re.findall(r"^```console\n(.*?)^```", text, re.S | re.M):
        for example in re.split(r"^\$ ", block, flags=re.M)[1:]:
            lines = example.replace("\\\n", " ").splitlines()
            yield re.sub(r" +", " ", lines[0]).strip(), lines[1:]


def steady(line):
    """A line without what differs from run to run."""
    line = re.sub(r"\b\d[\d.,]* ?(ms|s|min|KiB|MiB|B)\b", "N", line)
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "DATE", line).rstrip()


def matches(shown, printed):
    """Whether `printed` has all lines of `shown`, where `…` stands for any lines."""
    parts, part = [], []
    for line in shown:
        if line.strip() == "…":
            parts.append(part)
            part = []
        else:
            part.append(steady(line))
    parts.append(part)
    lines, at = [steady(line) for line in printed], 0
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        if last and number > 0:
            at = max(at, len(lines) - len(part))
        places = range(at, at + 1) if number == 0 or last else range(at, len(lines) + 1)
        found = next((place for place in places if lines[place : place + len(part)] == part), None)
        if found is None:
            return False
        at = found + len(part)
    return at == len(lines) or parts[-1] == []


def main():
    text = open("README.md", encoding="utf-8").read()
    commands = list(examples(text))
    tests = [command for command, _ in commands if command.startswith("cargo test")]
    if sys.argv[1] == "tests":
        print(tests[0])
        return 0
    wrong = 0
    for command, shown in commands:
        if command in tests:
            continue
        print(f"$ {command}", flush=True)
        run = subprocess.run(
            ["bash", "-uc", command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        sys.stdout.write(run.stdout)
        if run.returncode not in (0, 1) or (shown and not matches(shown, run.stdout.splitlines())):
            wrong += 1
            print(f"^ status {run.returncode}; the README shows:", *shown, sep="\n  ")
    return 1 if wrong else 0


sys.exit(main())
