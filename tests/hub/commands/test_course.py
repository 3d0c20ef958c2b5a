"""``axcampus course record`` and the profiles that ship: stale ones stop the build, weak assignments get none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from courses.catalog import PACKAGED_ROOT, load_catalog
from courses.scaffold import scaffold_course
from graders.bundle import load_bundle
from graders.recorded_profile import PROFILE_FILE
from hub.cli import main
from hub.commands.course import choose, state_of
from hub.portal.services.catalogue import build_release

SHIPPED = choose(PACKAGED_ROOT, ())


def course(*words: str) -> Result:
    return CliRunner().invoke(main, ["course", *words])


@pytest.mark.parametrize(("owner", "assignment"), SHIPPED, ids=[each.slug for _, each in SHIPPED])
def test_every_profile_that_ships_fits_its_source(owner, assignment) -> None:
    assert state_of(owner, assignment) == "fits"  # else: axcampus course record ASSIGNMENT
    prepared = build_release(owner, assignment)
    tests = [cell for book in load_bundle(prepared.release.bundle).notebooks for cell in book.graded_cells()]
    assert all(cell.profile for cell in tests if not cell.is_manual)
    assert prepared.check is not None
    assert prepared.check["reference_score"] == prepared.release.max_score


def test_the_commands_of_course_folders_are_still_there() -> None:
    assert all(name in course("--help").output for name in ("check", "build", "calibrate", "record"))


def test_an_assignment_that_no_course_has_is_refused_in_words() -> None:
    done = course("record", "--check", "a99-nothing")
    assert done.exit_code == 1
    assert "a99-nothing" in done.output
    assert "Traceback" not in done.output


@pytest.fixture
def root(tmp_path: Path) -> Path:
    scaffold_course(tmp_path, "tiny", "gnu")
    return tmp_path


@pytest.mark.slow
def test_a_recorded_profile_is_used_until_the_source_changes(root: Path) -> None:
    assert course("record", "--check", "--root", str(root)).exit_code == 1  # none yet
    first = course("record", "--root", str(root), "--json")
    assert set(json.loads(first.stdout).values()) == {"fits"}, first.output
    assert course("record", "--check", "--root", str(root)).exit_code == 0
    assert built(root).check is not None
    script = next(path for path in root.glob("tiny/*/*.py"))
    script.write_text(script.read_text() + "\n# %% [markdown]\n# One more line.\n")
    stale = course("record", "--check", "--root", str(root))
    assert stale.exit_code == 1
    assert "stale" in stale.output
    assert built(root).check is None


def test_a_broken_profile_is_not_used(root: Path) -> None:
    folder = next(path.parent for path in root.glob("tiny/*/*.py"))
    (folder / PROFILE_FILE).write_text("{}")
    assert built(root).check is None


def built(root: Path):
    owner = load_catalog(root).course("tiny")
    return build_release(owner, owner.assignments[0])
