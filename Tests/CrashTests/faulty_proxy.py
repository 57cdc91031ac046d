"""A TCP proxy that harms what it carries: delays it, cuts it off in the middle, loses answers, or goes silent without a word."""
import random
import select
import socket
import struct
import threading
import time

CHUNK = 16_384
PATIENCE = 5  # seconds for a peer that does not read


class FaultyProxy:
    """Listens on an address of its own and carries each connection to a server's port, one thread a connection.

    `harm` sets what happens from now on, `heal` ends it. What was harmed stays so: a silenced connection is never heard of again.
    """

    def __init__(self, target_port, host="127.0.0.1", seed=0):
        self.target_port, self.dice = target_port, random.Random(seed)
        self.lock, self.connections, self.closing = threading.Lock(), set(), False
        self.delay = self.loss = 0.0
        self.refuses = self.loses_answers = False
        self.listener = socket.create_server((host, 0))
        self.url = f"http://{host}:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def harm(self, delay=0.0, loss=0.0, refuses=False, loses_answers=False):
        """delay: at most so many seconds for each piece; loss: how probable it is that a connection breaks within a piece; refuses: new
        connections are reset at once; loses_answers: requests arrive, and instead of an answer the connection is reset."""
        self.delay, self.loss, self.refuses, self.loses_answers = delay, loss, refuses, loses_answers

    def heal(self):
        self.harm()

    def reset(self):
        """Resets all connections."""
        for connection in self._all():
            connection.fate = "reset"

    def silence(self):
        """Lets all connections stay open at both ends without a byte passing, as after a firewall has forgotten them."""
        for connection in self._all():
            connection.fate = "silent"

    def close(self):
        self.closing = True
        self.reset()
        self.listener.close()

    def _all(self):
        with self.lock:
            return list(self.connections)

    def _accept(self):
        while not self.closing:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near):
        if self.refuses or self.closing:
            return abort(near)
        try:
            far = socket.create_connection(("127.0.0.1", self.target_port), timeout=PATIENCE)
        except OSError:
            return abort(near)
        connection = _Connection(self, near, far)
        with self.lock:
            self.connections.add(connection)
        try:
            connection.run()
        finally:
            with self.lock:
                self.connections.discard(connection)


class _Connection:
    def __init__(self, proxy, near, far):
        self.proxy, self.near, self.far, self.fate = proxy, near, far, None
        for end in (near, far):
            end.settimeout(PATIENCE)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def run(self):
        """Carries bytes until an end closes or the connection meets its fate."""
        try:
            while self.fate != "reset":
                readable, _, _ = select.select([self.near, self.far], [], [], 0.1)
                for source in readable:
                    data = source.recv(CHUNK)
                    if not data:
                        return self._close(abort if self.fate else socket.socket.close)
                    if self.fate is None and not self._pass(data, source is self.far):
                        return self._close(abort)
            self._close(abort)
        except OSError:
            self._close(abort)

    def _pass(self, data, is_answer):
        """False when the connection breaks here."""
        proxy = self.proxy
        if proxy.delay:
            time.sleep(proxy.dice.uniform(0, proxy.delay))
        if is_answer and proxy.loses_answers:
            return False
        sink = self.near if is_answer else self.far
        if proxy.loss and proxy.dice.random() < proxy.loss:
            sink.sendall(data[: proxy.dice.randrange(len(data) + 1)])
            return False
        sink.sendall(data)
        return True

    def _close(self, how):
        for end in (self.near, self.far):
            how(end)


def abort(end):
    """Closes a connection by a reset."""
    try:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except OSError:
        pass
    end.close()
