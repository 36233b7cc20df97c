"""Processes of another user, in process groups of their own, which end with this program."""

import atexit
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

USER, GROUP = "nobody", "nogroup"
# A socket's path has at most 107 bytes, and its name takes some of them.
LONGEST_FOLDER = 80
POLL_SECONDS = 0.02
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_open = []
# How many parts of the program may not be interrupted just now, and the signals that came meanwhile.
_held = 0
_waiting = []


def is_root():
    return os.geteuid() == 0


def as_other(command, ends_with_us=False):
    """The command as the user whom servers run as: another one if we are root, since PostgreSQL refuses root.

    One that ends with us is interrupted by the kernel when the thread that started it ends.
    """
    setpriv = []
    if is_root():
        setpriv += [f"--reuid={USER}", f"--regid={GROUP}", "--clear-groups"]
    if ends_with_us and shutil.which("setpriv") and threading.current_thread() is threading.main_thread():
        setpriv += ["--pdeathsig", "INT"]
    return (["setpriv", *setpriv] if setpriv else []) + [str(part) for part in command]


def surroundings(**more):
    """The environment of servers and their tools: nothing of ours that could change what they do."""
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", "TZ": "UTC", **more}


def run(command, stdin="", **more):
    """Runs a tool as the other user and gives what it printed; raises with what it complained of."""
    done = subprocess.run(
        as_other(command), input=stdin, capture_output=True, text=True, cwd="/", env=surroundings(**more)
    )
    if done.returncode != 0:
        raise RuntimeError(f"{Path(command[0]).name} failed ({done.returncode}): {done.stderr.strip()}")
    return done.stdout


def launch(command, log):
    """Starts a server as the other user, in a session of its own: a terminal's Ctrl-C doesn't reach it."""
    with open(log, "ab") as said:
        return subprocess.Popen(
            as_other(command, ends_with_us=True), stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd="/",
            env=surroundings(), start_new_session=True,
        )


def children(pid):
    """The processes whose parent is `pid`. Those of PostgreSQL have groups of their own."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
        except OSError:
            pass
    return found


def is_alive(pid):
    """Whether a process runs; one that only waits to be reaped doesn't."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def kill(process):
    """Ends a process that we started, and its children, at once, and waits until they are gone."""
    if process.poll() is not None:
        return
    # Stopped, it makes no further children while they are counted.
    process.send_signal(signal.SIGSTOP)
    pids = children(process.pid)
    process.kill()
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    process.wait()
    wait_until(lambda: not any(is_alive(pid) for pid in pids), 10, "the children of a killed server to end")


def wait_until(holds, seconds, what):
    """Polls until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds} s for {what}")
        time.sleep(POLL_SECONDS)


def reaches(path):
    """Whether the user whom servers run as can read a path: not if it is below root's home folder."""
    return subprocess.run(as_other(["test", "-r", path]), cwd="/", env=surroundings()).returncode == 0


def temporary_folder(name):
    """A fresh folder of the other user, which only that user and root can read, with a short path."""
    for above in (tempfile.gettempdir(), "/tmp"):
        if len(os.path.abspath(above)) < LONGEST_FOLDER - 40 and reaches(above):
            break
    folder = Path(tempfile.mkdtemp(prefix=f"qsearch-{name}-", dir=above))
    if is_root():
        shutil.chown(folder, USER, GROUP)
    return folder


def within_reach(folder):
    """The folder, or a copy which the other user can read; the copy is removed in the end."""
    if reaches(folder) and reaches(next(folder.iterdir())):
        return folder
    with uninterrupted():
        above = temporary_folder("copy")
        ends_with_us(Removal(above))
    above.chmod(0o755)
    shutil.copytree(folder, above / folder.name, symlinks=True, copy_function=_link)
    return above / folder.name


def _link(source, target, **_):
    """A file's second name where that can be, which is quicker than a copy; nobody writes to either."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)


class Removal:
    """Removes a folder in the end."""

    def __init__(self, folder):
        self.folder = folder

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        forget(self)


def ends_with_us(thing):
    """Closes a thing when this program ends, also by Ctrl-C, SIGTERM or SIGHUP; the last opened is closed first."""
    if threading.current_thread() is threading.main_thread():
        for number in SIGNALS:
            if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                signal.signal(number, _leave)
    _open.append(thing)


def forget(thing):
    if thing in _open:
        _open.remove(thing)


@contextlib.contextmanager
def uninterrupted():
    """While something is started and not yet known, a signal that ends us waits."""
    global _held
    _held += 1
    try:
        yield
    finally:
        _held -= 1
        if _waiting and not _held and threading.current_thread() is threading.main_thread():
            _leave(_waiting.pop(), None)


def _leave(number, _frame):
    if _held:
        _waiting.append(number)
    elif number == signal.SIGINT:
        raise KeyboardInterrupt
    else:
        sys.exit(128 + number)


@atexit.register
def close_all():
    """Closes all that is open. From here on nothing interrupts it, since each step is bounded."""
    if threading.current_thread() is threading.main_thread():
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
    while _open:
        thing = _open.pop()
        try:
            thing.close()
        except Exception as error:
            print(f"{type(thing).__name__}: {error}", file=sys.stderr)
