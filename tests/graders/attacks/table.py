"""The page on hostile submissions: a row for each class, then each attack with the rule that stops it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.graders.attacks.assignment import MAX_SCORE
from tests.graders.attacks.attack import Attack
from tests.graders.attacks.corpus import CORPUS
from tests.graders.engine.attacks_on_bridge.lies import LIES, Lie

HEAD = f"""# 공격 제출물 · Hostile submissions

직접 만든 공격 제출물을 실제 채점기(`LocalRunner`)로 채점한 결과입니다.
모든 공격은 틀린 답에서 시작하므로 0점이어야 합니다.
Made by `.venv/bin/python -m tests.graders.attacks docs/attacks.md`; the same corpus is `pytest tests/graders/attacks`,
where each attack must also prove that it ran, show no secret and leave nothing behind.

| class | attacks | points gained (of {MAX_SCORE} each) | secrets shown | things left | honest one after | stopped by |
|---|---|---|---|---|---|---|
"""
_LIES = """
## what student code returns

Attacks on the bridge by values, objects and exceptions: `pytest tests/graders/engine/attacks_on_bridge`. Where a rule
is named, a test turns exactly this rule off and the attack then gets full points: the rule stops it, not luck. The
others are stopped by how the processes are built, which has no switch.

| attack | rule that is turned off |
|---|---|
"""
_BUILT = "(how the process is built)"


def row(kind: str, gained: float, secrets: int, left: int, honest: float) -> str:
    """One class of attacks and what came of it."""
    attacks = CORPUS[kind]
    rules = "; ".join(dict.fromkeys(attack.rule for attack in attacks.values()))
    came = f"{gained:g} | {secrets} | {left} | {honest:g} of {MAX_SCORE}"
    return f"| {kind} | {len(attacks)} | {came} | {rules} |\n"


def lists() -> Iterator[str]:
    """Every attack with its rule: of the corpus, then of the bridge alone."""
    for kind, attacks in CORPUS.items():
        yield f"\n## {kind}\n\n"
        yield from (f"- {name}: {attack.rule}\n" for name, attack in attacks.items())
    yield _LIES
    yield from _lies(LIES)


def page(rows: Iterator[str]) -> str:
    """The whole page."""
    return HEAD + "".join(rows) + "\n" + "".join(lists())


def number_of_attacks(corpus: Mapping[str, Mapping[str, Attack]] = CORPUS) -> int:
    """Attacks that are graded through the runner."""
    return sum(map(len, corpus.values()))


def _lies(lies: Mapping[str, Lie]) -> Iterator[str]:
    yield from (f"| {name} | {lie.rule or _BUILT} |\n" for name, lie in lies.items())
