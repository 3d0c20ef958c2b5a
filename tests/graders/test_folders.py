"""Reading folders opens ordinary files only, and no more than allowed."""

import os

import pytest

from graders.files import FileSet
from graders.folders import read_folder, read_submission
from graders.intake_paths import IntakeLimits


def test_a_submission_folder_is_read_with_its_subfolders(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x.csv").write_bytes(b"1")
    (tmp_path / "a.ipynb").write_bytes(b"{}")
    assert dict(read_submission(tmp_path).files) == {"a.ipynb": b"{}", "data/x.csv": b"1"}


def test_a_single_notebook_is_a_submission(tmp_path):
    (tmp_path / "kim.ipynb").write_bytes(b"{}")
    assert dict(read_submission(tmp_path / "kim.ipynb").files) == {"kim.ipynb": b"{}"}


def make_link(folder):
    (folder / "x").symlink_to("/etc/hostname")


def make_folder_link(folder):
    (folder / "x").symlink_to("/etc")


def make_pipe(folder):
    os.mkfifo(folder / "x")


@pytest.mark.parametrize("make", [make_link, make_folder_link, make_pipe])
def test_links_and_pipes_are_refused(tmp_path, make):
    make(tmp_path)
    assert read_submission(tmp_path).code == "special_file"


@pytest.mark.parametrize(
    ("limits", "code"), [({"files": 1}, "too_many_files"), ({"submission_bytes": 3}, "submission_too_large")]
)
def test_no_more_is_read_than_allowed(tmp_path, limits, code):
    (tmp_path / "a").write_bytes(b"12")
    (tmp_path / "b").write_bytes(b"12")
    assert read_submission(tmp_path, IntakeLimits(**limits)).code == code


def test_leftovers_are_not_read(tmp_path):
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_bytes(b"")
    assert len(read_submission(tmp_path)) == 0


def test_an_authors_folder_does_not_reach_outside_itself(tmp_path):
    (tmp_path / "course").mkdir()
    (tmp_path / "secret").write_bytes(b"s")
    (tmp_path / "course" / "a.txt").write_bytes(b"a")
    (tmp_path / "course" / "link").symlink_to(tmp_path / "secret")
    assert read_folder(tmp_path / "course") == FileSet({"a.txt": b"a"})
