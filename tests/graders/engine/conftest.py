"""One warm process for all engine tests; every test gets a fork of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from graders.contract import Limits
from graders.engine.student import StudentProcess, StudentSettings
from graders.engine.zygote import Zygote

StartStudent = Callable[..., StudentProcess]


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    with Zygote(["numpy", "pandas", "matplotlib.pyplot"]) as warm:
        yield warm


@pytest.fixture
def start_student(zygote: Zygote, tmp_path: Path) -> Iterator[StartStudent]:
    """Start students' processes in one folder of the test; all end with it."""
    started: list[StudentProcess] = []
    folder = tmp_path / "work"
    folder.mkdir()

    def start(**limits: object) -> StudentProcess:
        started.append(StudentProcess(zygote, StudentSettings(folder, Limits.model_validate(limits), seed=7)))
        return started[-1]

    yield start
    for student in started:
        student.close()


@pytest.fixture
def student(start_student: StartStudent) -> StudentProcess:
    return start_student()
