#!/usr/bin/env python3
"""Compares what two builds of qsearch print, byte for byte: vectors, an index of each, and answers from either's.

  same.py PROGRAM OTHER...     OTHER may be a command with arguments, as of an emulator
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# The kernels of ARM processors; those of this one are compared with what it chooses by itself.
KERNELS = ["portable", "neon", "dotprod", "i8mm"]


def run(command, *arguments, folder, text=None, cpu=None):
    """What a command prints."""
    environment = {**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "NO_COLOR": "1"}
    environment.pop("QSEARCH_CPU", None)
    if cpu:
        environment["QSEARCH_CPU"] = cpu
    done = subprocess.run([*command, *arguments], cwd=folder, env=environment, input=text, capture_output=True, text=True)
    if done.returncode > 1:
        sys.exit(f"same.py: {' '.join([*command, *arguments])} failed ({done.returncode}): {done.stderr}")
    return done.stdout


def texts():
    """The texts of the reference set, as JSON strings, and all questions and long lines of the sample notes."""
    lines = (ROOT / "tests/data/minilm_reference.jsonl").read_text().splitlines()
    found = [json.loads(line)["text"] for line in lines]
    found += [json.loads(line)["question"] for line in (ROOT / "corpus/golden.jsonl").read_text().splitlines()]
    for note in sorted((ROOT / "corpus").glob("0*")):
        found += [line for line in note.read_text().splitlines() if len(line) > 60]
    return found[:370]


def compare(what, expected, got):
    if expected != got:
        at = next((at for at, (a, b) in enumerate(zip(expected, got)) if a != b), min(len(expected), len(got)))
        sys.exit(f"same.py: {what} differ at byte {at}:\n{expected[max(0, at - 200):at + 200]}\n--\n{got[max(0, at - 200):at + 200]}")


def vectors(here, other, folder):
    """Vectors of all texts are the same, and some on every kernel."""
    all_texts = [json.dumps(text) for text in texts()]
    some = "\n".join(all_texts[::8]) + "\n"
    everything = "\n".join(all_texts) + "\n"
    embed = ["embed", "--json"]
    compare("vectors", run(here, *embed, folder=folder, text=everything), run(other, *embed, folder=folder, text=everything))
    expected = run(here, *embed, folder=folder, text=some)
    for cpu in KERNELS:
        compare(f"vectors with {cpu}", expected, run(other, *embed, folder=folder, text=some, cpu=cpu))
    print(f"{len(all_texts)} vectors are the same, and {len(all_texts[::8])} on each of {', '.join(KERNELS)}")


def answers(here, other, folder):
    """Answers are the same, from an index of each, and from that of this machine."""
    shutil.copytree(ROOT / "corpus", folder / "notes")
    for program, index in ((here, "here"), (other, "other")):
        run(program, "index", "notes", "--index", index, folder=folder)
    lines = (ROOT / "corpus/golden.jsonl").read_text().splitlines()
    questions = [json.loads(line)["question"] for line in lines]
    for question in questions:
        ask = ["ask", "--json", question, "--index"]
        expected = run(here, *ask, "here", folder=folder)
        for program, index in ((here, "other"), (other, "other"), (other, "here")):
            got = run(program, *ask, index, folder=folder)
            compare(f"answers to {question!r} from {index}", expected, got)
    print(f"{len(questions)} answers are the same, each from three pairs of a program and an index")


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    here, other = sys.argv[1:2], sys.argv[2:]
    with tempfile.TemporaryDirectory() as folder:
        vectors(here, other, Path(folder))
        answers(here, other, Path(folder))


main()
