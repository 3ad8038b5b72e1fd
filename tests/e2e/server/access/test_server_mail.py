"""Mails that reach a real SMTP server, and what is told when it refuses them."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from weft.errors import ConfigError, Unavailable
from weft.server.services.users.mail import Mailer, check_mail
from weft.server.settings import SmtpSettings

SENDER = "weft@lab.example"


class Inbox:
    """The mails that an SMTP server took."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_RCPT(
        self, _: object, __: object, envelope: Envelope, address: str, ___: object
    ) -> str:
        if address.startswith("gone@"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _: object, __: object, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"


def serve(inbox: Inbox, **options: Any) -> Controller:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=port, **options)
    controller.start()
    return controller


def settings_of(controller: Controller, **more: Any) -> SmtpSettings:
    more.setdefault("security", "none")
    return SmtpSettings(host="127.0.0.1", port=controller.port, sender=SENDER, **more)


@pytest.fixture(scope="module")
def inbox() -> Iterator[tuple[Inbox, Controller]]:
    inbox = Inbox()
    controller = serve(inbox)
    yield inbox, controller
    controller.stop()


def test_a_mail_arrives_as_it_was_written(inbox: tuple[Inbox, Controller]) -> None:
    mails, controller = inbox
    mailer = Mailer(settings_of(controller))
    mailer.check()
    text = "Ada invites you to vision – Grüße.\n\nhttps://weft.example/invitation?token=x\n"
    mailer.send("bob@lab.example", "Join vision – weft", text).result(30)
    mail = mails.mails[-1]
    assert (mail["From"], mail["To"], mail["Subject"]) == (
        SENDER,
        "bob@lab.example",
        "Join vision – weft",
    )
    assert mail.get_content().splitlines() == text.splitlines()
    assert mail["Message-ID"].endswith("@lab.example>")


def test_a_refused_recipient_is_told_to_who_sends(inbox: tuple[Inbox, Controller]) -> None:
    mails, controller = inbox
    n_mails = len(mails.mails)
    sending = Mailer(settings_of(controller)).send("gone@lab.example", "Hello", "x")
    with pytest.raises(Unavailable, match="refuses the recipient: 550 no such mailbox"):
        sending.result(30)
    assert len(mails.mails) == n_mails


@pytest.mark.parametrize(
    "mail",
    [
        "bob",
        "bob@",
        "@lab.example",
        "",
        "bob@lab.example\nBcc: eve@evil.example",
        "bob@lab.example, eve@evil.example",
        "Bob <bob@lab.example>",
        "b" * 250 + "@lab.example",
    ],
)
def test_a_malformed_address_is_refused(inbox: tuple[Inbox, Controller], mail: str) -> None:
    with pytest.raises(ConfigError, match="not a mail address"):
        check_mail(mail)
    with pytest.raises(ConfigError, match="not a mail address"):
        Mailer(settings_of(inbox[1])).send(mail, "Hello", "x")


def test_a_subject_adds_no_headers(inbox: tuple[Inbox, Controller]) -> None:
    with pytest.raises(ValueError, match=r"newline|linefeed"):
        Mailer(settings_of(inbox[1])).send("bob@lab.example", "Hi\nBcc: eve@evil.example", "x")


def test_a_mail_server_that_is_down_or_talks_no_tls_is_named(
    inbox: tuple[Inbox, Controller],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    down = SmtpSettings(host="127.0.0.1", port=port, sender=SENDER, security="none")
    with pytest.raises(Unavailable, match=rf"127.0.0.1:{port} failed: .*refused"):
        Mailer(down).send("bob@lab.example", "Hello", "x").result(30)
    with pytest.raises(Unavailable, match="set `security` to what it offers"):
        Mailer(settings_of(inbox[1], security="starttls")).check()
    with pytest.raises(Unavailable, match="failed: "):
        Mailer(settings_of(inbox[1], security="tls")).check()


def test_mail_goes_by_tls_to_a_known_certificate_after_signing_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    file = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(file))

    def authenticate(_: object, __: object, ___: object, ____: object, data: Any) -> AuthResult:
        is_right = isinstance(data, LoginPassword) and data == LoginPassword(b"weft", b"secret")
        return AuthResult(success=is_right, handled=False)

    inbox = Inbox()
    controller = serve(
        inbox,
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=authenticate,
    )
    try:
        options = {"security": "starttls", "user": "weft", "password": "secret"}
        settings = settings_of(controller, **options)
        with pytest.raises(Unavailable, match="certificate is not trusted"):
            Mailer(settings).check()
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        Mailer(settings).send("bob@lab.example", "Hello", "x").result(30)
        assert len(inbox.mails) == 1
        with pytest.raises(Unavailable, match="failed: 535"):
            Mailer(settings_of(controller, **options | {"password": "wrong"})).check()
        with smtplib.SMTP("127.0.0.1", controller.port) as plain:
            assert plain.mail(SENDER)[0] == 530, "the test server wants TLS"
    finally:
        controller.stop()
