"""The support team's mailbox: a real SMTP server (aiosmtpd) on loopback that keeps what it receives."""
import asyncio
import email
import email.policy
import queue
import threading

from aiosmtpd.smtp import SMTP


class Mailbox:
    """Serves from `with` to its end, on the given port or one of its own."""

    def __init__(self, port=0):
        self._wanted_port = port
        self._arrived = queue.Queue()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.port = None

    def __enter__(self):
        self._thread.start()
        server = self._call(self._loop.create_server(lambda: SMTP(self, enable_SMTPUTF8=True, loop=self._loop), "127.0.0.1", self._wanted_port))
        self._server = server
        self.port = server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Stops to listen, as a mail server that is down; a second call does nothing."""
        if not self._thread.is_alive():
            return
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)

    # The name is aiosmtpd's.
    async def handle_DATA(self, server, session, envelope):
        self._arrived.put(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 Message accepted for delivery"

    def wait(self, is_wanted, timeout):
        """The next mail that is wanted, others dropped; None when none came in time."""
        deadline = self._loop.time() + timeout
        while (left := deadline - self._loop.time()) > 0:
            try:
                mail = self._arrived.get(timeout=left)
            except queue.Empty:
                break
            if is_wanted(mail):
                return mail
        return None

    def _call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout=10)


def text(mail):
    """The mail's text/plain part."""
    part = mail.get_body(preferencelist=("plain",))
    return part.get_content().replace("\r\n", "\n") if part else ""
