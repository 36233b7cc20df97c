"""A line between a client and a server which is slow, silent or cut."""

import contextlib
import queue
import select
import socket
import struct
import threading
import time

CHUNK = 1 << 16
# Closing sends a reset, and not what is still unsent.
RESET = struct.pack("ii", 1, 0)


class Line:
    """A TCP proxy in front of a port of 127.0.0.1.

    `delay` (seconds each way) can be changed at any time. It delays and doesn't narrow: what is sent together arrives
    together. `up` and `down` count the bytes from and to clients, `trips` how often clients waited for an answer.
    """

    def __init__(self, port, delay=0.0, host="127.0.0.1"):
        self.target, self.delay, self.host = port, delay, host
        self.up = self.down = self.trips = self.accepted = 0
        self._silent = threading.Event()
        self._lock = threading.Lock()
        self._sockets = set()
        self._listener = socket.create_server((host, 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def url(self, server, *arguments, **params):
        """The address of a server through this line."""
        return server.url(*arguments, host=self.host, port=self.port, **params)

    def black_hole(self, on=True):
        """From now on nothing gets through: clients are accepted and never answered.

        What was sent meanwhile gets through when it is over; who came meanwhile stays without an answer.
        """
        (self._silent.set if on else self._silent.clear)()

    def drop(self):
        """Resets all connections. New ones are taken."""
        with self._lock:
            dropped, self._sockets = self._sockets, set()
        for one in dropped:
            with contextlib.suppress(OSError):
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            _end(one)
            one.close()

    def close(self):
        """Resets all connections and refuses new ones."""
        _end(self._listener)
        self._listener.close()
        self.drop()

    def reset_counts(self):
        """Counts from zero again."""
        with self._lock:
            self.up = self.down = self.trips = self.accepted = 0

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.accepted += 1
                self._sockets.add(client)
            if not self._silent.is_set():
                self._connect(client)

    def _connect(self, client):
        """Carries a client's bytes to the server and back."""
        try:
            server = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            return self._leave(client)
        with self._lock:
            was_dropped = client not in self._sockets
            self._sockets.add(server)
        if was_dropped:
            return self._leave(server)
        for one in (client, server):
            with contextlib.suppress(OSError):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        turn = {"of": None}
        left = [2]
        for source, sink, way in ((client, server, "up"), (server, client, "down")):
            waiting = queue.SimpleQueue()
            threading.Thread(target=self._read, args=(source, waiting, way, turn), daemon=True).start()
            threading.Thread(target=self._write, args=(waiting, sink, (client, server), left), daemon=True).start()

    def _read(self, source, waiting, way, turn):
        """Puts what comes from one side into the queue, each with the time at which it arrives."""
        while True:
            try:
                data = source.recv(CHUNK)
            except OSError:
                data = b""
            with self._lock:
                setattr(self, way, getattr(self, way) + len(data))
                # A client that speaks after the server did, or first, waits for an answer once more.
                self.trips += bool(data) and way == "up" and turn["of"] != "up"
                turn["of"] = way if data else turn["of"]
            waiting.put((time.monotonic() + self.delay, data))
            if not data:
                return

    def _write(self, waiting, sink, both, left):
        """Sends what is in the queue when it is due; an empty part is the end of one direction."""
        while True:
            due, data = waiting.get()
            time.sleep(max(0.0, due - time.monotonic()))
            while self._silent.is_set() and sink.fileno() >= 0:
                time.sleep(0.02)
            try:
                if not data:
                    sink.shutdown(socket.SHUT_WR)
                    break
                _send(sink, data)
            except (OSError, ValueError):
                break
        with self._lock:
            left[0] -= 1
            over = left[0] == 0
        if over:
            for one in both:
                self._leave(one)

    def _leave(self, one):
        with self._lock:
            self._sockets.discard(one)
        one.close()


def _send(sink, data):
    """Sends all without waiting within a call on the socket: one that somebody waits in isn't reset by closing it."""
    left = memoryview(data)
    while left:
        select.select([], [sink], [], 0.05)
        with contextlib.suppress(BlockingIOError):
            left = left[sink.send(left, socket.MSG_DONTWAIT):]


def _end(one):
    """Wakes whoever waits in a call on the socket, which closing it doesn't. A reset follows when it is closed."""
    with contextlib.suppress(OSError):
        if one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            one.shutdown(socket.SHUT_RDWR)
        else:
            one.shutdown(socket.SHUT_RD)
