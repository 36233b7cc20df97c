#!/usr/bin/env bash
# The project on 64-bit ARM processors, emulated: its kernels, its tests, and the same bytes as on x86.
#
#   run.sh [PROGRAM]     PROGRAM is a qsearch of this machine to compare with; without it, one is built
#
# Installs what is missing: Debian's cross compiler and qemu-user, and the target's standard library (see
# ../targets/std.py). What is built stays in target/ between runs.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=aarch64-unknown-linux-gnu
libraries=/usr/aarch64-linux-gnu
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
# The least of what an emulator is asked to prove: it is some twenty times slower than the machine.
export PROPTEST_CASES="${PROPTEST_CASES:-8}"

step() { printf '\n== %s (%s s)\n' "$1" "$SECONDS"; }

if ! command -v aarch64-linux-gnu-gcc >/dev/null || ! command -v qemu-aarch64 >/dev/null; then
  apt-get update -q
  apt-get install -qy gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user
fi
python3 tests/targets/std.py "$target"

step 'built'
features=(--locked --no-default-features --features cli)
# Builds something, and tells where the program of the name qsearch in it is.
built() {
  cargo "$@" --message-format=json-render-diagnostics | python3 -c '
import json, sys
messages = map(json.loads, sys.stdin)
print([m["executable"] for m in messages if m.get("executable") and m["target"]["name"] == "qsearch"][-1])'
}
tests=$(built test "${features[@]}" --target "$target" --lib --no-run)
# With an example, so that packages have the features that they have for tests, and are built once.
arm=$(built build "${features[@]}" --target "$target" --bin qsearch --example convert-model)
here=${1:-$(built build "${features[@]}" --bin qsearch)}

# A test program on an emulated processor, with what is to be run.
on() {
  local cpu=$1
  shift
  qemu-aarch64 -cpu "$cpu" -L "$libraries" "$tests" --quiet "$@"
}
kernels=(embed::kernel store::kernel store::graph::sketch)
step 'tests on a processor with all features'
on max "${kernels[@]}" embed:: store::dense store::codec store::vectors store::part_vectors store::graph \
  --skip convert --skip onnx --skip lines_of --skip tokens_of_notes --skip every_character \
  --skip vectors_are_the_same_on_every_kernel
step 'kernels on a processor with products of bytes (Neoverse N1)'
on neoverse-n1 "${kernels[@]}"
step 'kernels on a processor with neither (Cortex-A72)'
on cortex-a72 "${kernels[@]}"

step 'the same bytes as on this machine'
python3 tests/arm/same.py "$(realpath "$here")" qemu-aarch64 -cpu max -L "$libraries" "$(realpath "$arm")"
step 'done'
