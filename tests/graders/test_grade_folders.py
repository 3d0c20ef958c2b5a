"""Folders of a grading: written, given to the student, and removed whatever happened in them."""

import json
import os
from pathlib import Path

import pytest

from graders.files import FileSet
from graders.grade_folders import make_folders, remove_folder, students_user

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


def test_links_are_removed_and_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("x")
    folder = tmp_path / "folder"
    (folder / "closed").mkdir(parents=True)
    (folder / "link").symlink_to(outside)
    (folder / "closed").chmod(0)
    remove_folder(folder)
    assert not folder.exists()
    assert (outside / "kept").exists()


def test_a_link_to_what_nobody_may_look_at_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for number, target in enumerate(("/proc/1/root", "link1", "/nowhere")):
        (folder / f"link{number}").symlink_to(target)
    remove_folder(folder)
    assert not folder.exists()


def test_a_folder_nested_deeper_than_any_path_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for _ in range(3000):
        os.mkdir("deep")
        os.chdir("deep")
    remove_folder(folder)
    assert not folder.exists()
