from __future__ import annotations

from pathlib import Path

import pytest

from courses.catalog import Assignment, load_catalog
from courses.origin import code_only, imported_simulators, origin_digest, simulator_parts

PRESS = '"""A press."""\n\nfrom courses.simulators.random_streams import random_stream\n\nFORCE_N = 5\n'


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Return a package folder with the simulator ``press``, what it draws from, and its data."""
    simulators = tmp_path / "simulators"
    simulators.mkdir()
    (simulators / "press.py").write_text(PRESS)
    (simulators / "random_streams.py").write_text("STREAM = 1\n")
    (simulators / "press_runs.json").write_text("[1]")
    (simulators / "other.py").write_text("OTHER = 1\n")
    return tmp_path


@pytest.fixture
def pressing(scaffold: Path) -> Assignment:
    """Return the scaffolded assignment, with a notebook that imports the press."""
    assignment = load_catalog(scaffold).course("fresh").assignment("a01-first")
    file = assignment.folder / "a01-first.py"
    text = file.read_text(encoding="utf-8") + "\n# %%\nfrom courses.simulators import press\n"
    file.write_text(text, encoding="utf-8")
    return assignment


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("press.py", "FORCE_N = 5", "FORCE_N = 6"),
        ("random_streams.py", "STREAM = 1", "STREAM = 2"),
        ("press_runs.json", "[1]", "[2]"),
    ],
)
def test_a_changed_simulator_changes_the_digest(
    package: Path, pressing: Assignment, file: str, old: str, new: str
) -> None:
    before = origin_digest(pressing, root=package)
    path = package / "simulators" / file
    path.write_text(path.read_text().replace(old, new))
    assert origin_digest(pressing, root=package) != before


def test_words_and_simulators_of_others_do_not_change_the_digest(package: Path, pressing: Assignment) -> None:
    before = origin_digest(pressing, root=package)
    (package / "simulators" / "other.py").write_text("OTHER = 2\n")
    (package / "simulators" / "press.py").write_text(PRESS.replace("A press.", "A large press.") + "\n# strong\n")
    notebook = pressing.folder / "a01-first.py"
    notebook.write_text(notebook.read_text(encoding="utf-8").replace("# # ", "# # 새 "), encoding="utf-8")
    again = load_catalog(pressing.folder.parents[1]).course("fresh").assignment("a01-first")
    assert origin_digest(again, root=package) == before


@pytest.mark.parametrize(("old", "new"), [("sum(", "len("), ('"points": 2', '"points": 3')])
def test_changed_code_and_points_of_a_notebook_change_the_digest(pressing: Assignment, old: str, new: str) -> None:
    before = origin_digest(pressing)
    notebook = pressing.folder / "a01-first.py"
    text = notebook.read_text(encoding="utf-8")
    assert old in text
    notebook.write_text(text.replace(old, new), encoding="utf-8")
    again = load_catalog(pressing.folder.parents[1]).course("fresh").assignment("a01-first")
    assert origin_digest(again) != before


def test_a_changed_solution_variant_changes_the_digest(pressing: Assignment) -> None:
    before = origin_digest(pressing)
    (pressing.folder / "solutions" / "naive.py").write_text("# %%\nx = 1\n")
    assert origin_digest(pressing) != before


@pytest.mark.parametrize(
    "line",
    [
        "import courses.simulators.press",
        "from courses.simulators import press",
        "from courses.simulators.press import FORCE_N",
    ],
)
def test_every_way_to_import_a_simulator_is_seen(line: str, package: Path) -> None:
    assert imported_simulators(line) == ["press"]
    assert set(simulator_parts([line], package)) == {"press.py", "random_streams.py", "press_runs.json"}


def test_docstrings_and_comments_are_words_but_markers_are_not() -> None:
    source = (
        '"""Why."""\n\n# because\nx = """text"""\n\n\ndef f():\n    """What."""\n    ### BEGIN SOLUTION\n    return 1\n'
    )
    assert code_only(source) == 'x = """text"""\ndef f():\n    ### BEGIN SOLUTION\n    return 1'
    assert code_only("%magic") == "%magic"
