"""The page on attacks says what the corpus holds; ``test_attacks`` grades them, so nothing is graded here."""

from pathlib import Path

import pytest

from tests.graders.attacks.assignment import MAX_SCORE
from tests.graders.attacks.corpus import CORPUS
from tests.graders.attacks.table import HEAD, lists, number_of_attacks, page, row

ROOT = Path(__file__).parents[3]
HOW = "run: .venv/bin/python -m tests.graders.attacks docs/attacks.md"


def test_the_page_is_what_a_run_without_a_success_writes():
    assert (ROOT / "docs/attacks.md").read_text(encoding="utf-8") == page(
        row(kind, 0, 0, 0, MAX_SCORE) for kind in CORPUS
    ), HOW


def test_a_success_would_show():
    assert "| network | 9 | 4 | 1 | 2 | 0 of 4 |" in row("network", 4, 1, 2, 0)


def test_every_attack_and_its_rule_are_named():
    text = HEAD + "".join(lists())
    assert [name for attacks in CORPUS.values() for name in attacks if name not in text] == []


@pytest.mark.parametrize("readme", ["README.md", "README.ko.md"])
def test_the_readme_tells_how_many_attacks_there_are(readme):
    assert f"{number_of_attacks()}" in (ROOT / readme).read_text(encoding="utf-8")
