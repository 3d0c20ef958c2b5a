from __future__ import annotations

from pathlib import Path

import pytest

from courses.errors import CourseError
from courses.scaffold import scaffold_course


@pytest.mark.parametrize("name", ["../up", "Has Space", "a--b", "-a", "a/b", "가나", ""])
def test_a_name_that_is_no_slug_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(CourseError, match="small letters"):
        scaffold_course(tmp_path, name, "gnu")
    assert list(tmp_path.iterdir()) == []


def test_an_existing_folder_is_never_touched(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(CourseError, match="exists already"):
        scaffold_course(tmp_path, "mine", "gnu")


def test_an_unknown_university_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="mars"):
        scaffold_course(tmp_path, "mine", "mars")
