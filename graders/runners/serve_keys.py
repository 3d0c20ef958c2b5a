"""The key pair that a worker and its grading pods share: TLS 1.3 in which each side must hold the very same pair.

There is no authority behind it and nothing else to check: who has the pair may ask for gradings, or answer them. A pair
belongs to one Deployment or to one Job and opens nothing else.
"""

from __future__ import annotations

import ssl
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

#: File names inside a Secret of type ``kubernetes.io/tls``.
CERTIFICATE_FILE, KEY_FILE = "tls.crt", "tls.key"
PEER_NAME = "grader.axcampus.internal"
_CLOCK_SKEW = timedelta(minutes=10)


@dataclass(frozen=True)
class KeyPair:
    """A certificate and its key, both PEM; the key is never shown."""

    certificate: str
    key: str = field(repr=False)


def make_key_pair(valid: timedelta) -> KeyPair:
    """Return a fresh self-signed pair."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, PEER_NAME)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + valid)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(PEER_NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return KeyPair(certificate.public_bytes(serialization.Encoding.PEM).decode(), pem.decode())


def load_key_pair(folder: Path) -> KeyPair:
    """Read the pair that a Secret of type ``kubernetes.io/tls`` puts into ``folder``; OSError if it is not there."""
    return KeyPair((folder / CERTIFICATE_FILE).read_text(), (folder / KEY_FILE).read_text())


def server_context(pair: KeyPair) -> ssl.SSLContext:
    """For the pod: only a client with this very pair gets through."""
    context = _context(ssl.PROTOCOL_TLS_SERVER, pair)
    context.num_tickets = 0  # nothing may arrive at the client before the first message
    return context


def client_context(pair: KeyPair) -> ssl.SSLContext:
    """For the worker: it speaks only to a server with this very pair."""
    return _context(ssl.PROTOCOL_TLS_CLIENT, pair)


def _context(side: int, pair: KeyPair) -> ssl.SSLContext:
    context = ssl.SSLContext(side)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=pair.certificate)
    with tempfile.TemporaryDirectory() as folder:  # the ssl module reads keys from files only
        paths = Path(folder, CERTIFICATE_FILE), Path(folder, KEY_FILE)
        for path, text in zip(paths, (pair.certificate, pair.key), strict=True):
            path.touch(mode=0o600)
            path.write_text(text)
        context.load_cert_chain(*paths)
    return context
