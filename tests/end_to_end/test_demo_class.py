"""The whole loop on a real platform on free ports: a class of six signs in, fetches, submits, is graded, is counted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.platform_on_free_ports import Platform, running_platform

pytestmark = [pytest.mark.platform, pytest.mark.slow, pytest.mark.timeout(1500)]

STUDENTS = 6


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with running_platform(tmp_path_factory.mktemp("campus") / "var") as started:
        yield started


def test_a_class_of_six_is_graded_as_each_of_them_deserves(platform: Platform):
    done = platform.command("demo", "--students", str(STUDENTS), "--json", seconds=1200)
    assert done.stdout, done.stderr
    shown = json.loads(done.stdout)
    assert shown["failures"] == []
    assert done.returncode == 0
    assert [student["role"] for student in shown["students"]] == [
        *("right", "partly", "wrong", "broken", "endless", "empty")
    ]
    assert figures_rose_by(shown) == shown["coordinator"]["expected_rise"]  # nobody else is here


def figures_rose_by(shown: dict) -> dict[str, int]:
    figures = shown["coordinator"]
    return {stage: figures["after"][stage] - figures["before"][stage] for stage in figures["expected_rise"]}


def test_a_class_that_nobody_waits_for_does_not_count_as_shown(platform: Platform):
    done = platform.command("demo", "--students", "2", "--servers", "0", "--timeout", "0", "--json", seconds=300)
    shown = json.loads(done.stdout)
    assert done.returncode == 1
    assert any("expected all automatic points" in failure for failure in shown["failures"])


def test_without_a_platform_a_class_is_refused_in_words(tmp_path: Path):
    done = Platform(tmp_path / "nothing").command("demo", "--students", "1")
    assert done.returncode == 1
    assert "axcampus run" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_platform_for_real_use_is_left_alone(tmp_path: Path):
    real = Platform(tmp_path / "real")
    real.environment["AXCAMPUS_DEMO"] = "false"
    done = real.command("demo", "--students", "1")
    assert done.returncode == 1
    assert "AXCAMPUS_DEMO=false" in done.stderr
