"""Scratch folders of killed graders are removed by the next grader; those of living ones never."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from graders.runners.local import LocalRunner
from graders.scratch import Scratch, sweep_scratch

OWNER = "from graders.scratch import Scratch; s = Scratch('axcampus-grade-'); print(s.path, flush=True); input()"
GRADER = (
    "from graders.runners.local import LocalRunner\n"
    "runner = LocalRunner(1); runner.warm_up(); print('warm', flush=True); input()"
)


@pytest.fixture(autouse=True)
def _own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)


@contextmanager
def process(code: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process that has said one line and waits."""
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe, text=True) as started:
        assert started.stdout is not None
        try:
            yield started, started.stdout.readline().strip()
        finally:
            started.kill()


def test_the_folder_of_a_killed_process_is_swept() -> None:
    with process(OWNER) as (owner, line):
        (Path(line) / "notebook.ipynb").write_text("x")
        owner.kill()
    assert sweep_scratch() == [Path(line)]
    assert not Path(line).exists()


def test_the_folder_of_a_living_process_stays() -> None:
    with process(OWNER) as (_, line):
        assert sweep_scratch() == []
        assert Path(line).is_dir()


def test_a_child_that_inherited_the_lock_keeps_the_folder() -> None:
    scratch = Scratch("axcampus-slot-")
    with subprocess.Popen(["sleep", "60"], pass_fds=[scratch.descriptor]) as child:
        scratch.let_go()
        assert sweep_scratch() == []
        child.kill()
    assert sweep_scratch() == [scratch.path]


def test_a_folder_removed_by_its_owner_is_gone_and_removing_again_does_nothing() -> None:
    scratch = Scratch("axcampus-grade-")
    scratch.remove()
    scratch.remove()
    assert not scratch.path.exists()


def test_other_names_and_links_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "axcampus-slot-of-an-older-version").mkdir()
    (tmp_path / "axcampus-postgres-1.locked").mkdir()
    (tmp_path / "kept").mkdir()
    (tmp_path / "axcampus-slot-link.locked").symlink_to(tmp_path / "kept")
    (tmp_path / "axcampus-slot-file.locked").write_text("x")
    assert sweep_scratch() == []
    assert len(list(tmp_path.iterdir())) == 5


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives folders away")
def test_another_users_folder_is_left_alone(tmp_path: Path) -> None:
    theirs = tmp_path / "axcampus-grade-theirs.locked"
    theirs.mkdir()
    os.chown(theirs, 65534, 65534)
    assert sweep_scratch() == []
    assert theirs.is_dir()


def test_only_folders_that_are_swept_can_be_made() -> None:
    with pytest.raises(ValueError, match="not swept"):
        Scratch("axcampus-other-")


@pytest.mark.slow
def test_a_new_runner_removes_what_a_killed_grader_left(tmp_path: Path) -> None:
    with process(GRADER) as (grader, line):
        assert line == "warm"
        (folder,) = tmp_path.glob("axcampus-slot-*")
        with LocalRunner(1):
            assert folder.is_dir()
        grader.kill()
    deadline = time.monotonic() + 30
    while folder.exists() and time.monotonic() < deadline:  # the slot itself ends a moment after its owner
        LocalRunner(1).close()
        time.sleep(0.1)
    assert list(tmp_path.glob("axcampus-*")) == []
