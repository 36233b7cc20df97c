#!/usr/bin/env bash
# Drives the page of `qsearch serve` in a browser:
#
#   run.sh PROGRAM [NAME...]
#
# NAMEs are parts of names of checks; without any, all of them run. What is missing is installed: Debian's Node.js, npm and
# Chromium, and two packages of npm, which are kept in the target folder.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

missing=()
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)
[[ -x ${CHROMIUM:-/usr/bin/chromium} ]] || missing+=(chromium fonts-dejavu-core)
if ((${#missing[@]})); then
  apt-get update -q
  DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}"
fi

export PAGE_PACKAGES="${CARGO_TARGET_DIR:-$here/../../target}/page"
mkdir -p "$PAGE_PACKAGES"
if ! cmp -s "$here/package-lock.json" "$PAGE_PACKAGES/node_modules/.kept-lock"; then
  cp "$here/package.json" "$here/package-lock.json" "$PAGE_PACKAGES/"
  npm ci --prefix "$PAGE_PACKAGES" --ignore-scripts --no-audit --no-fund --loglevel=error
  cp "$here/package-lock.json" "$PAGE_PACKAGES/node_modules/.kept-lock"
fi
exec node "$here/check.mjs" "$@"
