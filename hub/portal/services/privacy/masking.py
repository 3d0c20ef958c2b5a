"""The one rule by which personal data is masked on staff's pages and in exports: two rules could be joined again.

Names keep their first and last syllable (``김*수``, of two ``김*``), phones their last four digits (``010-****-5678``),
addresses two letters and the domain (``ab***@example.ac.kr``), birth dates the year. Habits of the field, no statute.
"""

from __future__ import annotations

from datetime import date

_HIDDEN = "*"
#: A mask of one length whatever is hidden: how long an address is says something too.
_PART = "***"
_SHOWN_OF_ADDRESS, _PHONE_END = 2, 4


def masked_name(name: str) -> str:
    """``김민수`` -> ``김*수``, ``김용`` -> ``김*``, ``남궁민수`` -> ``남**수``; a single letter is hidden."""
    if len(name) < 2:
        return _HIDDEN
    return name[0] + _HIDDEN if len(name) == 2 else name[0] + _HIDDEN * (len(name) - 2) + name[-1]


def masked_phone(phone: str | None) -> str | None:
    """``01012345678`` -> ``010-****-5678``; what is too short for it is hidden as a whole."""
    if not phone:
        return None
    digits = "".join(letter for letter in phone if letter.isdigit())
    return f"{digits[:3]}-****-{digits[-_PHONE_END:]}" if len(digits) >= 9 else "****"


def masked_email(email: str | None) -> str | None:
    """``minsu@example.ac.kr`` -> ``mi***@example.ac.kr``; of two letters one stays, of one none."""
    if not email:
        return None
    name, _, domain = email.rpartition("@")
    shown = min(_SHOWN_OF_ADDRESS, max(0, len(name) - 1))
    return f"{name[:shown]}{_PART}@{domain}" if name else _PART


def masked_birth(born: date | None) -> str | None:
    """Only the year: ``2001-**-**``."""
    return None if born is None else f"{born.year}-**-**"


def shown_phone(phone: str | None) -> str | None:
    """A whole number as people write it: ``010-1234-5678``."""
    if not phone or len(phone) < 9:
        return phone
    middle = len(phone) - _PHONE_END
    start = 2 if phone.startswith("02") else 3
    return f"{phone[:start]}-{phone[start:middle]}-{phone[middle:]}"
