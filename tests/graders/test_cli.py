"""``axcampus grade`` on an ordinary nbgrader course folder: one report a path, whatever the paths are."""

import json
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest
from click.testing import CliRunner

from graders.cli import grade
from tests.graders.course_on_disk import RIGHT, answered, make_course
from tests.graders.notebooks import graded, notebook, solution

WRONG = {"f": "def f(x):\n    return 2", "g": "g = 3"}


def run(course, *words):
    return CliRunner().invoke(grade, ["--course", str(course), "--assignment", "ps1", "--jobs", "1", *map(str, words)])


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


@pytest.fixture(scope="module")
def batch(tmp_path_factory):
    """One batch of honest, wrong, broken and missing submissions: (result, paths, folder of the feedback)."""
    folder = tmp_path_factory.mktemp("batch")
    course = make_course(folder / "course")
    paths = [
        write(folder / "kim.ipynb", answered(RIGHT)),
        write(folder / "submitted" / "lee" / "a.ipynb", answered(WRONG)).parent,
        write(folder / "broken.ipynb", b"{"),
        folder / "nobody.ipynb",
    ]
    return run(course, "--json", "--feedback", folder / "feedback", *paths), paths, folder / "feedback"


def lines(result):
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.slow
def test_every_path_gets_one_line_in_order(batch):
    result, paths, _ = batch
    assert [line["path"] for line in lines(result)] == list(map(str, paths))


@pytest.mark.slow
def test_right_wrong_broken_and_missing_submissions_get_what_they_deserve(batch):
    found = lines(batch[0])
    assert [(line["state"], line["score"]) for line in found] == [
        ("graded", 3),
        ("graded", 1),
        ("refused", None),
        ("refused", None),
    ]
    assert all(line["max_score"] == 3 for line in found)


@pytest.mark.slow
def test_a_line_says_what_happened_at_every_cell(batch):
    line = lines(batch[0])[1]
    assert list(line["cells"]) == ["test-f", "test-g"]
    cell = line["cells"]["test-f"]
    assert (cell["points"], cell["max"], cell["outcome"], cell["isolation"]) == (0, 2, "failed", "isolated")
    assert set(cell["message"]) == {"en", "ko"}


@pytest.mark.slow
def test_a_refusal_says_why_in_both_languages(batch):
    reason = lines(batch[0])[2]["reason"]
    assert reason["en"]
    assert reason["ko"]


@pytest.mark.slow
def test_hidden_tests_are_neither_in_the_output_nor_in_the_feedback(batch):
    result, _, feedback = batch
    pages = [page.read_text(encoding="utf-8") for page in feedback.rglob("*.html")]
    assert len(pages) == 4
    assert not any("f(5)" in text for text in (result.output, *pages))


@pytest.mark.slow
def test_without_json_a_table_is_shown_and_a_failing_reference_told(tmp_path):
    course = make_course(tmp_path / "course", a=notebook(solution("x = 1", "x"), graded("assert x == 2", "t")))
    result = run(
        course, write(tmp_path / "kim.ipynb", answered({"x": "x = 2"}, (course / "source/ps1/a.ipynb").read_bytes()))
    )
    assert "full marks" in result.stderr
    assert "1 / 1" in result.stdout
    assert "1 graded · mean 1 points" in result.stdout
    assert result.exit_code == 0


@pytest.mark.parametrize("words", [["--assignment", "ps2"], ["--course", "/nonexistent"]])
def test_what_is_not_there_is_said(tmp_path, words):
    result = run(make_course(tmp_path / "course"), *words, write(tmp_path / "kim.ipynb", notebook()))
    assert result.exit_code == 1
    assert words[1] in result.output


def test_an_assignment_that_cannot_be_released_is_said(tmp_path):
    course = make_course(tmp_path / "course", a=notebook(solution("### BEGIN SOLUTION", "x")))
    result = run(course, write(tmp_path / "kim.ipynb", notebook()))
    assert result.exit_code == 1
    assert "a.ipynb" in result.output


def test_a_broken_configuration_is_said_without_a_traceback(tmp_path):
    course = make_course(tmp_path / "course")
    (course / "nbgrader_config.py").write_text("c = get_config()\nnonsense")
    result = run(course, write(tmp_path / "kim.ipynb", notebook()))
    assert result.exit_code == 1
    assert "nonsense" in result.output
    assert "Traceback" not in result.output


@pytest.mark.slow
@pytest.mark.parametrize("way", [["--json"], []])
def test_ctrl_c_ends_an_endless_submission_soon_and_leaves_nothing_behind(tmp_path, way):
    course = make_course(tmp_path / "course")
    endless = answered({"f": "import pathlib, time\npathlib.Path('on').touch()\ntime.sleep(600)", "g": "g = 3"})
    words = ["--course", course, "--assignment", "ps1", "--jobs", "1", *way, write(tmp_path / "kim.ipynb", endless)]
    started = subprocess.Popen(
        [sys.executable, "-m", "graders.cli", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        # what runs in the background of a script ignores Ctrl-C, and so would this
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    try:
        while not list(tmp_path.glob("axcampus-slot-*/axcampus-grade-*/work/on")):
            assert started.poll() is None, started.communicate()
            time.sleep(0.1)
        family = psutil.Process(started.pid).children(recursive=True)
        started.send_signal(signal.SIGINT)
        _, told = started.communicate(timeout=60)
    finally:
        started.kill()
    assert started.returncode == 130
    assert "Stopped" in told
    assert "Traceback" not in told
    assert psutil.wait_procs(family, timeout=10)[1] == []
    assert list(tmp_path.glob("axcampus-*")) == []
