"""The typefaces of the paper, all under the Open Font License or freely embeddable, and what they can print.

A serif with all 11,172 Hangul syllables; letters that it lacks (of Turkish or Polish names) come from DejaVu Serif,
which matplotlib, a dependency of the coursework, brings along.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont

FOLDER = Path(__file__).resolve().parent / "typefaces"
REGULAR = FOLDER / "NotoSerifKR-Regular.otf"
BOLD = FOLDER / "NotoSerifKR-Bold.otf"
_FALLBACK = "mpl-data/fonts/ttf/DejaVuSerif.ttf"


@cache
def fallback() -> Path | None:
    """Return the file of the typeface for rarer letters, None where it is not installed."""
    found = importlib.util.find_spec("matplotlib")  # found, not imported: that would take a second
    path = None if found is None or found.origin is None else Path(found.origin).parent / _FALLBACK
    return path if path is not None and path.is_file() else None


@cache
def _signs(path: Path) -> frozenset[int]:
    with TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap())


def unprintable(*texts: str) -> str:
    """Return the characters that no typeface of the paper has, each once; empty if all can be printed."""
    other = fallback()
    known = _signs(BOLD) | (_signs(other) if other is not None else frozenset())
    return "".join(sorted({sign for text in texts for sign in text if ord(sign) not in known}))
