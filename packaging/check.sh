#!/usr/bin/env bash
# Makes an archive and a Debian package of a built program, and tries what is in them.
# The program is that of target/release, or the one that is named. The package is made if there is cargo-deb.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "${1:-target/release/qsearch}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 packaging/archive.py --binary "$program" --out "$folder/dist"
(cd "$folder/dist" && sha256sum --check --quiet SHA256SUMS)
# The same sources give the same bytes.
python3 packaging/archive.py --binary "$program" --out "$folder/again" >/dev/null
cmp "$folder"/dist/*.tar.gz "$folder"/again/*.tar.gz

tar --extract --file "$folder"/dist/*.tar.gz --directory "$folder" --strip-components 1
mkdir "$folder/notes"
printf '# The GIL\n\nThe global interpreter lock lets one thread run at a time.\n' > "$folder/notes/lock.md"
"$folder/qsearch" --index "$folder/index" --quiet index "$folder/notes"
"$folder/qsearch" --index "$folder/index" ask what is the GIL | grep --quiet 'one thread'
bash -n "$folder/completions/qsearch.bash"
for page in "$folder"/man/*.1; do
  head -20 "$page" | grep --quiet '^\.TH ' || { echo "$page isn't a page of a manual" >&2; exit 1; }
done
test -f "$folder/man/qsearch-ask.1" -a -f "$folder/LICENSE-model"

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

if command -v cargo-deb >/dev/null; then
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
