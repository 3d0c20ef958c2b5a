"""Assignments are found in a clone by what their notebooks hold, read from its newest commit and from nowhere else."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from benchmarks.public_courses.clones import Clone
from benchmarks.public_courses.compare import Ours, compare
from tests.graders.notebooks import graded, notebook, solution

ANSWER = solution("### BEGIN SOLUTION\nx = 1\n### END SOLUTION", "x")
SOURCE = notebook(ANSWER, graded("assert x == 1", "t", 1))


def git(folder: Path, *words: str) -> None:
    who = dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"), "a")
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, env={**os.environ, **who})


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    files = {
        "source/one/a.ipynb": SOURCE,
        "source/one/b.ipynb": SOURCE,
        "source/one/data.csv": b"1,2",
        "release/one/a.ipynb": SOURCE,
        "week 2/task.ipynb": SOURCE,
        "week 2/helper.py": b"y = 1",
        "lecture.ipynb": notebook(graded("assert True", "t", 1)),
        "broken.ipynb": b"{",
        "other.ipynb": SOURCE.replace(b'"python', b'"julia'),
    }
    for path, data in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "x")
    return Clone(tmp_path)


def test_source_folders_and_single_notebooks_are_assignments(clone: Clone) -> None:
    found = {each.name: set(each.source) for each in clone.assignments()}
    assert found["one"] == {"a.ipynb", "b.ipynb", "data.csv"}
    assert found["task"] == {"task.ipynb", "helper.py"}


def test_copies_lectures_and_what_is_broken_are_none(clone: Clone) -> None:
    assert {each.folder for each in clone.assignments()} >= {"source/one", "week 2"}
    assert not any("release" in each.folder for each in clone.assignments())
    assert not any({"lecture.ipynb", "broken.ipynb"} & set(each.source) for each in clone.assignments())


def test_only_what_is_committed_is_read(clone: Clone) -> None:
    (clone.path / "source" / "one" / "data.csv").write_text("changed")
    (one,) = (each for each in clone.assignments() if each.name == "one")
    assert one.source.files["data.csv"] == b"1,2"
    assert json.loads(one.source.files["a.ipynb"])["cells"]


def test_a_bare_clone_is_read_too(clone: Clone, tmp_path_factory: pytest.TempPathFactory) -> None:
    bare = tmp_path_factory.mktemp("bare") / "repo"
    git(clone.path, "clone", "-q", "--bare", str(clone.path), str(bare))
    assert {each.name for each in Clone(bare).assignments()} >= {"one", "task"}
    assert Clone(bare).commit == clone.commit


def test_an_assignment_that_was_not_released_compares_to_nothing() -> None:
    assert compare(Ours("one", {}, "no notebook"), {}) == []
