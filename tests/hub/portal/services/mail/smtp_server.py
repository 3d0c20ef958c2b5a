"""A small SMTP server on a free loopback port: speaks the real protocol, and misbehaves when told."""

from __future__ import annotations

import base64
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class Mailbox:
    """What the server was told to do and what it got. ``answers``: recipient -> line instead of 250."""

    answers: dict[str, str] = field(default_factory=dict)
    login: tuple[str, str] | None = None
    certificate: ssl.SSLContext | None = None
    hangs_up_after: int | None = None
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    connections: int = 0
    port: int = 0


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self) -> None:
        box = self.server.mailbox
        box.connections += 1
        self.say("220 test")
        while line := self.rfile.readline():
            verb, _, rest = line.decode().strip().partition(" ")
            if not self.answer(box, verb.upper(), rest):
                return

    def finish(self) -> None:
        super().finish()
        if isinstance(self.request, ssl.SSLSocket):  # STARTTLS put it in the place of the server's own socket
            self.request.close()

    def answer(self, box: Mailbox, verb: str, rest: str) -> bool:
        if verb == "EHLO":
            extensions = ["STARTTLS"] * (box.certificate is not None) + ["AUTH PLAIN"] * (box.login is not None)
            lines = ["test", *extensions, "8BITMIME"]
            for number, text in enumerate(lines):
                self.say(f"250{' ' if number == len(lines) - 1 else '-'}{text}")
        elif verb == "STARTTLS":
            assert box.certificate is not None
            self.say("220 go ahead")
            try:
                self.request = box.certificate.wrap_socket(self.request, server_side=True)
            except (ssl.SSLError, OSError):
                return False
            self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", 0)
        elif verb == "AUTH":
            _, user, password = base64.b64decode(rest.split()[1]).decode().split("\0")
            self.say("235 welcome" if (user, password) == box.login else "535 no")
        elif verb == "RCPT":
            address = rest.partition("<")[2].partition(">")[0]
            box.recipients.append(address)
            self.say(box.answers.get(address, "250 ok"))
        elif verb == "DATA":
            return self.take(box)
        elif verb == "QUIT":
            self.say("221 bye")
            return False
        else:
            self.say("250 ok")
        return True

    def take(self, box: Mailbox) -> bool:
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        parsed = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        box.mails.append(parsed)
        if box.hangs_up_after is not None and len(box.mails) >= box.hangs_up_after:
            return False
        self.say("250 taken")
        return True


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = False

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox
        super().__init__(("127.0.0.1", 0), _Handler)


@contextmanager
def smtp_server(mailbox: Mailbox) -> Iterator[Mailbox]:
    """Serve until the block ends; the mailbox knows the port."""
    server = _Server(mailbox)
    mailbox.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield mailbox
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
