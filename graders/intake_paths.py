"""Names and sizes of submitted files: what is safe to write on any disk, and no more than the limits.

Pure checks over names, so the portal can run them before it stores a byte.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from graders.intake_refusals import Refusal, Refused, make_refusal, megabytes

MAX_PART_BYTES = 200
MAX_PATH_BYTES = 400
MAX_PARTS = 16
#: Names that Windows treats as devices, whatever their suffix: an instructor there could not open the file.
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\..*)?", re.IGNORECASE)
#: Format characters that make a name look like another one (text direction, zero width); joiners stay for scripts.
_DISGUISES = frozenset("\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff")
_FORBIDDEN_CATEGORIES = ("Cc", "Cs", "Zl", "Zp")


@dataclass(frozen=True)
class IntakeLimits:
    """How large a submission may be. Sizes in bytes."""

    notebook_bytes: int = 5 * 2**20
    submission_bytes: int = 25 * 2**20
    files: int = 200
    cells: int = 1000
    json_depth: int = 40
    json_nodes: int = 400_000
    attachment_bytes: int = 5 * 2**20


def check_paths(sizes: Mapping[str, int], limits: IntakeLimits | None = None) -> Refusal | None:
    """Check paths and sizes of a whole submission; None if all may be stored."""
    limits = limits or IntakeLimits()
    try:
        _check_amounts(sizes, limits)
        for path in sizes:
            _check_path(path)
        _check_collisions(sizes)
    except Refused as refused:
        return refused.refusal
    return None


def _check_amounts(sizes: Mapping[str, int], limits: IntakeLimits) -> None:
    if len(sizes) > limits.files:
        raise Refused(make_refusal("too_many_files", found=len(sizes), limit=limits.files))
    for path, size in sizes.items():
        if path.endswith(".ipynb") and size > limits.notebook_bytes:
            found, limit = megabytes(size), megabytes(limits.notebook_bytes)
            raise Refused(make_refusal("notebook_too_large", path, found=found, limit=limit))
    total = sum(sizes.values())
    if total > limits.submission_bytes:
        found, limit = megabytes(total), megabytes(limits.submission_bytes)
        raise Refused(make_refusal("submission_too_large", found=found, limit=limit))


def _check_path(path: str) -> None:
    fault = _whole_path_fault(path) or next(filter(None, map(_part_fault, path.split("/"))), None)
    if fault:
        korean, english = fault
        raise Refused(make_refusal("bad_path", path, detail=english, detail_ko=korean))


Fault = tuple[str, str]


def _whole_path_fault(path: str) -> Fault | None:
    if any(unicodedata.category(letter) in _FORBIDDEN_CATEGORIES or letter in _DISGUISES for letter in path):
        return "보이지 않는 글자나 제어 문자", "control or invisible characters"
    if path.startswith("/") or "\\" in path or re.match(r"[A-Za-z]:", path):
        return "상대 경로가 아님", "not a relative path"
    if len(path.encode()) > MAX_PATH_BYTES or path.count("/") >= MAX_PARTS:
        return "너무 긴 경로", "the path is too long"
    if unicodedata.normalize("NFC", path) != path:
        return "다른 유니코드 형식(NFC가 아님)", "another Unicode form than NFC, as some Macs write it"
    return None


def _part_fault(part: str) -> Fault | None:
    if part in ("", ".", ".."):
        return "'.', '..' 또는 빈 이름", "'.', '..' or an empty name"
    if len(part.encode()) > MAX_PART_BYTES:
        return "너무 긴 이름", "the name is too long"
    if _DEVICE.fullmatch(part) or part[-1] in " ." or part[0] == " ":
        return "운영체제가 예약한 이름", "a name that some systems reserve"
    return None


def _check_collisions(paths: Mapping[str, int]) -> None:
    """Refuse two paths that are one on a disk that ignores case, and a file where another path needs a folder."""
    spelled: dict[str, str] = {}
    files = {_folded(path) for path in paths}
    for path in paths:
        parts = path.split("/")
        for count in range(1, len(parts) + 1):
            prefix = "/".join(parts[:count])
            is_folder = count < len(parts)
            if spelled.setdefault(_folded(prefix), prefix) != prefix or (is_folder and _folded(prefix) in files):
                raise Refused(make_refusal("path_collision", path))


def _folded(path: str) -> str:
    """One spelling for all that a file system may take for the same name (case, compatibility forms)."""
    return unicodedata.normalize("NFKC", path).casefold()
