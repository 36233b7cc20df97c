#!/usr/bin/env python3
"""Checks that `qsearch serve` does what its /openapi.json says, with requests that schemathesis makes of it.

  schema.py PROGRAM [examples]

The first time it makes a virtual environment with schemathesis below the target folder and goes on in there. Every check that
schemathesis has is on: no defect, only statuses and documents that are described, what is described is taken, and what isn't is
refused.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from kept import go_on_with

TOOL = "schemathesis==4.32.*"
EXAMPLES = 60
NOTES = {
    "owls.md": "# Owls\n\n## Hunting\n\nMost owls hunt at night.\n\n## Nests\n\nBarn owls nest in barns.\n",
    "bread.md": "---\ntags: [kitchen]\ndate: 2024-05-01\n---\n# Bread\n\nFeed the sourdough starter twice a day.\n",
}


def main():
    program = os.path.abspath(sys.argv[1])
    examples = sys.argv[2] if len(sys.argv) > 2 else str(EXAMPLES)
    venv = go_on_with("schema-venv", TOOL)
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(os.path.join(folder, "notes"))
        for name, text in NOTES.items():
            with open(os.path.join(folder, "notes", name), "w", encoding="utf-8") as file:
                file.write(text)
        env = {"HOME": os.path.join(folder, "home")}
        subprocess.run([program, "--quiet", "index", "notes"], cwd=folder, env=env, check=True, timeout=600)
        server = subprocess.Popen([program, "serve", "--port", "0"], cwd=folder, env=env, stdout=subprocess.PIPE, text=True)
        try:
            url = re.search(r"http://\S+", server.stdout.readline()).group()
            # Cases are made anew from the same beginning each time, so a failure comes again.
            command = [os.path.join(venv, "bin", "schemathesis"), "run", url + "openapi.json", "--checks", "all",
                       "--max-examples", examples, "--seed", "20", "--no-color", "--generation-database", "none"]
            status = subprocess.run(command, cwd=folder, timeout=1500, check=False).returncode
            lives = server.poll() is None
        finally:
            server.send_signal(signal.SIGTERM)
            ended = server.wait(20)
    if status or not lives or ended:
        sys.exit(f"FAILED: schemathesis {status}, the server {'lives' if lives else 'is gone'}, its exit status {ended}")


main()
