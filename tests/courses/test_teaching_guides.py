"""Every assignment has a page for its instructor, in both languages, and the index in the docs lists it."""

from __future__ import annotations

from pathlib import Path

from courses.catalog import Catalog
from courses.check import HANGUL, LATIN_WORDS

INDEX = Path(__file__).parents[2] / "docs" / "teaching" / "README.md"


def guides(catalog: Catalog) -> list[Path]:
    return [assignment.folder / "guide.md" for course in catalog for assignment in course.assignments]


def test_every_assignment_has_a_guide_in_both_languages(catalog: Catalog) -> None:
    for guide in guides(catalog):
        text = guide.read_text(encoding="utf-8")
        assert HANGUL.search(text), guide
        assert LATIN_WORDS.search(text), guide


def test_the_index_lists_every_guide(catalog: Catalog) -> None:
    index = INDEX.read_text(encoding="utf-8")
    for guide in guides(catalog):
        assert f"courses/{guide.parent.parent.name}/{guide.parent.name}/guide.md" in index


def test_every_link_of_the_index_leads_to_a_file() -> None:
    links = [part.split(")")[0] for part in INDEX.read_text(encoding="utf-8").split("](")[1:]]
    assert links
    assert [link for link in links if not (INDEX.parent / link).is_file()] == []
