"""SMTP with log-in and TLS: the password never travels in the clear and never lies where others read it."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hub.portal.models import Language
from hub.portal.services.mail.transport import ServerAwayError, SmtpTransport
from hub.portal.services.mail.writing import Envelope, write_mail
from hub.settings import Settings
from tests.hub.portal.services.mail.smtp_server import Mailbox, smtp_server
from tests.hub.portal.services.mail.test_writing import FACTS


def make_certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    plain = serialization.NoEncryption()
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return make_certificate(tmp_path)


@pytest.fixture
def box(certificate: Path) -> Iterator[Mailbox]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with smtp_server(Mailbox(login=("campus", "s3cret"), certificate=context)) as running:
        yield running


@pytest.fixture
def password(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.touch(mode=0o600)
    path.write_text("s3cret\n")
    return path


def send(transport: SmtpTransport) -> None:
    envelope = Envelope(1, "김", "kim@example.ac.kr", Language.KOREAN, "a@b.kr", datetime(2026, 1, 1, tzinfo=UTC))
    with transport:
        transport.send(write_mail(envelope, "announcement", FACTS), "kim@example.ac.kr")


def test_it_logs_in_over_tls(box, password, certificate, monkeypatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    send(SmtpTransport("127.0.0.1", box.port, "starttls", "campus", password))
    assert len(box.mails) == 1


def test_a_server_that_nobody_vouches_for_gets_nothing(box, password) -> None:
    with pytest.raises(ServerAwayError):
        send(SmtpTransport("127.0.0.1", box.port, "starttls", "campus", password))
    assert box.mails == []


def test_a_server_without_tls_gets_nothing_in_the_clear(password) -> None:
    with smtp_server(Mailbox(login=("campus", "s3cret"))) as plain, pytest.raises(ServerAwayError):
        send(SmtpTransport("127.0.0.1", plain.port, "starttls", "campus", password))
    assert plain.mails == []


def test_a_wrong_password_is_told_without_the_password(box, password, certificate, monkeypatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    password.write_text("wr0ng")
    with pytest.raises(ServerAwayError) as caught:
        send(SmtpTransport("127.0.0.1", box.port, "starttls", "campus", password))
    assert "wr0ng" not in repr(caught.value)
    assert caught.value.__suppress_context__


def test_a_password_that_others_can_read_is_not_used(box, password, certificate, monkeypatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    password.chmod(0o644)
    with pytest.raises(ServerAwayError, match="PermissionError"):
        send(SmtpTransport("127.0.0.1", box.port, "starttls", "campus", password))


def test_a_setting_that_would_send_the_password_in_the_clear_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="clear"):
        Settings(home=tmp_path, smtp_host="mail.example", smtp_user="campus", smtp_security="none")


@pytest.mark.parametrize("sender", ["nobody", "a@b@c", "Kampus <캠퍼스@b.kr>"])
def test_a_sender_that_is_no_address_is_refused(tmp_path: Path, sender: str) -> None:
    with pytest.raises(ValueError, match="MAIL_FROM"):
        Settings(home=tmp_path, mail_from=sender)
