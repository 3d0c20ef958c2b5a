"""One warm process for all engine tests; every test gets a fork of its own."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from graders.contract import Limits
from graders.engine.student import StudentProcess, StudentSettings
from graders.engine.zygote import Zygote
from graders.grade_folders import students_user

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
    home = tmp_path / "home"
    user = students_user()
    for each in (folder, home):
        each.mkdir()
        if user is not None:
            os.chown(each, user, user)

    def start(**limits: object) -> StudentProcess:
        started.append(StudentProcess(zygote, StudentSettings(folder, Limits.model_validate(limits), 7, home, user)))
        return started[-1]

    yield start
    for student in started:
        student.close()


@pytest.fixture
def student(start_student: StartStudent) -> StudentProcess:
    return start_student()
