#!/usr/bin/env python3
"""Gives the compiler the standard library of another target, if it hasn't it.

  std.py TARGET

rustup has it for most. Where rustup can't reach its server, the library is built from Debian's package `rust-src` of the
compiler's own version, with an apt-get that knows only the release that has it; nothing is installed on the system.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

# Where Debian has new compilers.
RELEASES = ["trixie-backports", "sid"]
MIRROR = "http://deb.debian.org/debian"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
APT = """
Dir::State "{folder}";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}";
Dir::Etc::sourcelist "{folder}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
APT::Sandbox::User "{user}";
Acquire::Languages "none";
"""


def output(*command, **more):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **more).stdout


def library_folder(target):
    return Path(output("rustc", "--print", "target-libdir", "--target", target).strip())


def has_library(target):
    return any(library_folder(target).glob("libstd-*.rlib"))


def from_rustup(target):
    """Whether rustup has added it."""
    if shutil.which("rustup") is None:
        return False
    return subprocess.run(["rustup", "target", "add", target]).returncode == 0 and has_library(target)


def unpack_sources(version, work):
    """Unpacks Debian's sources of the standard library of a version, and returns their folder."""
    for name in ("lists/partial", "archives/partial"):
        (work / name).mkdir(parents=True)
    (work / "status").touch()
    lines = [f"deb [target=Packages signed-by={KEYRING}] {MIRROR} {release} main\n" for release in RELEASES]
    (work / "sources.list").write_text("".join(lines))
    (work / "apt.conf").write_text(APT.format(folder=work, user="root" if os.geteuid() == 0 else ""))
    environment = {**os.environ, "APT_CONFIG": str(work / "apt.conf"), "LC_ALL": "C"}
    subprocess.run(["apt-get", "-qq", "update"], check=True, env=environment)
    listed = output("apt-cache", "madison", "rust-src", env=environment)
    versions = [line.split("|")[1].strip() for line in listed.splitlines()]
    package = next((each for each in versions if each.startswith(f"{version}+")), None)
    if package is None:
        sys.exit(f"std.py: Debian has no sources of Rust {version}, but of {', '.join(versions) or 'no version'}\n"
                 f"hint: use a compiler of one of these versions, or rustup where it has its server")
    subprocess.run(["apt-get", "-qq", "download", f"rust-src={package}"], check=True, env=environment, cwd=work)
    subprocess.run(["dpkg", "-x", str(next(work.glob("*.deb"))), str(work)], check=True)
    return next(work.glob("usr/src/rustc-*/library"))


def build(target, sources, work):
    """Builds the library, and copies it to where the compiler looks for it."""
    flags = "-Zforce-unstable-if-unmarked -Cembed-bitcode=yes"
    environment = {**os.environ, "RUSTC_BOOTSTRAP": "1", "__CARGO_DEFAULT_LIB_METADATA": "stable", "RUSTFLAGS": flags}
    # A wish of the caller for another folder or linker isn't meant for this.
    environment.pop("CARGO_TARGET_DIR", None)
    subprocess.run(
        ["cargo", "build", "--release", "-p", "sysroot", "--features", "panic-unwind", "--target", target,
         "--target-dir", str(work / "built")],
        check=True, cwd=sources, env=environment,
    )
    folder = library_folder(target)
    folder.mkdir(parents=True, exist_ok=True)
    for library in (work / "built" / target / "release/deps").glob("*.rlib"):
        shutil.copy(library, folder)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    target = sys.argv[1]
    if has_library(target) or from_rustup(target):
        return
    version = re.search(r"^release: (\S+)$", output("rustc", "-vV"), re.M).group(1)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        build(target, unpack_sources(version, work), work)
    if not has_library(target):
        sys.exit(f"std.py: the standard library of {target} was built, but isn't in {library_folder(target)}")


main()
