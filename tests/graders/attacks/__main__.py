"""Try the whole corpus and write its table: ``python -m tests.graders.attacks docs/attacks.md``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from tests.graders.attacks.attack import Attack
from tests.graders.attacks.corpus import CORPUS
from tests.graders.attacks.room import Room, leaked, open_room
from tests.graders.attacks.table import page, row


def main() -> None:
    """Write the table to the file that is named, or print it."""
    with open_room() as room:
        rows = [_row(room, kind, attacks) for kind, attacks in CORPUS.items()]
    text = page(iter(rows))
    if sys.argv[1:]:
        Path(sys.argv[1]).write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


def _row(room: Room, kind: str, attacks: Mapping[str, Attack]) -> str:
    gained, secrets, left = 0.0, 0, 0
    for attack in attacks.values():
        report = room.attack(attack)
        gained += report.score or 0.0
        secrets += len(leaked(report))
        left += len(room.leftovers())
    return row(kind, gained, secrets, left, room.honest().score or 0.0)


if __name__ == "__main__":
    main()
