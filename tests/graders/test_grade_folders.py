"""Folders of a grading: written, given to the student, and removed whatever happened in them."""

import json
import os
from pathlib import Path

import pytest

from graders.files import FileSet
from graders.grade_folders import make_folders, students_user

FILES = FileSet({"data/a.csv": b"1", "b.py": b"x = 1"})


def test_both_folders_hold_their_files_and_the_seed() -> None:
    with make_folders(FILES, FileSet({"b.py": b"x = 2"}), 7) as folders:
        assert (folders.work / "data" / "a.csv").read_bytes() == b"1"
        assert (folders.trusted / "b.py").read_bytes() == b"x = 2"
        for folder in (folders.work, folders.trusted):
            assert json.loads((folder / "learner.json").read_text()) == {"seed": 7}


def test_a_seed_in_the_files_is_replaced() -> None:
    with make_folders(FileSet({"learner.json": b"{}"}), FileSet({}), 7) as folders:
        assert json.loads((folders.work / "learner.json").read_text()) == {"seed": 7}


def test_the_trusted_folder_is_closed_to_others() -> None:
    with make_folders(FILES, FILES, 7) as folders:
        assert folders.trusted.stat().st_mode & 0o077 == 0
        assert folders.trusted.parent.stat().st_mode & 0o066 == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_as_root_the_work_belongs_to_a_user_that_no_account_has() -> None:
    with make_folders(FILES, FILES, 7) as folders:
        assert (folders.work / "b.py").stat().st_uid == students_user() == folders.user
        assert folders.trusted.stat().st_uid == 0


def test_folders_are_removed_also_after_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(RuntimeError), make_folders(FILES, FILES, 7):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
