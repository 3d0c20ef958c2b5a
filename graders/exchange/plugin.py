"""What all exchange plug-ins share: the portal instead of a directory, and flat messages instead of tracebacks."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nbgrader.exchange.abc import Exchange as ABCExchange

from graders.exchange.client import PortalClient
from graders.exchange.errors import PortalError, RefusedHereError
from graders.exchange.records import read_marker
from graders.exchange.wire import Words
from graders.exchange.work import Desk, make_desk


class PortalExchange(ABCExchange):
    """Base of our plug-ins: nbgrader calls ``start``, a plug-in implements ``work``."""

    def start(self) -> Any:
        """Run; a failure is logged as words and raised as nbgrader's own error, so the command exits with 1."""
        try:
            return self.work()
        except PortalError as error:
            return self.fail(error.message)
        except OSError as error:
            return self.fail(disk_trouble(error).message)

    def work(self) -> Any:
        """The move itself; raises ``PortalError`` or ``OSError``."""
        raise NotImplementedError

    def say(self, said: Iterable[Words]) -> None:
        """Tell the person, Korean first; the application's log is what nbgrader shows."""
        for words in said:
            self.log.info(words.both)

    @property
    def client(self) -> PortalClient:
        """The portal as the owner of this notebook server."""
        return PortalClient.from_environment()

    @property
    def desk(self) -> Desk:
        """The folder with all courses (``Exchange.assignment_dir``)."""
        return make_desk(self.client, Path(self.assignment_dir).expanduser().resolve())

    def course(self) -> str:
        """The course asked for; else of the folder we stand in; else the only one; raises when that is unclear."""
        if self.coursedir.course_id:
            return str(self.coursedir.course_id)
        marker = read_marker(Path.cwd())
        if marker is not None:
            return marker.course
        courses = [course.slug for course in self.client.courses()]
        if len(courses) == 1:
            return courses[0]
        raise _which_course(courses)

    def assignment(self) -> str:
        """The assignment asked for: its name, or a path to its folder."""
        return Path(str(self.coursedir.assignment_id)).name


def write_line(text: str) -> None:
    """Output for programs goes to stdout; everything said to people goes to the log on stderr."""
    sys.stdout.write(text + "\n")


def _which_course(courses: list[str]) -> RefusedHereError:
    names = ", ".join(courses) or "—"
    return RefusedHereError(
        "which_course",
        f"어느 과정인지 알려 주십시오: --course 과정이름 (내 과정: {names})",
        f"Say which course: --course NAME (yours: {names})",
    )


def disk_trouble(error: OSError) -> RefusedHereError:
    """A failed read or write in the home, in words."""
    reason = error.strerror or type(error).__name__
    return RefusedHereError(
        "disk",
        f"파일을 읽거나 쓰지 못했습니다: {reason} ({error.filename or ''}). 이미 접수된 제출은 그대로입니다. "
        "저장 공간과 폴더 권한을 확인한 뒤 다시 시도해 주십시오.",
        f"A file could not be read or written: {reason} ({error.filename or ''}). Accepted submissions are safe. "
        "Check free space and permissions, then try again.",
    )
