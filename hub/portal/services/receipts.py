"""Receipt ids: eight characters that can be read over the telephone, the last of which checks the others.

Crockford's alphabet has no I, L, O or U, so nothing is mistaken for a digit.
"""

from __future__ import annotations

import re
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RECEIPT_ID = re.compile(rf"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}")
_MISREAD = str.maketrans("OIL", "011")
_RANDOM_CHARACTERS = 7


def make_receipt_id() -> str:
    """Return a random receipt id such as ``7F3K-2Q9M``: 35 random bits and a check symbol."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(_RANDOM_CHARACTERS))
    return _group(body + check_symbol(body))


def check_symbol(body: str) -> str:
    """Return the symbol that makes one changed or two swapped neighbours show.

    ISO 7064 "MOD 37, 36" would need 36 symbols; the same hybrid scheme works for 32: MOD 33, 32.
    """
    product = 32
    for character in body:
        total = (ALPHABET.index(character) + product) % 32 or 32
        product = total * 2 % 33
    return ALPHABET[(33 - product) % 32]


def read_receipt_id(text: str) -> str | None:
    """Return the receipt id that a person typed (small letters, spaces, O for 0), or None if it can't be one."""
    plain = re.sub(r"[\s-]", "", text).upper().translate(_MISREAD)
    if len(plain) != _RANDOM_CHARACTERS + 1 or any(character not in ALPHABET for character in plain):
        return None
    return _group(plain) if check_symbol(plain[:-1]) == plain[-1] else None


def _group(plain: str) -> str:
    return f"{plain[:4]}-{plain[4:]}"
