"""Keys and tokens of one installation: made once, kept in files that only their owner reads, never logged."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from dataclasses import dataclass, fields
from pathlib import Path

KEY_BYTES = 32


@dataclass(frozen=True, repr=False)
class Keys:
    """Hexadecimal secrets of 256 bits; each field is a file of the same name."""

    portal_service_token: str  # the portal's API token at the hub, and the hub's at the portal
    session_key: str  # signs the portal's cookies
    seed_key: str  # derives the learners' seeds
    hidden_seed_key: str  # derives the seeds of hidden data
    demo_service_token: str  # `axcampus demo` at the hub
    supervisor_service_token: str  # the supervisor at the hub: may only have the routes checked
    proxy_token: str  # the hub's token at the proxy
    hub_cookie_secret: str  # signs the hub's cookies


def ensure_key(path: Path) -> str:
    """Read the key in ``path``, made first if there is none. All that start together get the same."""
    if not path.exists():
        handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600, a name of its own
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(KEY_BYTES))
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)  # a link never replaces a key that another process made in between
        os.unlink(draft)
    return load_key(path)


def load_key(path: Path) -> str:
    """Read a key; refuses a truncated one and one that others may read."""
    if path.stat().st_mode & 0o077:
        raise PermissionError(f"{path} may be read by others: chmod 600 {path}")
    key = path.read_text(encoding="ascii").strip()
    if len(key) != 2 * KEY_BYTES:
        raise ValueError(f"{path} holds no key of {KEY_BYTES} bytes: delete it to have a new one made")
    return key


def ensure_keys(folder: Path) -> Keys:
    """Read all keys of an installation and make the missing ones."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Keys(**{field.name: ensure_key(folder / field.name) for field in fields(Keys)})
