"""Where mail goes: to an SMTP server, or as .eml files into a folder; which failures may be tried again."""

from __future__ import annotations

import os
import smtplib
import ssl
import tempfile
from contextlib import AbstractContextManager
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

TIMEOUT_SECONDS = 20
#: The server is about to close the connection.
_CLOSING = 421


class RefusedMailError(Exception):
    """This mail is refused for good: another try would change nothing."""


class PostponedMailError(Exception):
    """This mail could not be sent now; others may."""


class ServerAwayError(Exception):
    """No mail can be sent now: the server can't be reached, or does not let us in."""


class UnknownFateError(Exception):
    """The mail was on its way when the connection broke: it may have arrived, so it is not sent again."""


class Transport(Protocol):
    """Takes mails one after the other; entered before the first, left after the last."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def send(self, mail: EmailMessage, to_address: str) -> None:
        """Send one; raises one of the errors of this module."""


class FolderTransport(AbstractContextManager["FolderTransport"]):
    """Writes each mail into a folder, readable by its owner only: the default, and what development looks at."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __exit__(self, *_: object) -> None:
        """Nothing is held open."""

    def send(self, mail: EmailMessage, to_address: str) -> None:  # noqa: ARG002 - the protocol
        """Write one file, named by the mail's id: whole or not at all."""
        name = mail["Message-ID"].strip("<>").partition("@")[0].removeprefix("axcampus.")
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, draft = tempfile.mkstemp(prefix=".", dir=self._folder)  # mode 0600
            with os.fdopen(handle, "wb") as file:
                file.write(mail.as_bytes())
            Path(draft).replace(self._folder / f"{name}.eml")
        except OSError as error:
            raise ServerAwayError(f"folder: {type(error).__name__}") from error


class SmtpTransport(AbstractContextManager["SmtpTransport"]):
    """One connection to an SMTP server, opened at the first mail and again where the server closed it."""

    def __init__(self, host: str, port: int, security: str, user: str = "", password_file: Path | None = None) -> None:
        self._host, self._port, self._security = host, port, security
        self._user, self._password_file = user, password_file
        self._open: smtplib.SMTP | None = None

    def __exit__(self, *_: object) -> None:
        """Say good-bye."""
        server, self._open = self._open, None
        if server is not None:
            try:
                server.quit()
            except (smtplib.SMTPException, OSError):
                server.close()

    def send(self, mail: EmailMessage, to_address: str) -> None:
        """Send one mail; only codes of the server's answer are repeated, its text may name people."""
        server = self._server()
        content = mail.as_bytes()
        try:
            server.ehlo_or_helo_if_needed()
            _expect(server.mail(mail["From"].addresses[0].addr_spec)[0])
            _expect(server.rcpt(to_address)[0])
        except (RefusedMailError, PostponedMailError):
            self._begin_anew(server)
            raise
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise ServerAwayError(type(error).__name__) from None
        self._send_content(server, content)

    def _send_content(self, server: smtplib.SMTP, content: bytes) -> None:
        """Once the content is on its way, an answer that does not come means that nobody knows."""
        try:
            _expect(server.data(content)[0])
        except (RefusedMailError, PostponedMailError):
            self._begin_anew(server)
            raise
        except smtplib.SMTPDataError as error:  # refused before any of it was sent
            self._begin_anew(server)
            raise _by_code(error.smtp_code) from None
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise UnknownFateError(type(error).__name__) from None

    def _begin_anew(self, server: smtplib.SMTP) -> None:
        """Have the server forget the refused mail; one that hung up is asked anew for the next."""
        try:
            server.rset()
        except (smtplib.SMTPException, OSError):
            self._drop()

    def _server(self) -> smtplib.SMTP:
        if self._open is None:
            try:
                self._open = self._connect()
            except (smtplib.SMTPException, OSError) as error:
                self._drop()
                raise ServerAwayError(type(error).__name__) from None
        return self._open

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self._security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(self._host, self._port, timeout=TIMEOUT_SECONDS, context=context)
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_SECONDS)
        self._open = server
        if self._security == "starttls":
            server.starttls(context=context)  # raises where the server does not offer it: never in the clear instead
        if self._user:
            server.login(self._user, self._password())
        return server

    def _password(self) -> str:
        """Read at each connection, so that a changed password needs no restart; a file that others may read is none."""
        path = self._password_file
        if path is None or path.stat().st_mode & 0o077:
            raise PermissionError("the file with the SMTP password must belong to its reader alone: chmod 600")
        return path.read_text(encoding="utf-8").strip()

    def _drop(self) -> None:
        server, self._open = self._open, None
        if server is not None:
            server.close()


def _expect(code: int) -> None:
    if code == _CLOSING:
        raise smtplib.SMTPServerDisconnected
    if not 200 <= code < 300:
        raise _by_code(code)


def _by_code(code: int) -> RefusedMailError | PostponedMailError:
    """A 4xx answer may change, a 5xx one will not."""
    return PostponedMailError(f"SMTP {code}") if code < 500 else RefusedMailError(f"SMTP {code}")
