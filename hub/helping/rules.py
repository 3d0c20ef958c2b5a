"""Who may be let into whose server, and for how long."""

from __future__ import annotations

from collections.abc import Iterable

#: What a student can choose from, in minutes: an open door must not be forgotten.
MINUTES = (15, 30, 60)


class HelpError(ValueError):
    """Nobody is let in; the text says why, Korean / English."""


NOT_YOURS = HelpError(
    "내 과정의 강사만 들어오게 할 수 있습니다. 아이디를 확인하십시오. / "
    "You can let in only an instructor of one of your courses. Please check the user name."
)
NOT_RUNNING = HelpError(
    "노트북 서버가 꺼져 있습니다. 먼저 켜십시오. / Your notebook server is off. Please start it first."
)
WRONG_TIME = HelpError("시간은 15분, 30분, 60분 중에서 고르십시오. / Please choose 15, 30 or 60 minutes.")


def may_help(helper_groups: Iterable[str], student_groups: Iterable[str]) -> bool:
    """Say whether the one teaches a course that the other takes, by the hub's groups of both."""
    return bool(_courses(helper_groups, "instructor") & _courses(student_groups, "student"))


def asked_minutes(text: str) -> int:
    """Return one of ``MINUTES``; HelpError for anything else."""
    if text not in map(str, MINUTES):
        raise WRONG_TIME
    return int(text)


def _courses(groups: Iterable[str], role: str) -> set[str]:
    parts = (group.split(":") for group in groups)
    return {part[1] for part in parts if len(part) == 3 and part[0] == "course" and part[2] == role}
