#!/usr/bin/env bash
# The program as it is built for Windows, tried under Wine: notes are indexed, asked, and survive a killed writer.
#
#   run.sh             builds the program and tries it
#   run.sh units       runs the library's own tests of files, walks and the store as well
#
# On Debian, what is missing is installed: a C compiler for Windows, Wine, and Rust's standard library for Windows. All that is
# built is kept in target/windows between runs.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=x86_64-pc-windows-gnu
export CARGO_TARGET_DIR="$PWD/target/windows" WINEPREFIX="$PWD/target/windows/wine" WINEDEBUG=-all
# Numbers and text are the same however well a program is optimised; this one is to be built soon.
export CARGO_PROFILE_DEV_OPT_LEVEL=1 CARGO_PROFILE_DEV_DEBUG=0 CARGO_INCREMENTAL=0
cargo() { command cargo --config 'profile.dev.package."*".opt-level=1' "$@"; }

command -v x86_64-w64-mingw32-gcc > /dev/null || apt-get install -qy gcc-mingw-w64-x86-64
command -v wine > /dev/null || apt-get install -qy --no-install-recommends wine wine64
python3 tests/targets/std.py $target

# Wine before 8.13 has no library of this name.
deps="$CARGO_TARGET_DIR/$target/debug/deps"
mkdir -p "$deps"
x86_64-w64-mingw32-gcc -shared -O1 -o "$deps/bcryptprimitives.dll" tests/windows/bcryptprimitives.c -ladvapi32
cp "$deps/bcryptprimitives.dll" "$deps/.."

echo '== the program'
cargo build --locked --target $target --no-default-features --features cli,office
python3 tests/windows/check.py wine "$CARGO_TARGET_DIR/$target/debug/qsearch.exe"

if [[ ${1:-} == units ]]; then
  echo '== tests of the library'
  tests=$(cargo test --locked --target $target --no-default-features --features cli,office --lib --no-run --message-format=json |
    sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | tail -n 1)
  wine "$tests" sys:: walk:: owner:: trust:: store::lock store::disk store::stored_roots document index::roots
fi
echo '== done'
