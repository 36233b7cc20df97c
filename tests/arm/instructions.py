#!/usr/bin/env python3
"""Counts the instructions that a token takes on an emulated ARM processor, with each kernel.

  instructions.py PROGRAM [KERNEL...]     PROGRAM is a qsearch for aarch64

A passage of 128 tokens is embedded once and twice; the difference is what the second one took. A plugin of qemu, instructions.c,
counts. The program should be a release: others check each sum for overflow, and have other code.
"""

import os
import re
import subprocess
import sys
import tempfile

TOKENS = 128
KERNELS = ["portable", "neon", "dotprod", "i8mm"]
# Each is one token, and so is what stands before and behind a passage.
WORDS = "the house has a red door and two small windows that look out on an old garden".split()


def plugin(folder):
    """Compiles the plugin of qemu that counts."""
    made = os.path.join(folder, "instructions.so")
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "instructions.c")
    subprocess.run(["gcc", "-shared", "-fPIC", "-O2", "-o", made, source], check=True)


def count(program, kernel, passages, folder):
    """How many instructions are run."""
    words = [WORDS[at % len(WORDS)] for at in range(TOKENS - 2)]
    text = (" ".join(words) + "\n") * passages
    environment = {**os.environ, "QSEARCH_CPU": kernel, "HOME": folder, "XDG_CONFIG_HOME": folder}
    emulator = ["qemu-aarch64", "-cpu", "max", "-L", "/usr/aarch64-linux-gnu", "-plugin", f"{folder}/instructions.so"]
    done = subprocess.run([*emulator, program, "embed", "--threads", "1"], env=environment, input=text, text=True,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    counted = re.search(r"^instructions: (\d+)$", done.stderr, re.M)
    if done.returncode != 0 or not counted:
        sys.exit(f"instructions.py: {program} fails with QSEARCH_CPU={kernel}: {done.stderr}")
    return int(counted[1])


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    program, kernels = os.path.abspath(sys.argv[1]), sys.argv[2:] or KERNELS
    first = None
    with tempfile.TemporaryDirectory() as folder:
        plugin(folder)
        for kernel in kernels:
            each = (count(program, kernel, 2, folder) - count(program, kernel, 1, folder)) / TOKENS
            first = first or each
            print(f"{kernel}: {each:,.0f} instructions a token, {first / each:.2f} times fewer than {kernels[0]}", flush=True)


main()
