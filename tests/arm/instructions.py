#!/usr/bin/env python3
"""Counts the instructions that a token takes on an emulated ARM processor, with each kernel.

  instructions.py PROGRAM [KERNEL...]     PROGRAM is a qsearch for aarch64

A passage of 128 tokens is embedded once and twice; the difference is what the second one took. qemu-aarch64 writes which blocks
of code it has run and what is in each, so that no plugin is needed.
"""

import os
import subprocess
import sys
import tempfile

TOKENS = 128
KERNELS = ["portable", "neon", "dotprod", "i8mm"]
# Each is one token, and so is what stands before and behind a passage.
WORDS = "the house has a red door and two small windows that look out on an old garden".split()
# A block is told in full when it is translated, and by its address whenever it is run.
COUNT = r"""
/^Trace/ { sum += size[$2]; next }
/^IN:/ { at = ""; next }
/^0x/ {
  sub(/^0x0*/, "", $1); sub(/:.*/, "", $1)
  if (at == "") { at = $1; while (length(at) < 16) at = "0" at; size[at] = 0 }
  size[at]++
}
END { printf "%.0f\n", sum }
"""


def count(program, kernel, passages):
    """How many instructions are run."""
    words = [WORDS[at % len(WORDS)] for at in range(TOKENS - 2)]
    text = (" ".join(words) + "\n") * passages
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "QSEARCH_CPU": kernel, "HOME": home, "XDG_CONFIG_HOME": home}
        emulator = ["qemu-aarch64", "-cpu", "max", "-L", "/usr/aarch64-linux-gnu", "-d", "in_asm,exec,nochain",
                    "-D", "/dev/stderr", program, "embed", "--threads", "1"]
        traced = subprocess.Popen(emulator, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE)
        counting = subprocess.Popen(["awk", "-F", "/", COUNT], stdin=traced.stderr, stdout=subprocess.PIPE, text=True)
        traced.stderr.close()
        traced.stdin.write(text.encode())
        traced.stdin.close()
        counted = counting.communicate()[0]
        if traced.wait() != 0 or counting.returncode != 0:
            sys.exit(f"instructions.py: {program} fails with QSEARCH_CPU={kernel}")
    return int(counted)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    program, kernels = os.path.abspath(sys.argv[1]), sys.argv[2:] or KERNELS
    first = None
    for kernel in kernels:
        each = (count(program, kernel, 2) - count(program, kernel, 1)) / TOKENS
        first = first or each
        print(f"{kernel}: {each:,.0f} instructions a token, {first / each:.2f} times fewer than {kernels[0]}", flush=True)


main()
