"""What the parts of drive.py have in common: running the program, comparing what it says, and printing checks."""

import json
import re
import subprocess
import tempfile
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import processes
from servers import kept_folder

KEPT = kept_folder()
CORPUS = Path(__file__).resolve().parent.parent.parent / "corpus"
# No command may take longer, whatever the server does.
COMMAND_SECONDS = 150
# How many commands are run side by side where only answers are compared.
WORKERS = 3

_lock = threading.Lock()
_failed = []
_part = ""


def check(what, holds, said=""):
    """Prints a line for a check; what the program said, if it fails."""
    with _lock:
        print(f"{'ok' if holds else 'FAILED'} {_part}: {what}", flush=True)
        if not holds:
            _failed.append(f"{_part}: {what}")
            for line in str(said).strip().splitlines()[:30]:
                print(f"    {line[:600]}", flush=True)
    return bool(holds)


def note(what):
    """Prints a line that is no check: a time, a number, or what couldn't be tried."""
    print(f"-- {_part}: {what}", flush=True)


def run_part(name, part, binary):
    """Runs a part in a folder of its own. An exception in it is a check that failed."""
    global _part
    _part = name
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="qsearch-drive-") as folder:
        try:
            part(Program(binary, Path(folder)))
        except Exception:
            check("runs to its end", False, traceback.format_exc())
    note(f"{time.monotonic() - began:.0f} s")


def failed():
    return list(_failed)


@dataclass
class Done:
    """What a command did."""

    command: list
    status: int
    out: str
    err: str
    seconds: float

    def __str__(self):
        return f"{' '.join(map(str, self.command))}\nstatus {self.status}, {self.seconds:.1f} s\n{self.out[-2000:]}\n{self.err[-3000:]}"

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def all(self):
        return self.out + self.err


class Program:
    """The program, with a home of its own and nothing of our environment that it could read."""

    def __init__(self, binary, folder):
        self.binary, self.folder = Path(binary).resolve(), folder
        self.home = folder / "home"
        self.home.mkdir(exist_ok=True)
        # Whether folders are read that another user has put into the index.
        self.trusting = False
        # All that commands printed.
        self.heard = []

    def environment(self, **more):
        return {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.home),
            "TZ": "UTC",
            "LC_ALL": "C.UTF-8",
            "NO_COLOR": "1",
            **more,
        }

    def command(self, index, *arguments):
        """The command, and what it needs in its environment: an address with a password may not be an argument."""
        arguments = ["--trust"] * self.trusting + [str(argument) for argument in arguments]
        if "://" in str(index) and re.match(r"[a-z]+://[^/@]*:[^/@]*@", str(index)):
            return [str(self.binary), *arguments], {"QSEARCH_INDEX": str(index)}
        return [str(self.binary), "--index", str(index), *arguments], {}

    def start(self, index, *arguments, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, **environment):
        """A process that runs on. It has a group of its own."""
        command, more = self.command(index, *arguments)
        return subprocess.Popen(
            command,
            env=self.environment(**more, **environment),
            cwd=self.home,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            start_new_session=True,
        )

    def __call__(self, index, *arguments, seconds=COMMAND_SECONDS, stdin="", **environment):
        """Runs a command to its end."""
        command, more = self.command(index, *arguments)
        began = time.monotonic()
        try:
            done = subprocess.run(
                command,
                env=self.environment(**more, **environment),
                cwd=self.home,
                input=stdin,
                capture_output=True,
                text=True,
                errors="surrogateescape",
                timeout=seconds,
            )
        except subprocess.TimeoutExpired as late:
            said = (late.stderr or b"").decode(errors="replace")
            return Done(command, -1, "", f"didn't end within {seconds} s\n{said}", time.monotonic() - began)
        self.heard.append(done.stdout + done.stderr)
        return Done(command, done.returncode, done.stdout, done.stderr, time.monotonic() - began)

    def index(self, index, *arguments, **more):
        """Indexes, and tells if that failed."""
        done = self(index, "index", *arguments, **more)
        if done.status != 0:
            check(f"index {' '.join(map(str, arguments))}", False, done)
        return done

    def is_sound(self, index, what, *arguments, **more):
        done = self(index, "check", "--json", *arguments, **more)
        sound = done.status == 0 and done.json["sound"]
        return check(f"{what}: check finds nothing", sound, done)


def ended(process, seconds=COMMAND_SECONDS):
    """What a started process said until its end."""
    began = time.monotonic()
    try:
        out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        return Done(process.args, -1, out, f"didn't end within {seconds} s\n{err}", time.monotonic() - began)
    return Done(process.args, process.returncode, out, err, time.monotonic() - began)


def answers(program, index, commands, **environment):
    """What some commands print, each with its status and its complaints but for the index's own name."""

    def one(command):
        done = program(index, *command, **environment)
        return done.status, done.out, done.err.replace(str(index), "INDEX")

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(one, commands))


def same_answers(program, indexes, commands, what, reference=None, **environment):
    """Compares, byte by byte, what commands print about several indexes; gives what they printed."""
    if reference is None:
        reference, indexes = answers(program, indexes[0], commands, **environment), indexes[1:]
        refused = ('"kind":"usage"', '"kind":"not_found"')
        broken = [
            (command, said)
            for command, said in zip(commands, reference)
            if said[0] not in (0, 1) and not any(kind in said[2] for kind in refused)
        ]
        check(f"{what}: {len(commands)} commands are answered", not broken, "\n".join(map(str, broken[:5])))
    for index in indexes:
        others = answers(program, index, commands, **environment)
        different = []
        for command, one, other in zip(commands, reference, others):
            # How many notes have changed since isn't told where looking takes too long.
            if 'stale_notes":null' in one[1] + other[1]:
                one, other = untimed(one), untimed(other)
            if one != other:
                different.append(difference(command, one, other))
        check(
            f"{what}: {len(commands)} answers are the same, to the byte",
            not different,
            f"{len(different)} of {len(commands)} differ\n" + "\n".join(different[:8]),
        )
    return reference


def untimed(said):
    """What was printed, without how many notes have changed, and the remark about that."""
    out = re.sub(r'"stale_notes":(null|\d+)', '"stale_notes":?', said[1])
    return said[0], out, re.sub(r".*changed since; --refresh.*\n", "", said[2])


def difference(command, one, other):
    """Where two answers begin to differ."""
    for a, b, of in ((str(one[0]), str(other[0]), "status"), (one[1], other[1], "out"), (one[2], other[2], "err")):
        if a != b:
            at = next((at for at, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
            return (
                f"{' '.join(map(str, command))[:200]}: {of} differs at byte {at}: "
                f"{a[max(0, at - 60) : at + 60]!r} and {b[max(0, at - 60) : at + 60]!r}"
            )
    return ""


class Session:
    """A session of psql that stays open, with what it holds."""

    def __init__(self, server, *statements, user="qsearch"):
        psql = [server.bin / "psql", "-XqAt", "-h", server.folder, "-p", server.port, "-U", user, "-d", "qsearch"]
        self.process = subprocess.Popen(
            processes.as_other(psql),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
            env=processes.surroundings(),
        )
        for statement in statements:
            self.send(statement)

    def send(self, statement):
        """Runs a statement and waits for its end; gives what was said."""
        self.process.stdin.write(statement.rstrip(";") + ";\n\\echo end of statement\n")
        self.process.stdin.flush()
        said = []
        while (line := self.process.stdout.readline()) and line != "end of statement\n":
            said.append(line)
        return "".join(said)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(10)


def schema_url(url, schema, **params):
    """The address of a database with a schema and further parameters."""
    more = "&".join([f"schema={schema}", *(f"{name}={value}" for name, value in params.items())])
    return f"{url}{'&' if '?' in url else '?'}{more}"


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(text, bytes):
        path.write_bytes(text)
    else:
        path.write_text(text, encoding="utf-8")
