#!/usr/bin/env python3
"""Makes release archives: the program, its manual, completions and licences, for one or more targets.

    python3 packaging/archive.py                                   # for this machine
    python3 packaging/archive.py --target aarch64-unknown-linux-gnu
    python3 packaging/archive.py --url https://example.org/dl      # and a Homebrew formula that fetches them there

Archives are target/dist/qsearch-VERSION-TARGET.tar.gz, each with a line in SHA256SUMS. The same sources, compiler and
SOURCE_DATE_EPOCH give the same bytes. Manual and completions are printed by the program of this machine, which is built
first. For another target the compiler needs its standard library (`rustup target add TARGET`, or
`python3 tests/targets/std.py TARGET`) and gcc's linker for it (Debian: gcc-aarch64-linux-gnu).
"""

import argparse
import gzip
import hashlib
import io
import os
import re
import subprocess
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Files that go into an archive as they are: where they are, and their names there.
FILES = [
    ("README.md", "README.md"),
    ("CHANGELOG.md", "CHANGELOG.md"),
    ("LICENSE", "LICENSE"),
    ("LICENSE-MIT", "LICENSE-MIT"),
    ("LICENSE-APACHE", "LICENSE-APACHE"),
    ("models/LICENSE", "LICENSE-model"),
]
# What completions are called where each shell looks for them.
COMPLETIONS = {"bash": "qsearch.bash", "zsh": "_qsearch", "fish": "qsearch.fish"}
LINKERS = {"aarch64-unknown-linux-gnu": "aarch64-linux-gnu-gcc", "x86_64-unknown-linux-gnu": "gcc"}


def run(*command, **more):
    return subprocess.run(command, cwd=ROOT, check=True, text=True, **more)


def said(*command):
    return run(*command, stdout=subprocess.PIPE).stdout


def host():
    return re.search(r"^host: (\S+)$", said("rustc", "-vV"), re.M)[1]


def version():
    return re.search(r'^version = "(.+)"$', (ROOT / "Cargo.toml").read_text(), re.M)[1]


def build(target):
    """The program for a target, built if that is needed."""
    variables = dict(os.environ)
    if target != host() and target in LINKERS:
        name = target.upper().replace("-", "_")
        variables.setdefault(f"CARGO_TARGET_{name}_LINKER", LINKERS[target])
        variables.setdefault(f"CC_{target.replace('-', '_')}", LINKERS[target])
    run("cargo", "build", "--release", "--locked", "--target", target, env=variables)
    folder = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return folder / target / "release" / ("qsearch.exe" if "windows" in target else "qsearch")


def commands(program):
    """The names of the program's commands, as its help lists them."""
    listed = said(program, "help").split("Commands:\n")[1].split("\n\n")[0]
    return re.findall(r"^  (\w+) ", listed, re.M)


def printed(program):
    """What the program prints about itself: manual and completions, by their names in an archive."""
    pages = {"man/qsearch.1": said(program, "man")}
    for command in commands(program):
        if command != "help":
            pages[f"man/qsearch-{command}.1"] = said(program, "man", command)
    for shell, name in COMPLETIONS.items():
        pages[f"completions/{name}"] = said(program, "completions", shell)
    return {name: text.encode() for name, text in pages.items()}


def date():
    """The time that files in archives have."""
    if "SOURCE_DATE_EPOCH" in os.environ:
        return int(os.environ["SOURCE_DATE_EPOCH"])
    told = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True)
    return int(told.stdout) if told.returncode == 0 and told.stdout.strip() else 0


def archive(path, name, program, pages):
    """Writes an archive whose bytes follow from its content alone."""
    content = {"qsearch.exe" if "windows" in name else "qsearch": (program.read_bytes(), 0o755)}
    content |= {name: ((ROOT / file).read_bytes(), 0o644) for file, name in FILES}
    content |= {name: (data, 0o644) for name, data in pages.items()}
    tarred, time = io.BytesIO(), date()
    with tarfile.open(fileobj=tarred, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for file, (data, mode) in sorted(content.items()):
            entry = tarfile.TarInfo(f"{name}/{file}")
            entry.size, entry.mode, entry.mtime = len(data), mode, time
            tar.addfile(entry, io.BytesIO(data))
    with open(path, "wb") as out, gzip.GzipFile("", "wb", 9, out, mtime=0) as packed:
        packed.write(tarred.getvalue())


def formula(url, sums):
    """The Homebrew formula for the archives that were made."""
    text = (ROOT / "packaging/homebrew.rb").read_text().replace("@VERSION@", version()).replace("@URL@", url)
    for target, digest in sums.items():
        text = text.replace(f"@{target}@", digest)
    missing = sorted(set(re.findall(r"@(\w+-\S+)@", text)))
    if missing:
        raise SystemExit(f"a formula needs the archives of {', '.join(missing)}, too: name them with --target")
    return text


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--target", action="append", help="a target; may be repeated [default: this machine's]")
    args.add_argument("--binary", type=Path, help="the program of this machine, already built")
    args.add_argument("--out", type=Path, default=ROOT / "target/dist", help="where archives go")
    args.add_argument("--url", help="where archives will be found, for a Homebrew formula")
    args = args.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    own = args.binary.resolve() if args.binary else build(host())
    pages, sums = printed(own), {}
    for target in args.target or [host()]:
        program = own if target == host() else build(target)
        name = f"qsearch-{version()}-{target}"
        path = args.out / f"{name}.tar.gz"
        archive(path, name, program, pages)
        sums[target] = hashlib.sha256(path.read_bytes()).hexdigest()
        print(f"{path} {path.stat().st_size / 2**20:.1f} MiB")
    # Debian's package takes them from there.
    for name, data in pages.items():
        page = args.out / "pages" / name
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_bytes(data)
    lines = [f"{digest}  qsearch-{version()}-{target}.tar.gz\n" for target, digest in sorted(sums.items())]
    (args.out / "SHA256SUMS").write_text("".join(lines))
    if args.url:
        (args.out / "qsearch.rb").write_text(formula(args.url.rstrip("/"), sums))


if __name__ == "__main__":
    main()
