#!/usr/bin/env bash
# Makes an archive and a Debian package of a built program, and tries what is in them.
#
#   check.sh [PROGRAM]                      the program of this machine; without it, that of target/release
#   check.sh PROGRAM TARGET EMULATOR...     the archive for another processor, built and then tried on an emulator of it
#
# The package is made for this machine, if there is cargo-deb.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "${1:-target/release/qsearch}")
target=${2:-}
emulator=("${@:3}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

archive=(python3 packaging/archive.py --binary "$program" ${target:+--target "$target"})
"${archive[@]}" --out "$folder/dist"
(cd "$folder/dist" && sha256sum --check --quiet SHA256SUMS)
# The same sources give the same bytes.
"${archive[@]}" --out "$folder/again" >/dev/null
cmp "$folder"/dist/*.tar.gz "$folder"/again/*.tar.gz

tar --extract --file "$folder"/dist/*.tar.gz --directory "$folder" --strip-components 1
qsearch() { "${emulator[@]}" "$folder/qsearch" "$@"; }
mkdir "$folder/notes"
printf '# The GIL\n\nThe global interpreter lock lets one thread run at a time.\n' > "$folder/notes/lock.md"
qsearch --index "$folder/index" --quiet index "$folder/notes"
qsearch --index "$folder/index" ask what is the GIL | grep --quiet 'one thread'

bash -n "$folder/completions/qsearch.bash"
for page in "$folder"/man/*.1; do
  head -20 "$page" | grep --quiet '^\.TH ' || { echo "$page isn't a page of a manual" >&2; exit 1; }
done
test -f "$folder/man/qsearch-ask.1" -a -f "$folder/LICENSE-model"
# The pages are those of the program that they lie beside, wherever they were printed.
qsearch man | cmp - "$folder/man/qsearch.1"
qsearch man ask | cmp - "$folder/man/qsearch-ask.1"
qsearch completions bash | cmp - "$folder/completions/qsearch.bash"

# The recipes are read by their own languages, where those are at hand.
if command -v ruby >/dev/null; then
  ruby -c packaging/homebrew.rb >/dev/null
fi
if command -v nix-instantiate >/dev/null; then
  nix-instantiate --eval --strict --expr 'let
    lib = { cleanSource = toString; licenses = { mit = "MIT"; asl20 = "Apache-2.0"; }; };
    buildRustPackage = recipe: assert builtins.pathExists recipe.cargoLock.lockFile; recipe.meta // { inherit (recipe) version; };
  in import ./packaging/package.nix { pkgs = { inherit lib; rustPlatform = { inherit buildRustPackage; }; installShellFiles = null; }; }' >/dev/null
fi

if [[ -z $target ]] && command -v cargo-deb >/dev/null; then
  # The package takes the program and its pages from target/.
  mkdir -p target/release
  [[ $program -ef target/release/qsearch ]] || cp "$program" target/release/qsearch
  python3 packaging/archive.py --binary "$program" >/dev/null
  cargo deb --no-build --no-strip --output "$folder" >/dev/null
  # Not `grep --quiet`, which stops reading.
  dpkg-deb --contents "$folder"/*.deb | grep './usr/share/man/man1/qsearch-ask.1' >/dev/null
  dpkg-deb --field "$folder"/*.deb Package Version Architecture Depends
  dpkg-deb --extract "$folder"/*.deb "$folder/root"
  "$folder/root/usr/bin/qsearch" --index "$folder/index" ask what is the GIL | grep --quiet 'one thread'
fi
echo 'the packages are sound'
