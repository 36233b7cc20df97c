#!/usr/bin/env bash
# A model that reads all languages, imported and used: its tokens, its vectors' rank, notes in ten languages.
#
#   run.sh PROGRAM     PROGRAM is the qsearch to check
#
# The model is made of a package (see model.py), which is kept in target/ between runs.
set -euo pipefail
program=$(realpath "$1")
cd "$(dirname "$0")/../.."
kept="${CARGO_TARGET_DIR:-target}/languages"
mkdir -p "$kept"
[[ -f $kept/multilingual-e5-small/model.safetensors ]] ||
  python3 tests/languages/model.py "$kept/multilingual-e5-small" --cache "$kept"

echo '== tokens are those of the tokenizers crate'
find tests/languages/notes corpus -name '*.md' -print0 | sort -z | xargs -0 cat > "$kept/lines.txt"
cat tests/languages/questions.json src/embed/convert/pairs.tsv >> "$kept/lines.txt"
lines=$(realpath "$kept/lines.txt")
model=$(realpath "$kept/multilingual-e5-small")
QSEARCH_UNIGRAM_TOKENIZER="$model/tokenizer.json" QSEARCH_UNIGRAM_LINES="$lines" \
  cargo test --locked --lib lines_of_all_languages_have_the_tokens_of_the_reference

echo '== imported, with a table of 8 and of 4 bits, and for some languages'
"$program" model import "$model" --output "$kept/e5.qsm"
"$program" model import "$model" --output "$kept/e5-4bit.qsm" --table 4bit
"$program" model import "$model" --output "$kept/e5-de.qsm" --table 4bit --languages de,fr,ru
python3 - "$program" "$kept" <<'PYTHON'
"""Vectors of texts in the kept letters are the same, and each file is smaller than the one before."""
import json
import os
import subprocess
import sys

program, kept = sys.argv[1:]
files = [f"{kept}/{name}.qsm" for name in ("e5", "e5-4bit", "e5-de")]
sizes = [os.path.getsize(file) for file in files]
assert sizes == sorted(sizes, reverse=True) and sizes[2] < 0.5 * sizes[0], sizes
texts = "Wo liegt der Schlüssel?\nгде ключ?\nOù est la clé ?\nwhere is the key?\n"
vectors = []
for file in files:
    done = subprocess.run([program, "embed", "--model", file], input=texts, capture_output=True, text=True, check=True)
    vectors.append([json.loads(line) for line in done.stdout.splitlines() if line.strip()])
assert len(vectors[0]) == 4, vectors[0]
assert vectors[1] == vectors[2], "leaving out letters changed vectors of other texts"
print("sizes", *(f"{size / 1e6:.0f} MB" for size in sizes))
PYTHON

echo '== notes in ten languages'
python3 tests/languages/check.py "$program" "$kept/e5-4bit.qsm"
