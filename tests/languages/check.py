#!/usr/bin/env python3
"""Checks that notes in ten languages are found, in their own language and in English, by a model that reads them all.

  check.py PROGRAM MODEL     MODEL is what `qsearch index --model` takes

The forty notes beside this are indexed together, and each is asked for twice. A note counts as found if the first source is of
it. `questions.json` has the questions: each note's own language is that of its folder.
"""

import collections
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
# Of forty questions of either kind, so many must find their note; 36 and 32 did when this was written.
LEAST = {"own": 36, "english": 30}


def run(program, index, *arguments):
    """What the program prints; exit status 1 means that nothing was found to answer."""
    done = subprocess.run([program, "--index", index, *arguments], capture_output=True, text=True)
    if done.returncode > 1:
        sys.exit(f"FAILED: {arguments[0]} ended with status {done.returncode}\n{done.stderr}")
    return done.stdout


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    program, model = os.path.abspath(sys.argv[1]), sys.argv[2]
    model = os.path.abspath(model) if os.path.exists(model) else model
    with open(os.path.join(HERE, "questions.json"), encoding="utf-8") as file:
        questions = json.load(file)
    found, wrong, by_language = collections.Counter(), [], collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        index = os.path.join(folder, "index")
        run(program, index, "index", os.path.join(HERE, "notes"), "--model", model)
        for question in questions:
            for kind in LEAST:
                reply = json.loads(run(program, index, "ask", "--json", "--", question[kind]))
                first = reply["results"][0]["path"] if reply["results"] else None
                if first == question["note"]:
                    found[kind] += 1
                    by_language[question["note"].split("/")[0], kind] += 1
                else:
                    print(f"missed  {question['note']}: {question[kind]} -> {first}")
                if kind == "own" and not reply["answered"]:
                    wrong.append(question[kind])
    for language in sorted({language for language, _ in by_language}):
        print(language, *(f"{kind} {by_language[language, kind]} of 4" for kind in LEAST))
    few = [kind for kind, least in LEAST.items() if found[kind] < least]
    failed = [f"{found[kind]} {kind} questions find their note, and not {LEAST[kind]} of {len(questions)}" for kind in few]
    failed += [f"refused: {question}" for question in wrong]
    if failed:
        sys.exit("FAILED: " + "; ".join(failed))
    print(f"{sum(found.values())} passed, 0 failed")


if __name__ == "__main__":
    main()
