"""Try the whole corpus and write its table: ``python -m tests.graders.attacks docs/attacks.md``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.graders.attacks.assignment import MAX_SCORE
from tests.graders.attacks.attack import Attack
from tests.graders.attacks.corpus import CORPUS
from tests.graders.attacks.room import Room, leaked, open_room

_HEAD = """# 공격 제출물 · Hostile submissions

직접 만든 공격 제출물을 실제 채점기(`LocalRunner`)로 채점한 결과입니다.
모든 공격은 틀린 답에서 시작하므로 0점이어야 합니다.
Made by `.venv/bin/python -m tests.graders.attacks docs/attacks.md`; the same corpus is `pytest tests/graders/attacks`,
where each attack must also prove that it ran, show no secret and leave nothing behind.

| class | attacks | points gained (of {possible} each) | secrets shown | things left | honest one after | stopped by |
|---|---|---|---|---|---|---|
"""


def main() -> None:
    """Write the table to the file that is named, or print it."""
    with open_room() as room:
        rows = [_row(room, kind, attacks) for kind, attacks in CORPUS.items()]
    text = _HEAD.format(possible=MAX_SCORE) + "".join(rows) + "\n" + "".join(_lists())
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
    rules = "; ".join(dict.fromkeys(attack.rule for attack in attacks.values()))
    honest = f"{room.honest().score:g} of {MAX_SCORE}"
    return f"| {kind} | {len(attacks)} | {gained:g} | {secrets} | {left} | {honest} | {rules} |\n"


def _lists() -> Iterator[str]:
    for kind, attacks in CORPUS.items():
        yield f"\n## {kind}\n\n"
        yield from (f"- {name}: {attack.rule}\n" for name, attack in attacks.items())


if __name__ == "__main__":
    main()
