"""What a notebook needs while it runs: its learner's seed and figures whose Korean labels render.

Students can import this module, so it knows no secret: the seed of hidden data exists only in the environment of
the trusted test process.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import matplotlib as mpl
from matplotlib import font_manager
from threadpoolctl import threadpool_limits

#: Written by the portal into a fetched assignment and by the engine before grading.
LEARNER_FILE = "learner.json"
#: Set in the trusted test process alone.
HIDDEN_SEED_VARIABLE = "AXCAMPUS_HIDDEN_SEED"
#: What an author's session uses, where neither of the two exists.
AUTHOR_SEED = 20260302
MAX_SEED = 2**64 - 1

FONT_FILE = Path(__file__).resolve().parent / "fonts" / "NanumSquareR.ttf"
FONT_NAME = "NanumSquare"


class SeedError(ValueError):
    """The learner file or the environment holds something that is no seed."""


def learner_seed(folder: Path | None = None) -> int:
    """Return the learner's own 64-bit seed from ``learner.json`` in ``folder`` (default: where the notebook runs).

    Without the file (an author's session) it is AUTHOR_SEED. Raises SeedError if the file is damaged.
    """
    file = (folder or Path()) / LEARNER_FILE
    if not file.exists():
        return AUTHOR_SEED
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SeedError(_damaged(LEARNER_FILE)) from error
    return _checked_seed(content.get("seed") if isinstance(content, dict) else None, LEARNER_FILE)


def hidden_seed() -> int:
    """Return the seed of hidden data (test cells only); AUTHOR_SEED + 1 in an author's session."""
    text = os.environ.get(HIDDEN_SEED_VARIABLE)
    if text is None:
        return AUTHOR_SEED + 1
    return _checked_seed(int(text) if text.isascii() and text.isdigit() else None, HIDDEN_SEED_VARIABLE)


def _checked_seed(value: object, origin: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_SEED:
        raise SeedError(_damaged(origin))
    return value


def _damaged(origin: str) -> str:
    return (
        f"{origin} 의 내용이 올바르지 않습니다. 과제를 다시 받아 주십시오. / "
        f"{origin} is damaged: please fetch the assignment again."
    )


def prepare_notebook() -> None:
    """Draw with the Korean font, and keep the numerical libraries to one thread.

    Hundreds of notebooks share a machine in class: OpenMP threads that wait for a core spin, and a fit of 0.4 s
    then takes 7 s (measured on two busy cores).
    """
    threadpool_limits(limits=1)
    use_korean_font()


def use_korean_font() -> str:
    """Let Matplotlib draw Hangul with the bundled font; return the family name.

    Latin letters and signs come from Matplotlib's own DejaVu Sans: the Korean font has no mathematical minus, and
    mathematical text looks at the first family only. Without the file figures are still drawn, with boxes for Hangul.
    """
    if FONT_FILE.is_file():
        font_manager.fontManager.addfont(FONT_FILE)
    mpl.rcParams["font.family"] = ["DejaVu Sans", FONT_NAME]
    mpl.rcParams["figure.figsize"] = (8, 4.2)
    mpl.rcParams["figure.dpi"] = 90
    mpl.rcParams["figure.constrained_layout.use"] = True
    mpl.rcParams["axes.grid"] = True
    mpl.rcParams["grid.alpha"] = 0.3
    return FONT_NAME


def won(amount: float) -> str:
    """Format an amount of money: ``won(1234567.8) == "1,234,568원"``."""
    return f"{amount:,.0f}원"
