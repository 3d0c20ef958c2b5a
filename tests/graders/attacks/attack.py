"""What an attack is: a wrong answer with an intention, the rule that stops it, and proof that it was really tried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Cells = list[dict[str, Any]]

#: In the names of all that an attack leaves; nothing on the machine may carry it afterwards.
MARK = "axcampus-attack-leftover"

#: The answer that every attack wants points for.
WRONG = "def scale(x):\n    return 0\n"

#: Helpers of attack code: ``attempt`` says how a forbidden act ended; the last line of an answer says that it ran.
PRELUDE = """
def attempt(act):
    try:
        print('got', repr(act())[:3000])
    except BaseException as error:
        print('refused', type(error).__name__)
"""
RAN = "attack ran to its end"


@dataclass(frozen=True)
class Attack:
    """One hostile submission. ``code`` goes into the answer cell; ``build`` may change the whole notebook instead.

    ``proof`` must be in what the report shows (``outcome:timeout`` means a cell with that outcome): an attack that
    fails by its own mistake would prove nothing. ``limits`` are laid over the short ones of the room.
    """

    rule: str
    code: str = ""
    build: Callable[[Cells], bytes] | None = None
    proof: str = RAN
    limits: tuple[tuple[str, int], ...] = ()
    is_slow: bool = False

    @property
    def answer(self) -> str:
        """Source of the answer cell."""
        return f"{WRONG}{PRELUDE}{self.code.replace('@MARK@', MARK)}\nprint({RAN!r})"
