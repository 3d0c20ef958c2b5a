from __future__ import annotations

from pathlib import Path

import pytest

from courses.calibrate import (
    CALIBRATION_FILE,
    Calibration,
    TrialRow,
    calibrate,
    hidden_seed_for,
    summarise,
    try_variant,
    variant_names,
)
from courses.catalog import Assignment, Catalog, load_catalog
from courses.errors import CourseError
from courses.journal import Journal
from courses.origin import origin_digest
from courses.trial import REFERENCE

NEEDED_VARIANTS = {"reference", "alternative", "naive", "leaky", "wrong", "empty"}


def assignments(catalog: Catalog) -> list[Assignment]:
    return [assignment for course in catalog for assignment in course.assignments]


@pytest.fixture
def fresh(scaffold: Path) -> Assignment:
    return load_catalog(scaffold).course("fresh").assignment("a01-first")


def row(variant: str, points: float, **more: object) -> TrialRow:
    data = {"variant": variant, "seed": 1, "points": points, "max_points": 10, "seconds": 1.0}
    return TrialRow.model_validate({**data, "points_by_cell": {}, "measured": {}, **more})


@pytest.mark.parametrize(
    ("variant", "points", "holds"),
    [
        ("reference", 10, True),
        ("reference", 9.9, False),
        ("alternative", 9.9, False),
        ("naive", 5.9, True),
        ("naive", 6.0, False),
        ("empty", 10, False),
    ],
)
def test_honest_work_needs_all_points_and_other_work_must_fail(variant: str, points: float, holds: bool) -> None:
    assert row(variant, points).holds(60) is holds


def test_a_reference_with_an_error_does_not_hold() -> None:
    assert not row("reference", 10, errors={"plot": "ValueError"}).holds(60)


def test_calibration_runs_every_variant_on_every_seed_in_other_processes(fresh: Assignment) -> None:
    heard: list[TrialRow] = []
    result = calibrate("fresh", fresh, [0, 1], on_row=heard.append)
    assert result.is_fair
    assert {(r.variant, r.seed) for r in heard} == {(v, s) for v in ("reference", "wrong", "empty") for s in (0, 1)}


def test_a_calibration_that_was_cut_off_goes_on_from_its_finished_rows(fresh: Assignment, tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"

    def stop_at_the_second(_: TrialRow) -> None:
        if len(journal.rows()) == 2:
            raise KeyboardInterrupt

    journal = Journal(file, origin_digest(fresh), TrialRow)
    with pytest.raises(KeyboardInterrupt):
        calibrate("fresh", fresh, [0, 1], workers=1, journal=file, on_row=stop_at_the_second)
    kept = [row.model_copy(update={"seconds": 77.0}) for row in journal.rows()]
    journal.close()
    journal.add(kept)
    result = calibrate("fresh", fresh, [0, 1], workers=1, journal=file)
    assert result.is_fair
    assert result.seeds == (0, 1)
    assert [variant.slowest_seconds for variant in result.variants].count(77.0) == 2
    assert not file.exists()


def test_rows_of_an_older_source_are_run_again(fresh: Assignment, tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    Journal(file, "older", TrialRow).add([row(variant, 0, seed=0) for variant in variant_names(fresh)])
    assert calibrate("fresh", fresh, [0], workers=1, journal=file).is_fair


def test_an_unfair_variant_is_named(fresh: Assignment) -> None:
    (fresh.folder / "solutions" / "naive.py").write_text("# %% nothing\n")
    result = calibrate("fresh", fresh, [3])
    assert result.failures == ("naive on seed 3: 2.00 of 2 points.",)


def test_nothing_run_is_refused(fresh: Assignment) -> None:
    with pytest.raises(CourseError, match="at least one seed"):
        summarise("fresh", fresh, [], "digest")


def test_the_hidden_seed_differs_from_the_seed_and_between_assignments() -> None:
    assert len({0, hidden_seed_for("a", 0), hidden_seed_for("a", 1), hidden_seed_for("b", 0)}) == 4


def test_every_assignment_has_all_variants(catalog: Catalog) -> None:
    for assignment in assignments(catalog):
        assert set(variant_names(assignment)) >= NEEDED_VARIANTS, assignment.slug


def test_every_assignment_has_a_fair_calibration_of_20_seeds_made_from_its_present_sources_and_simulators(
    catalog: Catalog,
) -> None:
    for assignment in assignments(catalog):
        text = (assignment.folder / CALIBRATION_FILE).read_text(encoding="utf-8")
        table = Calibration.model_validate_json(text)
        assert table.is_fair, assignment.slug
        assert table.seeds == tuple(range(20))
        assert table.origin_digest == origin_digest(assignment), f"calibrate {assignment.slug} again"


@pytest.mark.slow
@pytest.mark.parametrize("assignment", assignments(load_catalog()), ids=lambda assignment: assignment.slug)
@pytest.mark.parametrize("variant", [REFERENCE, "alternative", "leaky"])
def test_one_seed_outside_the_calibration_holds(assignment: Assignment, variant: str) -> None:
    tried = try_variant(assignment, variant, seed=987_654_321)
    assert tried.holds(assignment.spec.pass_percent), (tried.points, tried.errors)
