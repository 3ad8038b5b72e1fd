"""Mails of the server: invitations, and links for forgotten passwords, by SMTP."""

from __future__ import annotations

import smtplib
import ssl
from concurrent.futures import Future
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Final

import structlog

from weft.errors import ConfigError, Unavailable
from weft.server.services.users.bounded_threads import BoundedThreads
from weft.server.settings import SmtpSettings

SEND_SECS: Final = 15.0
"""The time that the mail server has for one answer."""

_MAX_WAITING: Final = 200

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Mailer:
    """Sends mails, two at a time, in threads of its own. Thread-safe.

    What the mail server refuses is the exception of the future, and in the server's log.
    """

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._threads = BoundedThreads(
            "mail", n_threads=2, max_calls=_MAX_WAITING, busy="too many mails wait to be sent"
        )

    def send(self, to: str, subject: str, text: str) -> Future[None]:
        """Send a mail. ConfigError if the address is malformed, Unavailable if too many wait."""
        message = EmailMessage()
        message["From"] = self._settings.sender
        message["To"] = Address(addr_spec=check_mail(to))
        message["Subject"] = subject
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid("weft", self._settings.sender.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        return self._threads.submit(self._send, message)

    def check(self) -> None:
        """Connect and sign in without a mail; Unavailable if that fails."""
        with self._told(), self._connect():
            pass

    def close(self) -> None:
        """End the threads. Mails that wait are not sent."""
        self._threads.close()

    def _send(self, message: EmailMessage) -> None:
        with self._told(), self._connect() as server:
            server.send_message(message)

    def _connect(self) -> smtplib.SMTP:
        settings = self._settings
        if settings.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.host,
                settings.port,
                timeout=SEND_SECS,
                context=ssl.create_default_context(),
            )
        else:
            server = smtplib.SMTP(settings.host, settings.port, timeout=SEND_SECS)
        try:
            if settings.security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if settings.user is not None:
                server.login(settings.user, settings.password or "")
        except BaseException:
            server.close()
            raise
        return server

    def _told(self) -> _Told:
        return _Told(f"{self._settings.host}:{self._settings.port}")


class _Told:
    """Turns what goes wrong with a mail server into Unavailable, and logs it."""

    def __init__(self, server: str) -> None:
        self._server = server

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if not isinstance(error, (smtplib.SMTPException, OSError, ValueError)):
            return
        reason = _reason(error)
        _log.warning("mail failed", server=self._server, reason=reason)
        raise Unavailable(f"the mail server {self._server} failed: {reason}") from error


def check_mail(mail: str) -> str:
    """Return a mail address if it is well-formed.

    >>> check_mail("ada@lab.example")
    'ada@lab.example'
    """
    try:
        address = Address(addr_spec=mail)
    except (ValueError, IndexError, MessageError):
        address = None
    if address is None or not address.domain or len(mail) > 254 or not mail.isascii():
        raise ConfigError(f"email: {mail[:80]!r} is not a mail address", field="email")
    return mail


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        replies = [
            f"{code} {text.decode(errors='replace')}" for code, text in error.recipients.values()
        ]
        return f"it refuses the recipient: {'; '.join(replies)}"
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error
        words = text.decode(errors="replace") if isinstance(text, bytes) else str(text)
        return f"{error.smtp_code} {words}"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return f"{error}; set `security` to what it offers"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    if isinstance(error, TimeoutError):
        return f"it does not answer within {SEND_SECS:g} s"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__
