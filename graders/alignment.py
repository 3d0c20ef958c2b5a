"""Which submitted cell is which cell of the instructor: by grade id, by cell id, by text, by place.

Students copy, split, delete and move cells, and editors drop metadata or number cells anew. A wrong guess may cost
points, so the sure signs are used first and each later sign only fills the gaps between what is already matched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from graders.bundle import BundleCell
from graders.intake import SubmittedCell

_DEFINED = re.compile(r"^\s*(?:def|class)\s+(\w+)|^(\w+)\s*=[^=]", re.MULTILINE)


@dataclass
class Alignment:
    """The state of one matching: ``matches`` maps places in the bundle's notebook to places in the submitted one."""

    cells: Sequence[BundleCell]
    submitted: Sequence[SubmittedCell]
    matches: dict[int, int] = field(default_factory=dict)
    copied: set[int] = field(default_factory=set)
    guessed: set[int] = field(default_factory=set)

    def open_cells(self) -> list[int]:
        """Places of the bundle's cells that have no partner yet."""
        return [place for place in range(len(self.cells)) if place not in self.matches]

    def free(self) -> list[int]:
        """Places of submitted cells that have no partner yet."""
        taken = set(self.matches.values())
        return [place for place in range(len(self.submitted)) if place not in taken]

    def window(self, place: int) -> range:
        """Where in the submitted notebook the partner of a bundle cell belongs: between its matched neighbours."""
        before = [self.matches[i] for i in range(place) if i in self.matches]
        after = [self.matches[i] for i in range(place + 1, len(self.cells)) if i in self.matches]
        start = before[-1] + 1 if before else 0
        end = after[0] if after else len(self.submitted)
        return range(start, max(start, end))


def align(cells: Sequence[BundleCell], submitted: Sequence[SubmittedCell]) -> Alignment:
    """Match an instructor's cells with a student's; what stays unmatched was deleted or is the student's own."""
    alignment = Alignment(cells, submitted)
    _match_grade_ids(alignment)
    _match_cell_ids(alignment)
    _match_texts(alignment)
    _match_places(alignment)
    return alignment


def _match_grade_ids(alignment: Alignment) -> None:
    """Unique grade ids first: they are the neighbours by which copies are told apart."""
    carriers: dict[str, list[int]] = {}
    for place, cell in enumerate(alignment.submitted):
        if cell.grade_id:
            carriers.setdefault(cell.grade_id, []).append(place)
    named = {cell.grade_id: place for place, cell in enumerate(alignment.cells) if cell.grade_id}
    shared = [(place, carriers[name]) for name, place in named.items() if name in carriers]
    for place, found in sorted(shared, key=lambda pair: len(pair[1]) > 1):
        if len(found) > 1:
            alignment.copied.add(place)
        alignment.matches[place] = _best_copy(alignment, place, found)


def _best_copy(alignment: Alignment, place: int, found: list[int]) -> int:
    """Of several copies: the last edited one at its proper place, else the last edited one, else the first."""
    window = alignment.window(place)
    edited = [copy for copy in found if _is_edited(alignment.cells[place], alignment.submitted[copy])]
    inside = [copy for copy in edited if copy in window]
    return (inside or edited or found[:1])[-1]


def _is_edited(cell: BundleCell, submitted: SubmittedCell) -> bool:
    return same_text(submitted.source, cell.released) is False and bool(submitted.source.strip())


def same_text(one: str, other: str) -> bool:
    """Whether two sources differ at most in blank ends of lines and of the whole."""
    return [line.rstrip() for line in one.strip().splitlines()] == [
        line.rstrip() for line in other.strip().splitlines()
    ]


def _match_cell_ids(alignment: Alignment) -> None:
    by_id = {cell.cell_id: place for place, cell in enumerate(alignment.cells)}
    foreign = {cell.grade_id for cell in alignment.cells}
    taken = set(alignment.matches.values())
    for place, cell in enumerate(alignment.submitted):
        wanted = by_id.get(cell.cell_id or "")
        named_otherwise = cell.grade_id in foreign and cell.grade_id is not None
        if wanted is None or wanted in alignment.matches or place in taken or named_otherwise:
            continue
        alignment.matches[wanted] = place
        if alignment.cells[wanted].grade_id:
            alignment.guessed.add(wanted)


def _match_texts(alignment: Alignment) -> None:
    """Cells whose text is untouched, where ids are lost: the first one between the matched neighbours."""

    def is_same(cell: BundleCell, submitted: SubmittedCell) -> bool:
        return cell.cell_type == submitted.cell_type and same_text(cell.released, submitted.source)

    _fill(alignment, alignment.open_cells(), is_same)


def _match_places(alignment: Alignment) -> None:
    """Answers whose ids are lost: the cell between the neighbours that defines what the stub defines, else any."""
    answers = [place for place in alignment.open_cells() if alignment.cells[place].is_answer]
    _fill(alignment, answers, _defines_the_same)
    _fill(alignment, answers, _may_be_the_answer)


def _defines_the_same(cell: BundleCell, submitted: SubmittedCell) -> bool:
    return bool(_may_be_the_answer(cell, submitted) and _defined(cell.released) & _defined(submitted.source))


def _may_be_the_answer(cell: BundleCell, submitted: SubmittedCell) -> bool:
    return cell.cell_type == submitted.cell_type and bool(submitted.source.strip()) and submitted.grade_id is None


def _defined(source: str) -> set[str]:
    return {name for pair in _DEFINED.findall(source) for name in pair if name}


def _fill(alignment: Alignment, places: Iterable[int], is_partner: Callable[[BundleCell, SubmittedCell], bool]) -> None:
    free = set(alignment.free())
    for place in places:
        if place in alignment.matches:
            continue
        fits = (
            other
            for other in alignment.window(place)
            if other in free and is_partner(alignment.cells[place], alignment.submitted[other])
        )
        partner = next(fits, None)
        if partner is None:
            continue
        alignment.matches[place] = partner
        free.discard(partner)
        if alignment.cells[place].grade_id:
            alignment.guessed.add(place)
