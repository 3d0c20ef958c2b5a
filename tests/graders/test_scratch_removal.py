"""A folder in which student code has worked can always be removed, and nothing outside it ever is."""

import os
from pathlib import Path

import pytest

from graders.scratch_removal import remove_folder


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
