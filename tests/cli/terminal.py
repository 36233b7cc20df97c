"""Runs a program on a terminal: waits for what it shows, and types.

Arguments: the program with its arguments. Standard input: a JSON list of steps, each `["wait", TEXT]`, `["type", TEXT]` or
`["signal", NUMBER]`. Prints what the terminal has shown; the exit status is the program's, 70 if a text didn't come.
"""

import fcntl, json, os, pty, select, signal, struct, sys, termios, time

PATIENCE = 60

steps = json.load(sys.stdin)
child, terminal = pty.fork()
if child == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    os.execv(sys.argv[1], sys.argv[1:])
shown, seen = b"", 0


def read(timeout):
    """Takes what the program has written, if it has; says whether the terminal is still there."""
    global shown
    if not select.select([terminal], [], [], timeout)[0]:
        return True
    try:
        new = os.read(terminal, 65536)
    except OSError:
        return False
    shown += new
    return bool(new)


def end(status):
    """Prints what was shown, and ends with a status."""
    sys.stdout.buffer.write(shown)
    sys.stdout.flush()
    os._exit(status)


for step, what in steps:
    if step == "type":
        os.write(terminal, what.encode())
    elif step == "signal":
        os.kill(child, what)
    else:
        deadline = time.monotonic() + PATIENCE
        while (at := shown.find(what.encode(), seen)) < 0:
            if time.monotonic() > deadline or not read(1):
                shown += f"\nnot shown: {what!r}\n".encode()
                os.kill(child, signal.SIGKILL)
                end(70)
        seen = at + len(what.encode())
deadline = time.monotonic() + PATIENCE
while time.monotonic() < deadline and read(1):
    pass
if time.monotonic() >= deadline:
    os.kill(child, signal.SIGKILL)
end(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 255)
